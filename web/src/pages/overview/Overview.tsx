import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { Link } from "react-router";
import { get } from "../../api/client.ts";
import { useEvents } from "../../api/events.ts";
import { CSF_FUNCTIONS, type Overview, SEVERITIES, type Slice } from "../../api/types.ts";
import { type Translate, useFormat, useT } from "../../i18n/i18n.tsx";
import { Severity } from "../../ui/Badge.tsx";
import { LinkButton } from "../../ui/Button.tsx";
import { Select } from "../../ui/Field.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Card, Page } from "../../ui/Page.tsx";
import { Empty, Loaded, Skeleton } from "../../ui/State.tsx";
import { useUrlState } from "../../url/state.ts";
import { Coverage, LastScans, Review, TopRules } from "./Lists.tsx";
import styles from "./Overview.module.css";
import { SeverityBar, Slices } from "./Slices.tsx";
import { OpenTrend, RiskTrend } from "./Trends.tsx";

const RANGES = [30, 90, 365] as const;
const DAYS = 90;
const NEWS_PAUSE_MS = 1_000;

/** Risk now and over time, where it sits, what changed, and what could not be seen. */
export function Component() {
  const t = useT();
  const client = useQueryClient();
  const { params, set } = useUrlState();
  const days = RANGES.find((range) => String(range) === params.get("days")) ?? DAYS;
  const query = useQuery({
    queryKey: ["overview", days],
    queryFn: ({ signal }) => get<Overview>("/overview", { days }, signal),
    placeholderData: keepPreviousData,
  });
  const again = useCallback(() => {
    setTimeout(() => void client.invalidateQueries({ queryKey: ["overview"] }), NEWS_PAUSE_MS);
  }, [client]);
  useEvents("findings", again);

  return (
    <Page
      title={t("overview.title")}
      about={query.data?.as_of && <About data={query.data} />}
      actions={
        <Select
          label={t("overview.range")}
          labelHidden
          value={String(days)}
          options={RANGES.map((range) => ({ value: String(range), label: t("overview.days", { count: range }) }))}
          onChange={(event) => set({ days: event.target.value === String(DAYS) ? null : event.target.value })}
        />
      }
    >
      <Loaded query={query} skeleton={<Waiting />}>
        {(data) => (data.as_of ? <Body data={data} /> : <Nothing />)}
      </Loaded>
    </Page>
  );
}

function About({ data }: { data: Overview }) {
  const t = useT();
  const format = useFormat();
  return (
    <span title={data.as_of ? format.moment(data.as_of) : undefined}>
      {t("overview.asOf", { when: data.as_of ? format.relative(data.as_of) : "" })}
      {" · "}
      {t("overview.resources", { count: data.coverage.resources })}
    </span>
  );
}

function Body({ data }: { data: Overview }) {
  const t = useT();
  return (
    <>
      <div className={styles.top}>
        <Risk data={data} />
        <Open data={data} />
        <Since data={data} />
      </div>
      <div className={styles.two}>
        <Card title={t("overview.riskTrend")}>
          <RiskTrend data={data} />
        </Card>
        <Card title={t("overview.openTrend")}>
          <OpenTrend data={data} />
        </Card>
      </div>
      <div className={styles.two}>
        <Card title={t("overview.environments")} flush>
          <Slices
            slices={data.environments}
            name={(slice) => (slice.key === "none" ? t("overview.noEnvironment") : slice.label || slice.key)}
            to={(key) => `/findings?environment=${encodeURIComponent(key)}`}
          />
        </Card>
        <Card title={t("overview.functions")} flush>
          <Slices
            slices={data.functions}
            name={(slice) => functionName(slice, t)}
            to={(key) => `/findings?function=${encodeURIComponent(key)}`}
          />
        </Card>
        <Card title={t("overview.accounts")} flush>
          <Slices slices={data.accounts} to={(key) => `/findings?account=${encodeURIComponent(key)}`} />
        </Card>
        <Card title={t("overview.frameworks")} flush>
          <Slices slices={data.frameworks} to={(key) => `/compliance/${encodeURIComponent(key)}`} />
        </Card>
      </div>
      <div className={styles.two}>
        <TopRules rules={data.top_rules} />
        <Coverage coverage={data.coverage} />
        <LastScans scans={data.last_scans} />
        <Review review={data.baseline_review} />
      </div>
    </>
  );
}

