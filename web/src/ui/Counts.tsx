import { type Counts, SEVERITIES } from "../api/types.ts";
import { useFormat, useT } from "../i18n/i18n.tsx";
import styles from "./Counts.module.css";
import { cx } from "./cx.ts";

/** How many of each severity, the worst first; what there is none of is left out. */
export function SeverityCounts({ counts }: { counts: Counts }) {
  const t = useT();
  const format = useFormat();
  const some = SEVERITIES.filter((severity) => counts[severity] > 0);
  if (some.length === 0) return <span className={styles.none}>{"\u2013"}</span>;
  return (
    <span className={styles.counts}>
      {some.map((severity) => (
        <span key={severity} className={cx(styles.count, styles[severity])} title={t(`severity.${severity}`)}>
          <span className="visually-hidden">{t(`severity.${severity}`)}</span>
          <span aria-hidden="true">{t(`severity.${severity}`).slice(0, 1)}</span>
          {format.number(counts[severity])}
        </span>
      ))}
    </span>
  );
}
