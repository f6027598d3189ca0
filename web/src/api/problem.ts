/** What went wrong, as the API says it (RFC 9457), or as the network did. */
export interface FieldError {
  field: string;
  message: string;
}

export class Problem extends Error {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly fields: FieldError[];
  /** Everything the problem held, for members of its own such as `methods` or `retry_after`. */
  readonly body: Record<string, unknown>;
  /** Seconds to wait, from Retry-After; null when nothing was said. */
  readonly retryAfter: number | null;

  constructor(status: number, body: Record<string, unknown>, retryAfter: number | null = null) {
    const title = text(body.title) || (status ? `HTTP ${status}` : "");
    super(text(body.detail) || title);
    this.name = "Problem";
    this.status = status;
    this.type = text(body.type) || "about:blank";
    this.title = title;
    this.detail = text(body.detail);
    this.fields = Array.isArray(body.errors) ? body.errors.flatMap(fieldError) : [];
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** No answer at all: offline, refused, or cut. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  field(name: string): string | undefined {
    return this.fields.find((error) => error.field === name || error.field.endsWith(`.${name}`))?.message;
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
  let body: unknown = {};
  if ((response.headers.get("Content-Type") ?? "").includes("json")) {
    body = await response.json().catch(() => ({}));
  }
  return new Problem(response.status, isRecord(body) ? body : {}, Number.isFinite(wait) ? wait : null);
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, { detail: error instanceof Error ? error.message : String(error) });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function fieldError(value: unknown): FieldError[] {
  if (!isRecord(value)) return [];
  return [{ field: text(value.field), message: text(value.message) }];
}
