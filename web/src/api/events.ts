import { useEffect, useRef } from "react";
import { BASE } from "./client.ts";
import type { FindingsEvent, Scan } from "./types.ts";

export interface Events {
  scan: Scan;
  findings: FindingsEvent;
  exception: { object: string; action: string };
}

type Listener<K extends keyof Events> = (data: Events[K]) => void;
const NAMES = ["scan", "findings", "exception"] as const;

/** One stream for the whole console, open while anyone listens. The browser reconnects by itself. */
class Stream {
  private source: EventSource | null = null;
  private readonly listeners = new Map<keyof Events, Set<(data: unknown) => void>>();
  private count = 0;

  on(name: keyof Events, listener: (data: unknown) => void): () => void {
    const set = this.listeners.get(name) ?? new Set();
    set.add(listener);
    this.listeners.set(name, set);
    this.count += 1;
    this.open();
    return () => {
      set.delete(listener);
      this.count -= 1;
      if (this.count === 0) this.close();
    };
  }

  private open(): void {
    if (this.source || typeof EventSource === "undefined") return;
    this.source = new EventSource(`${BASE}/events`, { withCredentials: true });
    for (const name of NAMES) {
      this.source.addEventListener(name, (event) => this.tell(name, event.data));
    }
  }

  private tell(name: keyof Events, text: string): void {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      return;
    }
    for (const listener of this.listeners.get(name) ?? []) listener(data);
  }

  private close(): void {
    this.source?.close();
    this.source = null;
  }
}

const stream = new Stream();

/** Calls `listener` for each event of that name while the component is mounted. */
export function useEvents<K extends keyof Events>(name: K, listener: Listener<K>): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => stream.on(name, (data) => latest.current(data as Events[K])), [name]);
}
