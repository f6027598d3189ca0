import { type ReactNode, useEffect, useId, useRef } from "react";
import { useT } from "../i18n/i18n.tsx";
import { IconButton } from "./Button.tsx";
import { cx } from "./cx.ts";
import styles from "./Dialog.module.css";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** The row of buttons at its foot. */
  actions?: ReactNode;
  /** `drawer` slides in from the end, `nav` from the start, `wide` for tables and text. */
  kind?: "dialog" | "wide" | "drawer" | "nav";
}

/** The browser's modal dialog: focus stays inside, Escape closes it, focus returns to where it was. */
export function Dialog({ open, onClose, title, children, actions, kind = "dialog" }: DialogProps) {
  const t = useT();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (!dialog || !open) return;
    const before = document.activeElement;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-autofocus], [autofocus]")?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [open]);

  if (!open) return null;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click is on the backdrop; Escape does the same by keyboard
    <dialog
      ref={ref}
      className={cx(styles.dialog, styles[kind])}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className={styles.inner}>
        <header className={styles.head}>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={t("action.close")} onClick={onClose} />
        </header>
        <div className={styles.body}>{children}</div>
        {actions && <footer className={styles.foot}>{actions}</footer>}
      </div>
    </dialog>
  );
}

export const Drawer = (props: Omit<DialogProps, "kind">) => <Dialog kind="drawer" {...props} />;
