import { useEffect, useRef } from "react";

export type Keys = Record<string, () => void>;

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog[open]";
const CHORD_MS = 1200;

/** Single keys (`/`, `?`) and chords (`g f`), never while someone types or a dialog is open. */
export function useHotkeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    let first = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest(TYPING)) return;
      if (document.querySelector("dialog[open]")) return;
      const run = latest.current[first ? `${first} ${event.key}` : event.key];
      clearTimeout(timer);
      if (run) {
        event.preventDefault();
        run();
        first = "";
      } else {
        first = Object.keys(latest.current).some((key) => key.startsWith(`${event.key} `)) ? event.key : "";
        timer = setTimeout(() => {
          first = "";
        }, CHORD_MS);
      }
    }
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
      clearTimeout(timer);
    };
  }, []);
}
