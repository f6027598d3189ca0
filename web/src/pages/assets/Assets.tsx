import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { Link } from "react-router";
import { get, type Query } from "../../api/client.ts";
import { useEvents } from "../../api/events.ts";
import { useList } from "../../api/pages.ts";
import type { Facet, Resource, ResourceFacets } from "../../api/types.ts";
import { useT } from "../../i18n/i18n.tsx";
import { type Column, Table } from "../../table/Table.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { type Choice, FilterMenu } from "../../ui/Combobox.tsx";
import { SeverityCounts } from "../../ui/Counts.tsx";
import { ExportMenu } from "../../ui/ExportMenu.tsx";
import { Select } from "../../ui/Field.tsx";
import { FilterBar } from "../../ui/FilterBar.tsx";
import { Page } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { Empty, ErrorState, Skeleton } from "../../ui/State.tsx";
import { Total } from "../../ui/Total.tsx";
import { parseFilters, useUrlState } from "../../url/state.ts";
import styles from "./Assets.module.css";

const NAMES = ["q", "type", "account", "region", "environment", "tag", "gone"] as const;
const MENUS = ["type", "account", "region", "environment", "tag"] as const;

/** The inventory: everything that was read, found by anything. */
export function Component() {
  const t = useT();
  const { params, set, replace } = useUrlState();
  const filters = useMemo(() => parseFilters(params, NAMES), [params]);
  const gone = filters.gone?.[0] === "yes";
  const query = useMemo(() => {
    const made: Query = { ...filters, q: filters.q?.[0] ?? "", gone };
    return made;
  }, [filters, gone]);
  const list = useList<Resource>("/resources", query, (row) => row.key);
  const facets = useQuery({
    queryKey: ["resources", "facets", query],
    queryFn: ({ signal }) => get<ResourceFacets>("/resources/facets", query, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  // A scan that lands doesn't move the rows under the reader: it is told, and shown when asked for.
  const client = useQueryClient();
  const [landed, setLanded] = useState(false);
  useEvents("findings", () => setLanded(true));
  function showLanded() {
    setLanded(false);
    list.reset();
    void client.invalidateQueries({ queryKey: ["resources"] });
  }
  const search = useCallback((text: string) => replace({ q: text }), [replace]);
  const filtered = Object.keys(filters).length > 0;

  const columns: Column<Resource>[] = [
    { key: "name", label: t("field.name"), width: "minmax(12rem, 2fr)", cell: (row) => <Name row={row} /> },
    {
      key: "type",
      label: t("field.type"),
      width: "minmax(12rem, 1.3fr)",
      cell: (row) => <span title={row.type}>{row.type}</span>,
    },
    {
      key: "account",
      label: t("field.account"),
      width: "minmax(8rem, 1fr)",
      from: 760,
      cell: (row) => <span title={row.account ?? undefined}>{row.account_name || row.account}</span>,
    },
    { key: "region", label: t("field.region"), width: "8rem", from: 900, cell: (row) => row.region },
    { key: "environment", label: t("field.environment"), width: "8rem", from: 1060, cell: (row) => row.environment },
    {
      key: "findings",
      label: t("assets.open"),
      width: "11rem",
      cell: (row) => <SeverityCounts counts={row.findings} />,
    },
    {
      key: "seen",
      label: t("field.lastSeen"),
      width: "7rem",
      from: 1180,
      cell: (row) => <RelativeTime at={row.last_seen} />,
    },
  ];

  return (
    <Page
      fill
      title={t("nav.assets")}
      about={<Total list={list} label={(values) => t("assets.count", values)} />}
      actions={
        <>
          <span role="status">
            {landed && (
              <Button kind="primary" icon="refresh" onClick={showLanded}>
                {t("assets.landed")}
              </Button>
            )}
          </span>
          <ExportMenu path="/resources/export" query={query} />
        </>
      }
    >
      <FilterBar
        label={t("assets.filters")}
        search={filters.q?.[0] ?? ""}
        onSearch={search}
        placeholder={t("assets.search")}
        onClear={filtered ? () => set(Object.fromEntries(NAMES.map((name) => [name, null]))) : undefined}
      >
        {MENUS.map((name) => (
          <FilterMenu
            key={name}
            label={t(`field.${name}`)}
            choices={choices(facets.data?.[name])}
            chosen={filters[name] ?? []}
            free={name === "tag"}
            onChange={(values) => set({ [name]: values })}
          />
        ))}
        <span className={styles.gone}>
          <Select
            label={t("assets.gone")}
            labelHidden
            value={gone ? "yes" : "no"}
            options={(["no", "yes"] as const).map((value) => ({ value, label: t(`assets.gone.${value}`) }))}
            onChange={(event) => set({ gone: event.target.value === "no" ? null : "yes" })}
          />
        </span>
      </FilterBar>
      {list.isPending ? (
        <Skeleton lines={12} />
      ) : list.error && list.rows.length === 0 ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : (
        <Table
          fill
          label={t("nav.assets")}
          rows={list.rows}
          rowKey={(row) => row.key}
          rowLabel={(row) => row.name || row.uid}
          columns={columns}
          total={list.total}
          href={(row) => `/assets/${encodeURIComponent(row.key)}`}
          more={list.more}
          card={(row) => <Card row={row} />}
          empty={
            filtered ? (
              <Empty title={t("assets.nothing")}>{t("assets.nothingText")}</Empty>
            ) : (
              <Empty title={t("assets.none")} icon="assets" actions={<Link to="/scans">{t("assets.toScans")}</Link>}>
                {t("assets.noneText")}
              </Empty>
            )
          }
        />
      )}
    </Page>
  );
}

function choices(facets: readonly Facet[] | undefined): Choice[] {
  return (facets ?? []).map((facet) => ({ value: facet.key, label: facet.label || facet.key, count: facet.count }));
}

function Name({ row }: { row: Resource }) {
  const t = useT();
  return (
    <span className={styles.name}>
      <Link to={`/assets/${encodeURIComponent(row.key)}`} tabIndex={-1}>
        {row.name || row.uid}
      </Link>
      {row.gone && <Badge>{t("assets.isGone")}</Badge>}
    </span>
  );
}

function Card({ row }: { row: Resource }) {
  return (
    <div className={styles.card}>
      <Name row={row} />
      <span className={styles.quiet}>{row.type}</span>
      <span className={styles.foot}>
        <span className={styles.quiet}>
          {[row.account_name || row.account, row.region].filter(Boolean).join(" · ")}
        </span>
        <SeverityCounts counts={row.findings} />
      </span>
    </div>
  );
}
