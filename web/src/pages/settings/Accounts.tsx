import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { get, patch } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import type { Account, Page } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { SimpleTable } from "../../table/Table.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { Meanwhile, useMeanwhile } from "../../ui/Meanwhile.tsx";
import { Card } from "../../ui/Page.tsx";
import { Empty, Loaded } from "../../ui/State.tsx";
import { useToast } from "../../ui/Toast.tsx";
import styles from "./Settings.module.css";

/** The accounts that scans saw: what people call them, and which environment each is. */
export function Accounts() {
  const t = useT();
  const admin = useCan("admin");
  const query = useQuery({
    queryKey: ["accounts"],
    queryFn: ({ signal }) => get<Page<Account>>("/accounts", {}, signal),
  });
  const [editing, setEditing] = useState<Account | null>(null);
  return (
    <>
      <Card title={t("settings.accounts")} flush>
        <Loaded query={query}>
          {({ items }) => (
            <SimpleTable
              label={t("settings.accounts")}
              rows={items}
              rowKey={(row) => row.id}
              empty={
                <Empty title={t("accounts.none")} icon="assets">
                  {t("accounts.noneText")}
                </Empty>
              }
              columns={[
                {
                  key: "name",
                  label: t("field.account"),
                  cell: (row) => (
                    <span className={styles.cellHead}>
                      <Link to={`/findings?account=${encodeURIComponent(row.id)}`}>{row.name || row.id}</Link>
                      {row.name && <span className={styles.quiet}>{row.id}</span>}
                    </span>
                  ),
                },
                { key: "ou", label: t("accounts.ou"), cell: (row) => row.ou || "\u2013" },
                { key: "environment", label: t("field.environment"), cell: (row) => row.environment || "\u2013" },
                ...(admin
                  ? [
                      {
                        key: "edit",
                        label: t("field.actions"),
                        labelHidden: true,
                        end: true,
                        cell: (row: Account) => (
                          <Button
                            small
                            icon="edit"
                            aria-label={t("accounts.edit", { name: row.name || row.id })}
                            onClick={() => setEditing(row)}
                          >
                            {t("action.edit")}
                          </Button>
                        ),
                      },
                    ]
                  : []),
              ]}
            />
          )}
        </Loaded>
      </Card>
      {editing && <Edit account={editing} onClose={() => setEditing(null)} />}
    </>
  );
}

function Edit({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const [name, setName] = useState(account.name);
  const [environment, setEnvironment] = useState(account.environment ?? "");
  const { held, send } = useMeanwhile(account, async () => {
    const { items } = await get<Page<Account>>("/accounts");
    return items.find((one) => one.id === account.id);
  });
  const save = useMutation({
    mutationFn: () => {
      const made = { name: name.trim(), environment: environment.trim() || null };
      return send((etag) => patch<Account>(`/accounts/${encodeURIComponent(account.id)}`, made, etag));
    },
    onSuccess: () => {
      toast.say(t("said.saved"));
      onClose();
      return client.invalidateQueries({ queryKey: ["accounts"] });
    },
  });
  const problem = save.error ? asProblem(save.error) : null;
  return (
    <FormDialog
      title={t("accounts.edit", { name: account.id })}
      submit={t("action.save")}
      sending={save}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      meanwhile={
        held && (
          <Meanwhile
            held={held}
            fields={[
              ["name", t("field.name")],
              ["environment", t("field.environment")],
            ]}
          />
        )
      }
    >
      <TextField
        label={t("field.name")}
        maxLength={200}
        value={name}
        error={problem?.field("name")}
        onChange={(event) => setName(event.target.value)}
        data-autofocus
      />
      <TextField
        label={t("field.environment")}
        hint={t("accounts.environmentHint")}
        maxLength={100}
        value={environment}
        error={problem?.field("environment")}
        onChange={(event) => setEnvironment(event.target.value)}
      />
    </FormDialog>
  );
}
