import type { Baseline, Exception, ExceptionState } from "../../src/api/types.ts";
import { type Asked, Refused, type Routes } from "../fixtures.ts";
import { all } from "./lists.ts";

const TEXT = `# What our estate must look like, and where we allow otherwise.
version: 1
review: {last: 2026-02-01, owner: security@example.com}
frameworks: [cis-aws-7.0, nist-csf-2.0]
fail_on: high
environments:
  production:
    match: {any: [{tag: {environment: production}}, {account: "*-prod"}]}
    fail_on: medium
rules_off:
  s3-bucket-no-access-log: {reason: Costs more than it tells, environments: [staging]}
exceptions:
  - id: EX-1
    rule: s3-bucket-public
    match: {uid: "arn:aws:s3:::www.example.com"}
    owner: web@example.com
    reason: The public web site is served from here.
    expires: 2027-03-31
`;

const baseline: Baseline = {
  path: "koban.yaml",
  found: true,
  text: TEXT,
  problems: [],
  advice: ["the last review was 237 days ago; it is due every 6 months"],
  review: { last: "2026-02-01", owner: "security@example.com", due: "2026-08-01", overdue: true, cadence_days: 183 },
  frameworks: ["cis-aws-7.0", "nist-csf-2.0"],
  fail_on: "high",
  environments: [
    {
      name: "production",
      match: { any: [{ tag: { environment: "production" } }, { account: "*-prod" }] },
      frameworks: ["pci-dss-4.0"],
      fail_on: "medium",
      thresholds: { "iam-password-short": { length_min: 16 } },
    },
    { name: "test", match: {}, frameworks: [], fail_on: null, thresholds: {} },
  ],
  thresholds: { "kms-key-no-rotation": { days_max: 365 } },
  rules_off: [{ rule: "s3-bucket-no-access-log", reason: "Costs more than it tells", environments: ["staging"] }],
  exceptions: [
    {
      id: "EX-1",
      rules: ["s3-bucket-public"],
      match: { uid: "arn:aws:s3:::www.example.com" },
      owner: "web@example.com",
      reason: "The public web site is served from here.",
      expires: "2027-03-31",
      expired: false,
      line: 13,
    },
  ],
  contacts: [{ name: "Security on call", role: "incident lead", email: "security@example.com" }],
  plan: "https://example.com/incident-response-plan",
};

const person = { id: 2, name: "Ken Sample" };
const held: Exception[] = (["asked", "approved", "rejected", "expired"] as const).map((state, n) => ({
  id: n + 1,
  rule: n === 1 ? null : "s3-bucket-public",
  account: n === 2 ? "444444444444" : null,
  uid: n === 0 ? "arn:aws:s3:::www.*" : null,
  fingerprints: n === 1 ? ["f1", "f2"] : [],
  reason: "The public web site is served from here.",
  state,
  asked_by: person,
  asked_at: new Date(Date.now() - (n + 1) * 86_400_000).toISOString(),
  decided_by: state === "asked" ? null : { id: 1, name: "Ada Example" },
  decided_at: state === "asked" ? null : new Date().toISOString(),
  decision: state === "rejected" ? "Too wide" : "",
  expires: "2027-03-31",
  findings: 2 + n,
}));

const decide =
  (state: ExceptionState) =>
  ({ path, body }: Asked): Exception => {
    const found = held.find((one) => String(one.id) === path.id);
    if (!found) throw new Refused(404, { title: "Not found", detail: "" });
    return Object.assign(found, {
      state,
      decision: String(body.reason),
      decided_by: { id: 1, name: "Ada Example" },
      decided_at: new Date().toISOString(),
    });
  };

export const baselines: Routes = {
  "GET /baseline": () => baseline,
  "GET /exceptions": ({ query }) => {
    const states = query.get("state")?.split(",");
    return all(held.filter((one) => !states || states.includes(one.state)));
  },
  "POST /exceptions": ({ body }) => {
    const made = {
      ...(held[0] as Exception),
      ...body,
      id: held.length + 1,
      state: "asked",
      decision: "",
      decided_by: null,
      decided_at: null,
      findings: 1,
    } as Exception;
    held.unshift(made);
    return made;
  },
  "POST /exceptions/:id/approve": decide("approved"),
  "POST /exceptions/:id/reject": decide("rejected"),
  "POST /exceptions/:id/revoke": decide("revoked"),
};
