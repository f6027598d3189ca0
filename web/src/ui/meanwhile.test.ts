import { expect, test } from "vitest";
import { Problem } from "../api/problem.ts";
import { changes, isStale } from "./Meanwhile.tsx";

const before = { name: "anna", role: "viewer", tags: ["a"], seen: 1, note: "" };

test("what somebody else changed is told, of what the form shows", () => {
  const now = { ...before, role: "admin", tags: ["a", "b"], seen: 2, note: "new" };
  const found = changes(
    { before, now },
    [
      ["name", "Name"],
      ["role", "Role", (value: string) => value.toUpperCase()],
      ["tags", "Tags"],
      ["note", "Note"],
    ],
    "none",
  );
  expect(found).toEqual([
    { label: "Role", before: "VIEWER", now: "ADMIN" },
    { label: "Tags", before: '["a"]', now: '["a","b"]' },
    { label: "Note", before: "none", now: "new" },
  ]);
});

test("only a precondition that failed is stale", () => {
  expect(isStale(new Problem(412, {}))).toBe(true);
  expect(isStale(new Problem(409, {}))).toBe(false);
  expect(isStale(new Error("412"))).toBe(false);
});
