import { describe, expect, test } from "vitest";
import { chosen, everything, extend, NOTHING, only, state, toggle } from "./selection.ts";

const ORDER = ["a", "b", "c", "d", "e"];
const keys = (selection: { keys: ReadonlySet<string> }) => [...selection.keys].sort().join("");

describe("selection", () => {
  test("a row is chosen and let go", () => {
    const one = toggle(NOTHING, "b");
    expect(keys(one)).toBe("b");
    expect(keys(toggle(one, "b"))).toBe("");
  });

  test("Shift chooses from the anchor, forwards and backwards, and keeps the anchor", () => {
    const one = toggle(NOTHING, "c");
    expect(keys(extend(one, "e", ORDER))).toBe("cde");
    expect(keys(extend(extend(one, "e", ORDER), "a", ORDER))).toBe("abcde");
  });

  test("Shift without an anchor, or with one that is gone, chooses the row alone", () => {
    expect(keys(extend(NOTHING, "d", ORDER))).toBe("d");
    expect(keys(extend(toggle(NOTHING, "x"), "d", ORDER))).toBe("dx");
  });

  test("everything that matches holds rows that are not loaded; letting one go starts anew", () => {
    expect(chosen(everything(), "zzz")).toBe(true);
    expect(keys(toggle(everything(), "b"))).toBe("b");
    expect(toggle(everything(), "b").all).toBe(false);
  });

  test("the header's box", () => {
    expect(state(NOTHING, ORDER)).toBe("none");
    expect(state(toggle(NOTHING, "a"), ORDER)).toBe("some");
    expect(state(only(ORDER), ORDER)).toBe("all");
    expect(state(everything(), ORDER)).toBe("all");
    expect(state(NOTHING, [])).toBe("none");
  });
});
