import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { post } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import type { Change, Comment, FindingDetail } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Translate, useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextArea } from "../../ui/Field.tsx";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Card } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { usePeople } from "../findings/decide.tsx";
import { type Step, steps, timeline } from "./evidence.ts";
import styles from "./Finding.module.css";

const KINDS = {
  opened: "plus",
  resolved: "check",
  reopened: "refresh",
  changed: "edit",
  excepted: "clock",
  not_read: "unknown",
  assigned: "user",
  case: "bookmark",
} as const satisfies Record<string, IconName>;
type Kind = keyof typeof KINDS;

const isKind = (kind: string): kind is Kind => kind in KINDS;

/** What happened to the finding and what people said about it. */
export function Activity({ finding }: { finding: FindingDetail }) {
  const t = useT();
  const may = useCan("analyst");
  return (
    <Card title={t("finding.activity")}>
      {may && <Write id={finding.id} />}
      <ol className={styles.timeline}>
        {timeline(finding.history, finding.comments).map((entry) => (
          <li key={entry.key}>
            {"comment" in entry ? <Said comment={entry.comment} /> : <Happened change={entry.change} />}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Write({ id }: { id: number }) {
  const t = useT();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: () => post<Comment>(`/findings/${id}/comments`, { text: text.trim() }),
    onSuccess: (comment) => {
      setText("");
      client.setQueryData<FindingDetail>(["finding", String(id)], (old) =>
        old ? { ...old, comments: [...old.comments, comment] } : old,
      );
    },
  });
  return (
    <form
      className={styles.write}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (text.trim()) send.mutate();
      }}
    >
      <TextArea
        label={t("finding.comment")}
        hint={t("finding.commentHint")}
        error={send.error ? asProblem(send.error).message || t("error.unreachable") : undefined}
        rows={2}
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" icon="comment" busy={send.isPending} disabled={!text.trim()}>
        {t("finding.commentSend")}
      </Button>
    </form>
  );
}

function Said({ comment }: { comment: Comment }) {
  return (
    <div className={styles.entry}>
      <Icon name="comment" />
      <div>
        <p className={styles.entryHead}>
          <strong>{comment.author?.name ?? comment.author_name}</strong>
          <RelativeTime at={comment.at} />
        </p>
        <p className={styles.said}>{comment.text}</p>
      </div>
    </div>
  );
}

function Happened({ change }: { change: Change }) {
  const t = useT();
  const people = usePeople();
  const known = isKind(change.kind) ? change.kind : null;
  const name = (step: Step, value: string) =>
    step.name === "assignee"
      ? (people.find((person) => String(person.id) === value)?.name ?? value)
      : word(step.name, value, t);
  const shown = steps(change).filter((step) => step.name !== "exception" && change.kind !== "opened");
  return (
    <div className={styles.entry}>
      <Icon name={known ? KINDS[known] : "edit"} />
      <div>
        <p className={styles.entryHead}>
          <strong>{known ? t(`change.${known}`) : t("change.other", { kind: change.kind })}</strong>
          {change.scan === null ? (
            <span>{t("finding.by", { name: change.actor })}</span>
          ) : (
            <Link to={`/scans/${change.scan}`}>{t("finding.inScan", { scan: String(change.scan) })}</Link>
          )}
          <RelativeTime at={change.at} />
        </p>
        {shown.map((step) => (
          <p key={step.name} className={styles.step}>
            {t("change.fromTo", {
              name: label(step.name, t),
              before: name(step, step.before),
              after: name(step, step.after),
            })}
          </p>
        ))}
        {change.why && <p className={styles.said}>{change.why}</p>}
      </div>
    </div>
  );
}

function label(name: string, t: Translate): string {
  const known = (["status", "verdict", "severity", "assignee"] as const).find((one) => one === name);
  return known ? t(`findings.${known}`) : name;
}

const WORDS: Record<string, readonly string[]> = {
  status: ["open", "resolved", "excepted", "passed"],
  verdict: ["fail", "unknown", "pass", "excepted"],
  severity: ["critical", "high", "medium", "low", "info"],
};

function word(name: string, value: string, t: Translate): string {
  return WORDS[name]?.includes(value) ? t(`${name}.${value}` as "status.open") : value;
}
