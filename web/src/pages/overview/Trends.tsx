import { useCallback } from "react";
import { SEVERITIES, type TrendDay } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { Chart, Legend } from "../../ui/Chart.tsx";
import type { Drawn, Palette } from "../../ui/echarts.ts";
import styles from "./Slices.module.css";

type Axis = ReturnType<typeof useAxis>;

/** What both charts have in common: days along, counts up, few and quiet lines. */
function useAxis(days: readonly TrendDay[]) {
  const { locale } = useFormat();
  return useCallback(
    (colours: Palette): Drawn => {
      const short = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
      const number = new Intl.NumberFormat(locale, { notation: "compact" });
      return {
        grid: { left: 4, right: 8, top: 10, bottom: 2, containLabel: true },
        xAxis: {
          type: "category",
          boundaryGap: false,
          data: days.map((day) => short.format(Date.parse(day.day))),
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
          axisLabel: { color: colours["text-3"], hideOverlap: true },
        },
        yAxis: {
          type: "value",
          splitNumber: 3,
          splitLine: { lineStyle: { color: colours.line } },
          axisLabel: { color: colours["text-3"], formatter: (value: number) => number.format(value) },
        },
      };
    },
    [days, locale],
  );
}

export function RiskTrend({ days }: { days: readonly TrendDay[] }) {
  const t = useT();
  const format = useFormat();
  const axis: Axis = useAxis(days);
  const name = t("overview.risk");
  const option = useCallback(
    (colours: Palette): Drawn => ({
      ...axis(colours),
      series: [
        {
          type: "line",
          name,
          data: days.map((day) => day.risk),
          showSymbol: days.length < 3,
          lineStyle: { color: colours.accent, width: 2 },
          itemStyle: { color: colours.accent },
          areaStyle: { color: colours.accent, opacity: 0.1 },
        },
      ],
    }),
    [axis, days, name],
  );
  if (days.length === 0) return <p className={styles.none}>{t("overview.noTrend")}</p>;
  return (
    <Chart
      label={t("overview.riskTrend")}
      option={option}
      table={{
        head: [t("overview.day"), name],
        rows: [...days].reverse().map((day) => [format.date(day.day), format.number(day.risk)]),
      }}
    />
  );
}

export function OpenTrend({ days }: { days: readonly TrendDay[] }) {
  const t = useT();
  const format = useFormat();
  const axis: Axis = useAxis(days);
  const option = useCallback(
    (colours: Palette): Drawn => ({
      ...axis(colours),
      // The most severe lies at the bottom, where its height can be read off.
      series: SEVERITIES.map((severity) => ({
        type: "line",
        name: t(`severity.${severity}`),
        stack: "open",
        data: days.map((day) => day[severity]),
        showSymbol: false,
        lineStyle: { width: 1, color: colours[`${severity}-fill`] },
        itemStyle: { color: colours[`${severity}-fill`] },
        areaStyle: { color: colours[`${severity}-fill`], opacity: 0.75 },
      })),
    }),
    [axis, days, t],
  );
  if (days.length === 0) return <p className={styles.none}>{t("overview.noTrend")}</p>;
  const last = days.at(-1);
  return (
    <>
      <Chart
        label={t("overview.openTrend")}
        option={option}
        height={196}
        table={{
          head: [t("overview.day"), ...SEVERITIES.map((severity) => t(`severity.${severity}`))],
          rows: [...days]
            .reverse()
            .map((day) => [format.date(day.day), ...SEVERITIES.map((severity) => format.number(day[severity]))]),
        }}
      />
      <Legend
        items={SEVERITIES.map((severity) => ({
          label: t(`severity.${severity}`),
          color: `var(--${severity}-fill)`,
          value: format.number(last?.[severity] ?? 0),
        }))}
      />
    </>
  );
}
