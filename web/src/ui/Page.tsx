import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { useT } from "../i18n/i18n.tsx";
import { cx } from "./cx.ts";
import styles from "./Page.module.css";

/** A page: its title (also the window's), what can be done with all of it, and its body. */
export function Page({
  title,
  heading,
  above,
  about,
  actions,
  fill = false,
  children,
}: {
  title: string;
  /** Drawn as the heading in place of the title. */
  heading?: ReactNode;
  /** A line above the heading: the way back, say. */
  above?: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  /** The body takes the rest of the window's height and scrolls by itself: for virtualised tables. */
  fill?: boolean;
  children: ReactNode;
}) {
  const t = useT();
  useEffect(() => {
    document.title = t("app.title", { page: title });
  }, [t, title]);
  return (
    <div className={cx(styles.page, fill && styles.fill)}>
      <header className={styles.head}>
        <div className={styles.titles}>
          {above && <div className={styles.above}>{above}</div>}
          <h1 tabIndex={-1} data-page-heading>
            {heading ?? title}
          </h1>
          {about && <div className={styles.about}>{about}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A titled part of a page. */
export function Card({
  title,
  actions,
  children,
  flush = false,
  className,
}: {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
  /** Its body reaches the card's edge: for lists and tables. */
  flush?: boolean;
  className?: string | undefined;
}) {
  return (
    <section className={cx(styles.card, className)}>
      {title && (
        <header className={styles.cardHead}>
          <h2>{title}</h2>
          {actions}
        </header>
      )}
      <div className={flush ? styles.flush : styles.cardBody}>{children}</div>
    </section>
  );
}

/** Names and values side by side. */
export function Facts({ items }: { items: readonly (readonly [string, ReactNode] | null | false)[] }) {
  return (
    <dl className={styles.facts}>
      {items.map(
        (item) =>
          item && (
            <div key={item[0]}>
              <dt>{item[0]}</dt>
              <dd>{item[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export function Back({ to, children }: { to: string; children: ReactNode }) {
  return <Link to={to}>{children}</Link>;
}
