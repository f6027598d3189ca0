import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { get } from "../../api/client.ts";
import { useList } from "../../api/pages.ts";
import { type Page as PageOf, SCAN_STATES, type Scan, type Target } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { type Column, Table } from "../../table/Table.tsx";
import { Button } from "../../ui/Button.tsx";
import { FilterMenu } from "../../ui/Combobox.tsx";
import { ExportMenu } from "../../ui/ExportMenu.tsx";
import { FilterBar } from "../../ui/FilterBar.tsx";
import { Page } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { ScanState } from "../../ui/ScanState.tsx";
import { Empty, ErrorState, Loaded, Skeleton } from "../../ui/State.tsx";
import { parseFilters, useUrlState } from "../../url/state.ts";
import { going, useGoing, useScanNews, withNews } from "./live.ts";
import { Asker, ScanProgress, useDuration } from "./ScanProgress.tsx";
import styles from "./Scans.module.css";
import { TargetCard } from "./TargetCard.tsx";
import { TargetForm } from "./TargetForm.tsx";

const NAMES = ["target", "state"] as const;

/** What is scanned, and the scans: each moves while it goes on. */
export function Component() {
  const t = useT();
  const admin = useCan("admin");
  const { params, set } = useUrlState();
  const filters = useMemo(() => parseFilters(params, NAMES), [params]);
  const targets = useQuery({
    queryKey: ["targets"],
    queryFn: ({ signal }) => get<PageOf<Target>>("/targets", {}, signal),
  });
  const list = useList<Scan>("/scans", filters, (row) => String(row.id), 100);
  const news = useScanNews();
  const fitting = useMemo(() => only(news, filters.target, filters.state), [news, filters]);
  const rows = useMemo(() => withNews(list.rows, fitting), [list.rows, fitting]);
  const current = useGoing(useMemo(() => withNews(list.rows, news), [list.rows, news]));
  const [form, setForm] = useState<Target | "new" | null>(null);
  const filtered = Object.keys(filters).length > 0;

  const columns: Column<Scan>[] = [
    { key: "state", label: t("field.state"), width: "8rem", cell: (row) => <ScanState state={row.state} /> },
    {
      key: "target",
      label: t("field.target"),
      width: "minmax(10rem, 1fr)",
      cell: (row) => (
        <Link className={styles.name} to={`/scans/${row.id}`} tabIndex={-1}>
          {row.target.name}
        </Link>
      ),
    },
    { key: "what", label: t("scans.result"), width: "minmax(12rem, 2fr)", cell: (row) => <Result scan={row} /> },
    { key: "by", label: t("scans.askedBy"), width: "12rem", from: 900, cell: (row) => <Asker name={row.asked_by} /> },
    {
      key: "when",
      label: t("scans.queued"),
      width: "8rem",
      from: 720,
      cell: (row) => <RelativeTime at={row.started ?? row.queued} />,
    },
    { key: "long", label: t("scans.duration"), width: "6rem", from: 900, cell: (row) => <Duration scan={row} /> },
  ];

  return (
    <Page
      title={t("nav.scans")}
      actions={
        <>
          <ExportMenu path="/scans/export" query={{}} />
          {admin && (
            <Button kind="primary" icon="plus" onClick={() => setForm("new")}>
              {t("scans.addTarget")}
            </Button>
          )}
        </>
      }
    >
      <section className={styles.part} aria-label={t("scans.targets")}>
        <Loaded query={targets} skeleton={<Skeleton height={120} />}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title={t("scans.noTargets")}
                icon="scans"
                actions={
                  admin && (
                    <Button kind="primary" icon="plus" onClick={() => setForm("new")}>
                      {t("scans.addTarget")}
                    </Button>
                  )
                }
              >
                {t(admin ? "scans.noTargetsAdmin" : "scans.noTargetsText")}
              </Empty>
            ) : (
              <ul className={styles.targets}>
                {items.map((target) => (
                  <li key={target.id}>
                    <TargetCard
                      target={target}
                      scan={current.get(target.id)}
                      onEdit={() => setForm(target)}
                      onStarted={list.refetch}
                    />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
      <section className={styles.part}>
        <h2>{t("scans.list")}</h2>
        <FilterBar label={t("scans.filters")} onClear={filtered ? () => set({ target: null, state: null }) : undefined}>
          <FilterMenu
            label={t("field.target")}
            chosen={filters.target ?? []}
            onChange={(values) => set({ target: values })}
            choices={(targets.data?.items ?? []).map((target) => ({ value: String(target.id), label: target.name }))}
          />
          <FilterMenu
            label={t("field.state")}
            chosen={filters.state ?? []}
            onChange={(values) => set({ state: values })}
            choices={SCAN_STATES.map((state) => ({
              value: state,
              label: t(`scan.${state}`),
              show: <ScanState state={state} />,
            }))}
          />
        </FilterBar>
        {list.isPending ? (
          <Skeleton lines={8} />
        ) : list.error && rows.length === 0 ? (
          <ErrorState error={list.error} retry={list.refetch} />
        ) : (
          <Table
            label={t("scans.list")}
            rows={rows}
            rowKey={(row) => String(row.id)}
            rowLabel={(row) => row.target.name}
            columns={columns}
            total={list.total}
            more={list.more}
            href={(row) => `/scans/${row.id}`}
            card={(row) => (
              <div className={styles.card}>
                <span className={styles.cardHead}>
                  <Link to={`/scans/${row.id}`} tabIndex={-1}>
                    {row.target.name}
                  </Link>
                  <ScanState state={row.state} />
                </span>
                <Result scan={row} />
                <span className={styles.quiet}>
                  <RelativeTime at={row.started ?? row.queued} />
                </span>
              </div>
            )}
            empty={<Empty title={t(filtered ? "scans.nothing" : "scans.none")} icon="scans" />}
          />
        )}
      </section>
      {form && <TargetForm target={form === "new" ? null : form} onClose={() => setForm(null)} />}
    </Page>
  );
}

/** News that the filters let through. */
function only(
  news: ReadonlyMap<number, Scan>,
  targets: readonly string[] | undefined,
  states: readonly string[] | undefined,
): ReadonlyMap<number, Scan> {
  return new Map(
    [...news].filter(
      ([, scan]) => (!targets || targets.includes(String(scan.target.id))) && (!states || states.includes(scan.state)),
    ),
  );
}

function Result({ scan }: { scan: Scan }) {
  const t = useT();
  if (going(scan)) return <ScanProgress scan={scan} compact />;
  if (scan.error) {
    return (
      <span className={scan.state === "failed" ? styles.error : undefined} title={scan.error}>
        {scan.error}
      </span>
    );
  }
  if (!scan.counts) return <span>{"\u2013"}</span>;
  return (
    <span>
      {t("scans.changes", {
        opened: scan.counts.opened ?? 0,
        resolved: scan.counts.resolved ?? 0,
        reopened: scan.counts.reopened ?? 0,
      })}
    </span>
  );
}

function Duration({ scan }: { scan: Scan }) {
  return <>{useDuration(scan) ?? "\u2013"}</>;
}
