import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { Baseline } from "../../api/types.ts";
import { useT } from "../../i18n/i18n.tsx";
import { NumberedCode } from "../../ui/Code.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Page } from "../../ui/Page.tsx";
import { Empty, Loaded, Skeleton } from "../../ui/State.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { useUrlState } from "../../url/state.ts";
import { Agreed } from "./Agreed.tsx";
import styles from "./Baseline.module.css";
import { Exceptions } from "./Exceptions.tsx";

const TABS = ["agreed", "file", "exceptions"] as const;

/** What the organisation agreed on: the file, its review, and what is accepted for a time. */
export function Component() {
  const t = useT();
  const { params, set } = useUrlState();
  const tab = TABS.find((one) => one === params.get("tab")) ?? "agreed";
  const query = useQuery({
    queryKey: ["baseline"],
    queryFn: ({ signal }) => get<Baseline>("/baseline", {}, signal),
  });
  return (
    <Page title={t("nav.baseline")} about={query.data?.path ?? t("baseline.about")}>
      <Tabs
        label={t("baseline.parts")}
        tabs={TABS.map((one) => ({ key: one, label: t(`baseline.tab.${one}`) }))}
        value={tab}
        onChange={(next) => set({ tab: next === "agreed" ? null : next, line: null, state: null })}
      >
        {tab === "exceptions" ? (
          <Exceptions />
        ) : (
          <Loaded query={query} skeleton={<Skeleton lines={14} />}>
            {(data) => <File baseline={data} whole={tab === "file"} />}
          </Loaded>
        )}
      </Tabs>
    </Page>
  );
}

function File({ baseline, whole }: { baseline: Baseline; whole: boolean }) {
  const t = useT();
  const { params } = useUrlState();
  const line = Number(params.get("line"));
  if (!baseline.found) {
    return (
      <Empty title={t(baseline.path ? "baseline.missing" : "baseline.none")} icon="baseline">
        {baseline.path ? t("baseline.missingText", { path: baseline.path }) : t("baseline.noneText")}
        <pre className={styles.command}>{baseline.path ? "" : "koban serve --baseline koban.yaml"}</pre>
      </Empty>
    );
  }
  return (
    <div className={styles.body}>
      {baseline.problems.length > 0 && (
        <Notice tone="bad">
          <strong>{t("baseline.problems")}</strong>
          <Lines lines={baseline.problems} />
        </Notice>
      )}
      {(baseline.advice?.length ?? 0) > 0 && (
        <Notice tone="warn">
          <strong>{t("baseline.advice")}</strong>
          <Lines lines={baseline.advice ?? []} />
        </Notice>
      )}
      {whole ? (
        <NumberedCode
          text={baseline.text}
          label={t("baseline.file")}
          caption={<code>{baseline.path}</code>}
          at={line > 0 ? line : null}
        />
      ) : (
        <Agreed baseline={baseline} />
      )}
    </div>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul>
      {lines.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  );
}
