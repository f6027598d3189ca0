import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link, useParams } from "react-router";
import { get } from "../../api/client.ts";
import { useEvents } from "../../api/events.ts";
import type { FindingDetail } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { Severity, StatusBadge, Verdict } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Code, Copy, Diff } from "../../ui/Code.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Card, Page } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { Loaded, Skeleton } from "../../ui/State.tsx";
import { address } from "../findings/columns.tsx";
import { type About, AssignDialog, CaseDialog, ExceptDialog, ReopenDialog } from "../findings/decide.tsx";
import { lastQuery } from "../findings/filters.ts";
import { Activity } from "./Activity.tsx";
import { Evidence } from "./Evidence.tsx";
import styles from "./Finding.module.css";

const COMMANDS = ["aws", "fix", "check", "rule"] as const;

/** One finding: why it is one, what was seen, how to mend it, and what was done about it. */
export function Component() {
  const t = useT();
  const { id = "" } = useParams();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ["finding", id],
    queryFn: ({ signal }) => get<FindingDetail>(`/findings/${encodeURIComponent(id)}`, {}, signal),
  });
  useEvents("findings", () => void client.invalidateQueries({ queryKey: ["finding", id] }));
  const finding = query.data;

  return (
    <Page
      title={finding?.title ?? t("findings.finding")}
      above={
        <Link to={`/findings${lastQuery()}`} className={styles.back}>
          <Icon name="left" size={12} />
          {t("finding.back")}
        </Link>
      }
      about={finding && <Standing finding={finding} />}
      actions={finding && <Actions finding={finding} />}
    >
      <Loaded query={query} skeleton={<Skeleton lines={12} />}>
        {(data) => (
          <div className={styles.columns}>
            <div className={styles.main}>
              <Why finding={data} />
              <Fix finding={data} />
              <Evidence finding={data} />
              <Related finding={data} />
              <Activity finding={data} />
            </div>
            <Details finding={data} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Standing({ finding }: { finding: FindingDetail }) {
  const { resource } = finding;
  return (
    <span className={styles.standing}>
      <Severity value={finding.severity} />
      <Verdict value={finding.verdict} />
      <StatusBadge value={finding.status} />
      <span className={styles.name}>{resource.name || resource.uid}</span>
    </span>
  );
}

function Actions({ finding }: { finding: FindingDetail }) {
  const t = useT();
  const client = useQueryClient();
  const may = useCan("analyst");
  const approver = useCan("approver");
  const [dialog, setDialog] = useState<"assign" | "except" | "reopen" | "case" | null>(null);
  const about: About = { ids: [finding.id], query: null };
  const close = () => setDialog(null);
  const done = () => {
    // The list is read anew the next time it is shown.
    void client.resetQueries({ queryKey: ["list", "/findings"] });
  };
  return (
    <>
      <Copy text={window.location.href} label={t("finding.link")} small={false} />
      {may && (
        <>
          <Button icon="user" onClick={() => setDialog("assign")}>
            {t("decide.assign")}
          </Button>
          <Button icon="bookmark" onClick={() => setDialog("case")}>
            {t("decide.case")}
          </Button>
          {finding.status === "excepted" && finding.exception
            ? approver && (
                <Button icon="refresh" onClick={() => setDialog("reopen")}>
                  {t("decide.reopen")}
                </Button>
              )
            : finding.status === "open" && (
                <Button icon="clock" onClick={() => setDialog("except")}>
                  {t(approver ? "decide.except" : "decide.ask")}
                </Button>
              )}
        </>
      )}
      {dialog === "assign" && (
        <AssignDialog about={about} count={1} now={finding.assignee} onClose={close} onDone={done} />
      )}
      {dialog === "except" && <ExceptDialog about={about} count={1} onClose={close} onDone={done} />}
      {dialog === "case" && <CaseDialog about={about} count={1} onClose={close} onDone={done} />}
      {dialog === "reopen" && <ReopenDialog about={about} count={1} onClose={close} onDone={done} />}
    </>
  );
}

function Why({ finding }: { finding: FindingDetail }) {
  const t = useT();
  // What the verdict hangs on is told apart from why it matters; the API gives both in one list.
  const because = new Set(finding.because);
  const matters = finding.why.filter((line) => line && !because.has(line));
  return (
    <Card title={t("finding.why")}>
      {finding.not_read && (
        <p className={styles.unread}>
          <Icon name="unknown" />
          {t("finding.notRead", { why: finding.not_read })}
        </p>
      )}
      {finding.message && finding.message !== finding.title && <p className={styles.message}>{finding.message}</p>}
      {finding.description && finding.description !== finding.title && finding.description !== finding.message && (
        <p>{finding.description}</p>
      )}
      {matters.map((line) => (
        <p key={line} className={styles.prose}>
          {line}
        </p>
      ))}
      {finding.verdict === "unknown" && <p className={styles.quiet}>{t("finding.unknownText")}</p>}
      {finding.because.length > 0 && (
        <div>
          <h3>{t("finding.because")}</h3>
          <ul className={styles.because}>
            {finding.because.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}

function Fix({ finding }: { finding: FindingDetail }) {
  const t = useT();
  const format = useFormat();
  const { text, commands, diff } = finding.fix;
  return (
    <Card title={t("finding.fix")}>
      <p className={styles.prose}>{text || t("finding.noFix")}</p>
      {diff && <Diff text={diff.text} file={diff.file} label={t("finding.diff")} />}
      {commands.map((one) => {
        const known = COMMANDS.find((name) => name === one.label);
        const account = finding.resource.account_name || finding.resource.account || "";
        const label = known ? t(`finding.command.${known}`, { account }) : one.label || t("finding.command.other");
        const remarks = [
          one.choices?.length ? t("finding.command.choose", { choices: format.list(one.choices) }) : "",
          one.note ? t("finding.command.note", { note: one.note }) : "",
        ].filter(Boolean);
        return (
          <div key={one.command} className={styles.command}>
            <Code text={one.command} label={label} />
            {remarks.length > 0 && <p>{remarks.join(" ")}</p>}
          </div>
        );
      })}
    </Card>
  );
}

function Related({ finding }: { finding: FindingDetail }) {
  const t = useT();
  if (finding.related.length === 0) return null;
  return (
    <Card title={t("finding.related")} flush>
      <ul className={styles.related}>
        {finding.related.map((one) => (
          <li key={one.id}>
            <Link to={address(one)}>
              <Severity value={one.severity} short />
              <span>{one.title}</span>
              {one.verdict !== "fail" && <Verdict value={one.verdict} />}
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Details({ finding }: { finding: FindingDetail }) {
  const t = useT();
  const format = useFormat();
  const { resource } = finding;
  const where = resource.file && (
    <span className={styles.file}>
      <code>{resource.line ? `${resource.file}:${resource.line}` : resource.file}</code>
      <Copy text={resource.line ? `${resource.file}:${resource.line}` : resource.file} />
    </span>
  );
  const rows: [string, ReactNode][] = [
    [
      t("finding.resource"),
      resource.key ? (
        <Link key="resource" to={`/assets/${encodeURIComponent(resource.key)}`}>
          {resource.name || resource.uid}
        </Link>
      ) : (
        resource.name || resource.uid
      ),
    ],
    [t("finding.type"), resource.type],
    [
      t("finding.uid"),
      <span key="uid" className={styles.file}>
        <code>{resource.uid}</code>
        <Copy text={resource.uid} />
      </span>,
    ],
    [t("finding.where"), where],
    [t("finding.address"), resource.address && <code>{resource.address}</code>],
    [t("finding.account"), resource.account_name ? `${resource.account_name} (${resource.account})` : resource.account],
    [t("finding.environment"), resource.environment],
    [t("finding.region"), resource.region],
    [t("finding.assignee"), finding.assignee?.name ?? t("finding.nobody")],
    [t("finding.exception"), finding.exception && format.date(finding.exception.expires)],
    [t("finding.firstSeen"), <RelativeTime key="first" at={finding.first_seen} />],
    [t("finding.lastSeen"), <RelativeTime key="last" at={finding.last_seen} />],
    [t("finding.resolvedAt"), finding.resolved && <RelativeTime at={finding.resolved} />],
    [t("finding.reopened"), finding.reopened > 0 && t("finding.times", { count: finding.reopened })],
    [
      t("finding.rule"),
      <Link key="rule" to={`/findings?rule=${encodeURIComponent(finding.rule)}`}>
        {finding.rule}
      </Link>,
    ],
    [t("finding.cases"), Boolean(finding.cases?.length) && <Cases cases={finding.cases ?? []} />],
    [t("finding.controls"), finding.controls.length > 0 && <Controls controls={finding.controls} />],
    [t("finding.references"), finding.references.length > 0 && <References references={finding.references} />],
  ];
  return (
    <aside className={styles.aside} aria-label={t("finding.details")}>
      <Card title={t("finding.details")}>
        <dl className={styles.facts}>
          {rows.map(
            ([name, value]) =>
              value && (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ),
          )}
        </dl>
      </Card>
    </aside>
  );
}

function Controls({ controls }: { controls: readonly string[] }) {
  return (
    <ul className={styles.controls}>
      {controls.map((one) => {
        const [framework = "", control = ""] = one.split(/:(.*)/s);
        return (
          <li key={one}>
            <Link to={`/compliance/${encodeURIComponent(framework)}?control=${encodeURIComponent(control)}`}>
              {one}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function Cases({ cases }: { cases: NonNullable<FindingDetail["cases"]> }) {
  return (
    <ul className={styles.controls}>
      {cases.map((one) => (
        <li key={one.id}>
          <Link to={`/cases/${one.id}`}>{one.title}</Link>
        </li>
      ))}
    </ul>
  );
}

const SHORT = 4;

function References({ references }: { references: readonly string[] }) {
  const t = useT();
  return (
    <details open={references.length <= SHORT}>
      <summary>{t("finding.referencesCount", { count: references.length })}</summary>
      <ul className={styles.references}>
        {references.map((one) => (
          <li key={one}>
            {/^https:\/\//.test(one) ? (
              <a href={one} target="_blank" rel="noreferrer">
                {one}
              </a>
            ) : (
              one
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
