import { describe, expect, test } from "vitest";
import { childrenOf, joinPath, kindOf, rowsOf, textOf, unknownsOf } from "./document.ts";

const DOCUMENT = {
  BucketName: "logs",
  Rules: [{ Id: "expire", Days: 30 }, { Id: "keep" }],
  Policy: { $unknown: "s3:GetBucketPolicy: access denied" },
  Tags: { "cost.centre": "4711" },
};
const all = () => true;
const paths = (search: string, open = all as (path: string, depth: number) => boolean) =>
  rowsOf(DOCUMENT, open, search).rows.map((row) => row.path);

describe("paths", () => {
  test.each([
    ["", "a", "a"],
    ["a", "b", "a.b"],
    ["a", 0, "a[0]"],
    ["a", "b.c", 'a["b.c"]'],
    ["a", 'q"', 'a["q\\""]'],
    ["", "aws:tag", "aws:tag"],
  ])("%s and %s make %s", (parent, name, path) => {
    expect(joinPath(parent, name)).toBe(path);
  });
});

describe("values", () => {
  test.each([
    [{ $unknown: "denied" }, "unknown", "denied"],
    [null, "nothing", "null"],
    [false, "flag", "false"],
    ["x", "text", "x"],
    [[], "list", "[]"],
    [{}, "object", "{}"],
  ])("%j is %s and reads %s", (value, kind, text) => {
    expect(kindOf(value)).toBe(kind);
    expect(textOf(value)).toBe(text);
  });

  test("an unknown holds nothing that could be opened", () => {
    expect(childrenOf(DOCUMENT.Policy)).toEqual([]);
    expect(unknownsOf(DOCUMENT)).toEqual([{ path: "Policy", why: "s3:GetBucketPolicy: access denied" }]);
  });
});

describe("the rows", () => {
  test("of what is open alone", () => {
    expect(paths("", () => false)).toEqual(["BucketName", "Rules", "Policy", "Tags"]);
    expect(paths("", (path) => path === "Rules")).toEqual([
      "BucketName",
      "Rules",
      "Rules[0]",
      "Rules[1]",
      "Policy",
      "Tags",
    ]);
  });

  test("know their place among their siblings", () => {
    const { rows } = rowsOf(DOCUMENT, all);
    const second = rows.find((row) => row.path === "Rules[1]");
    expect([second?.at, second?.of, second?.depth, second?.parent]).toEqual([2, 2, 1, "Rules"]);
  });

  test("a search keeps what it found and what holds it, opened", () => {
    expect(paths("expire", () => false)).toEqual(["Rules", "Rules[0]", "Rules[0].Id"]);
    expect(paths("denied")).toEqual(["Policy"]);
    expect(paths("nowhere")).toEqual([]);
  });

  test("inside what was found by its name, everything can be opened", () => {
    expect(paths("tags", () => false)).toEqual(["Tags"]);
    expect(paths("tags")).toEqual(["Tags", 'Tags["cost.centre"]']);
  });

  test("what was found is counted", () => {
    expect(rowsOf(DOCUMENT, all, "id").found).toBe(2);
    expect(rowsOf(DOCUMENT, all, "").found).toBe(0);
  });
});
