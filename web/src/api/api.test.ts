import { afterEach, describe, expect, test, vi } from "vitest";
import { get, post, queryString, setCsrf } from "./client.ts";
import { editPage, mergePages } from "./pages.ts";
import { asProblem, Problem, problemOf } from "./problem.ts";
import type { Page } from "./types.ts";

const json = (body: unknown, status = 200, type = "application/json", headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": type, ...headers } });

describe("problems", () => {
  test("are read with their fields and how long to wait", async () => {
    const body = {
      type: "about:blank",
      title: "Bad",
      detail: "no",
      errors: [{ field: "body.email", message: "odd" }, 7],
    };
    const problem = await problemOf(json(body, 422, "application/problem+json", { "Retry-After": "30" }));
    expect([problem.status, problem.title, problem.detail, problem.retryAfter]).toEqual([422, "Bad", "no", 30]);
    expect(problem.field("email")).toBe("odd");
    expect(problem.field("name")).toBeUndefined();
  });

  test.each([
    [new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "Content-Type": "text/html" } }), "HTTP 502"],
    [new Response("{cut", { status: 500, headers: { "Content-Type": "application/json" } }), "HTTP 500"],
    [json(["odd"], 400), "HTTP 400"],
  ])("an answer of another shape still has a name", async (response, title) => {
    expect((await problemOf(response)).title).toBe(title);
  });

  test("anything thrown becomes one", () => {
    expect(asProblem(new TypeError("x")).unreachable).toBe(true);
    expect(asProblem(new Problem(404, {})).status).toBe(404);
  });
});

describe("the client", () => {
  afterEach(() => vi.unstubAllGlobals());

  test("joins lists and leaves out what is empty", () => {
    expect(queryString({ a: ["x", "y"], b: "", c: null, d: undefined, e: 0, f: false, g: [] })).toBe(
      "?a=x%2Cy&e=0&f=false",
    );
    expect(queryString({})).toBe("");
  });

  test("a change carries the CSRF token, a read doesn't", async () => {
    const seen: RequestInit[] = [];
    vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
      seen.push(init);
      return json({});
    });
    setCsrf("secret");
    await get("/x");
    await post("/x", { a: 1 });
    expect(new Headers(seen[0]?.headers).has("X-CSRF-Token")).toBe(false);
    expect(new Headers(seen[1]?.headers).get("X-CSRF-Token")).toBe("secret");
    expect(seen[1]?.body).toBe('{"a":1}');
  });

  test("no answer is a problem too", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("refused");
    });
    await expect(get("/x")).rejects.toMatchObject({ status: 0, unreachable: true });
  });

  test("204 is nothing", async () => {
    vi.stubGlobal("fetch", async () => new Response(null, { status: 204 }));
    expect(await post("/x")).toBeUndefined();
  });
});

describe("pages", () => {
  const page = (ids: string[], total: number | null = null): Page<{ id: string; n: number }> => ({
    items: ids.map((id) => ({ id, n: 0 })),
    next: null,
    total,
  });

  test("are merged in order; a row that moved is kept once", () => {
    const rows = mergePages([page(["a", "b"]), page(["b", "c"]), page([])], (row) => row.id);
    expect(rows.map((row) => row.id)).toEqual(["a", "b", "c"]);
  });

  test("a row is changed or taken away, and the total follows", () => {
    const edited = editPage(page(["a", "b", "c"], 3), (row) =>
      row.id === "b" ? null : { ...row, n: row.id === "c" ? 1 : 0 },
    );
    expect(edited.items).toEqual([
      { id: "a", n: 0 },
      { id: "c", n: 1 },
    ]);
    expect(edited.total).toBe(2);
    expect(editPage(page(["a"]), () => null).total).toBeNull();
  });
});
