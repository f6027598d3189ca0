/** Which rows are chosen: some by key, or everything that matches the filters (also what is not loaded yet). */
export interface Selection {
  all: boolean;
  keys: ReadonlySet<string>;
  /** Where a range by Shift begins. */
  anchor: string | null;
}

export const NOTHING: Selection = { all: false, keys: new Set(), anchor: null };

export function toggle(selection: Selection, key: string): Selection {
  const keys = new Set(selection.all ? [] : selection.keys);
  if (keys.has(key)) keys.delete(key);
  else keys.add(key);
  return { all: false, keys, anchor: key };
}

/** From the anchor to `key` in the order shown; they join what is chosen already. */
export function extend(selection: Selection, key: string, order: readonly string[]): Selection {
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(key);
  if (from < 0 || to < 0) return toggle(selection, key);
  const keys = new Set(selection.all ? [] : selection.keys);
  for (const between of order.slice(Math.min(from, to), Math.max(from, to) + 1)) keys.add(between);
  return { all: false, keys, anchor: selection.anchor };
}

export function only(keys: readonly string[]): Selection {
  return { all: false, keys: new Set(keys), anchor: keys[0] ?? null };
}

export const everything = (): Selection => ({ all: true, keys: new Set(), anchor: null });

export const chosen = (selection: Selection, key: string): boolean => selection.all || selection.keys.has(key);

/** What the header's box shows. */
export function state(selection: Selection, order: readonly string[]): "none" | "some" | "all" {
  if (selection.all) return "all";
  if (selection.keys.size === 0) return "none";
  return order.length > 0 && order.every((key) => selection.keys.has(key)) ? "all" : "some";
}
