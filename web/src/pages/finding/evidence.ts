import { isRecord } from "../../api/problem.ts";
import type { Change, Comment } from "../../api/types.ts";

export interface Property {
  name: string;
  value: unknown;
}

/** The document's properties, those that could not be read first: an unknown verdict hangs on them. */
export function properties(document: unknown): Property[] {
  if (document === null || document === undefined) return [];
  if (!isRecord(document)) return [{ name: "", value: document }];
  const rows = Object.entries(document).map(([name, value]) => ({ name, value }));
  return [
    ...rows.filter((row) => unknownWhy(row.value) !== null),
    ...rows.filter((row) => unknownWhy(row.value) === null),
  ];
}

/** Why a value is not known; null for one that is. */
export function unknownWhy(value: unknown): string | null {
  if (!isRecord(value)) return null;
  const why = value.$unknown;
  return typeof why === "string" ? why : null;
}

export interface Step {
  name: string;
  before: string;
  after: string;
}

/** What changed between two states of a finding, property by property. */
export function steps(change: Pick<Change, "before" | "after">): Step[] {
  const before = isRecord(change.before) ? change.before : {};
  const after = isRecord(change.after) ? change.after : {};
  return Object.keys({ ...before, ...after })
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => ({ name, before: plain(before[name]), after: plain(after[name]) }));
}

function plain(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export type Entry = { at: string; key: string } & ({ change: Change } | { comment: Comment });

/** Changes and comments in one line of time, the newest first. That a comment was written is told by the comment. */
export function timeline(history: readonly Change[], comments: readonly Comment[]): Entry[] {
  const entries: Entry[] = [
    ...history
      .filter((change) => change.kind !== "comment")
      .map((change) => ({ at: change.at, key: `change-${change.id}`, change })),
    ...comments.map((comment) => ({ at: comment.at, key: `comment-${comment.id}`, comment })),
  ];
  return entries.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}
