import type { Scan } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { Progress } from "../../ui/Meter.tsx";
import styles from "./Scans.module.css";

/** How far a scan has come, and what it reads now. */
export function ScanProgress({ scan, compact = false }: { scan: Scan; compact?: boolean }) {
  const t = useT();
  const format = useFormat();
  const { done = 0, total = null, what = "" } = scan.progress ?? {};
  const words = total
    ? t("scans.progress", { done: format.number(done), total: format.number(total) })
    : t(scan.state === "queued" ? "scans.waiting" : "scans.starting");
  return (
    <div className={compact ? styles.progressCompact : styles.progress}>
      <Progress done={done} total={total} label={t("scans.progressOf", { name: scan.target.name })} />
      <span className={styles.quiet}>{[words, compact ? "" : what].filter(Boolean).join(" · ")}</span>
    </div>
  );
}

/** How long a scan took, or takes so far; null while it has not begun. */
export function useDuration(scan: Scan): string | null {
  const t = useT();
  if (!scan.started) return null;
  const end = scan.finished ? Date.parse(scan.finished) : Date.now();
  const seconds = Math.max(0, Math.round((end - Date.parse(scan.started)) / 1000));
  return t("scans.took", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
}

export function Asker({ name }: { name: string }) {
  const t = useT();
  return <>{name === "schedule" ? t("scans.bySchedule") : name}</>;
}
