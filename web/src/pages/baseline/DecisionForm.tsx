import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import type { Exception, ExceptionState, Person } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { TextArea } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { Meanwhile, useMeanwhile } from "../../ui/Meanwhile.tsx";
import { useToast } from "../../ui/Toast.tsx";

export type Verb = "approve" | "reject" | "revoke";

/** A decision about an exception, always with a reason. */
export function DecisionForm({ exception, verb, onClose }: { exception: Exception; verb: Verb; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const toast = useToast();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const { held, send } = useMeanwhile(exception, () => get<Exception>(`/exceptions/${exception.id}`));
  const decide = useMutation({
    mutationFn: () =>
      send((etag) => post<Exception>(`/exceptions/${exception.id}/${verb}`, { reason: reason.trim() }, etag)),
    onSuccess: () => {
      toast.say(t(`exceptions.done.${verb}`));
      onClose();
      return client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    },
  });
  return (
    <FormDialog
      title={t(`exceptions.title.${verb}`)}
      submit={t(`exceptions.${verb}`)}
      danger={verb !== "approve"}
      sending={decide}
      onSubmit={() => decide.mutate()}
      onClose={onClose}
      meanwhile={
        held && (
          <Meanwhile
            drops
            held={held}
            fields={[
              ["state", t("field.state"), (state: ExceptionState) => t(`exception.${state}`)],
              ["decided_by", t("exceptions.decidedBy"), (person: Person) => person.name],
              ["decision", t("field.reason")],
              ["expires", t("field.expires"), (day: string) => format.date(day)],
            ]}
          />
        )
      }
    >
      <p>{t(`exceptions.means.${verb}`, { count: exception.findings, date: format.date(exception.expires) })}</p>
      <TextArea
        label={t("field.reason")}
        required
        maxLength={10_000}
        value={reason}
        error={decide.error ? asProblem(decide.error).field("reason") : undefined}
        onChange={(event) => setReason(event.target.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
