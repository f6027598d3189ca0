import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";
import { cx } from "./cx.ts";
import styles from "./Field.module.css";
import { Icon } from "./Icon.tsx";

interface Around {
  label: string;
  /** The label is spoken but not shown: where the place says it already. */
  labelHidden?: boolean;
  hint?: ReactNode;
  error?: string | undefined;
}

type Described = { id: string; "aria-invalid"?: true; "aria-describedby"?: string };

/** A label, its control, a hint and what is wrong with it, tied together. */
export function Field({
  label,
  labelHidden,
  hint,
  error,
  children,
}: Around & { children: (props: Described) => ReactNode }) {
  const id = useId();
  const said = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={labelHidden ? "visually-hidden" : styles.label}>
        {label}
      </label>
      {children({
        id,
        ...(error ? { "aria-invalid": true as const } : {}),
        ...(said ? { "aria-describedby": said } : {}),
      })}
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={styles.error}>
          <Icon name="warning" size={14} />
          {error}
        </p>
      )}
    </div>
  );
}

export function TextField({
  label,
  labelHidden,
  hint,
  error,
  className,
  ...rest
}: Around & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} {...(labelHidden ? { labelHidden } : {})} hint={hint} error={error}>
      {(tied) => <input className={cx(styles.input, className)} {...rest} {...tied} />}
    </Field>
  );
}

export function TextArea({
  label,
  labelHidden,
  hint,
  error,
  ...rest
}: Around & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Field label={label} {...(labelHidden ? { labelHidden } : {})} hint={hint} error={error}>
      {(tied) => <textarea rows={3} className={styles.input} {...rest} {...tied} />}
    </Field>
  );
}

export interface Option {
  value: string;
  label: string;
}

/** The browser's own select: keyboard, phone and screen reader know it. */
export function Select({
  label,
  labelHidden,
  hint,
  error,
  options,
  className,
  ...rest
}: Around & { options: readonly Option[] } & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field label={label} {...(labelHidden ? { labelHidden } : {})} hint={hint} error={error}>
      {(tied) => (
        <span className={styles.select}>
          <select className={cx(styles.input, className)} {...rest} {...tied}>
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="down" size={14} />
        </span>
      )}
    </Field>
  );
}

export function Checkbox({ label, ...rest }: { label: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <span className={styles.check}>
      <input type="checkbox" id={id} {...rest} />
      <label htmlFor={id}>{label}</label>
    </span>
  );
}
