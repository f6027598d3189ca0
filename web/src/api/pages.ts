import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { get, type Query } from "./client.ts";
import type { Page } from "./types.ts";

export interface List<T> {
  rows: readonly T[];
  /** Exact when known. */
  total: number | null;
  /** At least so many, when `total` is not known. */
  atLeast: number | null;
  isPending: boolean;
  error: unknown;
  more: { hasNext: boolean; loading: boolean; failed: boolean; load: () => void };
  /** Starts again at the first page. */
  reset: () => void;
  refetch: () => void;
  /** Changes rows that are loaded; null takes a row away. */
  edit: (change: (row: T) => T | null) => void;
}

const LIMIT = 200;

/** A list of the API, page after page, in one row of rows. */
export function useList<T>(path: string, query: Query, key: (row: T) => string, limit = LIMIT): List<T> {
  const client = useQueryClient();
  const name = JSON.stringify(query);
  const queryKey = useMemo(() => ["list", path, name] as const, [path, name]);
  const asked = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => get<Page<T>>(path, { ...query, limit, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    // Pages that were read stay as they are: rows must not jump under the reader. News is told by a banner.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
    structuralSharing: false,
  });
  const { data, fetchNextPage, refetch } = asked;
  const rows = useMemo(() => mergePages(data?.pages ?? [], key), [data, key]);
  const first = data?.pages[0];
  return {
    rows,
    total: first?.total ?? (first && first.next === null ? rows.length : null),
    atLeast: first?.total_at_least ?? null,
    isPending: asked.isPending,
    error: asked.error,
    more: {
      hasNext: asked.hasNextPage,
      loading: asked.isFetchingNextPage,
      failed: asked.isFetchNextPageError,
      load: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    },
    reset: useCallback(() => void client.resetQueries({ queryKey }), [client, queryKey]),
    refetch: useCallback(() => void refetch(), [refetch]),
    edit: useCallback(
      (change: (row: T) => T | null) =>
        void client.setQueryData<InfiniteData<Page<T>, string | null>>(
          queryKey,
          (old) => old && { ...old, pages: old.pages.map((page) => editPage(page, change)) },
        ),
      [client, queryKey],
    ),
  };
}

/** All pages in one; a row that moved between two reads is kept once, where it was seen first. */
export function mergePages<T>(pages: readonly Page<T>[], key: (row: T) => string): T[] {
  const seen = new Set<string>();
  const rows: T[] = [];
  for (const page of pages) {
    for (const row of page.items) {
      const name = key(row);
      if (seen.has(name)) continue;
      seen.add(name);
      rows.push(row);
    }
  }
  return rows;
}

export function editPage<T>(page: Page<T>, change: (row: T) => T | null): Page<T> {
  const items = page.items.flatMap((row) => change(row) ?? []) as T[];
  const gone = page.items.length - items.length;
  return { ...page, items, total: page.total === null ? null : page.total - gone };
}
