import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";
import { asProblem } from "../api/problem.ts";
import { useT } from "../i18n/i18n.tsx";
import { IconButton } from "./Button.tsx";
import { cx } from "./cx.ts";
import { Icon } from "./Icon.tsx";
import styles from "./Toast.module.css";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

interface Toasts {
  say: (text: string) => void;
  /** An error, in the API's words. It stays until it is closed. */
  fail: (error: unknown) => void;
}

const ToastContext = createContext<Toasts>({ say: () => undefined, fail: () => undefined });
const SHOWN_MS = 6000;

export const useToast = () => useContext(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }) {
  const t = useT();
  const [toasts, setToasts] = useState<Toast[]>([]);
  const next = useRef(0);

  const drop = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const add = useCallback(
    (text: string, bad: boolean) => {
      next.current += 1;
      const id = next.current;
      setToasts((all) => [...all.slice(-3), { id, text, bad }]);
      if (!bad) setTimeout(() => drop(id), SHOWN_MS);
    },
    [drop],
  );
  const value = useMemo<Toasts>(
    () => ({
      say: (text) => add(text, false),
      fail: (error) => {
        const problem = asProblem(error);
        add(problem.unreachable ? t("error.unreachable") : problem.detail || problem.title || t("error.title"), true);
      },
    }),
    [add, t],
  );

  return (
    <ToastContext value={value}>
      {children}
      <div className={styles.place} role="status" aria-live="polite">
        {toasts.map((toast) => (
          <div key={toast.id} className={cx(styles.toast, toast.bad && styles.bad)}>
            <Icon name={toast.bad ? "warning" : "check"} />
            <span className={styles.text}>{toast.text}</span>
            <IconButton small icon="close" label={t("action.close")} onClick={() => drop(toast.id)} />
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
