import { type CSSProperties, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { cx } from "./cx.ts";
import styles from "./Popover.module.css";

const GAP = 4;
const EDGE = 8;
const SHEET_BELOW = 640;

/** Where a panel of that size goes: under its button, above it where there is more room, and never out of sight. */
export function placed(
  button: { left: number; right: number; top: number; bottom: number },
  panel: { width: number; height: number },
  view: { width: number; height: number },
  end: boolean,
): { left: number; top: number; maxHeight: number } {
  const below = view.height - button.bottom - GAP - EDGE;
  const above = button.top - GAP - EDGE;
  const up = panel.height > below && above > below;
  const maxHeight = Math.max(120, up ? above : below);
  const height = Math.min(panel.height, maxHeight);
  const wished = end ? button.right - panel.width : button.left;
  return {
    left: Math.max(EDGE, Math.min(wished, view.width - panel.width - EDGE)),
    top: up ? button.top - GAP - height : button.bottom + GAP,
    maxHeight,
  };
}

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
  const panel = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<CSSProperties>({ opacity: 0 });
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });

  // Fixed to the window, so that no dialog or table cuts it off; it follows its button when something scrolls.
  useLayoutEffect(() => {
    if (!open) return;
    const put = () => {
      const button = around.current?.getBoundingClientRect();
      if (!button || !panel.current) return;
      if (window.innerWidth <= SHEET_BELOW) return setPlace({});
      const size = { width: panel.current.offsetWidth, height: panel.current.scrollHeight + 2 };
      setPlace(placed(button, size, { width: window.innerWidth, height: window.innerHeight }, end));
    };
    put();
    const size = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(put);
    if (panel.current) size?.observe(panel.current);
    window.addEventListener("scroll", put, true);
    window.addEventListener("resize", put);
    return () => {
      size?.disconnect();
      window.removeEventListener("scroll", put, true);
      window.removeEventListener("resize", put);
    };
  }, [open, end]);

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
      {open && (
        <div ref={panel} className={cx(styles.panel, wide && styles.wide)} style={place}>
          {children}
        </div>
      )}
    </div>
  );
}
