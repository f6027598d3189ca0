import { readFileSync } from "node:fs";
import { parse } from "@formatjs/icu-messageformat-parser";
import type { Plugin } from "vite";

const CATALOGUE = /\/src\/i18n\/(en|ja)\/\w+\.json$/;

/** Nothing in it for a parser. */
const PLAIN = /^[^{}<>'#]*$/;

/** Messages are parsed when the console is built, so that the browser needs no parser of them. */
export function catalogues(): Plugin {
  return {
    name: "koban-catalogues",
    enforce: "pre",
    load(id) {
      const file = id.split("?")[0] ?? id;
      if (!CATALOGUE.test(file)) return null;
      this.addWatchFile(file);
      const messages = Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>);
      return JSON.stringify(
        Object.fromEntries(messages.map(([key, text]) => [key, PLAIN.test(text) ? text : parse(text)])),
      );
    },
  };
}

/** What takes the parser's place. */
export const NO_PARSER = {
  find: /^@formatjs\/icu-messageformat-parser$/,
  replacement: "@formatjs/icu-messageformat-parser/no-parser.js",
};
