import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post, remove } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import type { OwnSession, Page } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { SimpleTable } from "../../table/Table.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { FormError } from "../../ui/FormDialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Card } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { Loaded } from "../../ui/State.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { browserOf } from "./browser.ts";
import { useRenewSession } from "./renew.ts";
import { SecondFactor } from "./SecondFactor.tsx";
import styles from "./Settings.module.css";

export const PASSWORD_MIN = 12;

/** How one signs in, and where one is signed in. */
export function Security() {
  const t = useT();
  const { user } = useSession();
  return (
    <>
      {user.password === false ? (
        <Notice>{t("security.provider")}</Notice>
      ) : (
        <>
          <Password />
          <SecondFactor />
        </>
      )}
      <Sessions />
    </>
  );
}

function Password() {
  const t = useT();
  const toast = useToast();
  const { user } = useSession();
  const renew = useRenewSession();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => post<unknown>("/me/password", { current, new: next }),
    onSuccess: async () => {
      await renew();
      setCurrent("");
      setNext("");
      setAgain("");
      toast.say(t("security.changed"));
    },
  });
  const problem = change.error ? asProblem(change.error) : null;
  const differs = again !== "" && again !== next;
  const short = next !== "" && next.length < PASSWORD_MIN;
  return (
    <Card title={t("security.password")}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (next === again && next.length >= PASSWORD_MIN) change.mutate();
        }}
      >
        <FormError error={change.error} />
        <input type="hidden" name="username" autoComplete="username" value={user.email} />
        <TextField
          label={t("security.current")}
          type="password"
          autoComplete="current-password"
          required
          value={current}
          error={problem?.field("current")}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <TextField
          label={t("security.new")}
          type="password"
          autoComplete="new-password"
          required
          hint={t("setup.passwordHint", { count: PASSWORD_MIN })}
          value={next}
          error={problem?.field("new") ?? (short ? t("setup.passwordShort", { count: PASSWORD_MIN }) : undefined)}
          onChange={(event) => setNext(event.target.value)}
        />
        <TextField
          label={t("setup.again")}
          type="password"
          autoComplete="new-password"
          required
          value={again}
          error={differs ? t("setup.differs") : undefined}
          onChange={(event) => setAgain(event.target.value)}
        />
        <Button kind="primary" type="submit" busy={change.isPending}>
          {t("security.change")}
        </Button>
        <p className={styles.quiet}>{t("security.changeText")}</p>
      </form>
    </Card>
  );
}

const SESSIONS = ["me", "sessions"] as const;

function Sessions() {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: SESSIONS,
    queryFn: ({ signal }) => get<Page<OwnSession>>("/me/sessions", {}, signal),
  });
  const end = useMutation({
    mutationFn: (id: string) => remove(`/me/sessions/${encodeURIComponent(id)}`),
    onSuccess: () => {
      toast.say(t("security.ended"));
      return client.invalidateQueries({ queryKey: SESSIONS });
    },
    onError: (error) => toast.fail(error),
  });
  return (
    <Card title={t("security.sessions")} flush>
      <Loaded query={query}>
        {({ items }) => (
          <SimpleTable
            label={t("security.sessions")}
            rows={items}
            rowKey={(row) => row.id}
            columns={[
              {
                key: "where",
                label: t("security.browser"),
                cell: (row) => (
                  <span className={styles.cellHead}>
                    <span title={row.agent}>{browserOf(row.agent) || t("security.unknownBrowser")}</span>
                    {row.current && <Badge tone="pass">{t("security.thisOne")}</Badge>}
                  </span>
                ),
              },
              { key: "address", label: t("security.address"), cell: (row) => row.address || "\u2013" },
              { key: "used", label: t("security.used"), cell: (row) => <RelativeTime at={row.used} /> },
              { key: "created", label: t("security.since"), cell: (row) => <RelativeTime at={row.created} /> },
              {
                key: "end",
                label: "",
                end: true,
                cell: (row) =>
                  !row.current && (
                    <Button small busy={end.isPending && end.variables === row.id} onClick={() => end.mutate(row.id)}>
                      {t("security.end")}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}
