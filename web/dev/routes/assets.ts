import type { DocumentDiff, Facet, Resource, ResourceDetail } from "../../src/api/types.ts";
import { Refused, type Routes } from "../fixtures.ts";
import { ALL as FINDINGS } from "./findings.ts";
import { facetsOf, pageOf } from "./lists.ts";

const COUNT = 9_000;
const NOW = Date.now();
const DAY = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();

const NONE = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };

/** The resources that the made-up findings are about. */
const ALL: Resource[] = FINDINGS.slice(0, COUNT).map((finding, n) => ({
  key: finding.resource.key ?? `r${n}`,
  uid: finding.resource.uid,
  type: finding.resource.type,
  name: finding.resource.name,
  account: finding.resource.account,
  account_name: finding.resource.account_name,
  region: finding.resource.region,
  environment: finding.resource.environment,
  tags: { owner: n % 3 ? "payments" : "search", "cost.centre": String(4700 + (n % 9)) },
  file: finding.resource.file || null,
  line: finding.resource.line,
  first_seen: iso(NOW - (n % 300) * DAY),
  last_seen: iso(NOW - 3_600_000),
  gone: n % 40 === 0 ? iso(NOW - 2 * DAY) : null,
  findings: { ...NONE, [finding.severity]: 1 + (n % 3) },
}));

const FIELDS: Record<string, (one: Resource) => string> = {
  type: (one) => one.type,
  account: (one) => one.account ?? "",
  region: (one) => one.region ?? "",
  environment: (one) => one.environment ?? "",
};

function matching(query: URLSearchParams): Resource[] {
  const q = (query.get("q") ?? "").toLowerCase();
  const gone = query.get("gone") === "true";
  const tags = query.getAll("tag");
  const wanted = Object.entries(FIELDS)
    .filter(([name]) => query.get(name))
    .map(([name, of]) => [of, new Set(query.get(name)?.split(","))] as const);
  return ALL.filter(
    (one) =>
      (one.gone !== null) === gone &&
      wanted.every(([of, values]) => values.has(of(one))) &&
      tags.every((tag) => {
        const [name = "", value] = tag.split(":");
        return name in one.tags && (value === undefined || one.tags[name] === value);
      }) &&
      (!q || JSON.stringify(one).toLowerCase().includes(q)),
  );
}

function document(one: Resource): unknown {
  return {
    BucketName: one.name,
    Arn: one.uid,
    AclGrantees: ["AllUsers"],
    Policy: { $unknown: "s3:GetBucketPolicy: access denied" },
    PublicAccessBlockConfiguration: { BlockPublicAcls: false, IgnorePublicAcls: false, RestrictPublicBuckets: null },
    LifecycleConfiguration: {
      Rules: Array.from({ length: 40 }, (_, n) => ({
        Id: `rule-${n}`,
        Prefix: `logs/${n}/`,
        ExpirationInDays: 30 + n,
      })),
    },
    Description: "Logs of the front door.\nKept for a year, then thrown away.",
    Tags: one.tags,
  };
}

function detail(key: string): ResourceDetail {
  const one = ALL.find((each) => each.key === key);
  if (!one) throw new Refused(404, { title: "Not found", detail: "" });
  return {
    ...one,
    document: document(one),
    digest: "c".repeat(32),
    versions: [
      { digest: "c".repeat(32), since: iso(NOW - 3 * DAY), until: null },
      { digest: "b".repeat(32), since: iso(NOW - 20 * DAY), until: iso(NOW - 3 * DAY) },
      { digest: "a".repeat(32), since: iso(NOW - 90 * DAY), until: iso(NOW - 20 * DAY) },
    ],
    relations: {
      out: [
        { field: "BucketEncryption.KmsKey", type: "AWS::KMS::Key", name: "alias/logs", key: ALL[4]?.key ?? null },
        { field: "Logging.Target", type: "AWS::S3::Bucket", name: "arn:aws:s3:::central-logs", key: null },
      ],
      in: [{ field: "Environment.Bucket", type: "AWS::Lambda::Function", name: "ingest", key: ALL[6]?.key ?? null }],
    },
    findings: FINDINGS.filter((finding) => finding.resource.key === key).slice(0, 20),
  };
}

const diff: DocumentDiff = {
  changes: [
    { path: "AclGrantees[0]", kind: "added", before: null, after: "AllUsers" },
    { path: "Policy", kind: "changed", before: { Version: "2012-10-17" }, after: { $unknown: "access denied" } },
    { path: "PublicAccessBlockConfiguration.BlockPublicAcls", kind: "changed", before: true, after: false },
    { path: "Tags.team", kind: "removed", before: "shop", after: null },
  ],
};

export const assets: Routes = {
  "GET /resources": ({ query }) => pageOf(matching(query), query),
  "GET /resources/facets": ({ query }) => {
    const found = matching(query);
    const facets: Record<string, Facet[]> = {};
    for (const [name, of] of Object.entries(FIELDS)) facets[name] = facetsOf(found, of);
    return { ...facets, tag: facetsOf(found, (one) => `owner:${one.tags.owner}`) };
  },
  "GET /resources/:key": ({ path }) => detail(path.key ?? ""),
  "GET /resources/:key/diff": () => diff,
};
