import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import en from "./en.ts";

const SRC = join(import.meta.dirname, "..");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."))
  .map((name) => ({ name, text: readFileSync(join(SRC, name), "utf8") }));

/** What a person reads or hears. Text between tags is the linter's (noJsxLiterals). */
const SPOKEN = /\s(aria-label|aria-description|title|placeholder|label|alt|hint|caption)="[^"]*\p{L}[^"]*"/gu;

test("no attribute that is read or heard holds literal text", () => {
  const found = files
    .filter(({ name }) => name.endsWith(".tsx"))
    .flatMap(({ name, text }) => [...text.matchAll(SPOKEN)].map((match) => `${name}: ${match[0].trim()}`));
  expect(found).toEqual([]);
});

describe("every message is used", () => {
  const all = files.map(({ text }) => text).join("\n");
  const begun = [...all.matchAll(/`([\w-]+(?:\.[\w-]+)*\.)\$\{/g)].map((match) => match[1] ?? "");
  const unused = Object.keys(en).filter(
    (key) => !all.includes(`"${key}"`) && !begun.some((start) => key.startsWith(start)),
  );
  test("none is left over", () => expect(unused).toEqual([]));
});
