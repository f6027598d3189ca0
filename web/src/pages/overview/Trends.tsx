import { useMemo } from "react";
import { type Overview, SEVERITIES, type TrendDay, type TrendMoment } from "../../api/types.ts";
import { type Format, useFormat, useT } from "../../i18n/i18n.tsx";
import { Chart, Legend } from "../../ui/Chart.tsx";
import styles from "./Slices.module.css";

type Point = TrendDay | TrendMoment;

interface Line {
  points: readonly Point[];
  at: number[];
  name: (index: number, full: boolean) => string;
  /** They are moments of one day, and not the ends of days. */
  within: boolean;
}

const CLOSE_MS = 10 * 60_000;

/** Days; as long as there is only one, what happened in it. */
function useLine({ trend, moments }: Pick<Overview, "trend" | "moments">): Line {
  const format = useFormat();
  return useMemo(() => {
    const within = trend.length < 2 && moments.length > 0;
    const points: readonly Point[] = within ? moments : trend;
    const at = points.map((one) => Date.parse("at" in one ? one.at : one.day));
    const close = within && (at.at(-1) ?? 0) - (at[0] ?? 0) < CLOSE_MS;
    return { points, at, within, name: (index, full) => nameOf(points[index], full, close, format) };
  }, [trend, moments, format]);
}

function nameOf(point: Point | undefined, full: boolean, close: boolean, format: Format): string {
  if (!point) return "";
  if ("at" in point) return full ? format.moment(point.at) : format.time(point.at, close);
  return full ? format.date(point.day) : format.day(point.day);
}

export function RiskTrend({ data }: { data: Overview }) {
  const t = useT();
  const line = useLine(data);
  const label = t("overview.risk");
  const series = useMemo(
    () => [{ key: "risk", label, color: "var(--accent)", values: line.points.map((one) => one.risk) }],
    [line, label],
  );
  if (line.points.length === 0) return <p className={styles.none}>{t("overview.noTrend")}</p>;
  return (
    <>
      <Chart
        label={t("overview.riskTrend")}
        at={line.at}
        name={line.name}
        head={t(line.within ? "overview.moment" : "overview.day")}
        series={series}
        stepped={line.within}
        height={line.within ? 200 : 220}
      />
      <Within line={line} />
    </>
  );
}

/** Why there are moments and no days. */
function Within({ line }: { line: Line }) {
  const t = useT();
  if (!line.within) return null;
  const text = line.points.length < 2 ? t("overview.oneScan") : t("overview.oneDay");
  return <p className={styles.within}>{text}</p>;
}

export function OpenTrend({ data }: { data: Overview }) {
  const t = useT();
  const format = useFormat();
  const line = useLine(data);
  // The most severe lies at the bottom, where its height can be read off.
  const series = useMemo(
    () =>
      SEVERITIES.map((severity) => ({
        key: severity,
        label: t(`severity.${severity}`),
        color: `var(--${severity}-fill)`,
        values: line.points.map((one) => one[severity]),
      })),
    [line, t],
  );
  if (line.points.length === 0) return <p className={styles.none}>{t("overview.noTrend")}</p>;
  return (
    <>
      <Chart
        label={t("overview.openTrend")}
        at={line.at}
        name={line.name}
        head={t(line.within ? "overview.moment" : "overview.day")}
        series={series}
        stacked
        stepped={line.within}
        height={196}
      />
      <Legend
        items={series.map((one) => ({
          label: one.label,
          color: one.color,
          value: format.number(one.values.at(-1) ?? 0),
        }))}
      />
    </>
  );
}
