import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useEvents } from "../../api/events.ts";
import type { Scan } from "../../api/types.ts";

export const going = (scan: Pick<Scan, "state">): boolean =>
  scan.state === "queued" || scan.state === "running" || scan.state === "landing";

/** The rows with what the events said of them since; scans that are not among them come first. */
export function withNews(rows: readonly Scan[], news: ReadonlyMap<number, Scan>): Scan[] {
  const held = new Set(rows.map((row) => row.id));
  const fresh = [...news.values()].filter((scan) => !held.has(scan.id)).sort((a, b) => b.id - a.id);
  return [...fresh, ...rows.map((row) => ({ ...row, ...news.get(row.id) }))];
}

/** What the events said of scans while this is mounted, by id. */
export function useScanNews(): ReadonlyMap<number, Scan> {
  const client = useQueryClient();
  const [news, setNews] = useState<ReadonlyMap<number, Scan>>(new Map());
  useEvents("scan", (scan) => {
    setNews((before) => new Map(before).set(scan.id, scan));
    client.setQueryData<Scan>(["scan", scan.id], (old) => old && { ...old, ...scan });
    if (!going(scan)) {
      void client.invalidateQueries({ queryKey: ["scan", scan.id] });
      void client.invalidateQueries({ queryKey: ["targets"] });
    }
  });
  return news;
}

/** The newest scan of each target that is still going on. */
export function useGoing(scans: readonly Scan[]): ReadonlyMap<number, Scan> {
  return useMemo(() => {
    const found = new Map<number, Scan>();
    for (const scan of scans) if (going(scan) && !found.has(scan.target.id)) found.set(scan.target.id, scan);
    return found;
  }, [scans]);
}
