import { expect, test } from "vitest";
import { matchText } from "./match.ts";

test.each([
  [null, ""],
  [{}, ""],
  [{ account: "1111*" }, "account: 1111*"],
  [{ account: ["a", "b"], region: "eu-*" }, "account: a, b; region: eu-*"],
  [{ tag: { env: ["prod", "production"] } }, "tag env: prod, production"],
  [{ any: [{ ou: "Prod" }, { account: "x", region: "y" }] }, "ou: Prod | (account: x; region: y)"],
  [{ all: [{ any: [{ ou: "a" }, { ou: "b" }] }, { region: "c" }] }, "(ou: a | ou: b) & region: c"],
  [{ not: { region: "us-east-1" } }, "not (region: us-east-1)"],
])("%j reads %s", (match, text) => {
  expect(matchText(match)).toBe(text);
});
