import type { AuditEntry, AuditVerdict } from "../../src/api/types.ts";
import type { Routes } from "../fixtures.ts";
import { pageOf } from "./lists.ts";

const ACTIONS = ["session.start", "finding.assign", "exception.approve", "scan.land", "user.create"];
const COUNT = 25_000;

const ALL: AuditEntry[] = Array.from({ length: COUNT }, (_, n) => ({
  id: COUNT - n,
  at: new Date(Date.now() - n * 600_000).toISOString(),
  actor: n % 4 === 3 ? `scan ${n}` : "ada@example.com",
  actor_kind: n % 4 === 3 ? "scan" : "user",
  action: ACTIONS[n % ACTIONS.length] ?? "",
  object: `finding ${n}`,
  detail: { reason: "Reviewed with the owner", before: null },
  address: "192.0.2.7",
  digest: n.toString(16).padStart(64, "0"),
}));

export const auditing: Routes = {
  "GET /audit": ({ query }) => {
    const action = query.get("action");
    return pageOf(
      ALL.filter(
        (one) =>
          (!action || one.action === action || one.action.startsWith(`${action}.`)) &&
          (!query.get("actor") || one.actor === query.get("actor")) &&
          (!query.get("object") || one.object === query.get("object")) &&
          (!query.get("since") || one.at >= String(query.get("since"))) &&
          (!query.get("until") || one.at <= String(query.get("until"))),
      ),
      query,
    );
  },
  "GET /audit/verify": (): AuditVerdict => ({
    whole: true,
    entries: COUNT,
    head: `${COUNT}:${"4815".repeat(16)}`,
    broken: null,
    why: null,
  }),
};
