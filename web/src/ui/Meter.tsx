import { useT } from "../i18n/i18n.tsx";
import { cx } from "./cx.ts";
import styles from "./Meter.module.css";

export interface Part {
  key: string;
  /** A colour of the tokens: `pass`, `critical`, `unknown`, `accent`, `info`. */
  tone: "pass" | "critical" | "unknown" | "accent" | "info" | "line";
  count: number;
  label: string;
}

/** Parts of a whole as one bar. Its words are its label, so that nothing hangs on colour. */
export function PartsBar({ parts, label }: { parts: readonly Part[]; label: string }) {
  const total = Math.max(
    parts.reduce((sum, part) => sum + part.count, 0),
    1,
  );
  return (
    <div className={styles.bar} role="img" aria-label={label}>
      {parts
        .filter((part) => part.count > 0)
        .map((part) => (
          <span key={part.key} className={styles[part.tone]} style={{ width: `${(100 * part.count) / total}%` }} />
        ))}
    </div>
  );
}

/** How far something has come; without a known end it only says that it goes on. */
export function Progress({ done, total, label }: { done: number; total: number | null; label: string }) {
  const t = useT();
  const share = total ? Math.min(100, (100 * done) / total) : null;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total ?? undefined}
      aria-valuenow={total ? done : undefined}
      aria-valuetext={total ? undefined : t("state.loading")}
      className={cx(styles.bar, share === null && styles.endless)}
    >
      {share !== null && <span className={styles.accent} style={{ width: `${share}%` }} />}
    </div>
  );
}
