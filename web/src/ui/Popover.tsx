import { type ReactNode, useEffect, useRef } from "react";
import { cx } from "./cx.ts";
import styles from "./Popover.module.css";

/** A panel under its button (a sheet from below on a phone). Escape or a click outside closes it, and focus returns. */
export function Popover({
  open,
  onClose,
  trigger,
  children,
  end = false,
  wide = false,
}: {
  open: boolean;
  onClose: () => void;
  trigger: ReactNode;
  children: ReactNode;
  /** Lined up with the end of the trigger rather than its start. */
  end?: boolean;
  wide?: boolean;
}) {
  const around = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !around.current?.contains(event.target)) close.current();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only Escape of what is inside is heard here
    <div
      className={styles.around}
      ref={around}
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          event.stopPropagation();
          event.preventDefault();
          onClose();
          around.current?.querySelector<HTMLElement>("button")?.focus();
        }
      }}
    >
      {trigger}
      {open && <div className={cx(styles.panel, end && styles.end, wide && styles.wide)}>{children}</div>}
    </div>
  );
}
