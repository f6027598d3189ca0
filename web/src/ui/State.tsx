import type { ReactNode } from "react";
import { asProblem } from "../api/problem.ts";
import { type MessageId, useT } from "../i18n/i18n.tsx";
import { Button } from "./Button.tsx";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./Icon.tsx";
import styles from "./State.module.css";

/** Nothing to show, and why, and what to do next. */
export function Empty({
  title,
  children,
  icon = "search",
  actions,
}: {
  title: string;
  children?: ReactNode;
  icon?: IconName;
  actions?: ReactNode;
}) {
  return (
    <div className={styles.state}>
      <span className={styles.icon}>
        <Icon name={icon} size={22} />
      </span>
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.text}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

const SAID: Record<number, MessageId> = {
  0: "error.unreachable",
  403: "error.forbidden",
  404: "error.notFound",
  429: "error.tooMany",
};

/** What failed, in the API's words, with a way to try again. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useT();
  const problem = asProblem(error);
  const known = SAID[problem.status];
  return (
    <div className={styles.state} role="alert">
      <span className={cx(styles.icon, styles.bad)}>
        <Icon name="warning" size={22} />
      </span>
      <p className={styles.title}>{known ? t(known) : problem.title || t("error.title")}</p>
      {problem.detail && <p className={styles.text}>{problem.detail}</p>}
      {retry && (
        <div className={styles.actions}>
          <Button icon="refresh" onClick={retry}>
            {t("action.retry")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Grey lines where text will be. Said once to a screen reader. */
export function Skeleton({ lines = 3, height }: { lines?: number; height?: number }) {
  const t = useT();
  return (
    <div className={styles.skeleton} role="status">
      <span className="visually-hidden">{t("state.loading")}</span>
      {height ? (
        <span className={styles.block} style={{ height }} />
      ) : (
        Array.from({ length: lines }, (_, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: grey lines have no other name
          <span key={line} className={styles.line} style={{ width: `${92 - ((line * 17) % 45)}%` }} />
        ))
      )}
    </div>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** The three states of anything that is fetched: loading, failed, here. */
export function Loaded<T>({
  query,
  children,
  skeleton,
}: {
  query: Asked<T>;
  children: (data: T) => ReactNode;
  skeleton?: ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isPending) return <>{skeleton ?? <Skeleton lines={6} />}</>;
  return <ErrorState error={query.error} retry={() => query.refetch()} />;
}
