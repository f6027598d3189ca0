import type { Finding } from "../../api/types.ts";
import { type Filters, filtersToQuery, parseFilters } from "../../url/state.ts";

/** The filters of the API, in the order in which they stand in the address. */
export const FILTERS = [
  "q",
  "severity",
  "verdict",
  "status",
  "environment",
  "account",
  "region",
  "type",
  "rule",
  "framework",
  "control",
  "function",
  "assignee",
  "target",
  "resource",
  "seen_since",
] as const;
export type FilterName = (typeof FILTERS)[number];

/** Names are sorted from A on, all else from the worst or the newest. */
export const firstOrder = (key: SortName): "asc" | "desc" => (key === "rule" || key === "resource" ? "asc" : "desc");

export const GROUPS = ["rule", "resource", "account", "environment", "region", "type", "severity"] as const;
export type GroupName = (typeof GROUPS)[number];

export const SORTS = ["severity", "first_seen", "last_seen", "rule", "resource"] as const;
export type SortName = (typeof SORTS)[number];

export interface Shown {
  filters: Filters;
  sort: { key: SortName; order: "asc" | "desc" };
  group: GroupName | null;
}

/** What an address shows. What it doesn't know is left out, so that an old link still opens. */
export function parseShown(params: URLSearchParams): Shown {
  const key = SORTS.find((name) => name === params.get("sort")) ?? "severity";
  const order = params.get("order");
  return {
    filters: parseFilters(params, FILTERS),
    sort: { key, order: order === "asc" || order === "desc" ? order : firstOrder(key) },
    group: GROUPS.find((name) => name === params.get("group")) ?? null,
  };
}

/** The filters as the API gets them: what is not said is open. */
export function apiFilters(filters: Filters): Filters {
  return filters.status ? filters : { ...filters, status: ["open"] };
}

export const apiQuery = (filters: Filters): string => filtersToQuery(apiFilters(filters), FILTERS);

/** The address of these filters with one more: where a group leads. */
export function within(params: URLSearchParams, name: string, key: string): string {
  const next = new URLSearchParams(params);
  next.delete("group");
  next.set(name, key);
  return `/findings?${next}`;
}

let last = "";

/** The list that was looked at last, for the way back from a finding. */
export const lastQuery = (): string => last;
export function rememberQuery(search: string): void {
  last = search;
}

export interface Decision {
  action: "assign" | "except" | "reopen" | "case";
  assignee?: { id: number; name: string } | null;
  expires?: string;
  /** An exception by an analyst is only asked for. */
  asked?: boolean;
}

/** A row after a decision; null when these filters no longer show it. */
export function decided(row: Finding, decision: Decision, filters: Filters, now = new Date()): Finding | null {
  const shown = apiFilters(filters).status ?? [];
  if (decision.action === "assign") return { ...row, assignee: decision.assignee ?? null };
  if (decision.action === "except") {
    if (decision.asked) return row;
    const next: Finding = { ...row, status: "excepted", exception: { id: 0, expires: decision.expires ?? "" } };
    return shown.includes("excepted") ? next : null;
  }
  if (decision.action === "case") return row;
  const next: Finding = { ...row, status: "open", exception: null, resolved: null };
  return shown.includes("open") ? { ...next, last_seen: row.last_seen || now.toISOString() } : null;
}
