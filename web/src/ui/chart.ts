import { bisector, max, range, tickStep } from "d3-array";
import { area, curveLinear, curveStepAfter, line } from "d3-shape";

export interface Series {
  key: string;
  label: string;
  /** A colour of the theme, such as `var(--accent)`. */
  color: string;
  values: readonly number[];
}

export interface Band {
  series: Series;
  line: string;
  area: string;
  /** Where the last value stands. */
  end: number;
}

export interface Drawing {
  bands: Band[];
  /** Where each moment stands, from the left. */
  xs: number[];
  grid: { y: number; value: number }[];
}

export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The numbers along the side: few, round, and the last is not below what is drawn. */
export function scale(most: number): number[] {
  if (!(most > 0)) return [0, 1];
  const step = Math.max(1, tickStep(0, most, 3));
  return range(0, Math.ceil(most / step) + 1).map((n) => n * step);
}

/** How much of the width is left for what holds since the last step. */
const SINCE = 0.1;

/**
 * Lines with what lies under them; stacked, each lies on the one before it. Moments keep their distance in time. Stepped,
 * a number holds until the next moment, and the last one on to the edge.
 */
export function drawing(
  at: readonly number[],
  series: readonly Series[],
  frame: Frame,
  { stacked = false, stepped = false }: { stacked?: boolean; stepped?: boolean } = {},
): Drawing {
  const floor = at.map(() => 0);
  const tops = series.reduce<number[][]>((made, one) => {
    const under = (stacked && made.at(-1)) || floor;
    made.push(at.map((_, n) => (under[n] ?? 0) + (one.values[n] ?? 0)));
    return made;
  }, []);
  const side = scale(max(tops.flat()) ?? 0);
  const most = side.at(-1) ?? 1;
  const [from, to] = [at[0] ?? 0, at.at(-1) ?? 0];
  const room = (frame.right - frame.left) * (stepped ? 1 - SINCE : 1);
  const xs = at.map((moment) => frame.left + (to > from ? (moment - from) / (to - from) : 0) * room);
  const y = (value: number) => frame.bottom - (value / most) * (frame.bottom - frame.top);
  const curve = stepped ? curveStepAfter : curveLinear;
  const x = (_: unknown, n: number) => xs[n] ?? frame.right;
  const held = (values: readonly number[]) => (stepped ? [...values, values.at(-1) ?? 0] : [...values]);
  const bands = series.map((one, index) => {
    const top = held(tops[index] ?? floor);
    const under = held((stacked && tops[index - 1]) || floor);
    return {
      series: one,
      line: line<number>().curve(curve).x(x).y(y)(top) ?? "",
      area:
        area<number>()
          .curve(curve)
          .x(x)
          .y0((_, n) => y(under[n] ?? 0))
          .y1(y)(top) ?? "",
      end: y(top.at(-1) ?? 0),
    };
  });
  return { bands, xs, grid: side.map((value) => ({ y: y(value), value })) };
}

const nearest = bisector((x: number) => x).center;

/** The moment that lies nearest to a place. */
export const indexAt = (xs: readonly number[], x: number): number => nearest(xs, x);

/** Which moments are named along the bottom: the first, the last, and as many between as there is room for. */
export function named(xs: readonly number[], room: number): number[] {
  const chosen: number[] = [];
  const last = xs.length - 1;
  for (let n = 0; n <= last; n++) {
    const before = chosen.at(-1);
    const here = xs[n] ?? 0;
    const free = before === undefined || here - (xs[before] ?? 0) >= room;
    if (free && (n === last || n === 0 || (xs[last] ?? 0) - here >= room)) chosen.push(n);
  }
  return chosen;
}
