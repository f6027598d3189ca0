import { useSyncExternalStore } from "react";
import { useFormat } from "../i18n/i18n.tsx";

const STEP_MS = 30_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, STEP_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** "3 hr. ago", with the full moment and its zone on hover; one clock for all of them. */
export function RelativeTime({ at }: { at: string | null | undefined }) {
  const format = useFormat();
  useSyncExternalStore(subscribe, () => now);
  if (!at) return <span>{"\u2013"}</span>;
  return (
    <time dateTime={at} title={format.moment(at)}>
      {format.relative(at)}
    </time>
  );
}

/** The full moment, in the zone shown. */
export function Moment({ at }: { at: string | null | undefined }) {
  const format = useFormat();
  if (!at) return <span>{"\u2013"}</span>;
  return <time dateTime={at}>{format.moment(at)}</time>;
}
