/**
 * A condition of the baseline as one line: keys of one mapping all hold (`;`), of `any` one (`|`), of `all` each (`&`).
 * Empty: it holds everywhere.
 */
export function matchText(match: unknown): string {
  if (match === null || match === undefined) return "";
  if (Array.isArray(match)) return match.map(matchText).join(", ");
  if (typeof match !== "object") return String(match);
  return Object.entries(match).map(entryText).join("; ");
}

function entryText([key, value]: [string, unknown]): string {
  if (key === "any") return joined(value, " | ");
  if (key === "all") return joined(value, " & ");
  if (key === "not") return `not (${matchText(value)})`;
  if (key === "tag" && typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, one]) => `tag ${name}: ${matchText(one)}`)
      .join("; ");
  }
  return `${key}: ${matchText(value)}`;
}

function joined(conditions: unknown, by: string): string {
  if (!Array.isArray(conditions)) return matchText(conditions);
  return conditions
    .map((one) => {
      const text = matchText(one);
      return /[;|&]/.test(text) ? `(${text})` : text;
    })
    .join(by);
}
