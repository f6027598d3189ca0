import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useLocation, useNavigate } from "react-router";
import { useT } from "../i18n/i18n.tsx";
import { Button } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import { Icon } from "../ui/Icon.tsx";
import { chosen, extend, NOTHING, only, type Selection, state, toggle } from "./selection.ts";
import styles from "./Table.module.css";

export interface Column<T> {
  key: string;
  label: string;
  /** A CSS grid track: `8rem`, `minmax(12rem, 2fr)`. */
  width: string;
  cell: (row: T) => ReactNode;
  /** The name the API sorts by; the header becomes a button. */
  sort?: string;
  end?: boolean;
  /** Left out when the table is narrower than this many pixels. */
  from?: number;
}

export interface Sort {
  key: string;
  order: "asc" | "desc";
}

export interface More {
  hasNext: boolean;
  loading: boolean;
  failed: boolean;
  load: () => void;
}

export interface TableProps<T> {
  label: string;
  rows: readonly T[];
  rowKey: (row: T) => string;
  columns: readonly Column<T>[];
  /** How many rows there are in all; null or undefined when that is not known. */
  total?: number | null | undefined;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  selection?: Selection;
  onSelect?: (selection: Selection) => void;
  rowLabel?: (row: T) => string;
  /** Enter or a click opens this address. */
  href?: (row: T) => string;
  /** A row on a phone. */
  card?: (row: T) => ReactNode;
  cardHeight?: number;
  more?: More;
  /** Takes the rest of the page's height; else it grows to a part of the window. */
  fill?: boolean;
  /** Shown under the header in place of rows. */
  empty?: ReactNode;
}

const ROW = 36;
const CARDS_BELOW = 680;
const AHEAD = 40;
const PAGE_ROWS = 15;
const INTERACTIVE = "a, button, input, select, textarea, label";

/** Where each history entry had scrolled to, so that Back returns to the same rows. */
const places = new Map<string, { top: number; active: number }>();

