const DAY_MS = 86_400_000;

/** Days as people name them, as moments that the API asks by: from the start of the first to the end of the last, here. */
export function bounds(since: string | null, until: string | null): { since?: string; until?: string } {
  const first = startOf(since);
  const last = startOf(until);
  return {
    ...(first === null ? {} : { since: new Date(first).toISOString() }),
    ...(last === null ? {} : { until: new Date(last + DAY_MS - 1).toISOString() }),
  };
}

function startOf(day: string | null): number | null {
  const at = Date.parse(`${day ?? ""}T00:00:00`);
  return Number.isNaN(at) ? null : at;
}
