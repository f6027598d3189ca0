import { type ReactNode, useState } from "react";
import { Problem } from "../api/problem.ts";
import { useT } from "../i18n/i18n.tsx";
import styles from "./Form.module.css";
import { Notice } from "./Notice.tsx";

interface Tagged {
  etag?: string;
}

export interface Held<T> {
  before: T;
  now: T;
}

/**
 * Sends changes of a thing as it was when the form opened. Where somebody else changed it meanwhile nothing is written:
 * it is read again, and what is typed stays. Sent once more, it is sent for the thing as it is now.
 */
export function useMeanwhile<T extends Tagged>(opened: T | null, load: () => Promise<T | undefined>) {
  const [first] = useState(opened);
  const [held, hold] = useState<Held<T> | null>(null);
  const current = held?.now ?? first;
  async function send<R>(change: (etag: string | undefined) => Promise<R>): Promise<R> {
    try {
      return await change(current?.etag);
    } catch (error) {
      if (current && isStale(error)) {
        const now = await load();
        if (now) hold({ before: current, now });
      }
      throw error;
    }
  }
  return { held, send };
}

export const isStale = (error: unknown): boolean => error instanceof Problem && error.status === 412;

/** One field: its key, what it is called, and how its value is said. */
export type Told<T> = readonly [key: keyof T & string, label: string, say?: (value: never) => string];

export interface Change {
  label: string;
  before: string;
  now: string;
}

/** What differs, of what the form shows. */
export function changes<T>({ before, now }: Held<T>, fields: readonly Told<T>[], none: string): Change[] {
  return fields
    .filter(([key]) => JSON.stringify(before[key]) !== JSON.stringify(now[key]))
    .map(([key, label, say]) => ({ label, before: said(before[key], say, none), now: said(now[key], say, none) }));
}

function said(value: unknown, say: ((value: never) => string) | undefined, none: string): string {
  if (value === null || value === undefined || value === "") return none;
  if (say) return say(value as never);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Says what somebody else changed, and what sending it again does. */
export function Meanwhile<T>({
  held,
  fields,
  drops = false,
}: {
  held: Held<T> | null;
  fields: readonly Told<T>[];
  /** What is sent deletes it, or decides about it: nothing typed is written over it. */
  drops?: boolean;
}): ReactNode {
  const t = useT();
  if (!held) return null;
  const found = changes(held, fields, t("none"));
  return (
    <Notice tone="warn" live>
      <div className={styles.meanwhile}>
        <p>{t("meanwhile.title")}</p>
        {found.length > 0 && (
          <ul>
            {found.map((one) => (
              <li key={one.label}>{t("meanwhile.change", { ...one })}</li>
            ))}
          </ul>
        )}
        <p>{t(drops ? "meanwhile.decide" : "meanwhile.over")}</p>
      </div>
    </Notice>
  );
}
