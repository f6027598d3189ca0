import type { Facet, Finding, FindingDetail, Group, Severity, Status } from "../../src/api/types.ts";
import { type Asked, Refused, type Routes } from "../fixtures.ts";

const RULES: [string, string, Severity, string, string][] = [
  ["s3-bucket-public", "Anyone on the internet can reach this bucket", "critical", "AWS::S3::Bucket", "bucket"],
  ["iam-user-no-mfa", "A user with a console password has no MFA", "high", "AWS::IAM::User", "user"],
  ["ec2-security-group-ssh-open", "SSH is open to the whole internet", "high", "AWS::EC2::SecurityGroup", "sg"],
  ["rds-instance-unencrypted", "The database's storage is not encrypted", "high", "AWS::RDS::DBInstance", "db"],
  ["kms-key-no-rotation", "The key is not rotated each year", "medium", "AWS::KMS::Key", "key"],
  [
    "cloudtrail-log-validation-off",
    "Log files could be altered unnoticed",
    "medium",
    "AWS::CloudTrail::Trail",
    "trail",
  ],
  ["lambda-runtime-old", "The function's runtime gets no more fixes", "medium", "AWS::Lambda::Function", "fn"],
  ["ebs-snapshot-unencrypted", "The snapshot is not encrypted", "low", "AWS::EC2::Snapshot", "snap"],
  ["s3-bucket-no-access-log", "Access to this bucket is not logged", "low", "AWS::S3::Bucket", "bucket"],
  ["ec2-instance-no-owner-tag", "No tag says who owns this instance", "info", "AWS::EC2::Instance", "i"],
];
const ACCOUNTS: [string, string, string][] = [
  ["111111111111", "payments-prod", "production"],
  ["222222222222", "payments-staging", "staging"],
  ["333333333333", "data-lake", "production"],
  ["444444444444", "sandbox", "development"],
  ["555555555555", "security", "production"],
];
const REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "ap-northeast-1"];
const COUNT = Number(process.env.KOBAN_DEV_FINDINGS ?? 120_000);
const NOW = Date.now();
const DAY = 86_400_000;

function random(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}

function pick<T>(items: readonly T[], seed: number): T {
  return items[Math.floor(random(seed) ** 1.5 * items.length)] as T;
}

function make(n: number): Finding {
  const [rule, title, severity, type, prefix] = pick(RULES, n + 1);
  const [account, account_name, environment] = pick(ACCOUNTS, n * 3 + 2);
  const region = pick(REGIONS, n * 5 + 3);
  const unknown = random(n * 7 + 4) < 0.08;
  const status: Status = random(n * 11 + 5) < 0.82 ? "open" : random(n) < 0.8 ? "resolved" : "excepted";
  const name =
    n === 3 ? '<img src=x onerror="alert(1)">' : `${prefix}-${(n * 7919).toString(36)}-${environment.slice(0, 4)}`;
  const first = NOW - Math.floor(random(n * 13 + 6) * 200) * DAY - n * 1000;
  return {
    fingerprint: `f${n}`,
    id: n,
    target: 1,
    rule,
    title,
    verdict: unknown ? "unknown" : "fail",
    status,
    severity,
    resource: {
      key: `r${n % 9000}`,
      uid: `arn:aws:${prefix}:${region}:${account}:${name}`,
      type,
      name,
      account,
      account_name,
      region,
      address: n % 4 === 0 ? `module.core.${prefix}_${n}` : "",
      file: n % 4 === 0 ? "infra/storage.tf" : "",
      line: n % 4 === 0 ? 12 + (n % 80) : null,
      environment,
    },
    message: unknown ? "Hangs on what could not be read" : `${name}: ${title.toLowerCase()}`,
    because: unknown ? ["policy_public", "ignore_public_acls"] : [],
    not_read: unknown ? "s3:GetBucketPolicy: access denied" : null,
    controls: ["cis-aws-7.0:3.1.4", "nist-csf-2.0:PR.AA-05"],
    first_seen: new Date(first).toISOString(),
    last_seen: new Date(NOW - 3_600_000).toISOString(),
    resolved: status === "resolved" ? new Date(NOW - 2 * DAY).toISOString() : null,
    reopened: n % 17 === 0 ? 1 : 0,
    assignee: n % 9 === 0 ? { id: 2, name: "Ken Sample" } : null,
    exception: status === "excepted" ? { id: 4, expires: new Date(NOW + 20 * DAY).toISOString().slice(0, 10) } : null,
  };
}

