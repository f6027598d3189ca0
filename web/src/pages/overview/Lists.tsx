import { Link } from "react-router";
import type { Overview, Scan } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { Badge, Severity } from "../../ui/Badge.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Card } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { ScanState } from "../../ui/ScanState.tsx";
import styles from "./Lists.module.css";

const GAPS_SHOWN = 6;

/** What was not read is never taken for right: it is listed here. */
export function Coverage({ coverage }: { coverage: Overview["coverage"] }) {
  const t = useT();
  const shown = coverage.gaps.slice(0, GAPS_SHOWN);
  const rest = coverage.gap_count - shown.length;
  return (
    <Card title={t("overview.coverage")} flush>
      {coverage.gap_count === 0 ? (
        <p className={styles.none}>
          <Icon name="check" />
          {t("overview.coverageAll")}
        </p>
      ) : (
        <>
          <p className={styles.note}>{t("overview.coverageText", { count: coverage.gap_count })}</p>
          <ul className={styles.list}>
            {shown.map((gap) => (
              <li key={`${gap.type}${gap.account}${gap.region}${gap.why}`} className={styles.gap}>
                <Icon name="unknown" />
                <span>
                  <strong>{gap.type}</strong>
                  <span className={styles.where}>{[gap.account, gap.region].filter(Boolean).join(" · ")}</span>
                  <span className={styles.why}>{gap.why}</span>
                </span>
              </li>
            ))}
          </ul>
          {rest > 0 && (
            <p className={styles.note}>
              <Link to="/scans">{t("overview.more", { count: rest })}</Link>
            </p>
          )}
        </>
      )}
    </Card>
  );
}

export function TopRules({ rules }: { rules: Overview["top_rules"] }) {
  const t = useT();
  const format = useFormat();
  return (
    <Card title={t("overview.topRules")} flush>
      {rules.length === 0 ? (
        <p className={styles.none}>
          <Icon name="check" />
          {t("overview.noRules")}
        </p>
      ) : (
        <ul className={styles.list}>
          {rules.map((rule) => (
            <li key={rule.rule}>
              <Link to={`/findings?rule=${encodeURIComponent(rule.rule)}`} className={styles.row}>
                <Severity value={rule.severity} short />
                <span>{rule.title}</span>
                <span className={styles.count}>{format.number(rule.count)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function LastScans({ scans }: { scans: readonly Scan[] }) {
  const t = useT();
  return (
    <Card title={t("overview.lastScans")} flush actions={<Link to="/scans">{t("overview.all")}</Link>}>
      {scans.length === 0 ? (
        <p className={styles.none}>{t("overview.noScans")}</p>
      ) : (
        <ul className={styles.list}>
          {scans.map((scan) => (
            <li key={scan.id}>
              <Link to={`/scans/${encodeURIComponent(scan.id)}`} className={styles.row}>
                <ScanState state={scan.state} />
                <span>{scan.target.name}</span>
                <span className={styles.when}>
                  <RelativeTime at={scan.finished ?? scan.started ?? scan.queued} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function Review({ review }: { review: Overview["baseline_review"] }) {
  const t = useT();
  const format = useFormat();
  return (
    <Card title={t("overview.review")} actions={<Link to="/baseline">{t("nav.baseline")}</Link>}>
      {review?.due ? (
        <p>
          <Badge tone={review.overdue ? "critical" : "neutral"} icon={review.overdue ? "warning" : "clock"}>
            {t(review.overdue ? "overview.reviewOverdue" : "overview.reviewDue", { date: format.date(review.due) })}
          </Badge>
        </p>
      ) : (
        <p className={styles.quiet}>{t("overview.reviewNone")}</p>
      )}
    </Card>
  );
}
