import { describe, expect, test } from "vitest";
import { diffLines } from "./Code.tsx";
import { narrow } from "./Combobox.tsx";

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
