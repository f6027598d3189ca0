import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Link, type LinkProps } from "react-router";
import styles from "./Button.module.css";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./Icon.tsx";

export type Kind = "primary" | "secondary" | "quiet" | "danger";

interface Look {
  kind?: Kind;
  icon?: IconName;
  small?: boolean;
  children?: ReactNode;
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement>, Look {
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind = "secondary", icon, small, busy, children, className, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={cx(styles.button, styles[kind], small && styles.small, !children && styles.square, className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button with an icon alone: its label is spoken, and shown as a tooltip. */
export function IconButton({ label, ...rest }: ButtonProps & { label: string; icon: IconName }) {
  return <Button kind="quiet" aria-label={label} title={label} {...rest} />;
}

/** A link that looks like a button. */
export function LinkButton({ kind = "secondary", icon, small, children, className, ...rest }: LinkProps & Look) {
  return (
    <Link className={cx(styles.button, styles[kind], small && styles.small, className)} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}

/** A plain link to what the API serves (a download), that looks like a button. */
export function DownloadButton({
  href,
  kind = "secondary",
  icon = "download",
  small,
  children,
}: Look & { href: string }) {
  return (
    <a className={cx(styles.button, styles[kind], small && styles.small)} href={href} download>
      <Icon name={icon} />
      {children}
    </a>
  );
}
