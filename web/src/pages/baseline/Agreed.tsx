import { Link } from "react-router";
import type { Baseline, Thresholds } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { SimpleTable } from "../../table/Table.tsx";
import { Badge, Severity } from "../../ui/Badge.tsx";
import { Card, Facts } from "../../ui/Page.tsx";
import styles from "./Baseline.module.css";
import { matchText } from "./match.ts";

/** What the file says, in tables. */
export function Agreed({ baseline }: { baseline: Baseline }) {
  const t = useT();
  return (
    <>
      <div className={styles.two}>
        <Review baseline={baseline} />
        <Card title={t("baseline.whole")}>
          <Facts
            items={[
              [t("baseline.failOn"), baseline.fail_on ? <Severity key="fail" value={baseline.fail_on} /> : "\u2013"],
              [
                t("baseline.frameworks"),
                baseline.frameworks.length > 0 ? (
                  <Frameworks key="frameworks" ids={baseline.frameworks} />
                ) : (
                  t("baseline.allFrameworks")
                ),
              ],
            ]}
          />
        </Card>
      </div>
      <Environments baseline={baseline} />
      <Limits baseline={baseline} />
      <RulesOff baseline={baseline} />
      <FileExceptions baseline={baseline} />
      {(baseline.contacts.length > 0 || baseline.plan) && <Contacts baseline={baseline} />}
    </>
  );
}

function Frameworks({ ids }: { ids: readonly string[] }) {
  return (
    <span className={styles.links}>
      {ids.map((id) => (
        <Link key={id} to={`/compliance/${encodeURIComponent(id)}`}>
          {id}
        </Link>
      ))}
    </span>
  );
}

function Review({ baseline: { review } }: { baseline: Baseline }) {
  const t = useT();
  const format = useFormat();
  return (
    <Card title={t("baseline.review")}>
      {review ? (
        <Facts
          items={[
            [
              t("field.state"),
              <Badge key="state" tone={review.overdue ? "high" : "pass"} icon={review.overdue ? "warning" : "check"}>
                {t(review.overdue ? "baseline.overdue" : "baseline.inTime")}
              </Badge>,
            ],
            [t("baseline.last"), review.last ? format.date(review.last) : t("baseline.never")],
            [t("baseline.due"), review.due ? format.date(review.due) : "\u2013"],
            review.owner ? [t("field.owner"), review.owner] : null,
            review.cadence_days ? [t("baseline.cadence"), t("baseline.days", { count: review.cadence_days })] : null,
          ]}
        />
      ) : (
        <p className={styles.quiet}>{t("baseline.noReview")}</p>
      )}
    </Card>
  );
}

function Environments({ baseline }: { baseline: Baseline }) {
  const t = useT();
  return (
    <Card title={t("baseline.environments")} flush>
      <SimpleTable
        label={t("baseline.environments")}
        rows={baseline.environments}
        rowKey={(one) => one.name}
        empty={<p className={styles.note}>{t("baseline.noEnvironments")}</p>}
        columns={[
          {
            key: "name",
            label: t("field.name"),
            cell: (one) => <Link to={`/findings?environment=${encodeURIComponent(one.name)}`}>{one.name}</Link>,
          },
          { key: "match", label: t("baseline.match"), cell: (one) => <Match match={one.match} /> },
          {
            key: "frameworks",
            label: t("baseline.frameworks"),
            cell: (one) => (one.frameworks.length > 0 ? <Frameworks ids={one.frameworks} /> : "\u2013"),
          },
          {
            key: "fail",
            label: t("baseline.failOn"),
            cell: (one) => (one.fail_on ? <Severity value={one.fail_on} /> : "\u2013"),
          },
        ]}
      />
    </Card>
  );
}

function Match({ match }: { match: unknown }) {
  const t = useT();
  const text = matchText(match);
  return text ? <code>{text}</code> : <>{t("baseline.everythingElse")}</>;
}

interface Limit {
  rule: string;
  name: string;
  value: string;
  where: string;
}

