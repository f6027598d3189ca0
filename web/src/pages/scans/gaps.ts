import type { Gap } from "../../api/types.ts";

/** The same type that could not be read for the same reason, wherever that was. */
export interface Gaps {
  type: string;
  why: string;
  /** Empty: all. */
  accounts: string[];
  regions: string[];
}

export function gapsTogether(gaps: readonly Gap[]): Gaps[] {
  const held = new Map<string, { type: string; why: string; accounts: Set<string>; regions: Set<string> }>();
  for (const { type, why, account, region } of gaps) {
    const key = `${type}\n${why}`;
    const one = held.get(key) ?? { type, why, accounts: new Set(), regions: new Set() };
    if (account) one.accounts.add(account);
    if (region) one.regions.add(region);
    held.set(key, one);
  }
  return [...held.values()].map((one) => ({
    ...one,
    accounts: [...one.accounts].sort(),
    regions: [...one.regions].sort(),
  }));
}
