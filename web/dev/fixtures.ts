import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import { findings } from "./routes/findings.ts";
import { overview } from "./routes/overview.ts";
import { session } from "./routes/session.ts";

/** What a route is told. */
export interface Asked {
  /** The parts of the path that stand at `:name`. */
  path: Record<string, string>;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

/** An answer that is not 200. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: Record<string, unknown>,
    readonly headers: Record<string, string> = {},
  ) {
    super(String(status));
  }
}

export type Routes = Record<string, (asked: Asked) => unknown>;

const ROUTES: Routes = { ...session, ...overview, ...findings };

/** Answers /api/v1 from made-up data while no server runs. KOBAN_DEV_DELAY (ms) shows the loading states. */
export function fixtures(): Plugin {
  const table = Object.entries(ROUTES).map(([name, run]) => {
    const [method = "", path = ""] = name.split(" ");
    return { method, pattern: new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`), run };
  });
  const delay = Number(process.env.KOBAN_DEV_DELAY ?? 60);

  async function handle(request: IncomingMessage, response: ServerResponse, next: () => void) {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname === "/api/v1/events") return events(response);
    if (!url.pathname.startsWith("/api/v1/")) return next();
    const path = url.pathname.slice("/api/v1".length);
    const body = await read(request);
    await new Promise((done) => setTimeout(done, delay));
    for (const route of table) {
      const found = route.method === request.method ? route.pattern.exec(path) : null;
      if (!found) continue;
      try {
        const parts = Object.fromEntries(
          Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
        );
        send(response, 200, route.run({ path: parts, query: url.searchParams, body }));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        send(response, error.status, { status: error.status, ...error.body }, error.headers);
      }
      return;
    }
    send(response, 404, { status: 404, title: "Not found", detail: `${request.method} ${path} has no fixture` });
  }
  return {
    name: "koban-fixtures",
    configureServer: (server) => void server.middlewares.use((a, b, next) => void handle(a, b, next)),
    configurePreviewServer: (server) =>
      void server.middlewares.use((a, b, next) => {
        b.setHeader(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        );
        void handle(a, b, next);
      }),
  };
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.statusCode = body === undefined ? 204 : status;
  response.setHeader("Content-Type", status < 400 ? "application/json" : "application/problem+json");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function events(response: ServerResponse) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write(": hello\n\n");
  const wait = Number(process.env.KOBAN_DEV_NEWS ?? 0);
  if (!wait) return;
  const timer = setTimeout(() => {
    response.write(`event: findings\ndata: ${JSON.stringify({ scan: 9, opened: 12, resolved: 3, reopened: 1 })}\n\n`);
  }, wait);
  response.on("close", () => clearTimeout(timer));
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const part of request) text += part;
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}
