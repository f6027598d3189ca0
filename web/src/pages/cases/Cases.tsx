import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { post } from "../../api/client.ts";
import { useList } from "../../api/pages.ts";
import { CASE_STATES, type Case, type CaseDetail } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { type Column, Table } from "../../table/Table.tsx";
import { Severity } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { FilterMenu } from "../../ui/Combobox.tsx";
import { ExportMenu } from "../../ui/ExportMenu.tsx";
import { Checkbox } from "../../ui/Field.tsx";
import { FilterBar } from "../../ui/FilterBar.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { Page } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { Empty, ErrorState, Skeleton } from "../../ui/State.tsx";
import { Total } from "../../ui/Total.tsx";
import { parseFilters, useUrlState } from "../../url/state.ts";
import styles from "./Cases.module.css";
import { CaseFields, CaseState, type CaseTyped } from "./parts.tsx";

const NAMES = ["state", "owner"] as const;
const NEW: CaseTyped = { title: "", severity: "medium", summary: "", owner: "" };

/** Findings that somebody works on together. */
export function Component() {
  const t = useT();
  const format = useFormat();
  const analyst = useCan("analyst");
  const { params, set } = useUrlState();
  const filters = useMemo(() => parseFilters(params, NAMES), [params]);
  const list = useList<Case>("/cases", filters, (row) => String(row.id));
  const [making, setMaking] = useState(false);
  const filtered = Object.keys(filters).length > 0;

  const columns: Column<Case>[] = [
    { key: "severity", label: t("field.severity"), width: "8rem", cell: (row) => <Severity value={row.severity} /> },
    {
      key: "title",
      label: t("cases.title"),
      width: "minmax(14rem, 3fr)",
      cell: (row) => (
        <Link className={styles.name} to={`/cases/${row.id}`} tabIndex={-1}>
          {row.title}
        </Link>
      ),
    },
    { key: "state", label: t("field.state"), width: "7rem", cell: (row) => <CaseState state={row.state} /> },
    { key: "owner", label: t("field.owner"), width: "10rem", from: 780, cell: (row) => row.owner?.name ?? "\u2013" },
    {
      key: "findings",
      label: t("nav.findings"),
      width: "6rem",
      end: true,
      cell: (row) => format.number(row.findings),
    },
    {
      key: "updated",
      label: t("cases.updated"),
      width: "8rem",
      from: 900,
      cell: (row) => <RelativeTime at={row.updated} />,
    },
  ];

  return (
    <Page
      fill
      title={t("nav.cases")}
      about={<Total list={list} label={(values) => t("cases.count", values)} />}
      actions={
        <>
          <ExportMenu path="/cases/export" query={filters} />
          {analyst && (
            <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
              {t("cases.new")}
            </Button>
          )}
        </>
      }
    >
      <FilterBar label={t("cases.filters")} onClear={filtered ? () => set({ state: null, owner: null }) : undefined}>
        <FilterMenu
          label={t("field.state")}
          chosen={filters.state ?? []}
          onChange={(values) => set({ state: values })}
          choices={CASE_STATES.map((state) => ({
            value: state,
            label: t(`case.${state}`),
            show: <CaseState state={state} />,
          }))}
        />
        <Checkbox
          label={t("cases.mine")}
          checked={filters.owner?.[0] === "me"}
          onChange={(event) => set({ owner: event.target.checked ? "me" : null })}
        />
      </FilterBar>
      {list.isPending ? (
        <Skeleton lines={10} />
      ) : list.error && list.rows.length === 0 ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : (
        <Table
          fill
          label={t("nav.cases")}
          rows={list.rows}
          rowKey={(row) => String(row.id)}
          rowLabel={(row) => row.title}
          columns={columns}
          total={list.total}
          more={list.more}
          href={(row) => `/cases/${row.id}`}
          cardHeight={72}
          card={(row) => (
            <div className={styles.card}>
              <Link to={`/cases/${row.id}`} tabIndex={-1}>
                {row.title}
              </Link>
              <span className={styles.foot}>
                <Severity value={row.severity} />
                <CaseState state={row.state} />
                <span className={styles.quiet}>{t("cases.findings", { count: row.findings })}</span>
              </span>
            </div>
          )}
          empty={
            filtered ? (
              <Empty title={t("cases.nothing")} />
            ) : (
              <Empty title={t("cases.none")} icon="bookmark">
                {t("cases.noneText")}
              </Empty>
            )
          }
        />
      )}
      {making && <Make onClose={() => setMaking(false)} />}
    </Page>
  );
}

function Make({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState(NEW);
  const make = useMutation({
    mutationFn: () =>
      post<CaseDetail>("/cases", {
        title: typed.title.trim(),
        severity: typed.severity,
        summary: typed.summary,
        owner: typed.owner ? Number(typed.owner) : null,
      }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["list", "/cases"] });
      void navigate(`/cases/${made.id}`);
    },
  });
  return (
    <FormDialog
      title={t("cases.new")}
      submit={t("cases.make")}
      sending={make}
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      <CaseFields typed={typed} onChange={setTyped} error={make.error} />
    </FormDialog>
  );
}
