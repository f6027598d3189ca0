import type { Facet, Page } from "../../src/api/types.ts";

const COUNTED_MAX = 10_000;

/** A piece of a list, by a cursor that is the number of the next row. */
export function pageOf<T>(rows: readonly T[], query: URLSearchParams): Page<T> {
  const limit = Number(query.get("limit") ?? 50);
  const from = Number(query.get("cursor") ?? 0);
  const many = rows.length > COUNTED_MAX;
  return {
    items: rows.slice(from, from + limit),
    next: from + limit < rows.length ? String(from + limit) : null,
    total: many ? null : rows.length,
    ...(many ? { total_at_least: COUNTED_MAX } : {}),
  };
}

export const all = <T>(items: readonly T[]): Page<T> => ({ items: [...items], next: null, total: items.length });

export function facetsOf<T>(rows: readonly T[], of: (row: T) => string): Facet[] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + 1);
  return [...counts]
    .map(([key, count]) => ({ key, label: key, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, 50);
}
