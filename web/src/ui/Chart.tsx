import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useFormat, useT } from "../i18n/i18n.tsx";
import styles from "./Chart.module.css";
import { drawing, indexAt, named, type Series } from "./chart.ts";

const MARKED_MAX = 16;
const PAD = { left: 44, right: 10, top: 8, bottom: 22 };
const NAME_ROOM = 84;

/**
 * Numbers over time. The pointer or the arrow keys go from moment to moment and say what was; the same figures are a
 * table for whoever would rather read them.
 */
export function Chart({
  label,
  at,
  name,
  head,
  series,
  stacked = false,
  stepped = false,
  height = 220,
}: {
  label: string;
  /** Moments, in milliseconds, the oldest first. */
  at: readonly number[];
  /** What a moment is called: along the bottom, or in full. */
  name: (index: number, full: boolean) => string;
  /** What the moments are: the first column of the table. */
  head: string;
  series: readonly Series[];
  stacked?: boolean;
  /** A number holds until the next moment. */
  stepped?: boolean;
  height?: number;
}) {
  const t = useT();
  const format = useFormat();
  const area = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [chosen, choose] = useState<number | null>(null);

  useLayoutEffect(() => {
    const place = area.current;
    if (!place) return;
    const measure = () => setWidth(place.clientWidth);
    measure();
    const size = new ResizeObserver(measure);
    size.observe(place);
    return () => size.disconnect();
  }, []);

  const frame = {
    left: PAD.left,
    right: Math.max(width - PAD.right, PAD.left + 1),
    top: PAD.top,
    bottom: height - PAD.bottom,
  };
  const { left, right, top, bottom } = frame;
  const made = useMemo(
    () => drawing(at, series, { left, right, top, bottom }, { stacked, stepped }),
    [at, series, left, right, top, bottom, stacked, stepped],
  );
  const compact = useMemo(() => new Intl.NumberFormat(format.locale, { notation: "compact" }), [format.locale]);
  const last = at.length - 1;
  const shown = chosen === null ? null : Math.min(chosen, last);
  const said = (index: number) =>
    [name(index, true), ...series.map((one) => `${one.label} ${format.number(one.values[index] ?? 0)}`)].join(", ");

  const point = (event: PointerEvent) => {
    const box = area.current?.getBoundingClientRect();
    if (box) choose(indexAt(made.xs, event.clientX - box.left));
  };
  const key = (event: KeyboardEvent) => {
    const now = shown ?? last;
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last, Escape: null }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next === null ? null : Math.min(Math.max(next, 0), last));
  };

  const x = shown === null ? 0 : (made.xs[shown] ?? 0);
  return (
    <figure className={styles.chart}>
      <div
        ref={area}
        className={styles.area}
        style={{ height }}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={shown ?? last}
        aria-valuetext={said(shown ?? last)}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => choose(null)}
        onFocus={(event) => event.target.matches(":focus-visible") && choose(last)}
        onBlur={() => choose(null)}
        onKeyDown={key}
      >
        {width > 0 && (
          <svg width={width} height={height} aria-hidden="true" className={styles.drawing}>
            {made.grid.map(({ y, value }) => (
              <g key={value}>
                <line x1={left} x2={right} y1={y} y2={y} className={styles.grid} />
                <text x={left - 8} y={y} dy="0.32em" textAnchor="end">
                  {compact.format(value)}
                </text>
              </g>
            ))}
            {made.bands.map(({ series: one, area: under, line, end }) => (
              <g key={one.key} style={{ color: one.color }}>
                {at.length > 1 && <path d={under} className={stacked ? styles.band : styles.under} />}
                {at.length > 1 && <path d={line} className={stacked ? styles.edge : styles.line} />}
                {at.length === 1 && !stacked && (
                  <line x1={left} x2={right} y1={end} y2={end} className={styles.coming} />
                )}
              </g>
            ))}
            {at.length === 1 && stacked && <Pile bands={made.bands} left={left} floor={bottom} />}
            {!stacked && at.length <= MARKED_MAX && (
              <Marks
                xs={made.xs}
                values={made.bands[0]?.series.values ?? []}
                most={made.grid.at(-1)}
                floor={bottom}
                color={series[0]?.color}
              />
            )}
            {named(made.xs, NAME_ROOM).map((index) => (
              <text
                key={index}
                x={made.xs[index]}
                y={height - 4}
                textAnchor={index === 0 ? "start" : index === last && !stepped ? "end" : "middle"}
              >
                {name(index, false)}
              </text>
            ))}
            {shown !== null && <line x1={x} x2={x} y1={top} y2={bottom} className={styles.cross} />}
          </svg>
        )}
        {shown !== null && (
          <div className={styles.tip} style={x > width / 2 ? { right: width - x + 10 } : { left: x + 10 }}>
            <p>{name(shown, true)}</p>
            <Legend
              column
              items={series.map((one) => ({
                label: one.label,
                color: one.color,
                value: format.number(one.values[shown] ?? 0),
              }))}
            />
          </div>
        )}
      </div>
      <details className={styles.figures}>
        <summary>{t("chart.asTable")}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={label}>
          <table>
            <thead>
              <tr>
                {[head, ...series.map((one) => one.label)].map((text) => (
                  <th key={text} scope="col">
                    {text}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {at
                .map((moment, index) => (
                  <tr key={moment}>
                    <td>{name(index, true)}</td>
                    {series.map((one) => (
                      <td key={one.key}>{format.number(one.values[index] ?? 0)}</td>
                    ))}
                  </tr>
                ))
                .reverse()}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** Each moment as a dot, where there are few. */
function Marks({
  xs,
  values,
  most,
  floor,
  color,
}: {
  xs: readonly number[];
  values: readonly number[];
  most: { y: number; value: number } | undefined;
  floor: number;
  color: string | undefined;
}) {
  const y = (value: number) => floor - (value / (most?.value || 1)) * (floor - (most?.y ?? 0));
  return (
    <g style={{ color }}>
      {xs.map((x, index) => (
        <circle key={x} cx={x} cy={y(values[index] ?? 0)} r={3.5} className={styles.mark} />
      ))}
    </g>
  );
}

/** The numbers of a single moment, one on the other: a line needs two. */
function Pile({ bands, left, floor }: { bands: ReturnType<typeof drawing>["bands"]; left: number; floor: number }) {
  return bands.map(({ series, end }, index) => {
    const under = bands[index - 1]?.end ?? floor;
    return (
      <rect
        key={series.key}
        x={left}
        y={end}
        width={28}
        height={Math.max(under - end, 0)}
        style={{ color: series.color }}
        className={styles.band}
      />
    );
  });
}

/** A legend in text: names with their colour; what it stands for is said beside it, so that it is never colour alone. */
export function Legend({
  items,
  column = false,
}: {
  items: readonly { label: string; color: string; value?: string }[];
  column?: boolean;
}) {
  return (
    <ul className={column ? styles.column : styles.legend}>
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