const ALL = Array.from({ length: COUNT }, (_, n) => make(n));
const RANK: Record<Severity, number> = { critical: 4, high: 3, medium: 2, low: 1, info: 0 };

const FIELDS: Record<string, (finding: Finding) => string> = {
  status: (finding) => finding.status,
  verdict: (finding) => finding.verdict,
  severity: (finding) => finding.severity,
  account: (finding) => finding.resource.account ?? "",
  region: (finding) => finding.resource.region ?? "",
  environment: (finding) => finding.resource.environment ?? "",
  type: (finding) => finding.resource.type,
  rule: (finding) => finding.rule,
  assignee: (finding) => String(finding.assignee?.id ?? "none"),
};
const LABELS: Record<string, (finding: Finding) => string> = {
  account: (finding) => finding.resource.account_name ?? "",
  rule: (finding) => finding.title,
};

export function matching(query: URLSearchParams, without = ""): Finding[] {
  const wanted = Object.keys(FIELDS)
    .filter((name) => name !== without && query.get(name))
    .map((name) => [FIELDS[name] as (finding: Finding) => string, new Set(query.get(name)?.split(","))] as const);
  const q = query.get("q")?.toLowerCase() ?? "";
  return ALL.filter(
    (finding) =>
      wanted.every(([of, values]) => values.has(of(finding))) &&
      (!q || `${finding.title} ${finding.resource.name} ${finding.rule}`.toLowerCase().includes(q)),
  );
}

function sorted(found: Finding[], query: URLSearchParams): Finding[] {
  const sort = query.get("sort") ?? "severity";
  const sign = query.get("order") === "asc" ? 1 : -1;
  const of: Record<string, (finding: Finding) => string | number> = {
    severity: (finding) => RANK[finding.severity],
    first_seen: (finding) => finding.first_seen,
    last_seen: (finding) => finding.last_seen,
    rule: (finding) => finding.rule,
    resource: (finding) => finding.resource.name ?? "",
  };
  const key = of[sort] ?? of.severity;
  if (!key) return found;
  return [...found].sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
}

function facet(query: URLSearchParams, name: string): Facet[] {
  const counts = new Map<string, Facet>();
  const of = FIELDS[name];
  if (!of) return [];
  for (const finding of matching(query, name)) {
    const key = of(finding) ?? "";
    const held = counts.get(key) ?? { key, label: LABELS[name]?.(finding) ?? key, count: 0 };
    held.count += 1;
    counts.set(key, held);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count).slice(0, 50);
}

const counted = (facets: Facet[]) => Object.fromEntries(facets.map((one) => [one.key, one.count]));

function groups({ query }: Asked): { items: Group[]; next: null; total: number } {
  const by = query.get("by") ?? "rule";
  const of = by === "resource" ? (finding: Finding) => finding.resource.key : FIELDS[by];
  if (!of) throw new Refused(422, { title: "No such grouping" });
  const held = new Map<string, Group>();
  for (const finding of matching(query)) {
    const key = of(finding) ?? "";
    const group = held.get(key) ?? {
      key,
      label: by === "resource" ? (finding.resource.name ?? "") : (LABELS[by]?.(finding) ?? key),
      count: 0,
      critical: 0,
      high: 0,
      medium: 0,
      low: 0,
      info: 0,
    };
    group.count += 1;
    group[finding.severity] += 1;
    held.set(key, group);
  }
  const items = [...held.values()].sort((a, b) => b.count - a.count).slice(0, 200);
  return { items, next: null, total: items.length };
}

