import type { TargetKind } from "../../api/types.ts";

/** What `koban scan` takes, by kind: how each option is asked for. */
export type Asked = "line" | "lines" | "flag" | "number";

export const OPTIONS = {
  aws: {
    profile: "line",
    role_arn: "line",
    external_id: "line",
    org: "flag",
    org_role: "line",
    accounts: "lines",
    regions: "lines",
    services: "lines",
    exclude_services: "lines",
    max_rate: "number",
    baseline: "line",
  },
  iac: { paths: "lines", parameters: "lines", source: "line", baseline: "line" },
} as const satisfies Record<TargetKind, Record<string, Asked>>;

export type OptionName = keyof typeof OPTIONS.aws | keyof typeof OPTIONS.iac;
/** What the form holds: text as typed, flags as they are. */
export type Typed = Partial<Record<OptionName, string | boolean>>;

export const optionsOf = (kind: TargetKind) => Object.entries(OPTIONS[kind]) as [OptionName, Asked][];

/** What was typed, as the API takes it; what was left empty is left out. */
export function toOptions(kind: TargetKind, typed: Typed): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, asked] of optionsOf(kind)) {
    const value = typed[name];
    if (asked === "flag") {
      if (value === true) options[name] = true;
      continue;
    }
    const text = typeof value === "string" ? value.trim() : "";
    if (!text) continue;
    if (asked === "lines") options[name] = linesOf(text);
    else if (asked === "number") options[name] = Number(text);
    else options[name] = text;
  }
  return options;
}

/** The options of a target as the form shows them. */
export function fromOptions(kind: TargetKind, options: Record<string, unknown>): Typed {
  const typed: Typed = {};
  for (const [name, asked] of optionsOf(kind)) {
    const value = options[name];
    if (value === undefined || value === null) continue;
    if (asked === "flag") typed[name] = value === true;
    else if (Array.isArray(value)) typed[name] = value.join("\n");
    else typed[name] = String(value);
  }
  return typed;
}

/** One thing on each line; empty lines are nothing. */
export const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

export const HOUR = 3600;
/** How often a target may be scanned by itself; empty: by hand. */
export const RHYTHMS: readonly number[] = [HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 7 * 24 * HOUR];

/** A rhythm in its largest whole unit. */
export function rhythmOf(seconds: number): { unit: "minutes" | "hours" | "days"; count: number } {
  if (seconds % (24 * HOUR) === 0) return { unit: "days", count: seconds / (24 * HOUR) };
  if (seconds % HOUR === 0) return { unit: "hours", count: seconds / HOUR };
  return { unit: "minutes", count: Math.max(1, Math.round(seconds / 60)) };
}