function functionName(slice: Slice, t: Translate): string {
  const known = CSF_FUNCTIONS.find((name) => name === slice.key);
  return known ? t(`csf.${known}`) : slice.label || slice.key;
}

function Risk({ data }: { data: Overview }) {
  const t = useT();
  const format = useFormat();
  const change = data.risk_before === null ? null : data.risk - data.risk_before;
  return (
    <section className={styles.risk} aria-labelledby="risk">
      <h2 id="risk">{t("overview.risk")}</h2>
      <p className={styles.figure}>{format.number(data.risk)}</p>
      {change !== null && (
        <p className={change > 0 ? styles.worse : change < 0 ? styles.better : styles.same}>
          {change !== 0 && <Icon name={change > 0 ? "up" : "down"} size={14} />}
          {change === 0
            ? t("overview.riskSame")
            : t(change > 0 ? "overview.riskUp" : "overview.riskDown", { count: Math.abs(change) })}
        </p>
      )}
      <p className={styles.how}>{t("overview.riskHow")}</p>
    </section>
  );
}

function Open({ data }: { data: Overview }) {
  const t = useT();
  const format = useFormat();
  return (
    <section className={styles.open} aria-labelledby="open">
      <h2 id="open">{t("overview.openTitle")}</h2>
      <ul className={styles.severities}>
        {SEVERITIES.map((severity) => (
          <li key={severity}>
            <Link to={`/findings?severity=${severity}&verdict=fail`}>
              <span className={styles.count}>{format.number(data.open[severity])}</span>
              <Severity value={severity} />
            </Link>
          </li>
        ))}
      </ul>
      <SeverityBar counts={{ ...data.open, unknown: data.unknown }} tall />
      <dl className={styles.others}>
        <Other label={t("overview.unknown")} hint={t("overview.unknownHint")} to="/findings?verdict=unknown">
          {format.number(data.unknown)}
        </Other>
        <Other label={t("overview.excepted")} hint={t("overview.exceptedHint")} to="/findings?status=excepted">
          {format.number(data.excepted)}
        </Other>
        <Other label={t("overview.passed")} hint={t("overview.passedHint")} to="/compliance">
          {format.number(data.passed)}
        </Other>
      </dl>
    </section>
  );
}

function Other({ label, hint, to, children }: { label: string; hint: string; to: string; children: string }) {
  return (
    <div>
      <dt title={hint}>{label}</dt>
      <dd>
        <Link to={to}>{children}</Link>
      </dd>
    </div>
  );
}

function Since({ data }: { data: Overview }) {
  const t = useT();
  const format = useFormat();
  const { opened, resolved, reopened, since } = data.new_since;
  return (
    <section className={styles.since} aria-labelledby="since">
      <h2 id="since">{t("overview.since")}</h2>
      <ul>
        <li>
          <Link to="/findings?sort=first_seen">
            <Icon name="plus" />
            <strong>{format.number(opened)}</strong>
            <span>{t("overview.opened")}</span>
          </Link>
        </li>
        <li>
          <Link to="/findings?status=resolved&sort=last_seen">
            <Icon name="check" />
            <strong>{format.number(resolved)}</strong>
            <span>{t("overview.resolved")}</span>
          </Link>
        </li>
        <li>
          <span className={styles.plain}>
            <Icon name="refresh" />
            <strong>{format.number(reopened)}</strong>
            <span>{t("overview.reopened")}</span>
          </span>
        </li>
      </ul>
      <p className={styles.how}>{t("overview.sinceWhen", { when: format.short(since) })}</p>
    </section>
  );
}

function Nothing() {
  const t = useT();
  return (
    <Empty
      icon="scans"
      title={t("overview.empty")}
      actions={
        <LinkButton kind="primary" to="/scans">
          {t("overview.emptyAction")}
        </LinkButton>
      }
    >
      {t("overview.emptyText")}
    </Empty>
  );
}

function Waiting() {
  return (
    <>
      <div className={styles.top}>
        <Skeleton height={150} />
        <Skeleton height={150} />
        <Skeleton height={150} />
      </div>
      <div className={styles.two}>
        <Skeleton height={260} />
        <Skeleton height={260} />
      </div>
    </>
  );
}
