import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Code.tsx";
import { cx } from "../../ui/cx.ts";
import { FilterBar } from "../../ui/FilterBar.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./DocumentTree.module.css";
import { countOf, type Row, rowsOf, textOf } from "./document.ts";

const ROW_PX = 26;
const SMALL = 150;
const PAGE_ROWS = 12;

/** A document as a tree by the ARIA pattern: arrows move, open and close; what is chosen is shown whole beneath it. */
export function DocumentTree({ document, start = "" }: { document: unknown; start?: string }) {
  const t = useT();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState(start);
  // What was opened or closed by hand, against the rule for all.
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const small = useMemo(() => countOf(document, SMALL) < SMALL, [document]);
  const [whole, setWhole] = useState<boolean | null>(null);

  const { rows, found } = useMemo(() => {
    const first = (path: string, depth: number) =>
      (whole ?? (small || depth < 1)) || start.startsWith(`${path}.`) || start.startsWith(`${path}[`);
    return rowsOf(document, (path, depth) => first(path, depth) !== turned.has(path), search);
  }, [document, turned, search, small, whole, start]);

  const at = Math.max(
    rows.findIndex((row) => row.path === chosen),
    0,
  );
  const row = rows[at];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the document is first shown
  useEffect(() => {
    if (start) virtual.scrollToIndex(at, { align: "center" });
  }, [start]);

  function choose(index: number) {
    const next = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!next) return;
    setChosen(next.path);
    virtual.scrollToIndex(rows.indexOf(next), { align: "auto" });
  }

  function turn(one: Row) {
    if (one.size === 0) return;
    setTurned((before) => {
      const next = new Set(before);
      if (!next.delete(one.path)) next.add(one.path);
      return next;
    });
  }

  function onKeyDown(event: KeyboardEvent) {
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + PAGE_ROWS,
      PageUp: at - PAGE_ROWS,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (to !== undefined) choose(to);
    else if (event.key === "ArrowRight" && row.size > 0) {
      if (row.open) choose(at + 1);
      else turn(row);
    } else if (event.key === "ArrowLeft") {
      if (row.open) turn(row);
      else choose(rows.findIndex((one) => one.path === row.parent));
    } else if (event.key === "Enter" || event.key === " ") turn(row);
    else return;
    event.preventDefault();
  }

  function all(open: boolean) {
    setTurned(new Set());
    setWhole(open);
  }

  return (
    <div className={styles.viewer}>
      <FilterBar
        label={t("document.search")}
        search={search}
        onSearch={setSearch}
        placeholder={t("document.search")}
        end={
          <>
            <Button small kind="quiet" icon="plus" onClick={() => all(true)}>
              {t("document.openAll")}
            </Button>
            <Button small kind="quiet" icon="minus" onClick={() => all(false)}>
              {t("document.closeAll")}
            </Button>
            <Copy text={textOf(document)} label={t("document.copyAll")} />
          </>
        }
      >
        <span role="status" className={styles.found}>
          {search.trim() && t("document.found", { count: found })}
        </span>
      </FilterBar>
      <div
        ref={scroller}
        role="tree"
        aria-label={t("document.label")}
        aria-activedescendant={row ? `${id}-${at}` : undefined}
        tabIndex={0}
        className={styles.tree}
        onKeyDown={onKeyDown}
      >
        {rows.length === 0 && <p className={styles.none}>{search.trim() ? t("filter.none") : t("document.empty")}</p>}
        <div role="none" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const one = rows[item.index];
            if (!one) return null;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keyboard
              <div
                key={one.path}
                id={`${id}-${item.index}`}
                role="treeitem"
                tabIndex={-1}
                aria-level={one.depth + 1}
                aria-setsize={one.of}
                aria-posinset={one.at}
                aria-selected={item.index === at}
                aria-expanded={one.size > 0 ? one.open : undefined}
                className={cx(styles.row, item.index === at && styles.chosen)}
                style={{
                  height: ROW_PX,
                  transform: `translateY(${item.start}px)`,
                  paddingInlineStart: `calc(${one.depth} * 1.1rem + 0.4rem)`,
                }}
                onClick={() => {
                  setChosen(one.path);
                  turn(one);
                }}
              >
                <span className={styles.twist}>
                  {one.size > 0 && <Icon name={one.open ? "down" : "right"} size={12} />}
                </span>
                <span className={cx(styles.name, one.found && styles.hit)}>{one.name}</span>
                <Value row={one} />
              </div>
            );
          })}
        </div>
      </div>
      {row && <Chosen row={row} />}
    </div>
  );
}

function Value({ row }: { row: Row }) {
  const t = useT();
  if (row.kind === "unknown") {
    return (
      <>
        <Badge tone="unknown" icon="unknown">
          {t("verdict.unknown")}
        </Badge>
        <span className={styles.why}>{textOf(row.value)}</span>
      </>
    );
  }
  if (row.kind === "object" || row.kind === "list") {
    return <span className={styles.size}>{t("document.size", { kind: row.kind, count: row.size })}</span>;
  }
  return <span className={cx(styles.value, styles[row.kind])}>{textOf(row.value).replaceAll("\n", " ")}</span>;
}

/** What is chosen in the tree, whole, to read and to copy. */
function Chosen({ row }: { row: Row }) {
  const t = useT();
  const text = textOf(row.value);
  return (
    <section className={styles.detail} aria-label={t("document.chosen")}>
      <div className={styles.path}>
        <code>{row.path}</code>
        <Copy text={row.path} label={t("document.copyPath")} />
      </div>
      <div className={styles.whole}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0} role="region" aria-label={t("document.value")}>
          {row.kind === "unknown" ? t("document.unknown", { why: text }) : text}
        </pre>
        <Copy text={text} label={t("document.copyValue")} />
      </div>
    </section>
  );
}
