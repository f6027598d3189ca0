import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, patch, post } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import type { Target, TargetKind } from "../../api/types.ts";
import { type Translate, useT } from "../../i18n/i18n.tsx";
import { Checkbox, Select, TextArea, TextField } from "../../ui/Field.tsx";
import { FieldRow, FormDialog } from "../../ui/FormDialog.tsx";
import { Meanwhile, type Told, useMeanwhile } from "../../ui/Meanwhile.tsx";
import { useToast } from "../../ui/Toast.tsx";
import {
  type Asked,
  fromOptions,
  type OptionName,
  optionsOf,
  RHYTHMS,
  rhythmOf,
  type Typed,
  toOptions,
} from "./options.ts";
import styles from "./Scans.module.css";

const REQUIRED: readonly OptionName[] = ["paths"];
/** Asked for at first sight; the others are under "more". */
const FIRST: readonly OptionName[] = ["role_arn", "external_id", "regions", "org", "paths", "source"];

export const targetFields = (t: Translate): Told<Target>[] => [
  ["name", t("field.name")],
  ["options", t("scans.options")],
  ["every_seconds", t("scans.rhythm"), (seconds: number) => rhythmText(seconds, t)],
  ["enabled", t("scans.enabled"), (on: boolean) => t(on ? "said.yes" : "said.no")],
];

function rhythmText(seconds: number, t: Translate): string {
  const { unit, count } = rhythmOf(seconds);
  return t(`scans.every.${unit}`, { count });
}

/** Adds a target, or changes one. A target keeps its kind. */
export function TargetForm({ target, onClose }: { target: Target | null; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const [name, setName] = useState(target?.name ?? "");
  const [kind, setKind] = useState<TargetKind>(target?.kind ?? "aws");
  const [typed, setTyped] = useState<Typed>(() => (target ? fromOptions(target.kind, target.options) : {}));
  const [every, setEvery] = useState(String(target?.every_seconds ?? ""));
  const [enabled, setEnabled] = useState(target?.enabled ?? true);
  const { held, send } = useMeanwhile(target, () => get<Target>(`/targets/${target?.id}`));
  const save = useMutation({
    mutationFn: () => {
      const made = {
        name: name.trim(),
        options: toOptions(kind, typed),
        every_seconds: every ? Number(every) : null,
        enabled,
      };
      return target
        ? send((etag) => patch<Target>(`/targets/${target.id}`, made, etag))
        : post<Target>("/targets", { ...made, kind });
    },
    onSuccess: () => {
      toast.say(t("said.saved"));
      onClose();
      return client.invalidateQueries({ queryKey: ["targets"] });
    },
  });
  const problem = save.error ? asProblem(save.error) : null;
  const all = optionsOf(kind);
  const first = all.filter(([option]) => FIRST.includes(option));
  const rest = all.filter(([option]) => !FIRST.includes(option));
  const rhythms = [...new Set([...RHYTHMS, ...(target?.every_seconds ? [target.every_seconds] : [])])].sort(
    (a, b) => a - b,
  );
  const option = ([one, asked]: [OptionName, Asked]) => (
    <OptionField
      key={one}
      name={one}
      asked={asked}
      value={typed[one]}
      error={problem?.fields.find((field) => field.field.includes(`options.${one}`))?.message}
      onChange={(value) => setTyped((before) => ({ ...before, [one]: value }))}
    />
  );
  return (
    <FormDialog
      title={target ? t("scans.editTarget", { name: target.name }) : t("scans.addTarget")}
      submit={t("action.save")}
      sending={save}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      meanwhile={held && <Meanwhile held={held} fields={targetFields(t)} />}
    >
      <TextField
        label={t("field.name")}
        required
        maxLength={200}
        value={name}
        error={problem?.field("name")}
        onChange={(event) => setName(event.target.value)}
        data-autofocus
      />
      <FieldRow>
        <Select
          label={t("field.kind")}
          value={kind}
          disabled={target !== null}
          options={(["aws", "iac"] as const).map((value) => ({ value, label: t(`target.${value}`) }))}
          onChange={(event) => setKind(event.target.value as TargetKind)}
        />
        <Select
          label={t("scans.rhythm")}
          value={every}
          options={[
            { value: "", label: t("scans.byHand") },
            ...rhythms.map((seconds) => ({ value: String(seconds), label: rhythmText(seconds, t) })),
          ]}
          onChange={(event) => setEvery(event.target.value)}
        />
      </FieldRow>
      {first.map(option)}
      {rest.length > 0 && (
        <details className={styles.more} open={rest.some(([one]) => typed[one])}>
          <summary>{t("scans.moreOptions")}</summary>
          <div className={styles.moreFields}>{rest.map(option)}</div>
        </details>
      )}
      <Checkbox label={t("scans.enabled")} checked={enabled} onChange={(event) => setEnabled(event.target.checked)} />
    </FormDialog>
  );
}

function OptionField({
  name,
  asked,
  value,
  error,
  onChange,
}: {
  name: OptionName;
  asked: Asked;
  value: string | boolean | undefined;
  error: string | undefined;
  onChange: (value: string | boolean) => void;
}) {
  const t = useT();
  const label = t(`option.${name}`);
  const hint = t(`option.${name}.hint`);
  if (asked === "flag") {
    return <Checkbox label={label} checked={value === true} onChange={(event) => onChange(event.target.checked)} />;
  }
  const text = typeof value === "string" ? value : "";
  const required = REQUIRED.includes(name);
  if (asked === "lines") {
    return (
      <TextArea
        label={label}
        hint={hint}
        error={error}
        rows={2}
        required={required}
        spellCheck={false}
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  }
  return (
    <TextField
      label={label}
      hint={hint}
      error={error}
      required={required}
      spellCheck={false}
      autoComplete="off"
      {...(asked === "number" ? { type: "number", min: 0.1, max: 1000, step: "any" } : {})}
      value={text}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