/** A table of any length: only the rows in sight are drawn. Arrows or j/k move, Space or x selects, Enter opens. */
export function Table<T>({
  label,
  rows,
  rowKey,
  columns,
  total,
  sort,
  onSort,
  selection = NOTHING,
  onSelect,
  rowLabel,
  href,
  card,
  cardHeight = 92,
  more,
  fill = false,
  empty,
}: TableProps<T>) {
  const t = useT();
  const id = useId();
  const navigate = useNavigate();
  const place = `${useLocation().key}:${label}`;
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(() => window.innerWidth);
  const [active, setActive] = useState(() => places.get(place)?.active ?? -1);
  const cards = Boolean(card) && width < CARDS_BELOW;
  const order = useMemo(() => rows.map(rowKey), [rows, rowKey]);
  const shown = useMemo(() => columns.filter((column) => width >= (column.from ?? 0)), [columns, width]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    setWidth(element.clientWidth);
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const size = cards ? cardHeight : ROW;
  const virtual = useVirtualizer({
    count: rows.length + (more?.hasNext ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => size,
    overscan: 10,
    scrollMargin: cards ? 0 : ROW,
    initialOffset: () => places.get(place)?.top ?? 0,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows change their height with `size`
  useEffect(() => virtual.measure(), [size, virtual]);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNext = false, loading = false, failed = false, load } = more ?? {};
  useEffect(() => {
    if (hasNext && !loading && !failed && last >= rows.length - AHEAD) load?.();
  }, [hasNext, loading, failed, load, last, rows.length]);

  function move(to: number, extending: boolean) {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[next];
    if (!row) return;
    setActive(next);
    remember(next);
    virtual.scrollToIndex(next, { align: "auto" });
    if (extending && onSelect) {
      const from = rows[active];
      const start = selection.anchor === null && from ? toggle(selection, rowKey(from)) : selection;
      onSelect(extend(start, rowKey(row), order));
    }
  }

  function remember(index = active) {
    places.set(place, { top: scroller.current?.scrollTop ?? 0, active: index });
  }

  function open(row: T, newTab: boolean) {
    if (!href) return;
    remember();
    if (newTab) window.open(href(row), "_blank", "noopener");
    else void navigate(href(row));
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.target !== event.currentTarget || event.altKey) return;
    const row = rows[active];
    if ((event.ctrlKey || event.metaKey) && event.key === "a" && onSelect) {
      event.preventDefault();
      onSelect(only(order));
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    const to = {
      ArrowDown: active + 1,
      j: active + 1,
      J: active + 1,
      ArrowUp: active - 1,
      k: active - 1,
      K: active - 1,
      PageDown: active + PAGE_ROWS,
      PageUp: active - PAGE_ROWS,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to, event.shiftKey);
    } else if ((event.key === " " || event.key === "x") && row && onSelect) {
      event.preventDefault();
      onSelect(toggle(selection, rowKey(row)));
    } else if ((event.key === "Enter" || event.key === "o") && row) {
      event.preventDefault();
      open(row, false);
    } else if (event.key === "Escape" && onSelect && (selection.all || selection.keys.size)) {
      event.preventDefault();
      onSelect(NOTHING);
    }
  }

  function onRowClick(event: MouseEvent, row: T, index: number) {
    setActive(index);
    if (event.shiftKey && onSelect) {
      onSelect(extend(selection, rowKey(row), order));
      return;
    }
    if (event.target instanceof Element && event.target.closest(INTERACTIVE)) {
      remember(index);
      return;
    }
    if (window.getSelection()?.toString()) return;
    open(row, event.ctrlKey || event.metaKey);
  }

  const picks = onSelect !== undefined;
  const template = `${picks ? "2.25rem " : ""}${shown.map((column) => column.width).join(" ")}`;
  const whole = state(selection, order);

  return (
    <div className={cx(styles.wrap, fill && styles.fill)}>
      <div
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={total ?? (hasNext ? -1 : rows.length + 1)}
        aria-multiselectable={picks || undefined}
        aria-activedescendant={active >= 0 && active < rows.length ? `${id}-${active}` : undefined}
        tabIndex={0}
        className={cx(styles.scroll, cards && styles.cards)}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (event.target === event.currentTarget && active < 0 && rows.length) setActive(0);
        }}
        onScroll={() => remember()}
        data-table
      >
        <div role="rowgroup" className={cx(styles.head, cards && "visually-hidden")}>
          <div role="row" className={styles.row} style={{ gridTemplateColumns: template }} aria-rowindex={1}>
            {picks && (
              <div role="columnheader" className={styles.pick}>
                <input
                  type="checkbox"
                  tabIndex={cards ? -1 : 0}
                  aria-label={t("table.selectAll")}
                  checked={whole === "all"}
                  ref={(box) => {
                    if (box) box.indeterminate = whole === "some";
                  }}
                  onChange={() => onSelect(whole === "all" ? NOTHING : only(order))}
                />
              </div>
            )}
            {shown.map((column) => (
              <Header key={column.key} column={column} sort={sort} onSort={cards ? undefined : onSort} />
            ))}
          </div>
        </div>
        {rows.length === 0 && empty ? (
          <div role="row" className={styles.empty}>
            <div role="gridcell">{empty}</div>
          </div>
        ) : (
          <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index];
              const top = item.start - (cards ? 0 : ROW);
              if (!row) return <Tail key="tail" top={top} failed={failed} load={load} />;
              const key = rowKey(row);
              const on = chosen(selection, key);
              const name = rowLabel?.(row) ?? key;
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keyboard
                <div
                  key={key}
                  id={`${id}-${item.index}`}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={picks ? on : undefined}
                  className={cx(styles.row, styles.item, on && styles.on, item.index === active && styles.active)}
                  style={{
                    height: size,
                    transform: `translateY(${top}px)`,
                    gridTemplateColumns: cards ? `${picks ? "2.5rem " : ""}minmax(0, 1fr)` : template,
                    cursor: href ? "pointer" : undefined,
                  }}
                  onClick={(event) => onRowClick(event, row, item.index)}
                >
                  {picks && (
                    <div role="gridcell" className={styles.pick}>
                      <input
                        type="checkbox"
                        tabIndex={-1}
                        aria-label={t("table.select", { name })}
                        checked={on}
                        onChange={() => undefined}
                        onClick={(event) => {
                          event.stopPropagation();
                          setActive(item.index);
                          onSelect(event.shiftKey ? extend(selection, key, order) : toggle(selection, key));
                        }}
                      />
                    </div>
                  )}
                  {cards && card ? (
                    <div role="gridcell" className={styles.card}>
                      {card(row)}
                    </div>
                  ) : (
                    shown.map((column) => (
                      <div key={column.key} role="gridcell" className={cx(styles.cell, column.end && styles.end)}>
                        {column.cell(row)}
                      </div>
                    ))
                  )}
                </div>
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}

function Header<T>({
  column,
  sort,
  onSort,
}: {
  column: Column<T>;
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
}) {
  const on = column.sort !== undefined && sort?.key === column.sort;
  const key = column.sort;
  return (
    <div
      role="columnheader"
      className={cx(styles.header, column.end && styles.end)}
      aria-sort={on ? (sort?.order === "asc" ? "ascending" : "descending") : undefined}
    >
      {key !== undefined && onSort ? (
        <button
          type="button"
          className={styles.sort}
          onClick={() => onSort({ key, order: on && sort?.order === "desc" ? "asc" : "desc" })}
        >
          {column.label}
          <span className={cx(styles.arrow, on && styles.shown)}>
            <Icon name={on && sort?.order === "asc" ? "up" : "down"} size={12} />
          </span>
        </button>
      ) : (
        column.label
      )}
    </div>
  );
}

function Tail({ top, failed, load }: { top: number; failed: boolean; load: (() => void) | undefined }) {
  const t = useT();
  return (
    <div role="row" className={cx(styles.row, styles.item)} style={{ height: ROW, transform: `translateY(${top}px)` }}>
      <div role="gridcell" className={styles.tail}>
        {failed ? (
          <Button small icon="refresh" onClick={load}>
            {t("action.retry")}
          </Button>
        ) : (
          t("state.loadingMore")
        )}
      </div>
    </div>
  );
}

/** A short table, drawn whole. */
export function SimpleTable<T>({
  label,
  rows,
  rowKey,
  columns,
  empty,
}: {
  label: string;
  rows: readonly T[];
  rowKey: (row: T) => string;
  columns: readonly Pick<Column<T>, "key" | "label" | "cell" | "end">[];
  empty?: ReactNode;
}) {
  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
    <div className={styles.simpleScroll} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.simple}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={column.end ? styles.end : undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.key} className={column.end ? styles.end : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
