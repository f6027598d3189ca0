import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useCallback, useMemo, useState } from "react";
import { get, type Query } from "../../api/client.ts";
import { useList } from "../../api/pages.ts";
import type { AuditEntry, AuditVerdict } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { type Column, Table } from "../../table/Table.tsx";
import { Button } from "../../ui/Button.tsx";
import { Code, Copy } from "../../ui/Code.tsx";
import { Drawer } from "../../ui/Dialog.tsx";
import { ExportMenu } from "../../ui/ExportMenu.tsx";
import { TextField } from "../../ui/Field.tsx";
import { FormError } from "../../ui/FormDialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Facts, Page } from "../../ui/Page.tsx";
import { Moment } from "../../ui/RelativeTime.tsx";
import { Empty, ErrorState, Skeleton } from "../../ui/State.tsx";
import { Total } from "../../ui/Total.tsx";
import { useUrlState } from "../../url/state.ts";
import styles from "./Audit.module.css";
import { bounds } from "./period.ts";

const NAMES = ["actor", "action", "object", "since", "until"] as const;

/** Every change that somebody made, and the proof that none of it was altered. */
export function Component() {
  const t = useT();
  const admin = useCan("admin");
  return admin ? <Log /> : <Refused title={t("nav.audit")} />;
}

function Refused({ title }: { title: string }) {
  const t = useT();
  return (
    <Page title={title}>
      <Empty title={t("error.forbidden")} icon="lock">
        {t("may.admin")}
      </Empty>
    </Page>
  );
}

function Log() {
  const t = useT();
  const { params, set } = useUrlState();
  const query = useMemo(() => {
    const asked: Query = {
      actor: params.get("actor"),
      action: params.get("action"),
      object: params.get("object"),
      ...bounds(params.get("since"), params.get("until")),
    };
    return asked;
  }, [params]);
  const list = useList<AuditEntry>("/audit", query, (row) => String(row.id));
  const open = list.rows.find((row) => String(row.id) === params.get("entry"));
  const filtered = NAMES.some((name) => params.get(name));
  const to = useCallback(
    (id: number) => {
      const next = new URLSearchParams(params);
      next.set("entry", String(id));
      return `/audit?${next}`;
    },
    [params],
  );

  const columns: Column<AuditEntry>[] = [
    { key: "at", label: t("audit.at"), width: "15.5rem", cell: (row) => <Moment at={row.at} /> },
    { key: "actor", label: t("audit.actor"), width: "minmax(8rem, 1fr)", cell: (row) => row.actor },
    { key: "action", label: t("audit.action"), width: "11rem", cell: (row) => <code>{row.action}</code> },
    { key: "object", label: t("audit.object"), width: "minmax(10rem, 2fr)", cell: (row) => row.object },
    { key: "address", label: t("audit.address"), width: "9rem", from: 900, cell: (row) => row.address },
    { key: "id", label: t("audit.number"), width: "5rem", end: true, from: 780, cell: (row) => row.id },
  ];

  return (
    <Page
      fill
      title={t("nav.audit")}
      about={<Total list={list} label={(values) => t("audit.count", values)} />}
      actions={
        <>
          <ExportMenu path="/audit/export" query={query} />
          <Verify />
        </>
      }
    >
      <Filters key={NAMES.map((name) => params.get(name)).join()} />
      {list.isPending ? (
        <Skeleton lines={12} />
      ) : list.error && list.rows.length === 0 ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : (
        <Table
          fill
          label={t("nav.audit")}
          rows={list.rows}
          rowKey={(row) => String(row.id)}
          columns={columns}
          total={list.total}
          more={list.more}
          href={(row) => to(row.id)}
          cardHeight={60}
          card={(row) => (
            <div className={styles.card}>
              <span>
                <code>{row.action}</code> {row.object}
              </span>
              <span className={styles.quiet}>
                {row.actor} {"· "}
                <Moment at={row.at} />
              </span>
            </div>
          )}
          empty={<Empty title={t(filtered ? "audit.nothing" : "audit.none")} icon="audit" />}
        />
      )}
      {open && <Entry entry={open} onClose={() => set({ entry: null })} />}
    </Page>
  );
}

