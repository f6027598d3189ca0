import { describe, expect, test } from "vitest";
import { bounds } from "./period.ts";

const local = (day: string, time: string) => new Date(`${day}T${time}`).toISOString();

describe("a period", () => {
  test("runs from the start of the first day to the end of the last, in the zone of the browser", () => {
    expect(bounds("2026-03-01", "2026-03-02")).toEqual({
      since: local("2026-03-01", "00:00:00.000"),
      until: local("2026-03-02", "23:59:59.999"),
    });
  });

  test.each([
    [null, null],
    ["soon", ""],
  ])("%s and %s ask for no bound", (since, until) => {
    expect(bounds(since, until)).toEqual({});
  });
});
