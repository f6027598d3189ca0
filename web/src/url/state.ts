import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** Names whose values may hold commas: they are repeated in the address, not joined. */
export const WHOLE: ReadonlySet<string> = new Set(["q", "tag"]);

/** What a filter holds: no value is no filter. */
export type Filters = Record<string, readonly string[]>;

export function parseFilters(params: URLSearchParams, names: readonly string[]): Filters {
  const filters: Record<string, readonly string[]> = {};
  for (const name of names) {
    const values = params
      .getAll(name)
      .flatMap((value) => (WHOLE.has(name) ? [value] : value.split(",")))
      .map((value) => value.trim())
      .filter(Boolean);
    if (values.length) filters[name] = [...new Set(values)];
  }
  return filters;
}

/** The query string that says the same, in a settled order: equal filters make equal addresses and cache keys. */
export function filtersToQuery(filters: Filters, names: readonly string[]): string {
  const params = new URLSearchParams();
  for (const name of names) {
    const values = filters[name];
    if (!values?.length) continue;
    if (WHOLE.has(name)) for (const value of values) params.append(name, value);
    else params.set(name, values.join(","));
  }
  return params.toString();
}

export type Patch = Record<string, string | readonly string[] | null | undefined>;

/** The parameters with some changed; an empty value takes its parameter away. */
export function patchParams(params: URLSearchParams, patch: Patch): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(patch)) {
    next.delete(name);
    const values = (typeof value === "string" ? [value] : (value ?? [])).filter(Boolean);
    if (WHOLE.has(name)) for (const one of values) next.append(name, one);
    else if (values.length) next.set(name, values.join(","));
  }
  return next;
}

/** A page's state in its address. `set` makes a history entry, so that Back undoes a filter; `replace` doesn't. */
export function useUrlState(): {
  params: URLSearchParams;
  set: (patch: Patch) => void;
  replace: (patch: Patch) => void;
} {
  const [params, setParams] = useSearchParams();
  const set = useCallback((patch: Patch) => setParams((now) => patchParams(now, patch)), [setParams]);
  const replace = useCallback(
    (patch: Patch) => setParams((now) => patchParams(now, patch), { replace: true }),
    [setParams],
  );
  return useMemo(() => ({ params, set, replace }), [params, set, replace]);
}
