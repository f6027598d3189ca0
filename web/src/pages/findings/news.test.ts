import { describe, expect, test } from "vitest";
import { addNews } from "./news.ts";

const event = (scan: number, opened: number | null, resolved: number | null = 0, reopened: number | null = 0) => ({
  scan,
  opened,
  resolved,
  reopened,
});

describe("news of scans", () => {
  test("add up until they are shown", () => {
    const first = addNews(null, event(1, 3, 1));
    expect(addNews(first, event(2, 2, 0, 1))).toEqual(event(2, 5, 1, 1));
  });

  test("a scan that changed nothing is no news", () => {
    expect(addNews(null, event(1, 0))).toBeNull();
  });

  test("what may not be counted is told without a count, and stays so", () => {
    const hidden = addNews(null, event(1, null, null, null));
    expect(hidden).toEqual(event(1, null, null, null));
    expect(addNews(hidden, event(2, 4, 4, 4))).toEqual(event(2, null, null, null));
  });
});
