import { describe, expect, test } from "vitest";
import type { Scan } from "../../api/types.ts";
import { going, withNews } from "./live.ts";

const scan = (id: number, state: Scan["state"], error: string | null = null): Scan => ({
  id,
  target: { id: 1, name: "aws", kind: "aws" },
  state,
  asked_by: "schedule",
  queued: "2026-01-01T00:00:00Z",
  started: null,
  finished: null,
  progress: null,
  counts: null,
  error,
});

describe("news of scans", () => {
  test("change the rows that are there, and new ones come first, the newest on top", () => {
    const rows = [scan(5, "running"), scan(4, "landed")];
    const news = new Map([
      [6, scan(6, "queued")],
      [5, scan(5, "failed", "denied")],
      [7, scan(7, "queued")],
    ]);
    expect(withNews(rows, news).map((one) => [one.id, one.state, one.error])).toEqual([
      [7, "queued", null],
      [6, "queued", null],
      [5, "failed", "denied"],
      [4, "landed", null],
    ]);
  });

  test("without news the rows stay", () => {
    expect(withNews([scan(5, "running")], new Map())).toEqual([scan(5, "running")]);
  });

  test.each([
    ["queued", true],
    ["running", true],
    ["landing", true],
    ["landed", false],
    ["failed", false],
    ["cancelled", false],
  ] as const)("%s goes on: %s", (state, on) => {
    expect(going(scan(1, state))).toBe(on);
  });
});
