import { useEffect, useRef, useState } from "react";
import { useT } from "../i18n/i18n.tsx";
import styles from "./Chart.module.css";
import type { Drawn, Palette } from "./echarts.ts";
import { Skeleton } from "./State.tsx";

export interface ChartTable {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A chart on canvas, and the same figures as a table for whoever can't see it. The library loads when one is shown. */
export function Chart({
  label,
  option,
  table,
  height = 220,
}: {
  label: string;
  /** What to draw, in the colours of the theme shown. */
  option: (palette: Palette) => Drawn;
  table: ChartTable;
  height?: number;
}) {
  const t = useT();
  const place = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);

  useEffect(() => {
    let stop: (() => void) | undefined;
    let wanted = true;
    void import("./echarts.ts").then(({ draw }) => {
      if (!wanted || !place.current) return;
      stop = draw(place.current, option);
      setReady(true);
    });
    return () => {
      wanted = false;
      stop?.();
    };
  }, [option]);

  return (
    <figure className={styles.chart}>
      <div className={styles.area} style={{ height }}>
        {!ready && <Skeleton height={height} />}
        <div ref={place} role="img" aria-label={label} className={styles.canvas} />
      </div>
      <details className={styles.figures}>
        <summary>{t("chart.asTable")}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={label}>
          <table>
            <thead>
              <tr>
                {table.head.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row) => (
                <tr key={row[0]}>
                  {row.map((cell, column) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a cell has its column for a name
                    <td key={column}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** A legend in text: names with their colour, and a shape so that it is never colour alone. */
export function Legend({ items }: { items: readonly { label: string; color: string; value?: string }[] }) {
  return (
    <ul className={styles.legend}>
      {items.map((item) => (
        <li key={item.label}>
          <span className={styles.swatch} style={{ background: item.color }} />
          {item.label}
          {item.value !== undefined && <span className={styles.value}>{item.value}</span>}
        </li>
      ))}
    </ul>
  );
}
