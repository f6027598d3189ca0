/** The shapes that /api/v1 speaks. One file: what changes there changes here, and the compiler finds the rest. */

export const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];
export type Verdict = "fail" | "unknown" | "pass" | "excepted";
export type Status = "open" | "resolved" | "excepted" | "passed";
export const ROLES = ["viewer", "analyst", "approver", "admin"] as const;
export type Role = (typeof ROLES)[number];
export type Locale = "en" | "ja";
export type Theme = "system" | "light" | "dark";

export type Counts = Record<Severity, number>;

export interface Page<T> {
  items: T[];
  next: string | null;
  /** Exact up to 10,000; null beyond, where `total_at_least` says what is known. */
  total: number | null;
  total_at_least?: number | null;
}

export interface Person {
  id: number;
  name: string;
}

export interface Methods {
  password: boolean;
  oidc: string | null;
}

export interface Sight {
  accounts: string[] | null;
  tags: Record<string, string[]>;
}

export interface Me {
  id: number;
  email: string;
  name: string;
  role: Role;
  sight: Sight;
  /** Empty: as the browser. */
  locale: Locale | "";
  /** Empty: as the system. */
  theme: Exclude<Theme, "system"> | "";
  totp: boolean;
  /** Whether there is a password here; without one, a provider signs in. */
  password?: boolean;
}

export interface Session {
  stage?: "full";
  user: Me;
  csrf: string;
  methods: Methods;
  version: string;
}

export interface Slice extends Counts {
  key: string;
  label: string;
  open: number;
  unknown: number;
  passed: number;
  /** Share passed, 0 to 100; null when nothing was judged. */
  score: number | null;
}

export interface Gap {
  type: string;
  account: string;
  region: string;
  why: string;
}

/** Of NIST CSF 2.0: Govern, Identify, Protect, Detect, Respond, Recover. */
export const CSF_FUNCTIONS = ["GV", "ID", "PR", "DE", "RS", "RC"] as const;

export interface TrendDay extends Counts {
  day: string;
  unknown: number;
  risk: number;
}

/** After a scan or a decision. */
export interface TrendMoment extends Counts {
  at: string;
  unknown: number;
  risk: number;
}

export interface Overview {
  as_of: string | null;
  risk: number;
  /** A day before. */
  risk_before: number | null;
  open: Counts;
  unknown: number;
  excepted: number;
  passed: number;
  new_since: { since: string; opened: number; resolved: number; reopened: number };
  trend: TrendDay[];
  /** Of today, while the trend has no second day. */
  moments: TrendMoment[];
  environments: Slice[];
  accounts: Slice[];
  frameworks: Slice[];
  functions: Slice[];
  coverage: { resources: number; gaps: Gap[]; gap_count: number };
  top_rules: { rule: string; title: string; severity: Severity; count: number }[];
  last_scans: Scan[];
  baseline_review: { due: string | null; overdue: boolean } | null;
}

export interface ResourceRef {
  /** Null where the ledger does not hold the resource. */
  key: string | null;
  uid: string;
  type: string;
  name: string | null;
  account: string | null;
  account_name: string | null;
  region: string | null;
  /** Its address in Terraform, or its logical id. */
  address: string | null;
  file: string | null;
  line: number | null;
  environment: string | null;
}

export interface Finding {
  fingerprint: string;
  id: number;
  target: number;
  rule: string;
  title: string;
  verdict: Verdict;
  status: Status;
  severity: Severity;
  resource: ResourceRef;
  message: string;
  because: string[];
  not_read: string | null;
  controls: string[];
  first_seen: string;
  last_seen: string;
  resolved: string | null;
  reopened: number;
  assignee: Person | null;
  exception: { id: number; expires: string } | null;
}

export interface Change {
  id: number;
  at: string;
  actor: string;
  kind: string;
  before: unknown;
  after: unknown;
  why: string;
  scan: number | null;
}

export interface Comment {
  id: number;
  at: string;
  author: Person | null;
  author_name: string;
  text: string;
}

export interface Fix {
  text: string;
  commands: { label: string; command: string; choices?: string[]; note?: string }[];
  diff: { file: string; text: string } | null;
}

