import { describe, expect, test } from "vitest";
import { emptyTag, seesAll, tagsOf, tagsText } from "./sight.ts";

describe("what somebody sees", () => {
  test.each([
    [{ accounts: null, tags: {} }, true],
    [{ accounts: [], tags: {} }, false],
    [{ accounts: null, tags: { team: ["shop"] } }, false],
  ])("%j is everything: %s", (sight, all) => {
    expect(seesAll(sight)).toBe(all);
  });

  test.each([
    ["", {}],
    ["team: shop, web\nenv=prod", { team: ["shop", "web"], env: ["prod"] }],
    ["team: shop\nteam: web, shop", { team: ["shop", "web"] }],
    [" url : https://x ", { url: ["https://x"] }],
    ["lonely", { lonely: [] }],
  ])("%j is read as %j", (text, tags) => {
    expect(tagsOf(text)).toEqual(tags);
  });

  test("what is shown is read again as it was", () => {
    const tags = { team: ["shop", "web"], env: ["prod"] };
    expect(tagsOf(tagsText(tags))).toEqual(tags);
  });

  test("a tag without values is told of", () => {
    expect(emptyTag(tagsOf("team: a\nlonely:"))).toBe("lonely");
    expect(emptyTag({ team: ["a"] })).toBeUndefined();
  });
});
