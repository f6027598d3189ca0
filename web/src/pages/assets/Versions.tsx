import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { DocumentChange, DocumentDiff, ResourceDetail, Version } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { SimpleTable } from "../../table/Table.tsx";
import { Badge, type Tone } from "../../ui/Badge.tsx";
import { Copy } from "../../ui/Code.tsx";
import { cx } from "../../ui/cx.ts";
import { Select } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Card } from "../../ui/Page.tsx";
import { Empty, Loaded } from "../../ui/State.tsx";
import { useUrlState } from "../../url/state.ts";
import styles from "./Assets.module.css";
import { textOf, whyUnknown } from "./document.ts";

const TONES: Record<DocumentChange["kind"], Tone> = { added: "pass", removed: "critical", changed: "accent" };

/** What the asset was before, and what is different between any two of its versions. */
export function Versions({ asset }: { asset: ResourceDetail }) {
  const t = useT();
  const format = useFormat();
  const { params, set } = useUrlState();
  const versions = [...asset.versions].sort((a, b) => Date.parse(b.since) - Date.parse(a.since));
  const [now, before] = versions;
  if (!now || !before) {
    return (
      <Empty title={t("assets.oneVersion")} icon="clock">
        {t("assets.oneVersionText")}
      </Empty>
    );
  }
  const from = known(versions, params.get("from")) ?? before.digest;
  const to = known(versions, params.get("to")) ?? now.digest;
  const options = versions.map((version) => ({
    value: version.digest,
    label: version.until
      ? t("assets.version", { since: format.moment(version.since), until: format.moment(version.until) })
      : t("assets.versionNow", { since: format.moment(version.since) }),
  }));
  return (
    <>
      <div className={styles.tabHead}>
        <Select
          label={t("assets.from")}
          value={from}
          options={options}
          onChange={(event) => set({ from: event.target.value })}
        />
        <Select
          label={t("assets.to")}
          value={to}
          options={options}
          onChange={(event) => set({ to: event.target.value })}
        />
      </div>
      <Changes path={asset.key} from={from} to={to} />
    </>
  );
}

const known = (versions: readonly Version[], digest: string | null) =>
  versions.find((version) => version.digest === digest)?.digest;

function Changes({ path, from, to }: { path: string; from: string; to: string }) {
  const t = useT();
  const query = useQuery({
    queryKey: ["resource", path, "diff", from, to],
    queryFn: ({ signal }) => get<DocumentDiff>(`/resources/${encodeURIComponent(path)}/diff`, { from, to }, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: from !== to,
  });
  if (from === to) return <Notice>{t("assets.sameVersion")}</Notice>;
  return (
    <Loaded query={query}>
      {(diff) => (
        <>
          {diff.truncated && <Notice tone="warn">{t("assets.manyChanges", { count: diff.changes.length })}</Notice>}
          <Card title={t("assets.changes", { count: diff.changes.length })} flush>
            <SimpleTable
              label={t("assets.changes", { count: diff.changes.length })}
              rows={diff.changes}
              rowKey={(change) => change.path}
              empty={<p className={styles.note}>{t("assets.noChanges")}</p>}
              columns={[
                {
                  key: "kind",
                  label: t("assets.change"),
                  cell: (change) => <Badge tone={TONES[change.kind]}>{t(`assets.change.${change.kind}`)}</Badge>,
                },
                {
                  key: "path",
                  label: t("assets.path"),
                  cell: (change) => (
                    <span className={styles.uid}>
                      <code>{change.path}</code>
                      <Copy text={change.path} label={t("document.copyPath")} />
                    </span>
                  ),
                },
                {
                  key: "before",
                  label: t("assets.before"),
                  cell: (change) =>
                    change.kind === "added" ? "\u2013" : <Value value={change.before} kind="before" />,
                },
                {
                  key: "after",
                  label: t("assets.after"),
                  cell: (change) =>
                    change.kind === "removed" ? "\u2013" : <Value value={change.after} kind="after" />,
                },
              ]}
            />
          </Card>
        </>
      )}
    </Loaded>
  );
}

function Value({ value, kind }: { value: unknown; kind: "before" | "after" }) {
  const t = useT();
  const why = whyUnknown(value);
  if (why !== null) {
    return (
      <span className={styles.uid}>
        <Badge tone="unknown" icon="unknown">
          {t("verdict.unknown")}
        </Badge>
        {why}
      </span>
    );
  }
  return <span className={cx(styles.value, styles[kind])}>{textOf(value)}</span>;
}
