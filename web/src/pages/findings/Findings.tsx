import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useEvents } from "../../api/events.ts";
import { type List, useList } from "../../api/pages.ts";
import type { Finding, FindingsEvent } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Translate, useFormat, useT } from "../../i18n/i18n.tsx";
import { everything, NOTHING, type Selection } from "../../table/selection.ts";
import { type Sort, Table } from "../../table/Table.tsx";
import { Button } from "../../ui/Button.tsx";
import { ExportMenu } from "../../ui/ExportMenu.tsx";
import { Select } from "../../ui/Field.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Page } from "../../ui/Page.tsx";
import { Empty, ErrorState, Skeleton } from "../../ui/State.tsx";
import { type Filters, useUrlState } from "../../url/state.ts";
import { address, FindingCard, rowKey, useColumns } from "./columns.tsx";
import { type About, AssignDialog, CaseDialog, ExceptDialog, ReopenDialog } from "./decide.tsx";
import { FindingFilters } from "./Filters.tsx";
import styles from "./Findings.module.css";
import { apiFilters, apiQuery, type Decision, decided, GROUPS, parseShown, rememberQuery } from "./filters.ts";
import { Groups } from "./Groups.tsx";
import { addNews } from "./news.ts";
import { Views } from "./Views.tsx";

/** Every finding, filtered by the address. */
export function Component() {
  const t = useT();
  const { params, set } = useUrlState();
  const shown = useMemo(() => parseShown(params), [params]);
  const { filters, sort, group } = shown;
  useEffect(() => rememberQuery(params.size ? `?${params}` : ""), [params]);
  return (
    <Page title={t("findings.title")} actions={<Tools filters={filters} />} fill>
      <FindingFilters
        filters={filters}
        onChange={set}
        end={
          <Select
            label={t("findings.group")}
            labelHidden
            className={styles.group}
            value={group ?? ""}
            options={[
              { value: "", label: t("findings.groupNone") },
              ...GROUPS.map((name) => ({ value: name, label: `${t("findings.group")}: ${t(`findings.${name}`)}` })),
            ]}
            onChange={(event) => set({ group: event.target.value })}
          />
        }
      />
      {group ? (
        <Groups by={group} filters={filters} />
      ) : (
        <Rows filters={filters} sort={sort} onSort={(next) => set({ sort: next.key, order: next.order })} />
      )}
    </Page>
  );
}

function Tools({ filters }: { filters: Filters }) {
  return (
    <>
      <Views />
      <ExportMenu small path="/findings/export" query={apiFilters(filters)} />
    </>
  );
}

function Rows({ filters, sort, onSort }: { filters: Filters; sort: Sort; onSort: (sort: Sort) => void }) {
  const t = useT();
  const may = useCan("analyst");
  const columns = useColumns();
  const [selection, select] = useState<Selection>(NOTHING);
  const query = apiQuery(filters);
  const list = useList<Finding>("/findings", { ...apiFilters(filters), sort: sort.key, order: sort.order }, rowKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other filters or another order: what was chosen is no longer in sight
  useEffect(() => select(NOTHING), [query, sort.key, sort.order]);

  const label = useCallback(
    (finding: Finding) =>
      t("findings.selectRow", { title: finding.title, resource: finding.resource.name || finding.resource.uid }),
    [t],
  );

  if (list.isPending) return <Skeleton lines={14} />;
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} retry={list.refetch} />;
  return (
    <>
      <div className={styles.status}>
        <Counted list={list} />
        <News onShow={list.reset} />
      </div>
      <Table
        fill
        label={t("findings.title")}
        rows={list.rows}
        rowKey={rowKey}
        columns={columns}
        total={list.total}
        sort={sort}
        onSort={onSort}
        {...(may ? { selection, onSelect: select } : {})}
        rowLabel={label}
        href={address}
        card={(finding) => <FindingCard finding={finding} />}
        more={list.more}
        empty={<NoRows filtered={Object.keys(filters).length > 0} />}
      />
      {may && <Bulk list={list} selection={selection} onSelect={select} filters={filters} query={query} />}
    </>
  );
}

function NoRows({ filtered }: { filtered: boolean }) {
  const t = useT();
  return filtered ? (
    <Empty title={t("findings.none")}>{t("findings.noneText")}</Empty>
  ) : (
    <Empty icon="check" title={t("findings.nothing")}>
      {t("findings.nothingText")}
    </Empty>
  );
}