/** Filters are applied on Enter or by the button: each is exact, so that typing half a name finds nothing. */
function Filters() {
  const t = useT();
  const { params, set } = useUrlState();
  const filtered = NAMES.some((name) => params.get(name));
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    set(Object.fromEntries(NAMES.map((name) => [name, String(form.get(name) ?? "").trim()])));
  }
  return (
    <form role="search" aria-label={t("audit.filters")} className={styles.filters} onSubmit={onSubmit}>
      {NAMES.map((name) => (
        <TextField
          key={name}
          label={t(`audit.${name}`)}
          name={name}
          type={name === "since" || name === "until" ? "date" : "text"}
          spellCheck={false}
          autoComplete="off"
          placeholder={name === "action" ? t("audit.actionHint") : undefined}
          defaultValue={params.get(name) ?? ""}
        />
      ))}
      <span className={styles.buttons}>
        <Button type="submit" icon="filter">
          {t("audit.apply")}
        </Button>
        {filtered && (
          <Button kind="quiet" icon="close" onClick={() => set(Object.fromEntries(NAMES.map((name) => [name, null])))}>
            {t("filter.clearAll")}
          </Button>
        )}
      </span>
    </form>
  );
}

function Entry({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const t = useT();
  return (
    <Drawer open title={t("audit.entry", { id: entry.id })} onClose={onClose}>
      <Facts
        items={[
          [t("audit.at"), <Moment key="at" at={entry.at} />],
          [t("audit.actor"), `${entry.actor} (${t(`audit.kind.${entry.actor_kind}`)})`],
          [t("audit.action"), <code key="action">{entry.action}</code>],
          [t("audit.object"), entry.object],
          [t("audit.address"), entry.address || "\u2013"],
        ]}
      />
      <Code text={JSON.stringify(entry.detail, null, 2)} label={t("audit.detail")} />
      {entry.digest && (
        <p className={styles.digest}>
          <span>{t("audit.digest")}</span>
          <code>{entry.digest}</code>
          <Copy text={entry.digest} label={t("audit.copyDigest")} />
        </p>
      )}
    </Drawer>
  );
}

/** Walks the whole chain and says what that proves, and what it can't. */
function Verify() {
  const t = useT();
  const [open, setOpen] = useState(false);
  const verify = useMutation({ mutationFn: () => get<AuditVerdict>("/audit/verify") });
  return (
    <>
      <Button
        icon="check"
        onClick={() => {
          setOpen(true);
          verify.mutate();
        }}
      >
        {t("audit.verify")}
      </Button>
      {open && (
        <Drawer open title={t("audit.verifyTitle")} onClose={() => setOpen(false)}>
          {verify.isPending && (
            <>
              <p>{t("audit.verifying")}</p>
              <Skeleton lines={4} />
            </>
          )}
          <FormError error={verify.error} />
          {verify.data && <Proved verdict={verify.data} />}
        </Drawer>
      )}
    </>
  );
}

function Proved({ verdict }: { verdict: AuditVerdict }) {
  const t = useT();
  const format = useFormat();
  return (
    <>
      {verdict.whole ? (
        <Notice tone="good" live>
          <strong>{t("audit.whole", { count: verdict.entries })}</strong>
        </Notice>
      ) : (
        <Notice tone="bad" live>
          <strong>
            {verdict.broken === null ? t("audit.brokenEnd") : t("audit.broken", { id: format.number(verdict.broken) })}
          </strong>
          {verdict.why && <p>{verdict.why}</p>}
        </Notice>
      )}
      <p>{t("audit.how")}</p>
      {verdict.whole && <p>{t("audit.means")}</p>}
      {verdict.head && (
        <>
          <p>{t("audit.head")}</p>
          <p className={styles.digest}>
            <code>{verdict.head}</code>
            <Copy text={verdict.head} label={t("audit.copyDigest")} />
          </p>
        </>
      )}
      <Code text="koban audit verify" label={t("audit.command")} />
    </>
  );
}