export interface FindingDetail extends Finding {
  description: string;
  why: string[];
  fix: Fix;
  rule_page: string;
  references: string[];
  related: Finding[];
  /** An unknown value in the document is `{"$unknown": why}`. */
  evidence: { document: unknown; paths: string[]; truncated?: boolean };
  history: Change[];
  comments: Comment[];
  cases?: { id: number; title: string; state: CaseState }[];
}

export interface Facet {
  key: string;
  label: string;
  count: number;
}

export interface FindingFacets {
  status: Record<string, number>;
  verdict: Record<string, number>;
  severity: Record<string, number>;
  account: Facet[];
  region: Facet[];
  type: Facet[];
  rule: Facet[];
  environment: Facet[];
}

export interface Group extends Counts {
  key: string;
  label: string;
  count: number;
}

export interface BulkAnswer {
  changed: number;
  skipped: { id: number; why: string }[];
}

export interface Resource {
  key: string;
  uid: string;
  type: string;
  name: string | null;
  account: string | null;
  account_name: string | null;
  region: string | null;
  environment: string | null;
  tags: Record<string, string>;
  file?: string | null;
  line?: number | null;
  first_seen: string;
  last_seen: string;
  gone: string | null;
  /** How many of its findings are open. */
  findings: Counts;
}

export interface Relation {
  field: string;
  type: string;
  name: string;
  /** The resource at the other end; null when the ledger does not hold it. */
  key: string | null;
}

export interface Version {
  digest: string;
  since: string;
  /** Null for the version of now. */
  until: string | null;
}

export interface ResourceDetail extends Omit<Resource, "findings"> {
  /** What was read; an unknown value in it is `{"$unknown": why}`. */
  document: unknown;
  digest?: string;
  versions: Version[];
  relations: { out: Relation[]; in: Relation[] };
  findings: Finding[];
}

export interface DocumentChange {
  path: string;
  kind: "added" | "removed" | "changed";
  before: unknown;
  after: unknown;
}

export interface DocumentDiff {
  changes: DocumentChange[];
  truncated?: boolean;
}

export interface ResourceFacets {
  type: Facet[];
  account: Facet[];
  region: Facet[];
  environment: Facet[];
  tag?: Facet[];
}

export const CONTROL_STATES = ["failed", "unknown", "excepted", "passed", "manual", "not_judged"] as const;
export type ControlState = (typeof CONTROL_STATES)[number];

/** `not_applicable` counts the controls that nothing was read for: the state `not_judged`. */
export type ControlCounts = Record<"passed" | "failed" | "unknown" | "manual" | "not_applicable", number> & {
  excepted?: number;
};

export interface Framework {
  id: string;
  title: string;
  version: string;
  publisher: string;
  controls: ControlCounts;
  /** Share passed of what was judged, 0 to 100; null when nothing was. */
  score: number | null;
  /** The baseline names it. */
  chosen?: boolean;
}

export interface Control {
  id: string;
  title: string;
  section: string;
  manual: boolean;
  responsibility: "customer" | "shared" | "provider";
  function?: string;
  state: ControlState;
  rules: string[];
  open: number;
  unknown: number;
  passed: number;
  excepted: number;
}

export interface FrameworkDetail extends Omit<Framework, "controls"> {
  counts?: ControlCounts;
  controls: Control[];
}

export interface ControlRule {
  rule: string;
  title: string;
  severity: Severity;
  open: number;
  unknown: number;
  passed: number;
  excepted: number;
}

export interface ControlDetail extends Control {
  by_rule: ControlRule[];
  findings: Finding[];
}

export const EXCEPTION_STATES = ["asked", "approved", "rejected", "revoked", "expired"] as const;
export type ExceptionState = (typeof EXCEPTION_STATES)[number];

export interface Exception {
  id: number;
  etag?: string;
  rule: string | null;
  account: string | null;
  uid: string | null;
  fingerprints: string[];
  reason: string;
  state: ExceptionState;
  asked_by: Person | null;
  asked_at: string;
  decided_by: Person | null;
  decided_at: string | null;
  decision: string | null;
  expires: string;
  /** How many findings it holds, or would hold. */
  findings: number;
}

export type Thresholds = Record<string, Record<string, unknown>>;

