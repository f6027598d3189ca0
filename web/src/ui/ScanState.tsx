import type { ScanStateName } from "../api/types.ts";
import { useT } from "../i18n/i18n.tsx";
import { Badge, type Tone } from "./Badge.tsx";
import type { IconName } from "./Icon.tsx";

const SCANS: Record<ScanStateName, { tone: Tone; icon: IconName }> = {
  queued: { tone: "neutral", icon: "clock" },
  running: { tone: "accent", icon: "play" },
  landing: { tone: "accent", icon: "play" },
  landed: { tone: "pass", icon: "check" },
  failed: { tone: "critical", icon: "warning" },
  cancelled: { tone: "neutral", icon: "stop" },
};

export function ScanState({ state }: { state: ScanStateName }) {
  const t = useT();
  const { tone, icon } = SCANS[state] ?? SCANS.queued;
  return (
    <Badge tone={tone} icon={icon}>
      {t(`scan.${state}`)}
    </Badge>
  );
}
