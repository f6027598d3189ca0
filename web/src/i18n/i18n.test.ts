import { parse } from "@formatjs/icu-messageformat-parser";
import { describe, expect, test } from "vitest";
import en from "./en.ts";
import { firstLocale, makeFormat } from "./i18n.tsx";
import ja from "./ja.ts";

describe("the catalogues", () => {
  test("en and ja say the same things", () => {
    expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort());
  });

  test.each(Object.keys(en))("%s takes the same values in both languages", (key) => {
    const of = (catalogue: Record<string, string>) => [...names(catalogue[key] ?? "")].sort();
    expect(of(ja)).toEqual(of(en));
  });

  test("nothing is left empty", () => {
    const empty = [...Object.entries(en), ...Object.entries(ja)].filter(([, text]) => !text.trim());
    expect(empty).toEqual([]);
  });
});

function names(message: string): Set<string> {
  const found = new Set<string>();
  const walk = (elements: ReturnType<typeof parse>) => {
    for (const element of elements) {
      if ("value" in element && element.type !== 0) found.add(element.value);
      if ("options" in element) for (const option of Object.values(element.options)) walk(option.value);
    }
  };
  walk(parse(message));
  return found;
}

describe("the language", () => {
  test.each([
    [null, ["ja-JP", "en"], "ja"],
    [null, ["fr", "en-GB"], "en"],
    [null, ["fr"], "en"],
    ["en", ["ja"], "en"],
    ["xx", ["ja"], "ja"],
  ])("stored %s and browser %s give %s", (stored, languages, locale) => {
    expect(firstLocale(stored, languages)).toBe(locale);
  });
});

describe("numbers and moments", () => {
  const en = makeFormat("en", "Asia/Tokyo");
  const ja = makeFormat("ja", "Asia/Tokyo");

  test("are written by locale", () => {
    expect(en.number(123456.5)).toBe("123,456.5");
    expect(en.percent(87)).toBe("87%");
    expect(ja.date("2026-03-01T20:00:00Z")).toBe("2026/03/02");
    expect(en.moment("2026-03-01T20:00:00Z")).toContain("Mar 2, 2026");
    expect(en.moment("2026-03-01T20:00:00Z")).toContain("GMT+9");
  });

  test("a bare day is that day in every zone", () => {
    expect(makeFormat("en", "America/Los_Angeles").date("2026-03-01")).toBe("Mar 1, 2026");
  });

  test("what is no moment is shown as it is", () => {
    expect(en.date("soon")).toBe("soon");
    expect(en.relative("soon")).toBe("soon");
  });

  test("relative to now", () => {
    const now = Date.parse("2026-03-10T00:00:00Z");
    expect(en.relative("2026-03-09T00:00:00Z", now)).toBe("yesterday");
    expect(en.relative("2026-03-09T21:00:00Z", now)).toBe("3 hr. ago");
    expect(ja.relative("2026-03-09T21:00:00Z", now)).toBe("3 時間前");
    expect(en.relative("2026-03-12T00:00:00Z", now)).toBe("in 2 days");
  });
});