const limitsOf = (thresholds: Thresholds, where: string): Limit[] =>
  Object.entries(thresholds).flatMap(([rule, limits]) =>
    Object.entries(limits).map(([name, value]) => ({
      rule,
      name,
      value: Array.isArray(value) ? value.join(", ") : String(value),
      where,
    })),
  );

function Limits({ baseline }: { baseline: Baseline }) {
  const t = useT();
  const rows = [
    ...limitsOf(baseline.thresholds, ""),
    ...baseline.environments.flatMap((one) => limitsOf(one.thresholds, one.name)),
  ];
  return (
    <Card title={t("baseline.thresholds")} flush>
      <SimpleTable
        label={t("baseline.thresholds")}
        rows={rows}
        rowKey={(one) => `${one.where} ${one.rule} ${one.name}`}
        empty={<p className={styles.note}>{t("baseline.noThresholds")}</p>}
        columns={[
          { key: "rule", label: t("field.rule"), cell: (one) => <Rule id={one.rule} /> },
          { key: "name", label: t("baseline.limit"), cell: (one) => <code>{one.name}</code> },
          { key: "value", label: t("baseline.value"), cell: (one) => one.value },
          { key: "where", label: t("field.environment"), cell: (one) => one.where || t("baseline.everywhere") },
        ]}
      />
    </Card>
  );
}

function RulesOff({ baseline }: { baseline: Baseline }) {
  const t = useT();
  return (
    <Card title={t("baseline.rulesOff")} flush>
      <SimpleTable
        label={t("baseline.rulesOff")}
        rows={baseline.rules_off}
        rowKey={(one) => `${one.rule} ${one.environments.join()}`}
        empty={<p className={styles.note}>{t("baseline.noRulesOff")}</p>}
        columns={[
          { key: "rule", label: t("field.rule"), cell: (one) => <code>{one.rule}</code> },
          {
            key: "where",
            label: t("field.environment"),
            cell: (one) => one.environments.join(", ") || t("baseline.everywhere"),
          },
          { key: "reason", label: t("field.reason"), cell: (one) => one.reason },
        ]}
      />
    </Card>
  );
}

function FileExceptions({ baseline }: { baseline: Baseline }) {
  const t = useT();
  const format = useFormat();
  return (
    <Card title={t("baseline.fileExceptions")} flush>
      <SimpleTable
        label={t("baseline.fileExceptions")}
        rows={baseline.exceptions}
        rowKey={(one) => one.id}
        empty={<p className={styles.note}>{t("baseline.noFileExceptions")}</p>}
        columns={[
          {
            key: "id",
            label: t("baseline.id"),
            cell: (one) => <Link to={`/baseline?tab=file&line=${one.line}`}>{one.id}</Link>,
          },
          {
            key: "rules",
            label: t("field.rule"),
            cell: (one) => (
              <span className={styles.links}>
                {one.rules.map((rule) => (
                  <Rule key={rule} id={rule} />
                ))}
              </span>
            ),
          },
          { key: "match", label: t("baseline.match"), cell: (one) => <Match match={one.match} /> },
          { key: "reason", label: t("field.reason"), cell: (one) => one.reason },
          { key: "owner", label: t("field.owner"), cell: (one) => one.owner },
          {
            key: "expires",
            label: t("field.expires"),
            cell: (one) => (
              <span className={styles.links}>
                {format.date(one.expires)}
                {one.expired && <Badge tone="high">{t("exception.expired")}</Badge>}
              </span>
            ),
          },
        ]}
      />
    </Card>
  );
}

function Rule({ id }: { id: string }) {
  if (/[*?[]/.test(id)) return <code>{id}</code>;
  return <Link to={`/findings?rule=${encodeURIComponent(id)}`}>{id}</Link>;
}

function Contacts({ baseline }: { baseline: Baseline }) {
  const t = useT();
  return (
    <Card title={t("baseline.contacts")}>
      <ul className={styles.contacts}>
        {baseline.contacts.map((contact) => {
          const said = Object.values(contact).filter(Boolean);
          return <li key={said.join()}>{said.join(" · ")}</li>;
        })}
      </ul>
      {baseline.plan && <Facts items={[[t("baseline.plan"), baseline.plan]]} />}
    </Card>
  );
}
