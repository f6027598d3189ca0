import type { CaseDetail } from "../../src/api/types.ts";
import { Refused, type Routes } from "../fixtures.ts";
import { ALL as FINDINGS } from "./findings.ts";
import { pageOf } from "./lists.ts";

const now = () => new Date().toISOString();

const held: CaseDetail[] = [
  {
    id: 1,
    title: "Public buckets in the web account",
    state: "working",
    severity: "high",
    owner: { id: 2, name: "Ken Sample" },
    summary: "Found in the weekly review. The web team moves them behind the CDN.",
    created: now(),
    updated: now(),
    closed: null,
    findings: 6,
    items: FINDINGS.slice(0, 6),
    comments: [
      {
        id: 1,
        at: now(),
        author: { id: 2, name: "Ken Sample" },
        author_name: "Ken Sample",
        text: "The web team starts on Monday.",
      },
    ],
  },
];

function one(id: string | undefined): CaseDetail {
  const found = held.find((each) => String(each.id) === id);
  if (!found) throw new Refused(404, { title: "Not found", detail: "" });
  return found;
}

export const casework: Routes = {
  "GET /cases": ({ query }) => {
    const states = query.get("state")?.split(",");
    return pageOf(
      held.filter((each) => !states || states.includes(each.state)),
      query,
    );
  },
  "POST /cases": ({ body }) => {
    const made = {
      ...body,
      id: held.length + 1,
      state: "open",
      owner: null,
      created: now(),
      updated: now(),
      closed: null,
      findings: 0,
      items: [],
      comments: [],
    } as unknown as CaseDetail;
    held.unshift(made);
    return made;
  },
  "GET /cases/:id": ({ path }) => one(path.id),
  "PATCH /cases/:id": ({ path, body }) => {
    const { owner, ...said } = body;
    return Object.assign(
      one(path.id),
      said,
      owner === undefined ? {} : { owner: owner ? { id: owner, name: "Ken Sample" } : null },
    );
  },
  "POST /cases/:id/comments": ({ path, body }) => {
    const made = {
      id: Date.now(),
      at: now(),
      author: { id: 1, name: "Ada Example" },
      author_name: "Ada Example",
      text: String(body.text),
    };
    one(path.id).comments.push(made);
    return made;
  },
  "POST /cases/:id/findings/remove": ({ path, body }) => {
    const found = one(path.id);
    const ids = new Set((body.ids as unknown[]).map(String));
    found.items = found.items.filter((finding) => !ids.has(String(finding.id)));
    found.findings = found.items.length;
    return { changed: ids.size, skipped: [] };
  },
};
