import type { ReactNode } from "react";
import type { Severity as Level, Verdict as Said, Status } from "../api/types.ts";
import { useT } from "../i18n/i18n.tsx";
import styles from "./Badge.module.css";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./Icon.tsx";

export type Tone = Level | "pass" | "unknown" | "accent" | "neutral";

export function Badge({ tone = "neutral", icon, children }: { tone?: Tone; icon?: IconName; children: ReactNode }) {
  return (
    <span className={cx(styles.badge, styles[tone])}>
      {icon && <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}

const BARS: Record<Level, number> = { critical: 4, high: 3, medium: 2, low: 1, info: 0 };

/** Severity in three ways at once: word, colour, and how many of four bars are full. */
export function Severity({ value, short = false }: { value: Level; short?: boolean }) {
  const t = useT();
  const word = t(`severity.${value}`);
  return (
    <span className={cx(styles.severity, styles[`text-${value}`])} title={short ? word : undefined}>
      <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden="true" focusable="false">
        {[0, 1, 2, 3].map((bar) => (
          <rect
            key={bar}
            x={bar * 3.6}
            y={8 - bar * 2.6}
            width="2.6"
            height={4 + bar * 2.6}
            rx="0.6"
            fill="currentColor"
            opacity={bar < BARS[value] ? 1 : 0.25}
          />
        ))}
      </svg>
      <span className={short ? "visually-hidden" : undefined}>{word}</span>
    </span>
  );
}

const VERDICTS: Record<Said, { icon: IconName; tone: Tone }> = {
  fail: { icon: "close", tone: "critical" },
  unknown: { icon: "unknown", tone: "unknown" },
  pass: { icon: "check", tone: "pass" },
  excepted: { icon: "clock", tone: "accent" },
};

export function Verdict({ value }: { value: Said }) {
  const t = useT();
  const { icon, tone } = VERDICTS[value] ?? VERDICTS.unknown;
  return (
    <Badge tone={tone} icon={icon}>
      {t(`verdict.${value}`)}
    </Badge>
  );
}

const STATUSES: Record<Status, Tone> = { open: "neutral", resolved: "pass", excepted: "accent", passed: "pass" };

export function StatusBadge({ value }: { value: Status }) {
  const t = useT();
  return <Badge tone={STATUSES[value] ?? "neutral"}>{t(`status.${value}`)}</Badge>;
}