function detail(id: string): FindingDetail {
  const finding = ALL.find((one) => String(one.id) === id);
  if (!finding) throw new Refused(404, { title: "Not found", detail: "" });
  return {
    ...finding,
    description:
      "A bucket whose access list or policy names everyone lets anyone on the internet list or fetch its objects. Most leaks of stored data began this way.",
    why:
      finding.verdict === "unknown"
        ? []
        : ["acl_grantees names AllUsers", "ignore_public_acls is off", "restrict_public_buckets is off"],
    fix: {
      text: "Turn on Block Public Access for the bucket, and for the whole account.",
      commands: [
        {
          label: "AWS CLI",
          command: `aws s3api put-public-access-block --bucket ${(finding.resource.name ?? "").replace(/\W/g, "-")} \\\n  --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`,
        },
      ],
      diff: finding.resource.file
        ? {
            file: finding.resource.file,
            text: '--- a/infra/storage.tf\n+++ b/infra/storage.tf\n@@ -12,5 +12,12 @@\n resource "aws_s3_bucket" "logs" {\n-  acl    = "public-read"\n+  acl    = "private"\n   bucket = "logs"\n }\n+\n+resource "aws_s3_bucket_public_access_block" "logs" {\n+  bucket                  = aws_s3_bucket.logs.id\n+  ignore_public_acls      = true\n+  restrict_public_buckets = true\n+}\n',
          }
        : null,
    },
    rule_page: `/docs/rules/${finding.rule}`,
    references: ["https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"],
    related: ALL.filter((one) => one.resource.key === finding.resource.key && String(one.id) !== id).slice(0, 8),
    evidence: {
      document: {
        name: finding.resource.name,
        acl_grantees: ["AllUsers"],
        ignore_public_acls: false,
        policy_public: finding.verdict === "unknown" ? { $unknown: "s3:GetBucketPolicy: access denied" } : true,
        restrict_public_buckets: false,
        tags: { owner: "payments", "cost-centre": "4711" },
      },
      paths: ["acl_grantees", "ignore_public_acls", "policy_public"],
    },
    history: [
      {
        id: 2,
        at: finding.last_seen,
        actor: "Ada Example",
        kind: "assigned",
        before: null,
        after: "Ken Sample",
        why: "",
        scan: null,
      },
      {
        id: 1,
        at: finding.first_seen,
        actor: "scan",
        kind: "opened",
        before: null,
        after: "open",
        why: "first seen",
        scan: 1,
      },
    ],
    comments: [
      {
        id: 1,
        at: finding.last_seen,
        author: { id: 2, name: "Ken Sample" },
        author_name: "Ken Sample",
        text: "Asked the owners; they close it this week.",
      },
    ],
  };
}

const views = [
  {
    id: 1,
    name: "Mine in production",
    page: "findings",
    query: "environment=production&assignee=me",
    shared: false,
    owner: null,
  },
];

export const findings: Routes = {
  "GET /findings": ({ query }) => {
    const found = sorted(matching(query), query);
    const limit = Number(query.get("limit") ?? 50);
    const from = Number(query.get("cursor") ?? 0);
    const next = from + limit < found.length ? String(from + limit) : null;
    const many = found.length > 10_000;
    return {
      items: found.slice(from, from + limit),
      next,
      total: many ? null : found.length,
      ...(many ? { total_at_least: 10_000 } : {}),
    };
  },
  "GET /findings/groups": groups,
  "GET /findings/facets": ({ query }) => ({
    status: counted(facet(query, "status")),
    verdict: counted(facet(query, "verdict")),
    severity: counted(facet(query, "severity")),
    account: facet(query, "account"),
    region: facet(query, "region"),
    type: facet(query, "type"),
    rule: facet(query, "rule"),
    environment: facet(query, "environment"),
  }),
  "GET /findings/:id": ({ path }) => detail(path.id ?? ""),
  "POST /findings/:id/comments": ({ body }) => ({
    id: 9,
    at: new Date().toISOString(),
    author: { id: 1, name: "Ada Example" },
    author_name: "Ada Example",
    text: body.text,
  }),
  "POST /findings/bulk": ({ body }) => {
    const ids = new Set(Array.isArray(body.ids) ? body.ids : []);
    const found = body.ids ? ALL.filter((one) => ids.has(one.id)) : matching(new URLSearchParams(String(body.query)));
    for (const finding of found) {
      if (body.action === "assign") finding.assignee = body.assignee ? { id: 2, name: "Ken Sample" } : null;
      if (body.action === "except") {
        finding.exception = { id: 5, expires: String(body.expires) };
        finding.status = "excepted";
      }
      if (body.action === "reopen") finding.status = "open";
    }
    return { changed: found.length, skipped: [] };
  },
  "GET /views": () => ({ items: views, next: null, total: views.length }),
  "POST /views": ({ body }) => {
    const view = {
      id: views.length + 1,
      name: String(body.name),
      page: String(body.page),
      query: String(body.query),
      shared: false,
      owner: null,
    };
    views.push(view);
    return view;
  },
  "DELETE /views/:id": ({ path }) => {
    const at = views.findIndex((view) => String(view.id) === path.id);
    if (at >= 0) views.splice(at, 1);
    return undefined;
  },
};
