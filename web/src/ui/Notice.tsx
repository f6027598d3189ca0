import type { ReactNode } from "react";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./Icon.tsx";
import styles from "./Notice.module.css";

export type NoticeTone = "info" | "good" | "warn" | "bad" | "unknown";

const ICONS: Record<NoticeTone, IconName> = {
  info: "about",
  good: "check",
  warn: "warning",
  bad: "warning",
  unknown: "unknown",
};

/** A line or two that must be read, in a box of its own. `live`: said when it appears. */
export function Notice({
  tone = "info",
  live = false,
  actions,
  children,
}: {
  tone?: NoticeTone;
  live?: boolean;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={cx(styles.notice, styles[tone])} role={live ? (tone === "bad" ? "alert" : "status") : undefined}>
      <Icon name={ICONS[tone]} />
      <div className={styles.text}>{children}</div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
