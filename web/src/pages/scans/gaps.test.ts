import { expect, test } from "vitest";
import { gapsTogether } from "./gaps.ts";

const gap = (type: string, account: string, region: string, why = "denied") => ({ type, account, region, why });

test("a type with one reason is one row, with every place; another reason is another row", () => {
  const rows = gapsTogether([
    gap("Bucket", "222", "eu-west-1"),
    gap("User", "111", ""),
    gap("Bucket", "111", "us-east-1"),
    gap("Bucket", "111", "eu-west-1"),
    gap("Bucket", "111", "eu-west-1", "throttled"),
  ]);
  expect(rows).toEqual([
    { type: "Bucket", why: "denied", accounts: ["111", "222"], regions: ["eu-west-1", "us-east-1"] },
    { type: "User", why: "denied", accounts: ["111"], regions: [] },
    { type: "Bucket", why: "throttled", accounts: ["111"], regions: ["eu-west-1"] },
  ]);
});