export interface Baseline {
  path: string | null;
  found: boolean;
  text: string;
  problems: string[];
  advice?: string[];
  review: {
    last: string | null;
    owner?: string;
    due: string | null;
    overdue: boolean;
    cadence_days: number | null;
  } | null;
  frameworks: string[];
  fail_on?: Severity | null;
  environments: {
    name: string;
    match: unknown;
    frameworks: string[];
    fail_on?: Severity | null;
    thresholds: Thresholds;
  }[];
  thresholds: Thresholds;
  rules_off: { rule: string; reason: string; environments: string[] }[];
  exceptions: {
    id: string;
    rules: string[];
    match: unknown;
    owner: string;
    reason: string;
    expires: string;
    expired: boolean;
    line: number;
  }[];
  contacts: Record<string, string>[];
  plan?: string;
}

export type TargetKind = "aws" | "iac";

export interface Target {
  id: number;
  etag?: string;
  name: string;
  kind: TargetKind;
  /** Empty for those who are no admins. */
  options: Record<string, unknown>;
  every_seconds: number | null;
  enabled: boolean;
  /** As of when its last landed scan read it. */
  landed?: string | null;
}

export const SCAN_STATES = ["queued", "running", "landing", "landed", "failed", "cancelled"] as const;
export type ScanStateName = (typeof SCAN_STATES)[number];

export interface Scan {
  id: number;
  target: { id: number; name: string; kind: string };
  state: ScanStateName;
  asked_by: string;
  queued: string;
  started: string | null;
  finished: string | null;
  progress: { done: number; total?: number | null; what?: string } | null;
  /** Null where the caller sees only a part of what it covers. */
  counts: Record<string, number> | null;
  gaps?: Gap[];
  gap_count?: number | null;
  error: string | null;
}

export const CASE_STATES = ["open", "working", "closed"] as const;
export type CaseState = (typeof CASE_STATES)[number];

export interface Case {
  id: number;
  etag?: string;
  title: string;
  state: CaseState;
  severity: Severity;
  owner: Person | null;
  summary: string;
  created: string;
  updated: string;
  closed: string | null;
  findings: number;
}

export interface CaseDetail extends Case {
  items: Finding[];
  comments: Comment[];
}

export interface View {
  id: number;
  name: string;
  page: string;
  query: string;
  shared?: boolean;
  owner?: Person | null;
}

export interface User {
  id: number;
  etag?: string;
  email: string;
  name: string;
  role: Role;
  sight: Sight;
  totp: boolean;
  password: boolean;
  oidc: boolean;
  created: string;
  disabled: string | null;
  locked: boolean;
}

/** A user just made or invited: the link is told this once. */
export interface UserMade extends User {
  link: string | null;
}

export interface Colleague extends Person {
  email: string;
}

export interface OwnSession {
  id: string;
  created: string;
  used: string;
  expires: string;
  address: string;
  agent: string;
  current: boolean;
}

export interface Token {
  id: number;
  name: string;
  prefix: string;
  owner: string;
  role: Role;
  sight: Sight;
  created: string;
  expires: string;
  used: string | null;
  revoked: string | null;
}

export interface Account {
  id: string;
  etag?: string;
  name: string;
  ou?: string;
  environment: string | null;
}

export const NOTIFICATION_EVENTS = [
  "finding.opened",
  "finding.reopened",
  "finding.resolved",
  "scan.landed",
  "scan.failed",
  "exception.asked",
  "exception.decided",
  "exception.expiring",
  "case.opened",
] as const;
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];
export type NotificationKind = "email" | "slack" | "webhook";

export interface Notification {
  id: number;
  etag?: string;
  name: string;
  kind: NotificationKind;
  /** Without its secrets. */
  options: Record<string, unknown>;
  events: string[];
  severity: Severity;
  enabled: boolean;
  created: string;
  last: { state: "waiting" | "sent" | "given-up"; tries: number; error: string | null } | null;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: string;
  actor_kind: "user" | "token" | "scan" | "system";
  action: string;
  object: string;
  detail: Record<string, unknown>;
  address: string;
  digest?: string;
}

export interface AuditVerdict {
  whole: boolean;
  entries: number;
  /** Digest of the newest entry: kept elsewhere, it proves later that none was cut. */
  head: string | null;
  broken: number | null;
  why: string | null;
}

/** Counts are null for whoever sees only a part of the estate. */
export interface FindingsEvent {
  scan: number;
  opened: number | null;
  resolved: number | null;
  reopened: number | null;
}
