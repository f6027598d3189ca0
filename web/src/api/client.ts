import { WHOLE } from "../url/state.ts";
import { Problem, problemOf } from "./problem.ts";

export type Value = string | number | boolean | null | undefined;
export type Query = Record<string, Value | readonly string[]>;

export const BASE = "/api/v1";

let csrf = "";

/** The session hands over its CSRF token; every change sends it back. */
export function setCsrf(token: string): void {
  csrf = token;
}

/** `?a=1&b=x,y&tag=k:v&tag=l`: lists are comma-separated, or repeated where values may hold commas; empty ones left out. */
export function queryString(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value) && WHOLE.has(key)) {
      for (const one of value) params.append(key, one);
      continue;
    }
    const said = Array.isArray(value) ? value.join(",") : value;
    if (said !== undefined && said !== null && said !== "") params.set(key, String(said));
  }
  const made = params.toString();
  return made ? `?${made}` : "";
}

export function url(path: string, query?: Query): string {
  return `${BASE}${path}${queryString(query)}`;
}

interface More {
  query?: Query | undefined;
  signal?: AbortSignal | undefined;
  etag?: string | undefined;
}

async function ask<T>(method: string, path: string, body?: unknown, { query, signal, etag }: More = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (etag) headers["If-Match"] = etag;
  let response: Response;
  try {
    response = await fetch(url(path, query), {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, { detail: "" });
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) =>
  ask<T>("GET", path, undefined, { query, signal });
/** `etag`: of the thing as it was seen; where it has changed meanwhile, the change is refused (412). */
export const post = <T>(path: string, body: unknown = {}, etag?: string) => ask<T>("POST", path, body, { etag });
export const patch = <T>(path: string, body: unknown, etag?: string) => ask<T>("PATCH", path, body, { etag });
export const put = <T>(path: string, body: unknown) => ask<T>("PUT", path, body);
export const remove = <T = void>(path: string, body?: unknown, etag?: string) => ask<T>("DELETE", path, body, { etag });
