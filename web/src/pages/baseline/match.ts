/** A condition of the baseline in words: `account: [a, b]`, `all: [...]`, `not: ...` as one line that people read. */
export function matchText(match: unknown): string {
  if (match === null || match === undefined) return "";
  if (Array.isArray(match)) return match.map(matchText).join(", ");
  if (typeof match !== "object") return String(match);
  return Object.entries(match)
    .map(([key, value]) => `${key}: ${within(value)}`)
    .join("; ");
}

function within(value: unknown): string {
  const text = matchText(value);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? `(${text})` : text;
}
