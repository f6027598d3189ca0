import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useMemo, useState } from "react";
import { get, post } from "../../api/client.ts";
import type { BulkAnswer, Case, Page, Person } from "../../api/types.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { ChoiceList } from "../../ui/Combobox.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { dayIn } from "../../ui/days.ts";
import { TextArea, TextField } from "../../ui/Field.tsx";
import { useToast } from "../../ui/Toast.tsx";
import styles from "./decide.module.css";
import type { Decision } from "./filters.ts";

/** What a decision is about: some findings by id, or all that a query matches. */
export type About = { ids: number[]; query: null } | { ids: null; query: string };

export interface Ask extends Decision {
  reason?: string;
  case?: number;
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
        ...(ask.case ? { case: ask.case } : {}),
      }),
    onSuccess: (answer, ask) => {
      const count = answer.changed;
      const why = answer.skipped[0]?.why;
      const done = ask.asked
        ? t("decide.asked", { count })
        : t(
            `decide.${({ assign: "assigned", except: "excepted", reopen: "reopened", case: "cased" } as const)[ask.action]}`,
            {
              count,
            },
          );
      const skipped = why === undefined ? "" : t("decide.skipped", { count: answer.skipped.length, why });
      if (count > 0) toast.say([done, skipped].filter(Boolean).join(". "));
      else toast.fail(skipped || done);
      for (const name of ["facets", "groups", "overview", "finding", "cases", "case"]) {
        void client.invalidateQueries({ queryKey: [name] });
      }
      if (ask.action === "case") void client.resetQueries({ queryKey: ["list", "/cases"] });
      onDone(ask);
    },
    onError: (error) => toast.fail(error),
  });
}

interface Colleague extends Person {
  email: string;
}

/** Who findings can be given to. A role that may not list people can still take them or let them go. */
export function usePeople(enabled = true): Colleague[] {
  const { user } = useSession();
  const people = useQuery({
    queryKey: ["people"],
    enabled,
    queryFn: ({ signal }) => get<Page<Colleague>>("/people", {}, signal),
    retry: false,
    staleTime: 5 * 60_000,
    throwOnError: false,
  });
  return useMemo(() => {
    const others = (people.data?.items ?? []).filter((person) => person.id !== user.id);
    return [{ id: user.id, name: user.name, email: user.email }, ...others];
  }, [people.data, user.id, user.name, user.email]);
}

interface Props {
  about: About;
  count: number;
  onClose: () => void;
  onDone: (decision: Decision) => void;
}

/** What all decisions have in common: a title with how many they are about, what is asked, and a button that sends it. */
function Deciding({
  title,
  submit,
  busy,
  ready = true,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  submit: string;
  busy: boolean;
  /** Whether there is something to send. */
  ready?: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const t = useT();
  const form = useId();
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" form={form} busy={busy} disabled={!ready}>
            {submit}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !busy) onSubmit();
        }}
      >
        {children}
      </form>
    </Dialog>
  );
}

/** Why, in words that must not be left out. */
function Reason({
  value,
  hint,
  tried,
  onChange,
}: {
  value: string;
  hint: string;
  tried: boolean;
  onChange: (value: string) => void;
}) {
  const t = useT();
  return (
    <TextArea
      label={t("decide.reason")}
      hint={hint}
      error={tried && !value.trim() ? t("decide.reasonMissing") : undefined}
      required
      data-autofocus
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function useDecideAndClose({ about, onClose, onDone }: Props) {
  return useDecide(about, (decision) => {
    onDone(decision);
    onClose();
  });
}

export function AssignDialog(props: Props & { now?: Person | null }) {
  const t = useT();
  const people = usePeople();
  const [chosen, choose] = useState(String(props.now?.id ?? ""));
  const decide = useDecideAndClose(props);
  const { user } = useSession();
  return (
    <Deciding
      title={t("decide.assignTitle", { count: props.count })}
      submit={t("decide.assign")}
      busy={decide.isPending}
      onSubmit={() =>
        decide.mutate({ action: "assign", assignee: people.find((person) => String(person.id) === chosen) ?? null })
      }
      onClose={props.onClose}
    >
      <ChoiceList
        label={t("decide.assignTo")}
        chosen={[chosen]}
        onChoose={choose}
        choices={[
          { value: "", label: t("findings.nobody") },
          ...people.map((person) => ({
            value: String(person.id),
            label: person.id === user.id ? `${person.name} (${t("findings.me")})` : person.name,
          })),
        ]}
      />
    </Deciding>
  );
}

const QUICK_DAYS = [7, 30, 90] as const;

export function ExceptDialog(props: Props) {
  const t = useT();
  const approver = useCan("approver");
  const [reason, setReason] = useState("");
  const [day, setDay] = useState(dayIn(30));
  const [tried, setTried] = useState(false);
  const decide = useDecideAndClose(props);
  const dayWrong = !(day >= dayIn(1));
  function submit() {
    setTried(true);
    if (!reason.trim() || dayWrong) return;
    decide.mutate({ action: "except", reason: reason.trim(), expires: day, asked: !approver });
  }
  return (
    <Deciding
      title={t(approver ? "decide.exceptTitle" : "decide.askTitle", { count: props.count })}
      submit={t(approver ? "decide.except" : "decide.ask")}
      busy={decide.isPending}
      onSubmit={submit}
      onClose={props.onClose}
    >
      <p className={styles.note}>{t(approver ? "decide.exceptText" : "decide.askText")}</p>
      <Reason value={reason} hint={t("decide.reasonHint")} tried={tried} onChange={setReason} />
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
    </Deciding>
  );
}

export function ReopenDialog(props: Props) {
  const t = useT();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const decide = useDecideAndClose(props);
  return (
    <Deciding
      title={t("decide.reopenTitle", { count: props.count })}
      submit={t("decide.reopen")}
      busy={decide.isPending}
      onSubmit={() => {
        setTried(true);
        if (reason.trim()) decide.mutate({ action: "reopen", reason: reason.trim() });
      }}
      onClose={props.onClose}
    >
      <Reason value={reason} hint={t("decide.reopenHint")} tried={tried} onChange={setReason} />
    </Deciding>
  );
}

/** Into a case that is open, or into a new one of the title that is typed. */
export function CaseDialog(props: Props) {
  const t = useT();
  const toast = useToast();
  const [chosen, choose] = useState("");
  const cases = useQuery({
    queryKey: ["cases", "open"],
    queryFn: ({ signal }) => get<Page<Case>>("/cases", { state: ["open", "working"], limit: 200 }, signal),
  });
  const items = cases.data?.items ?? [];
  const decide = useDecideAndClose(props);
  const make = useMutation({
    mutationFn: (title: string) => post<Case>("/cases", { title }),
    onSuccess: (made) => decide.mutate({ action: "case", case: made.id }),
    onError: (error) => toast.fail(error),
  });

  function send() {
    const known = items.find((one) => String(one.id) === chosen);
    if (known) decide.mutate({ action: "case", case: known.id });
    else make.mutate(chosen);
  }

  return (
    <Deciding
      title={t("decide.caseTitle", { count: props.count })}
      submit={t("decide.case")}
      busy={decide.isPending || make.isPending}
      ready={chosen !== ""}
      onSubmit={send}
      onClose={props.onClose}
    >
      <p className={styles.note}>{t("decide.caseHint")}</p>
      <ChoiceList
        label={t("decide.caseName")}
        free
        loading={cases.isPending}
        choices={items.map((one) => ({ value: String(one.id), label: one.title }))}
        chosen={chosen ? [chosen] : []}
        onChoose={choose}
      />
    </Deciding>
  );
}
