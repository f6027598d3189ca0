import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post, remove } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import { type Page, ROLES, type Role, type Token } from "../../api/types.ts";
import { atLeast, useCan, useSession } from "../../app/session.tsx";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { SimpleTable } from "../../table/Table.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Checkbox, Select, TextField } from "../../ui/Field.tsx";
import { FieldRow, FormDialog } from "../../ui/FormDialog.tsx";
import { Card } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { Empty, Loaded } from "../../ui/State.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { useUrlState } from "../../url/state.ts";
import styles from "./Settings.module.css";
import { ShownOnce } from "./ShownOnce.tsx";
import { SightField, SightText, useSight } from "./SightField.tsx";
import { EVERYTHING } from "./sight.ts";

const DAYS = [7, 30, 90, 180, 365] as const;

/** Tokens, for programs: shown once, never more than their user may. */
export function Tokens() {
  const t = useT();
  const format = useFormat();
  const admin = useCan("admin");
  const { params, set } = useUrlState();
  const all = admin && params.get("all") === "1";
  const query = useQuery({
    queryKey: ["tokens", all],
    queryFn: ({ signal }) => get<Page<Token>>("/tokens", { all: all || null }, signal),
  });
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <>
      <Card
        title={t("settings.tokens")}
        flush
        actions={
          <Button small kind="primary" icon="plus" onClick={() => setMaking(true)}>
            {t("tokens.make")}
          </Button>
        }
      >
        <div className={styles.pad}>
          <p className={styles.note}>{t("tokens.text")}</p>
          {admin && (
            <Checkbox
              label={t("tokens.all")}
              checked={all}
              onChange={(event) => set({ all: event.target.checked ? "1" : null })}
            />
          )}
        </div>
        <Loaded query={query}>
          {({ items }) => (
            <SimpleTable
              label={t("settings.tokens")}
              rows={items}
              rowKey={(row) => String(row.id)}
              empty={<Empty title={t("tokens.none")} icon="key" />}
              columns={[
                {
                  key: "name",
                  label: t("field.name"),
                  cell: (row) => (
                    <span className={styles.cellHead}>
                      {row.name}
                      <code className={styles.quiet}>{`koban_${row.prefix}…`}</code>
                    </span>
                  ),
                },
                ...(all ? [{ key: "owner", label: t("field.owner"), cell: (row: Token) => row.owner }] : []),
                { key: "role", label: t("field.role"), cell: (row) => t(`role.${row.role}`) },
                { key: "sight", label: t("settings.sees"), cell: (row) => <SightText sight={row.sight} /> },
                { key: "used", label: t("tokens.used"), cell: (row) => <RelativeTime at={row.used} /> },
                { key: "expires", label: t("field.expires"), cell: (row) => format.date(row.expires) },
                {
                  key: "end",
                  label: t("field.actions"),
                  labelHidden: true,
                  end: true,
                  cell: (row) =>
                    row.revoked ? (
                      <Badge>{t("tokens.revoked")}</Badge>
                    ) : Date.parse(row.expires) < Date.now() ? (
                      <Badge>{t("exception.expired")}</Badge>
                    ) : (
                      <Button small onClick={() => setRevoking(row)}>
                        {t("tokens.revoke")}
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </Loaded>
      </Card>
      {making && (
        <Make
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
          }}
        />
      )}
      {made && (
        <ShownOnce title={t("tokens.made")} text={t("tokens.madeText")} secret={made} onClose={() => setMade(null)} />
      )}
      {revoking && <Revoke token={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function Make({ onClose, onMade }: { onClose: () => void; onMade: (token: string) => void }) {
  const t = useT();
  const client = useQueryClient();
  const { user } = useSession();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [days, setDays] = useState("90");
  const [checked, setChecked] = useState(false);
  const { typed, type, sight, wrong } = useSight(EVERYTHING);
  const make = useMutation({
    mutationFn: () =>
      post<Token & { token: string }>("/tokens", {
        name: name.trim(),
        role,
        days: Number(days),
        ...(typed.all ? {} : { sight }),
      }),
    onSuccess: ({ token }) => {
      onMade(token);
      return client.invalidateQueries({ queryKey: ["tokens"] });
    },
  });
  return (
    <FormDialog
      title={t("tokens.make")}
      submit={t("tokens.makeSubmit")}
      sending={make}
      onSubmit={() => {
        setChecked(true);
        if (wrong === undefined) make.mutate();
      }}
      onClose={onClose}
    >
      <TextField
        label={t("field.name")}
        hint={t("tokens.nameHint")}
        required
        maxLength={100}
        value={name}
        error={make.error ? asProblem(make.error).field("name") : undefined}
        onChange={(event) => setName(event.target.value)}
        data-autofocus
      />
      <FieldRow>
        <Select
          label={t("field.role")}
          hint={t("tokens.roleHint")}
          value={role}
          options={ROLES.filter((one) => atLeast(user.role, one)).map((one) => ({
            value: one,
            label: t(`role.${one}`),
          }))}
          onChange={(event) => setRole(event.target.value as Role)}
        />
        <Select
          label={t("tokens.days")}
          value={days}
          options={DAYS.map((count) => ({ value: String(count), label: t("tokens.daysCount", { count }) }))}
          onChange={(event) => setDays(event.target.value)}
        />
      </FieldRow>
      <SightField value={typed} onChange={type} error={checked ? wrong : undefined} whole="tokens.sees" />
    </FormDialog>
  );
}

function Revoke({ token, onClose }: { token: Token; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => remove(`/tokens/${token.id}`),
    onSuccess: () => {
      toast.say(t("tokens.done"));
      onClose();
      return client.invalidateQueries({ queryKey: ["tokens"] });
    },
  });
  return (
    <FormDialog
      danger
      title={t("tokens.revokeTitle", { name: token.name })}
      submit={t("tokens.revoke")}
      sending={revoke}
      onSubmit={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>{t("tokens.revokeText")}</p>
    </FormDialog>
  );
}
