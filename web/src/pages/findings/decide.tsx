import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useMemo, useState } from "react";
import { get, post } from "../../api/client.ts";
import type { BulkAnswer, Page, Person } from "../../api/types.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { Combobox } from "../../ui/Combobox.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextArea, TextField } from "../../ui/Field.tsx";
import { useToast } from "../../ui/Toast.tsx";
import styles from "./decide.module.css";
import type { Decision } from "./filters.ts";

/** What a decision is about: some findings by id, or all that a query matches. */
export type About = { ids: number[]; query: null } | { ids: null; query: string };

export interface Ask extends Decision {
  reason?: string;
}

/** Sends a decision and says how it went. `onDone` is told what was decided. */
export function useDecide(about: About, onDone: (decision: Decision) => void) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ask: Ask) =>
      post<BulkAnswer>("/findings/bulk", {
        ...(about.ids === null ? { query: about.query } : { ids: about.ids }),
        action: ask.action,
        ...(ask.action === "assign" ? { assignee: ask.assignee?.id ?? null } : {}),
        ...(ask.reason ? { reason: ask.reason } : {}),
        ...(ask.expires ? { expires: ask.expires } : {}),
      }),
    onSuccess: (answer, ask) => {
      const count = answer.changed;
      const why = answer.skipped[0]?.why;
      const done = ask.asked
        ? t("decide.asked", { count })
        : t(`decide.${({ assign: "assigned", except: "excepted", reopen: "reopened" } as const)[ask.action]}`, {
            count,
          });
      const skipped = why === undefined ? "" : t("decide.skipped", { count: answer.skipped.length, why });
      if (count > 0) toast.say([done, skipped].filter(Boolean).join(". "));
      else toast.fail(new Error(skipped || done));
      for (const name of ["facets", "groups", "overview", "finding"]) {
        void client.invalidateQueries({ queryKey: [name] });
      }
      onDone(ask);
    },
    onError: (error) => toast.fail(error),
  });
}

/** Who findings can be given to. A role that may not list people can still take them or let them go. */
export function usePeople(enabled = true): Person[] {
  const { user } = useSession();
  const people = useQuery({
    queryKey: ["people"],
    enabled,
    queryFn: ({ signal }) => get<Page<Person>>("/people", {}, signal),
    retry: false,
    staleTime: 5 * 60_000,
    throwOnError: false,
  });
  return useMemo(() => {
    const others = (people.data?.items ?? []).filter((person) => person.id !== user.id);
    return [{ id: user.id, name: user.name }, ...others.map(({ id, name }) => ({ id, name }))];
  }, [people.data, user.id, user.name]);
}

export function AssignDialog({
  about,
  count,
  now,
  onClose,
  onDone,
}: {
  about: About;
  count: number;
  now?: Person | null;
  onClose: () => void;
  onDone: (decision: Decision) => void;
}) {
  const t = useT();
  const people = usePeople();
  const [chosen, choose] = useState(String(now?.id ?? ""));
  const decide = useDecide(about, (decision) => {
    onDone(decision);
    onClose();
  });
  const { user } = useSession();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("decide.assignTitle", { count })}
      actions={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button
            kind="primary"
            busy={decide.isPending}
            onClick={() =>
              decide.mutate({
                action: "assign",
                assignee: people.find((person) => String(person.id) === chosen) ?? null,
              })
            }
          >
            {t("decide.assign")}
          </Button>
        </>
      }
    >
      <Combobox
        label={t("decide.assignTo")}
        value={chosen}
        onChange={choose}
        choices={[
          { value: "", label: t("findings.nobody") },
          ...people.map((person) => ({
            value: String(person.id),
            label: person.id === user.id ? `${person.name} (${t("findings.me")})` : person.name,
          })),
        ]}
      />
    </Dialog>
  );
}

const QUICK_DAYS = [7, 30, 90] as const;
const DAY_MS = 86_400_000;

export const dayIn = (days: number, now = Date.now()): string =>
  new Date(now + days * DAY_MS).toISOString().slice(0, 10);

export function ExceptDialog({
  about,
  count,
  onClose,
  onDone,
}: {
  about: About;
  count: number;
  onClose: () => void;
  onDone: (decision: Decision) => void;
}) {
  const t = useT();
  const form = useId();
  const approver = useCan("approver");
  const [reason, setReason] = useState("");
  const [day, setDay] = useState(dayIn(30));
  const [tried, setTried] = useState(false);
  const decide = useDecide(about, (decision) => {
    onDone(decision);
    onClose();
  });
  const reasonWrong = reason.trim() === "";
  const dayWrong = !(day >= dayIn(1));

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (reasonWrong || dayWrong) return;
    decide.mutate({ action: "except", reason: reason.trim(), expires: day, asked: !approver });
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={t(approver ? "decide.exceptTitle" : "decide.askTitle", { count })}
      actions={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" form={form} busy={decide.isPending}>
            {t(approver ? "decide.except" : "decide.ask")}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit} noValidate>
        <p className={styles.note}>{t(approver ? "decide.exceptText" : "decide.askText")}</p>
        <TextArea
          label={t("decide.reason")}
          hint={t("decide.reasonHint")}
          error={tried && reasonWrong ? t("decide.reasonMissing") : undefined}
          required
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <div>
          <TextField
            label={t("decide.expires")}
            hint={t("decide.expiresHint")}
            error={tried && dayWrong ? t("decide.expiresWrong") : undefined}
            type="date"
            required
            min={dayIn(1)}
            value={day}
            onChange={(event) => setDay(event.target.value)}
          />
          <div className={styles.quick}>
            {QUICK_DAYS.map((days) => (
              <Button key={days} small aria-pressed={day === dayIn(days)} onClick={() => setDay(dayIn(days))}>
                {t("decide.days", { count: days })}
              </Button>
            ))}
          </div>
        </div>
      </form>
    </Dialog>
  );
}

export function ReopenDialog({
  about,
  count,
  onClose,
  onDone,
}: {
  about: About;
  count: number;
  onClose: () => void;
  onDone: (decision: Decision) => void;
}) {
  const t = useT();
  const form = useId();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const decide = useDecide(about, (decision) => {
    onDone(decision);
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("decide.reopenTitle", { count })}
      actions={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" form={form} busy={decide.isPending}>
            {t("decide.reopen")}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          setTried(true);
          if (reason.trim()) decide.mutate({ action: "reopen", reason: reason.trim() });
        }}
      >
        <TextArea
          label={t("decide.reason")}
          hint={t("decide.reopenHint")}
          error={tried && !reason.trim() ? t("decide.reasonMissing") : undefined}
          required
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
