import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { get } from "../../api/client.ts";
import type { ControlDetail } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { SimpleTable } from "../../table/Table.tsx";
import { Severity, Verdict } from "../../ui/Badge.tsx";
import { LinkButton } from "../../ui/Button.tsx";
import { Drawer } from "../../ui/Dialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Card } from "../../ui/Page.tsx";
import { Loaded } from "../../ui/State.tsx";
import styles from "./Compliance.module.css";
import { ControlBadge, Marks } from "./Standing.tsx";

const SHOWN = 20;

/** One control: what judges it, and what is wrong. */
export function ControlDrawer({
  framework,
  control,
  onClose,
}: {
  framework: string;
  control: string;
  onClose: () => void;
}) {
  const t = useT();
  const query = useQuery({
    queryKey: ["framework", framework, control],
    queryFn: ({ signal }) =>
      get<ControlDetail>(
        `/frameworks/${encodeURIComponent(framework)}/controls/${encodeURIComponent(control)}`,
        {},
        signal,
      ),
  });
  return (
    <Drawer open title={t("compliance.control", { id: control })} onClose={onClose}>
      <Loaded query={query}>{(data) => <Body framework={framework} control={data} />}</Loaded>
    </Drawer>
  );
}

function Body({ framework, control }: { framework: string; control: ControlDetail }) {
  const t = useT();
  const format = useFormat();
  const all = `/findings?control=${encodeURIComponent(`${framework}:${control.id}`)}`;
  return (
    <>
      <p className={styles.controlTitle}>{control.title}</p>
      <p className={styles.badges}>
        <ControlBadge state={control.state} />
        <Marks control={control} />
      </p>
      {control.manual && <Notice>{t("compliance.manualText")}</Notice>}
      {control.responsibility !== "customer" && (
        <Notice>{t(`compliance.responsibilityText.${control.responsibility}`)}</Notice>
      )}
      {control.state === "not_judged" && !control.manual && <Notice>{t("compliance.notJudgedText")}</Notice>}
      <Card title={t("compliance.rules", { count: control.by_rule.length })} flush>
        <SimpleTable
          label={t("compliance.rules", { count: control.by_rule.length })}
          rows={control.by_rule}
          rowKey={(rule) => rule.rule}
          empty={<p className={styles.note}>{t("compliance.noRules")}</p>}
          columns={[
            {
              key: "rule",
              label: t("field.rule"),
              cell: (rule) => (
                <>
                  <Link to={`/findings?rule=${encodeURIComponent(rule.rule)}`}>{rule.title}</Link>
                  <br />
                  <code className={styles.quiet}>{rule.rule}</code>
                </>
              ),
            },
            { key: "severity", label: t("field.severity"), cell: (rule) => <Severity value={rule.severity} /> },
            { key: "open", label: t("status.open"), end: true, cell: (rule) => format.number(rule.open) },
            { key: "unknown", label: t("verdict.unknown"), end: true, cell: (rule) => format.number(rule.unknown) },
            { key: "passed", label: t("control.passed"), end: true, cell: (rule) => format.number(rule.passed) },
            { key: "excepted", label: t("status.excepted"), end: true, cell: (rule) => format.number(rule.excepted) },
          ]}
        />
      </Card>
      <Card title={t("compliance.findings")} flush>
        {control.findings.length === 0 ? (
          <p className={styles.note}>{t("compliance.noFindings")}</p>
        ) : (
          <ul>
            {control.findings.slice(0, SHOWN).map((finding) => (
              <li key={finding.id}>
                <Link className={styles.finding} to={`/findings/${encodeURIComponent(finding.id)}`}>
                  <Severity value={finding.severity} short />
                  <span>
                    {finding.title}
                    <span className={styles.quiet}>{finding.resource.name || finding.resource.uid}</span>
                  </span>
                  <Verdict value={finding.verdict} />
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Card>
      {control.findings.length > 0 && (
        <LinkButton to={all} icon="findings">
          {t("compliance.allFindings")}
        </LinkButton>
      )}
    </>
  );
}
