import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { get } from "../../api/client.ts";
import type { ResourceDetail } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { Badge, Severity, StatusBadge, Verdict } from "../../ui/Badge.tsx";
import { Copy } from "../../ui/Code.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Back, Card, Facts, Page } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { Empty, Loaded, Skeleton } from "../../ui/State.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { useUrlState } from "../../url/state.ts";
import styles from "./Assets.module.css";
import { DocumentTree } from "./DocumentTree.tsx";
import { unknownsOf } from "./document.ts";
import { RelationLists } from "./RelationLists.tsx";
import { Versions } from "./Versions.tsx";

const TABS = ["document", "findings", "relations", "versions"] as const;
type TabKey = (typeof TABS)[number];

/** One asset: what was read of it, what it was before, what it hangs together with, and what is wrong with it. */
export function Component() {
  const t = useT();
  const { key = "" } = useParams();
  const query = useQuery({
    queryKey: ["resource", key],
    queryFn: ({ signal }) => get<ResourceDetail>(`/resources/${encodeURIComponent(key)}`, {}, signal),
  });
  const asset = query.data;
  const name = asset ? asset.name || asset.uid : t("assets.one");
  return (
    <Page
      title={name}
      above={<Back to="/assets">{t("nav.assets")}</Back>}
      heading={
        asset?.gone ? (
          <>
            {name} <Badge>{t("assets.isGone")}</Badge>
          </>
        ) : (
          name
        )
      }
      about={
        asset ? (
          <span className={styles.uid}>
            {asset.type} {"· "}
            {asset.uid}
            <Copy text={asset.uid} label={t("assets.copyUid")} />
          </span>
        ) : (
          "\u00a0"
        )
      }
    >
      <Loaded query={query} skeleton={<Skeleton lines={14} />}>
        {(data) => <Body asset={data} />}
      </Loaded>
    </Page>
  );
}

function Body({ asset }: { asset: ResourceDetail }) {
  const t = useT();
  const format = useFormat();
  const { params, set } = useUrlState();
  const tab = TABS.find((one) => one === params.get("tab")) ?? "document";
  const unknowns = unknownsOf(asset.document);
  const counts: Record<TabKey, number | null> = {
    document: null,
    findings: asset.findings.length,
    relations: asset.relations.out.length + asset.relations.in.length,
    versions: asset.versions.length,
  };
  return (
    <>
      <Card>
        <Facts
          items={[
            [t("field.account"), [asset.account_name, asset.account].filter(Boolean).join(" · ") || "\u2013"],
            [t("field.region"), asset.region || "\u2013"],
            [t("field.environment"), asset.environment || "\u2013"],
            asset.file ? [t("field.file"), asset.line ? `${asset.file}:${asset.line}` : asset.file] : null,
            [t("field.firstSeen"), <RelativeTime key="first" at={asset.first_seen} />],
            [t("field.lastSeen"), <RelativeTime key="last" at={asset.last_seen} />],
            asset.gone ? [t("assets.goneSince"), <RelativeTime key="gone" at={asset.gone} />] : null,
          ]}
        />
        {Object.keys(asset.tags).length > 0 && <Tags tags={asset.tags} />}
      </Card>
      <Tabs
        label={t("assets.parts")}
        tabs={TABS.map((one) => ({
          key: one,
          label: t(`assets.tab.${one}`),
          ...(counts[one] === null ? {} : { count: format.number(counts[one]) }),
        }))}
        value={tab}
        onChange={(next) => set({ tab: next === "document" ? null : next, from: null, to: null })}
      >
        <div className={styles.body}>
          {tab === "document" && (
            <>
              {unknowns.length > 0 && (
                <Notice tone="unknown">{t("document.unknowns", { count: unknowns.length })}</Notice>
              )}
              <DocumentTree document={asset.document} start={params.get("path") ?? ""} />
            </>
          )}
          {tab === "findings" && <Findings asset={asset} />}
          {tab === "relations" && <RelationLists relations={asset.relations} />}
          {tab === "versions" && <Versions asset={asset} />}
        </div>
      </Tabs>
    </>
  );
}

/** Each tag leads to everything that bears it. */
function Tags({ tags }: { tags: Record<string, string> }) {
  const t = useT();
  return (
    <ul className={styles.tags} aria-label={t("assets.tags")}>
      {Object.entries(tags).map(([name, value]) => (
        <li key={name}>
          <Link to={`/assets?tag=${encodeURIComponent(`${name}:${value}`)}`} title={`${name}: ${value}`}>
            <span>{name}</span> {value}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Findings({ asset }: { asset: ResourceDetail }) {
  const t = useT();
  if (asset.findings.length === 0) {
    return (
      <Empty title={t("assets.noFindings")} icon="check">
        {t("assets.noFindingsText")}
      </Empty>
    );
  }
  return (
    <Card flush>
      <ul className={styles.list}>
        {asset.findings.map((finding) => (
          <li key={finding.id}>
            <Link className={styles.findings} to={`/findings/${encodeURIComponent(finding.id)}`}>
              <span className={styles.level}>
                <Severity value={finding.severity} />
              </span>
              <span className={styles.title}>{finding.title}</span>
              <Verdict value={finding.verdict} />
              <StatusBadge value={finding.status} />
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
