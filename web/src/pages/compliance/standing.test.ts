import { describe, expect, test } from "vitest";
import type { Control, ControlState } from "../../api/types.ts";
import { countStates, matching, sectionsOf, statesOf } from "./standing.ts";

function control(id: string, section: string, state: ControlState, rules: string[] = []): Control {
  return {
    id,
    title: `Title of ${id}`,
    section,
    manual: state === "manual",
    responsibility: "customer",
    state,
    rules,
    open: 0,
    unknown: 0,
    passed: 0,
    excepted: 0,
  };
}

const CONTROLS = [
  control("2.1", "Storage", "failed", ["s3-bucket-public"]),
  control("1.1", "Identity", "passed"),
  control("2.2", "Storage", "unknown"),
  control("3.1", "", "manual"),
];
const ids = (controls: readonly Control[]) => controls.map((one) => one.id);

describe("controls", () => {
  test("are grouped by section, in the framework's order", () => {
    expect(sectionsOf(CONTROLS).map((section) => [section.name, ids(section.controls)])).toEqual([
      ["Storage", ["2.1", "2.2"]],
      ["Identity", ["1.1"]],
      ["", ["3.1"]],
    ]);
  });

  test.each([
    [[], "", ["2.1", "1.1", "2.2", "3.1"]],
    [["failed", "unknown"], "", ["2.1", "2.2"]],
    [[], "S3-Bucket", ["2.1"]],
    [[], "title of 1", ["1.1"]],
    [["passed"], "2.", []],
  ])("%j and %s leave %j", (states, text, left) => {
    expect(ids(matching(CONTROLS, states, text))).toEqual(left);
  });

  test("are counted by state", () => {
    expect(countStates(CONTROLS)).toMatchObject({ failed: 1, passed: 1, unknown: 1, manual: 1, not_judged: 0 });
    expect(statesOf({ passed: 4, failed: 1, unknown: 2, manual: 3, not_applicable: 5 })).toEqual({
      failed: 1,
      unknown: 2,
      excepted: 0,
      passed: 4,
      manual: 3,
      not_judged: 5,
    });
  });
});