function Counted({ list }: { list: List<Finding> }) {
  const t = useT();
  return (
    <p role="status" className={styles.count}>
      {list.total === null
        ? t("findings.countAtLeast", { count: list.atLeast ?? list.rows.length })
        : t("findings.count", { count: list.total })}
    </p>
  );
}

function told({ opened, resolved, reopened }: FindingsEvent, t: Translate): string {
  if (opened === null || resolved === null || reopened === null) return t("findings.newsSome");
  return t("findings.news", { opened, resolved, reopened });
}

/** What a scan brought is told, not pushed in: rows don't jump under the reader. */
function News({ onShow }: { onShow: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [news, setNews] = useState<FindingsEvent | null>(null);
  useEvents("findings", (event) => setNews((before) => addNews(before, event)));
  return (
    <div role="status">
      {news && (
        <div className={styles.news}>
          <Icon name="bell" size={14} />
          <span>{told(news, t)}</span>
          <Button
            small
            kind="primary"
            onClick={() => {
              setNews(null);
              onShow();
              void client.invalidateQueries({ queryKey: ["facets"] });
            }}
          >
            {t("findings.newsShow")}
          </Button>
        </div>
      )}
    </div>
  );
}

const AT_ONCE = 10_000;

function Bulk({
  list,
  selection,
  onSelect,
  filters,
  query,
}: {
  list: List<Finding>;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  filters: Filters;
  query: string;
}) {
  const t = useT();
  const format = useFormat();
  const [dialog, setDialog] = useState<"assign" | "except" | "reopen" | "case" | null>(null);
  const count = selection.all ? (list.total ?? 0) : selection.keys.size;
  const about: About = selection.all ? { ids: null, query } : { ids: [...selection.keys].map(Number), query: null };

  function done(decision: Decision) {
    if (selection.all) list.reset();
    else list.edit((row) => (selection.keys.has(String(row.id)) ? decided(row, decision, filters) : row));
    onSelect(NOTHING);
  }
  const close = () => setDialog(null);

  if (count === 0) return null;
  const wholePage = !selection.all && selection.keys.size === list.rows.length && list.more.hasNext;
  return (
    <section className={styles.bulk} aria-label={t("findings.bulk")}>
      <span role="status" className={styles.selected}>
        {t(selection.all ? "findings.selectedAll" : "findings.selected", { count })}
      </span>
      {wholePage &&
        (list.total !== null && list.total <= AT_ONCE ? (
          <Button small kind="quiet" onClick={() => onSelect(everything())}>
            {t("findings.selectAll", { count: list.total })}
          </Button>
        ) : (
          <span className={styles.quiet} title={format.number(AT_ONCE)}>
            {t("findings.tooMany", { count: AT_ONCE })}
          </span>
        ))}
      <span className={styles.bulkActions}>
        <Button small icon="user" onClick={() => setDialog("assign")}>
          {t("decide.assign")}
        </Button>
        <ExceptButton onClick={() => setDialog("except")} />
        <Button small icon="bookmark" onClick={() => setDialog("case")}>
          {t("decide.case")}
        </Button>
        {filters.status?.some((status) => status !== "open") && (
          <Button small icon="refresh" onClick={() => setDialog("reopen")}>
            {t("decide.reopen")}
          </Button>
        )}
        <Button small kind="quiet" icon="close" onClick={() => onSelect(NOTHING)}>
          {t("findings.clearSelection")}
        </Button>
      </span>
      {dialog === "assign" && <AssignDialog about={about} count={count} onClose={close} onDone={done} />}
      {dialog === "case" && <CaseDialog about={about} count={count} onClose={close} onDone={done} />}
      {dialog === "reopen" && <ReopenDialog about={about} count={count} onClose={close} onDone={done} />}
      {dialog === "except" && <ExceptDialog about={about} count={count} onClose={close} onDone={done} />}
    </section>
  );
}

function ExceptButton({ onClick }: { onClick: () => void }) {
  const t = useT();
  const approver = useCan("approver");
  return (
    <Button small icon="clock" onClick={onClick}>
      {t(approver ? "decide.except" : "decide.ask")}
    </Button>
  );
}
