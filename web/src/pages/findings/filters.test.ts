import { describe, expect, test } from "vitest";
import type { Finding } from "../../api/types.ts";
import { dayIn } from "./decide.tsx";
import { apiQuery, decided, parseShown, within } from "./filters.ts";
import { same } from "./Views.tsx";

const shown = (query: string) => parseShown(new URLSearchParams(query));

describe("what an address shows", () => {
  test("nothing said: open findings, the most severe first", () => {
    expect(shown("")).toEqual({ filters: {}, sort: { key: "severity", order: "desc" }, group: null });
    expect(apiQuery({})).toBe("status=open");
  });

  test("filters, sorting and grouping", () => {
    expect(shown("severity=critical,high&sort=first_seen&order=asc&group=rule&q=a,b")).toEqual({
      filters: { severity: ["critical", "high"], q: ["a,b"] },
      sort: { key: "first_seen", order: "asc" },
      group: "rule",
    });
  });

  test("names are sorted from A on unless said otherwise", () => {
    expect(shown("sort=rule").sort.order).toBe("asc");
    expect(shown("sort=rule&order=desc").sort.order).toBe("desc");
    expect(shown("sort=first_seen").sort.order).toBe("desc");
  });

  test("what is not known is left out", () => {
    expect(shown("sort=evil&order=up&group=moon&unheard=1")).toEqual(shown(""));
  });

  test("a group opens as a filter and keeps the others", () => {
    expect(within(new URLSearchParams("severity=high&group=account"), "account", "111")).toBe(
      "/findings?severity=high&account=111",
    );
    expect(within(new URLSearchParams("group=resource"), "resource", "ab12")).toBe("/findings?resource=ab12");
  });

  test("a view is recognised whatever the order of its parameters", () => {
    expect(same("a=1&b=2", "b=2&a=1")).toBe(true);
    expect(same("a=1", "a=2")).toBe(false);
  });
});

describe("a row after a decision", () => {
  const row = { id: 1, status: "open", assignee: null, exception: null, last_seen: "x" } as unknown as Finding;

  test("assigned: it stays, with its assignee", () => {
    expect(decided(row, { action: "assign", assignee: { id: 2, name: "Ken" } }, {})?.assignee?.name).toBe("Ken");
    expect(decided({ ...row, assignee: { id: 2, name: "Ken" } }, { action: "assign" }, {})?.assignee).toBeNull();
  });

  test("excepted: it leaves a list of open findings, and stays where excepted ones are shown", () => {
    const decision = { action: "except", expires: "2030-01-01" } as const;
    expect(decided(row, decision, {})).toBeNull();
    expect(decided(row, decision, { status: ["open", "excepted"] })?.status).toBe("excepted");
  });

  test("an exception that is only asked for changes nothing yet", () => {
    expect(decided(row, { action: "except", asked: true }, {})).toBe(row);
  });

  test("reopened: it leaves a list of excepted findings", () => {
    const excepted: Finding = { ...row, status: "excepted", exception: { id: 1, expires: "x" } };
    expect(decided(excepted, { action: "reopen" }, { status: ["excepted"] })).toBeNull();
    expect(decided(excepted, { action: "reopen" }, { status: ["excepted", "open"] })).toMatchObject({
      status: "open",
      exception: null,
    });
  });
});

test("a day in a month", () => {
  expect(dayIn(30, Date.parse("2026-02-01T12:00:00Z"))).toBe("2026-03-03");
});
