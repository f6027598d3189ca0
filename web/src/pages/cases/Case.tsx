import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { get, patch, post } from "../../api/client.ts";
import { CASE_STATES, type CaseDetail, type Comment, type Person, type CaseState as State } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { Severity, StatusBadge } from "../../ui/Badge.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Select, TextArea } from "../../ui/Field.tsx";
import { FormDialog, FormError } from "../../ui/FormDialog.tsx";
import { isStale, Meanwhile, useMeanwhile } from "../../ui/Meanwhile.tsx";
import { Back, Card, Facts, Page } from "../../ui/Page.tsx";
import { Moment, RelativeTime } from "../../ui/RelativeTime.tsx";
import { Loaded, Skeleton } from "../../ui/State.tsx";
import { useToast } from "../../ui/Toast.tsx";
import styles from "./Cases.module.css";
import { CaseFields, CaseState } from "./parts.tsx";

/** One case: its findings, and what people say of it. */
export function Component() {
  const t = useT();
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["case", id],
    queryFn: ({ signal }) => get<CaseDetail>(`/cases/${encodeURIComponent(id)}`, {}, signal),
  });
  const one = query.data;
  return (
    <Page
      title={one?.title ?? t("nav.cases")}
      above={<Back to="/cases">{t("nav.cases")}</Back>}
      about={one ? <CaseState state={one.state} /> : "\u00a0"}
      actions={one && <Actions one={one} id={id} />}
    >
      <Loaded query={query} skeleton={<Skeleton lines={10} />}>
        {(data) => <Body one={data} id={id} />}
      </Loaded>
    </Page>
  );
}

function useChange(id: string) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ change, etag }: { change: Record<string, unknown>; etag: string | undefined }) =>
      patch<CaseDetail>(`/cases/${encodeURIComponent(id)}`, change, etag),
    onSuccess: (made) => {
      client.setQueryData(["case", id], made);
      toast.say(t("said.saved"));
      return client.invalidateQueries({ queryKey: ["list", "/cases"] });
    },
  });
}

function Actions({ one, id }: { one: CaseDetail; id: string }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const analyst = useCan("analyst");
  const change = useChange(id);
  const [editing, setEditing] = useState(false);
  if (!analyst) return null;
  return (
    <>
      <Select
        label={t("field.state")}
        labelHidden
        value={one.state}
        disabled={change.isPending}
        options={CASE_STATES.map((state) => ({ value: state, label: t(`case.${state}`) }))}
        onChange={(event) =>
          change.mutate(
            { change: { state: event.target.value as State }, etag: one.etag },
            {
              onError: (error) => {
                toast.fail(isStale(error) ? t("meanwhile.shown") : error);
                void client.invalidateQueries({ queryKey: ["case", id] });
              },
            },
          )
        }
      />
      <Button icon="edit" onClick={() => setEditing(true)}>
        {t("action.edit")}
      </Button>
      {editing && <Edit one={one} id={id} onClose={() => setEditing(false)} />}
    </>
  );
}

function Edit({ one, id, onClose }: { one: CaseDetail; id: string; onClose: () => void }) {
  const t = useT();
  const change = useChange(id);
  const { held, send } = useMeanwhile(one, () => get<CaseDetail>(`/cases/${encodeURIComponent(id)}`));
  const [typed, setTyped] = useState({
    title: one.title,
    severity: one.severity,
    summary: one.summary,
    owner: one.owner ? String(one.owner.id) : "",
  });
  const made = { ...typed, title: typed.title.trim(), owner: typed.owner ? Number(typed.owner) : null };
  return (
    <FormDialog
      title={t("cases.edit")}
      submit={t("action.save")}
      sending={change}
      onSubmit={() => void send((etag) => change.mutateAsync({ change: made, etag })).then(onClose, () => undefined)}
      onClose={onClose}
      meanwhile={
        held && (
          <Meanwhile
            held={held}
            fields={[
              ["title", t("cases.title")],
              ["severity", t("field.severity"), (severity: CaseDetail["severity"]) => t(`severity.${severity}`)],
              ["owner", t("field.owner"), (person: Person) => person.name],
              ["summary", t("cases.summary")],
              ["state", t("field.state"), (state: State) => t(`case.${state}`)],
            ]}
          />
        )
      }
    >
      <CaseFields typed={typed} onChange={setTyped} error={change.error} />
    </FormDialog>
  );
}

function Body({ one, id }: { one: CaseDetail; id: string }) {
  const t = useT();
  return (
    <>
      <Card>
        <Facts
          items={[
            [t("field.severity"), <Severity key="severity" value={one.severity} />],
            [t("field.owner"), one.owner?.name ?? t("cases.nobody")],
            [t("field.created"), <Moment key="created" at={one.created} />],
            [t("cases.updated"), <RelativeTime key="updated" at={one.updated} />],
            one.closed ? [t("cases.closed"), <Moment key="closed" at={one.closed} />] : null,
          ]}
        />
        {one.summary && <p className={styles.summary}>{one.summary}</p>}
      </Card>
      <Findings one={one} id={id} />
      <Comments one={one} id={id} />
    </>
  );
}

function Findings({ one, id }: { one: CaseDetail; id: string }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const analyst = useCan("analyst");
  const take = useMutation({
    mutationFn: (finding: string | number) =>
      post<unknown>(`/cases/${encodeURIComponent(id)}/findings/remove`, { ids: [Number(finding)] }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["case", id] }),
    onError: (error) => toast.fail(error),
  });
  return (
    <Card title={t("cases.findings", { count: one.findings })} flush>
      {one.items.length === 0 ? (
        <p className={styles.note}>{t("cases.noFindings")}</p>
      ) : (
        <ul className={styles.list}>
          {one.items.map((finding) => (
            <li key={finding.id} className={styles.finding}>
              <Severity value={finding.severity} short />
              <span className={styles.what}>
                <Link to={`/findings/${encodeURIComponent(finding.id)}`}>{finding.title}</Link>
                <span className={styles.quiet}>{finding.resource.name || finding.resource.uid}</span>
              </span>
              <StatusBadge value={finding.status} />
              {analyst && (
                <IconButton
                  small
                  icon="close"
                  label={t("cases.take")}
                  disabled={take.isPending}
                  onClick={() => take.mutate(finding.id)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Comments({ one, id }: { one: CaseDetail; id: string }) {
  const t = useT();
  const client = useQueryClient();
  const analyst = useCan("analyst");
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: () => post<Comment>(`/cases/${encodeURIComponent(id)}/comments`, { text: text.trim() }),
    onSuccess: () => {
      setText("");
      return client.invalidateQueries({ queryKey: ["case", id] });
    },
  });
  return (
    <Card title={t("cases.comments")}>
      {one.comments.length === 0 && <p className={styles.quiet}>{t("cases.noComments")}</p>}
      <ul className={styles.comments}>
        {one.comments.map((comment) => (
          <li key={comment.id}>
            <p className={styles.quiet}>
              <strong>{comment.author?.name ?? comment.author_name ?? "\u2013"}</strong>{" "}
              <RelativeTime at={comment.at} />
            </p>
            <p className={styles.summary}>{comment.text}</p>
          </li>
        ))}
      </ul>
      {analyst && (
        <form
          className={styles.write}
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) send.mutate();
          }}
        >
          <FormError error={send.error} />
          <TextArea
            label={t("cases.comment")}
            labelHidden
            placeholder={t("cases.comment")}
            required
            maxLength={10_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <span>
            <Button type="submit" icon="comment" busy={send.isPending}>
              {t("cases.send")}
            </Button>
          </span>
        </form>
      )}
    </Card>
  );
}
