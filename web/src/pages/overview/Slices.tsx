import { Link } from "react-router";
import { type Counts, SEVERITIES, type Slice } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { cx } from "../../ui/cx.ts";
import styles from "./Slices.module.css";

const PARTS = [...SEVERITIES, "unknown"] as const;

/** Counts as a bar of lengths in order of severity; the same is said in words. */
export function SeverityBar({
  counts,
  most,
  tall = false,
}: {
  counts: Counts & { unknown?: number };
  /** The count that fills the whole length. */
  most?: number;
  tall?: boolean;
}) {
  const t = useT();
  const said = { ...counts, unknown: counts.unknown ?? 0 };
  const total = PARTS.reduce((sum, part) => sum + said[part], 0);
  const whole = Math.max(most ?? total, 1);
  return (
    <div className={cx(styles.bar, tall && styles.tall)} role="img" aria-label={t("overview.bar", said)}>
      {PARTS.map(
        (part) =>
          said[part] > 0 && (
            <span key={part} className={styles[part]} style={{ width: `${(100 * said[part]) / whole}%` }} />
          ),
      )}
    </div>
  );
}

/** Where the open findings sit: one row for each environment, account, framework or function. */
export function Slices({
  slices,
  to,
  name = (slice) => slice.label || slice.key,
}: {
  slices: readonly Slice[];
  to: (key: string) => string;
  name?: (slice: Slice) => string;
}) {
  const t = useT();
  const format = useFormat();
  if (slices.length === 0) return <p className={styles.none}>{t("overview.noSlices")}</p>;
  const most = Math.max(...slices.map((slice) => slice.open + slice.unknown));
  return (
    <ul className={styles.list}>
      {slices.map((slice) => (
        <li key={slice.key}>
          <Link to={to(slice.key)} className={styles.row}>
            <span className={styles.label}>{name(slice)}</span>
            <SeverityBar counts={slice} most={most} />
            <span className={styles.open}>{t("overview.openCount", { count: slice.open })}</span>
            <span className={styles.score}>
              {slice.score === null
                ? t("overview.notJudged")
                : t("overview.score", { score: format.percent(slice.score) })}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
