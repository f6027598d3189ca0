import { expect, test } from "vitest";
import { browserOf } from "./browser.ts";

test.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120",
    "Edge, Windows",
  ],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120 Safari/537.36",
    "Chrome, Linux",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14) AppleWebKit/605 (KHTML, like Gecko) Version/17 Safari/605",
    "Safari, macOS",
  ],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) AppleWebKit/605 FxiOS/120 Mobile Safari/605", "Firefox, iOS"],
  ["koban-tests", "koban-tests"],
  ["", ""],
])("%s", (agent, said) => {
  expect(browserOf(agent)).toBe(said);
});
