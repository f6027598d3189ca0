import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import { type Colleague, type Page, SEVERITIES, type Severity, type CaseState as State } from "../../api/types.ts";
import { useT } from "../../i18n/i18n.tsx";
import { Badge, type Tone } from "../../ui/Badge.tsx";
import { Combobox } from "../../ui/Combobox.tsx";
import { Select, TextArea, TextField } from "../../ui/Field.tsx";
import { FieldRow } from "../../ui/FormDialog.tsx";

const TONES: Record<State, Tone> = { open: "medium", working: "accent", closed: "pass" };

export function CaseState({ state }: { state: State }) {
  const t = useT();
  return <Badge tone={TONES[state] ?? "neutral"}>{t(`case.${state}`)}</Badge>;
}

export interface CaseTyped {
  title: string;
  severity: Severity;
  summary: string;
  /** Id of a colleague; empty: nobody. */
  owner: string;
}

/** What is said of a case, to write. */
export function CaseFields({
  typed,
  onChange,
  error,
}: {
  typed: CaseTyped;
  onChange: (typed: CaseTyped) => void;
  error: unknown;
}) {
  const t = useT();
  const problem = error ? asProblem(error) : null;
  const people = useQuery({
    queryKey: ["people"],
    queryFn: ({ signal }) => get<Page<Colleague>>("/people", {}, signal),
    staleTime: 60_000,
  });
  return (
    <>
      <TextField
        label={t("cases.title")}
        required
        maxLength={300}
        value={typed.title}
        error={problem?.field("title")}
        onChange={(event) => onChange({ ...typed, title: event.target.value })}
        data-autofocus
      />
      <FieldRow>
        <Select
          label={t("field.severity")}
          value={typed.severity}
          options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
          onChange={(event) => onChange({ ...typed, severity: event.target.value as Severity })}
        />
        <Combobox
          label={t("field.owner")}
          value={typed.owner}
          placeholder={t("cases.nobody")}
          choices={[
            { value: "", label: t("cases.nobody") },
            ...(people.data?.items ?? []).map((one) => ({ value: String(one.id), label: one.name })),
          ]}
          onChange={(owner) => onChange({ ...typed, owner })}
        />
      </FieldRow>
      <TextArea
        label={t("cases.summary")}
        rows={5}
        maxLength={10_000}
        value={typed.summary}
        error={problem?.field("summary")}
        onChange={(event) => onChange({ ...typed, summary: event.target.value })}
      />
    </>
  );
}
