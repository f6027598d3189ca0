import { CONTROL_STATES, type Control, type ControlState } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { Badge, type Tone } from "../../ui/Badge.tsx";
import { cx } from "../../ui/cx.ts";
import type { IconName } from "../../ui/Icon.tsx";
import { PartsBar } from "../../ui/Meter.tsx";
import styles from "./Compliance.module.css";
import { TONES } from "./standing.ts";

const BADGES: Record<ControlState, { tone: Tone; icon: IconName }> = {
  failed: { tone: "critical", icon: "close" },
  unknown: { tone: "unknown", icon: "unknown" },
  excepted: { tone: "accent", icon: "clock" },
  passed: { tone: "pass", icon: "check" },
  manual: { tone: "neutral", icon: "user" },
  not_judged: { tone: "neutral", icon: "minus" },
};

export function ControlBadge({ state }: { state: ControlState }) {
  const t = useT();
  const { tone, icon } = BADGES[state] ?? BADGES.not_judged;
  return (
    <Badge tone={tone} icon={icon}>
      {t(`control.${state}`)}
    </Badge>
  );
}

/** The share passed as a number, and where all controls stand as a bar with its words beneath. */
export function Standing({
  score,
  states,
  large = false,
}: {
  score: number | null;
  states: Record<ControlState, number>;
  large?: boolean;
}) {
  const t = useT();
  const format = useFormat();
  const parts = CONTROL_STATES.map((state) => ({
    key: state,
    tone: TONES[state],
    count: states[state],
    label: t(`control.${state}`),
  }));
  const words = parts.filter((part) => part.count > 0);
  return (
    <div className={styles.standing}>
      <p className={cx(styles.score, large && styles.large)}>
        {score === null ? (
          <span className={styles.quiet}>{t("compliance.notJudged")}</span>
        ) : (
          <>
            <strong>{format.percent(score)}</strong> <span>{t("compliance.ofJudged")}</span>
          </>
        )}
      </p>
      <PartsBar parts={parts} label={words.map((part) => `${part.label}: ${format.number(part.count)}`).join(", ")} />
      <ul className={styles.words}>
        {words.map((part) => (
          <li key={part.key}>
            <span className={cx(styles.dot, styles[part.tone])} />
            {part.label}
            <strong>{format.number(part.count)}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What the state does not say: that people judge it too, and whose duty it is. */
export function Marks({ control }: { control: Control }) {
  const t = useT();
  return (
    <>
      {control.manual && control.state !== "manual" && <Badge icon="user">{t("control.manual")}</Badge>}
      {control.responsibility !== "customer" && (
        <Badge tone="low">{t(`compliance.responsibility.${control.responsibility}`)}</Badge>
      )}
    </>
  );
}
