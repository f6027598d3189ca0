import type { Sight } from "../../api/types.ts";

export const EVERYTHING: Sight = { accounts: null, tags: {} };

export const seesAll = (sight: Sight): boolean => sight.accounts === null && Object.keys(sight.tags).length === 0;

/** `team: shop, web` on each line: a tag and the values that let somebody see what bears it. */
export function tagsOf(text: string): Record<string, string[]> {
  const tags: Record<string, string[]> = {};
  for (const line of text.split("\n")) {
    const at = line.search(/[:=]/);
    const name = (at < 0 ? line : line.slice(0, at)).trim();
    if (!name) continue;
    const values = at < 0 ? [] : line.slice(at + 1).split(",");
    tags[name] = [...new Set([...(tags[name] ?? []), ...values.map((value) => value.trim()).filter(Boolean)])];
  }
  return tags;
}

export const tagsText = (tags: Record<string, string[]>): string =>
  Object.entries(tags)
    .map(([name, values]) => `${name}: ${values.join(", ")}`)
    .join("\n");

/** A tag without a value lets nobody see anything: that is a slip. */
export const emptyTag = (tags: Record<string, string[]>): string | undefined =>
  Object.keys(tags).find((name) => tags[name]?.length === 0);
