import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import type { Exception } from "../../api/types.ts";
import { useT } from "../../i18n/i18n.tsx";
import { TextArea, TextField } from "../../ui/Field.tsx";
import { FieldRow, FormDialog } from "../../ui/FormDialog.tsx";
import { useToast } from "../../ui/Toast.tsx";

const DAY_MS = 86_400_000;
const FIRST_DAYS = 90;

export const dayIn = (days: number, now = Date.now()): string =>
  new Date(now + days * DAY_MS).toISOString().slice(0, 10);

/** Asks that findings be accepted until a day, by pattern. */
export function AskForm({ onClose }: { onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const [rule, setRule] = useState("");
  const [account, setAccount] = useState("");
  const [uid, setUid] = useState("");
  const [reason, setReason] = useState("");
  const [expires, setExpires] = useState(() => dayIn(FIRST_DAYS));
  const ask = useMutation({
    mutationFn: () =>
      post<Exception>("/exceptions", {
        rule: rule.trim() || null,
        account: account.trim() || null,
        uid: uid.trim() || null,
        reason: reason.trim(),
        expires,
      }),
    onSuccess: () => {
      toast.say(t("exceptions.asked"));
      onClose();
      return client.invalidateQueries({ queryKey: ["list", "/exceptions"] });
    },
  });
  const problem = ask.error ? asProblem(ask.error) : null;
  return (
    <FormDialog
      title={t("exceptions.ask")}
      submit={t("exceptions.askSubmit")}
      sending={ask}
      onSubmit={() => ask.mutate()}
      onClose={onClose}
    >
      <TextField
        label={t("field.rule")}
        hint={t("exceptions.ruleHint")}
        required
        maxLength={120}
        spellCheck={false}
        value={rule}
        error={problem?.field("rule")}
        onChange={(event) => setRule(event.target.value)}
        data-autofocus
      />
      <FieldRow>
        <TextField
          label={t("field.account")}
          hint={t("exceptions.accountHint")}
          maxLength={64}
          spellCheck={false}
          value={account}
          error={problem?.field("account")}
          onChange={(event) => setAccount(event.target.value)}
        />
        <TextField
          label={t("field.uid")}
          hint={t("exceptions.uidHint")}
          maxLength={2000}
          spellCheck={false}
          value={uid}
          error={problem?.field("uid")}
          onChange={(event) => setUid(event.target.value)}
        />
      </FieldRow>
      <TextArea
        label={t("field.reason")}
        hint={t("exceptions.reasonHint")}
        required
        maxLength={10_000}
        value={reason}
        error={problem?.field("reason")}
        onChange={(event) => setReason(event.target.value)}
      />
      <TextField
        label={t("field.expires")}
        hint={t("exceptions.expiresHint")}
        type="date"
        required
        min={dayIn(0)}
        value={expires}
        error={problem?.field("expires")}
        onChange={(event) => setExpires(event.target.value)}
      />
    </FormDialog>
  );
}
