import { describe, expect, test } from "vitest";
import { drawing, indexAt, named, scale } from "./chart.ts";

describe("the numbers along the side", () => {
  test.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [4, [0, 1, 2, 3, 4]],
    [7, [0, 2, 4, 6, 8]],
    [100, [0, 50, 100]],
    [3_970, [0, 1000, 2000, 3000, 4000]],
  ])("up to %s", (most, side) => {
    expect(scale(most)).toEqual(side);
  });

  test("are whole, and hold what is drawn", () => {
    for (let most = 1; most < 5_000; most += 7) {
      const side = scale(most);
      expect(side.at(-1)).toBeGreaterThanOrEqual(most);
      expect(side.every(Number.isInteger)).toBe(true);
      expect(side.length).toBeLessThan(8);
    }
  });
});

describe("what is drawn", () => {
  const frame = { left: 10, right: 110, top: 0, bottom: 100 };
  const one = { key: "a", label: "a", color: "", values: [2, 0, 4] };
  const two = { key: "b", label: "b", color: "", values: [0, 2, 0] };

  test("moments keep their distance", () => {
    expect(drawing([0, 1, 4], [one], frame).xs).toEqual([10, 35, 110]);
  });

  test("a single moment stands at the left", () => {
    const made = drawing([7], [{ ...one, values: [4] }], frame);
    expect(made.xs).toEqual([10]);
    expect(made.bands[0]?.end).toBe(0);
  });

  test("stacked, each lies on the one before", () => {
    const made = drawing([0, 1, 2], [one, two], frame, { stacked: true });
    expect(made.bands[0]?.line).toBe("M10,50L60,100L110,0");
    expect(made.bands[1]?.line).toBe("M10,50L60,50L110,0");
  });

  test("stepped, a number holds until the next moment, and the last one on", () => {
    expect(drawing([0, 1], [{ ...one, values: [4, 2] }], frame, { stepped: true }).bands[0]?.line).toBe(
      "M10,0L100,0L100,50L110,50L110,50",
    );
  });
});

test("the nearest moment is found", () => {
  expect([0, 30, 40, 200].map((x) => indexAt([10, 35, 110], x))).toEqual([0, 1, 1, 2]);
});

test("names along the bottom do not touch", () => {
  expect(named([0, 10, 50, 95, 100], 40)).toEqual([0, 2, 4]);
  expect(named([0, 10], 40)).toEqual([0]);
  expect(named([5], 40)).toEqual([0]);
});
