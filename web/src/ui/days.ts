const DAY_MS = 86_400_000;

/** The day that is so many days from now, as date fields hold it. */
export const dayIn = (days: number, now = Date.now()): string =>
  new Date(now + days * DAY_MS).toISOString().slice(0, 10);
