import { expect, test } from "vitest";
import { matchText } from "./match.ts";

test.each([
  [null, ""],
  [{ account: "1111*" }, "account: 1111*"],
  [{ account: ["a", "b"], region: "eu-*" }, "account: a, b; region: eu-*"],
  [{ tag: { env: "prod" } }, "tag: (env: prod)"],
  [{ any: [{ ou: "Prod" }, { account: "x" }] }, "any: ou: Prod, account: x"],
  [{ not: { region: "us-east-1" } }, "not: (region: us-east-1)"],
])("%j reads %s", (match, text) => {
  expect(matchText(match)).toBe(text);
});
