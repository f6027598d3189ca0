import type { Scan, Target } from "../../src/api/types.ts";
import { Refused, type Routes, tell } from "../fixtures.ts";
import { all, pageOf } from "./lists.ts";

const STEP_MS = 400;
const UNITS = 40;
const now = () => new Date().toISOString();
const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

const targets: Target[] = [
  {
    id: 1,
    name: "aws-organisation",
    kind: "aws",
    options: { org: true, role_arn: "arn:aws:iam::111111111111:role/audit", regions: ["eu-west-1", "us-east-1"] },
    every_seconds: 21_600,
    enabled: true,
    landed: ago(5),
  },
  {
    id: 2,
    name: "infra templates",
    kind: "iac",
    options: { paths: ["infra"] },
    every_seconds: null,
    enabled: true,
    landed: null,
  },
];

const scans: Scan[] = (["landed", "failed", "landed", "cancelled"] as const).map((state, n) => ({
  id: 90 - n,
  target: { id: 1, name: "aws-organisation", kind: "aws" },
  state,
  asked_by: n % 2 ? "schedule" : "ada@example.com",
  queued: ago(5 + n * 6),
  started: ago(5 + n * 6),
  finished: ago(4.9 + n * 6),
  progress: null,
  counts: state === "landed" ? { opened: 12, resolved: 30, reopened: 1, fail: 860, unknown: 38, passed: 4_120 } : null,
  gaps:
    state === "landed"
      ? ["eu-west-1", "us-east-1"].map((region) => ({
          type: "AWS::S3::Bucket",
          account: "333333333333",
          region,
          why: "s3:GetBucketPolicy: access denied",
        }))
      : [],
  error: state === "failed" ? "credentials expired" : null,
}));

function target(id: unknown): Target {
  const found = targets.find((one) => String(one.id) === String(id));
  if (!found) throw new Refused(404, { title: "Not found", detail: "" });
  return found;
}

function scan(id: string | undefined): Scan {
  const found = scans.find((one) => String(one.id) === id);
  if (!found) throw new Refused(404, { title: "Not found", detail: "" });
  return found;
}

/** A scan that goes on by itself and tells of it, as the server does. */
function start(of: Target): Scan {
  const made: Scan = {
    id: (scans[0]?.id ?? 0) + 1,
    target: { id: of.id, name: of.name, kind: of.kind },
    state: "queued",
    asked_by: "ada@example.com",
    queued: now(),
    started: null,
    finished: null,
    progress: null,
    counts: null,
    gaps: [],
    error: null,
  };
  scans.unshift(made);
  const timer = setInterval(() => {
    const done = (made.progress?.done ?? -1) + 1;
    if (made.state === "cancelled" || done > UNITS) {
      clearInterval(timer);
      made.finished = now();
      if (made.state !== "cancelled") {
        Object.assign(made, { state: "landed", counts: { opened: 2, resolved: 1, reopened: 0 } });
        of.landed = now();
        tell("findings", { scan: made.id, opened: 2, resolved: 1, reopened: 0 });
      }
    } else {
      made.started ??= now();
      made.state = "running";
      made.progress = { done, total: UNITS, what: `eu-west-1 unit ${done}` };
    }
    tell("scan", made);
  }, STEP_MS);
  return made;
}

export const scanning: Routes = {
  "GET /targets": () => all(targets),
  "POST /targets": ({ body }) => {
    const made = { landed: null, ...body, id: targets.length + 1 } as unknown as Target;
    targets.push(made);
    return made;
  },
  "PATCH /targets/:id": ({ path, body }) => Object.assign(target(path.id), body),
  "DELETE /targets/:id": ({ path }) => {
    targets.splice(targets.indexOf(target(path.id)), 1);
    return undefined;
  },
  "GET /scans": ({ query }) => {
    const states = query.get("state")?.split(",");
    const of = query.get("target")?.split(",");
    return pageOf(
      scans.filter((one) => (!states || states.includes(one.state)) && (!of || of.includes(String(one.target.id)))),
      query,
    );
  },
  "POST /scans": ({ body }) => start(target(body.target)),
  "GET /scans/:id": ({ path }) => scan(path.id),
  "POST /scans/:id/cancel": ({ path }) => Object.assign(scan(path.id), { state: "cancelled" }),
};
