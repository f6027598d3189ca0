import { describe, expect, test } from "vitest";
import { filtersToQuery, parseFilters, patchParams } from "./state.ts";

const NAMES = ["status", "severity", "tag", "q"];

describe("filters in the address", () => {
  test.each([
    ["", {}],
    ["severity=critical,high", { severity: ["critical", "high"] }],
    ["severity=critical&severity=high", { severity: ["critical", "high"] }],
    ["severity=high,high,,%20", { severity: ["high"] }],
    ["q=a,b&other=1", { q: ["a,b"] }],
    ["tag=team:a,b&tag=env", { tag: ["team:a,b", "env"] }],
  ])("%s is read", (query, filters) => {
    expect(parseFilters(new URLSearchParams(query), NAMES)).toEqual(filters);
  });

  test("equal filters make equal addresses", () => {
    const one = filtersToQuery({ q: ["x y"], severity: ["high", "low"] }, NAMES);
    const two = filtersToQuery({ severity: ["high", "low"], q: ["x y"], status: [] }, NAMES);
    expect(one).toBe(two);
    expect(parseFilters(new URLSearchParams(one), NAMES)).toEqual({ q: ["x y"], severity: ["high", "low"] });
  });

  test("a patch changes what it names and takes away what is empty", () => {
    const patched = patchParams(new URLSearchParams("severity=high&q=x&sort=rule"), {
      severity: ["low", "info"],
      q: "",
      sort: null,
      status: "open",
    });
    expect(Object.fromEntries(patched)).toEqual({ severity: "low,info", status: "open" });
  });

  test("values that may hold commas are repeated", () => {
    const patched = patchParams(new URLSearchParams("tag=old"), { tag: ["team:a,b", "env"] });
    expect(patched.getAll("tag")).toEqual(["team:a,b", "env"]);
    expect(filtersToQuery({ tag: ["team:a,b", "env"] }, NAMES)).toBe(patched.toString());
  });
});
