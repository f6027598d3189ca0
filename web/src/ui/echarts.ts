import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

export type Drawn = EChartsCoreOption;

const NAMES = [
  "critical-fill",
  "high-fill",
  "medium-fill",
  "low-fill",
  "info-fill",
  "unknown-fill",
  "pass-fill",
  "accent",
  "text",
  "text-2",
  "text-3",
  "line",
  "surface",
  "raised",
] as const;
export type Palette = Record<(typeof NAMES)[number] | "font", string>;

function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const found = { font: style.getPropertyValue("--font").trim() } as Palette;
  for (const name of NAMES) found[name] = style.getPropertyValue(`--${name}`).trim();
  return found;
}

/** Draws, and draws again when the theme or the size changes. Returns what takes it away. */
export function draw(place: HTMLDivElement, option: (palette: Palette) => Drawn): () => void {
  const chart = init(place, null, { renderer: "canvas" });
  const paint = () => {
    const colours = palette();
    chart.setOption(
      {
        animation: false,
        tooltip: tooltip(colours),
        textStyle: { fontFamily: colours.font, color: colours["text-2"], fontSize: 11 },
        ...option(colours),
      },
      true,
    );
  };
  paint();
  const size = new ResizeObserver(() => chart.resize());
  size.observe(place);
  const theme = new MutationObserver(paint);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", paint);
  return () => {
    size.disconnect();
    theme.disconnect();
    system.removeEventListener("change", paint);
    chart.dispose();
  };
}

/** A tooltip drawn on the canvas: the CSP forbids the HTML one's inline styles. */
function tooltip(colours: Palette) {
  return {
    renderMode: "richText",
    trigger: "axis",
    backgroundColor: colours.raised,
    borderColor: colours.line,
    borderWidth: 1,
    padding: 8,
    textStyle: { color: colours.text, fontSize: 12, fontFamily: colours.font },
    axisPointer: { lineStyle: { color: colours["text-3"], width: 1, type: "solid" } },
  };
}
