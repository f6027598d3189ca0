import { type ReactNode, useId } from "react";
import { asProblem } from "../api/problem.ts";
import { useT } from "../i18n/i18n.tsx";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import styles from "./Form.module.css";
import { isStale } from "./Meanwhile.tsx";
import { Notice } from "./Notice.tsx";

interface Sending {
  isPending: boolean;
  error: unknown;
}

/** A form in a dialog: what the API refuses is said above it; the fields at fault say it themselves. */
export function FormDialog({
  title,
  submit,
  danger = false,
  sending,
  onSubmit,
  onClose,
  children,
  wide = false,
  meanwhile,
}: {
  title: string;
  /** What the button that sends it says. */
  submit: string;
  danger?: boolean;
  sending: Sending;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  /** What somebody else changed since the form was opened, where that is known. */
  meanwhile?: ReactNode;
}) {
  const t = useT();
  const id = useId();
  return (
    <Dialog
      open
      kind={wide ? "wide" : "dialog"}
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind={danger ? "danger" : "primary"} type="submit" form={id} busy={sending.isPending}>
            {submit}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!sending.isPending) onSubmit();
        }}
      >
        {meanwhile}
        {!(meanwhile && isStale(sending.error)) && <FormError error={sending.error} />}
        {children}
      </form>
    </Dialog>
  );
}

/** What was refused. Fields that are named by the problem are named here too, so that nothing is lost. */
export function FormError({ error }: { error: unknown }) {
  const t = useT();
  if (!error) return null;
  const problem = asProblem(error);
  const said = problem.unreachable ? t("error.unreachable") : problem.detail || problem.title || t("error.title");
  return (
    <Notice tone="bad" live>
      {said}
      {problem.fields.length > 0 && (
        <ul>
          {problem.fields.map((field) => (
            <li key={field.field + field.message}>{`${field.field}: ${field.message}`}</li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

/** Fields side by side where there is room. */
export function FieldRow({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

/** Controls that belong together, under one name. */
export function FieldGroup({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  const id = useId();
  return (
    <fieldset className={styles.group} aria-describedby={hint ? id : undefined}>
      <legend>{label}</legend>
      {hint && (
        <p id={id} className={styles.hint}>
          {hint}
        </p>
      )}
      {children}
    </fieldset>
  );
}
