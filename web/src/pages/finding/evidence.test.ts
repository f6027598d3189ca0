import { describe, expect, test } from "vitest";
import type { Change, Comment } from "../../api/types.ts";
import { properties, steps, timeline, unknownWhy } from "./evidence.ts";

describe("evidence", () => {
  test("what could not be read stands first", () => {
    const rows = properties({ a: 1, b: { $unknown: "denied" }, c: { d: 2 } });
    expect(rows.map((row) => row.name)).toEqual(["b", "a", "c"]);
  });

  test.each([
    [{ $unknown: "denied" }, "denied"],
    [{ $unknown: 3 }, null],
    [{ value: 1 }, null],
    ["denied", null],
    [null, null],
  ])("%j is unknown because of %s", (value, why) => {
    expect(unknownWhy(value)).toBe(why);
  });

  test.each([[null], [undefined], [{}]])("%j has no properties", (document) => {
    expect(properties(document)).toEqual([]);
  });
});

describe("history", () => {
  const change = (id: number, at: string, kind: string) => ({ id, at, kind }) as Change;

  test("only what differs is told", () => {
    expect(
      steps({ before: { status: "open", verdict: "fail" }, after: { status: "excepted", verdict: "fail" } }),
    ).toEqual([{ name: "status", before: "open", after: "excepted" }]);
    expect(steps({ before: null, after: { assignee: 2 } })).toEqual([{ name: "assignee", before: "–", after: "2" }]);
    expect(steps({ before: null, after: null })).toEqual([]);
  });

  test("changes and comments stand in one line of time; a comment is told once", () => {
    const entries = timeline(
      [change(1, "2026-01-01T00:00:00Z", "opened"), change(2, "2026-01-03T00:00:00Z", "comment")],
      [{ id: 7, at: "2026-01-03T00:00:00Z" } as Comment],
    );
    expect(entries.map((entry) => entry.key)).toEqual(["comment-7", "change-1"]);
  });
});
