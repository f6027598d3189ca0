import { describe, expect, test } from "vitest";
import { diffLines } from "./Code.tsx";
import { narrow } from "./Combobox.tsx";
import { placed } from "./Popover.tsx";

describe("a list of choices", () => {
  const choices = [
    { value: "111", label: "payments" },
    { value: "222", label: "sandbox" },
  ];
  test.each([
    ["", [], false, ["111", "222"]],
    ["PAY", [], false, ["111"]],
    ["222", [], false, ["222"]],
    ["", ["333"], false, ["111", "222", "333"]],
    ["new", [], false, []],
    ["new", [], true, ["new"]],
    ["222", [], true, ["222"]],
  ])("%s with %s chosen (free: %s) shows %s", (text, chosen, free, values) => {
    expect(narrow(choices, chosen, text, free).map((choice) => choice.value)).toEqual(values);
  });
});

test("the lines of a diff know what they are; file headers are left out", () => {
  const lines = diffLines("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n");
  expect(lines.map((line) => line.kind)).toEqual(["place", "remove", "add", "same"]);
});

describe("where a panel goes", () => {
  const view = { width: 1000, height: 800 };
  const button = { left: 100, right: 200, top: 100, bottom: 130 };

  test("under its button, lined up with its start or its end", () => {
    expect(placed(button, { width: 300, height: 200 }, view, false)).toMatchObject({ left: 100, top: 134 });
    expect(placed({ ...button, left: 600, right: 700 }, { width: 300, height: 200 }, view, true)).toMatchObject({
      left: 400,
    });
  });

  test("above it where there is more room", () => {
    const low = { ...button, top: 700, bottom: 730 };
    expect(placed(low, { width: 300, height: 200 }, view, false)).toMatchObject({ top: 496 });
  });

  test("never out of sight", () => {
    expect(placed({ ...button, left: 900, right: 990 }, { width: 300, height: 200 }, view, false).left).toBe(692);
    expect(placed(button, { width: 300, height: 200 }, view, true).left).toBe(8);
    expect(placed(button, { width: 300, height: 2000 }, view, false).maxHeight).toBe(658);
  });
});
