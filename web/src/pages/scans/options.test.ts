import { describe, expect, test } from "vitest";
import { fromOptions, rhythmOf, toOptions } from "./options.ts";

describe("options of a target", () => {
  test("what was typed becomes what the API takes", () => {
    const typed = {
      role_arn: " arn:x ",
      regions: "eu-west-1\n\n us-east-1 ",
      org: true,
      max_rate: "2.5",
      profile: " ",
    };
    expect(toOptions("aws", typed)).toEqual({
      role_arn: "arn:x",
      regions: ["eu-west-1", "us-east-1"],
      org: true,
      max_rate: 2.5,
    });
  });

  test("options of the other kind are left out", () => {
    expect(toOptions("iac", { paths: "infra", regions: "eu-west-1", org: true })).toEqual({ paths: ["infra"] });
  });

  test("what the API gives is shown as it was typed", () => {
    const options = { paths: ["a", "b c"], source: "repo", unknown: 1 };
    expect(fromOptions("iac", options)).toEqual({ paths: "a\nb c", source: "repo" });
    expect(toOptions("iac", fromOptions("iac", options))).toEqual({ paths: ["a", "b c"], source: "repo" });
  });
});

describe("a rhythm", () => {
  test.each([
    [60, "minutes", 1],
    [5400, "minutes", 90],
    [3600, "hours", 1],
    [86_400, "days", 1],
    [604_800, "days", 7],
  ])("%d seconds are %s %d", (seconds, unit, count) => {
    expect(rhythmOf(seconds)).toEqual({ unit, count });
  });
});
