/** A document as the rows of a tree: what is open, what a search finds, and the path of each place. */

export type Kind = "object" | "list" | "text" | "number" | "flag" | "nothing" | "unknown";

export interface Row {
  path: string;
  parent: string | null;
  name: string;
  depth: number;
  kind: Kind;
  value: unknown;
  /** How many things an object or list holds. */
  size: number;
  open: boolean;
  /** It is the thing itself that the search found, not what holds it. */
  found: boolean;
  /** Its place among its siblings, from 1. */
  at: number;
  of: number;
}

/** Why a value is not known, as the API says it: `{"$unknown": why}`. Null: it is known. */
export function whyUnknown(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("$unknown" in value)) return null;
  return typeof value.$unknown === "string" ? value.$unknown : JSON.stringify(value.$unknown);
}

export function kindOf(value: unknown): Kind {
  if (whyUnknown(value) !== null) return "unknown";
  if (Array.isArray(value)) return "list";
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "object") return "object";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "flag";
  return "text";
}

const PLAIN = /^[\w$-]+(:[\w$-]+)*$/;

/** `Rules[0].Id`; a name that a path would break at stands in brackets: `Tags["a.b"]`. */
export function joinPath(parent: string, name: string | number): string {
  if (typeof name === "number") return `${parent}[${name}]`;
  if (!PLAIN.test(name)) return `${parent}[${JSON.stringify(name)}]`;
  return parent ? `${parent}.${name}` : name;
}

export function childrenOf(value: unknown): [string | number, unknown][] {
  const kind = kindOf(value);
  if (kind === "list") return (value as unknown[]).map((one, at) => [at, one]);
  if (kind === "object") return Object.entries(value as Record<string, unknown>);
  return [];
}

/** What is shown of a value that holds nothing more, and what a copy of it gives. */
export function textOf(value: unknown): string {
  const why = whyUnknown(value);
  if (why !== null) return why;
  if (typeof value === "string") return value;
  return JSON.stringify(value, null, 2) ?? "";
}

const matches = (name: string | number, value: unknown, needle: string) =>
  String(name).toLowerCase().includes(needle) ||
  (childrenOf(value).length === 0 && textOf(value).toLowerCase().includes(needle));

export interface Shown {
  rows: Row[];
  /** How many places the search found. */
  found: number;
}

/**
 * The rows to draw. `isOpen` says it of each place that holds more. A search leaves what it found and what holds it;
 * what is inside something found can be opened.
 */
export function rowsOf(document: unknown, isOpen: (path: string, depth: number) => boolean, search = ""): Shown {
  const needle = search.trim().toLowerCase();
  const kept = needle ? keep(document, needle) : null;
  const rows: Row[] = [];
  let found = 0;

  function walk(value: unknown, path: string, depth: number, inside: boolean) {
    const all = childrenOf(value);
    const some = kept && !inside ? all.filter(([name]) => kept.has(joinPath(path, name))) : all;
    some.forEach(([name, child], index) => {
      const here = joinPath(path, name);
      const hit = needle !== "" && matches(name, child, needle);
      if (hit) found += 1;
      const size = childrenOf(child).length;
      const holdsHit = kept?.get(here) === "holds";
      const open = size > 0 && (holdsHit || isOpen(here, depth));
      rows.push({
        path: here,
        parent: path || null,
        name: typeof name === "number" ? `[${name}]` : name,
        depth,
        kind: kindOf(child),
        value: child,
        size,
        open,
        found: hit,
        at: index + 1,
        of: some.length,
      });
      if (open) walk(child, here, depth + 1, inside || (hit && !holdsHit));
    });
  }

  walk(document, "", 0, false);
  return { rows, found };
}

/** Each path that the search found ("hit"), or that holds such a one ("holds"). */
function keep(document: unknown, needle: string): Map<string, "hit" | "holds"> {
  const kept = new Map<string, "hit" | "holds">();
  function walk(value: unknown, path: string): boolean {
    let any = false;
    for (const [name, child] of childrenOf(value)) {
      const here = joinPath(path, name);
      const below = walk(child, here);
      const hit = matches(name, child, needle);
      if (below) kept.set(here, "holds");
      else if (hit) kept.set(here, "hit");
      any ||= below || hit;
    }
    return any;
  }
  walk(document, "");
  return kept;
}

export function countOf(document: unknown, limit: number): number {
  let count = 0;
  function walk(value: unknown) {
    for (const [, child] of childrenOf(value)) {
      count += 1;
      if (count >= limit) return;
      walk(child);
    }
  }
  walk(document);
  return count;
}

/** Where the document does not know. */
export function unknownsOf(document: unknown): { path: string; why: string }[] {
  const found: { path: string; why: string }[] = [];
  function walk(value: unknown, path: string) {
    for (const [name, child] of childrenOf(value)) {
      const here = joinPath(path, name);
      const why = whyUnknown(child);
      if (why === null) walk(child, here);
      else found.push({ path: here, why });
    }
  }
  walk(document, "");
  return found;
}
