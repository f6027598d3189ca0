import type { FindingsEvent } from "../../api/types.ts";

/** Several scans in one; null where nothing changed. A count that may not be known stays so. */
export function addNews(before: FindingsEvent | null, event: FindingsEvent): FindingsEvent | null {
  const sum = (name: "opened" | "resolved" | "reopened") => {
    const now = event[name];
    return now === null || before?.[name] === null ? null : now + (before?.[name] ?? 0);
  };
  const next = { scan: event.scan, opened: sum("opened"), resolved: sum("resolved"), reopened: sum("reopened") };
  const nothing = next.opened === 0 && next.resolved === 0 && next.reopened === 0;
  return nothing ? before : next;
}
