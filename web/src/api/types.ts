/** The shapes that /api/v1 speaks. One file: what changes there changes here, and the compiler finds the rest. */

export const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];
export type Verdict = "fail" | "unknown" | "pass";
export type Status = "open" | "resolved" | "excepted";
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
  locale: Locale | null;
  theme: Theme | null;
  totp: boolean;
}

export interface Session {
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

export interface TrendDay extends Counts {
  day: string;
  unknown: number;
  risk: number;
}

export interface Overview {
  as_of: string | null;
  risk: number;
  risk_before: number | null;
  open: Counts;
  unknown: number;
  excepted: number;
  passed: number;
  new_since: { since: string; opened: number; resolved: number; reopened: number };
  trend: TrendDay[];
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
  key: string;
  uid: string;
  type: string;
  name: string;
  account: string;
  account_name: string;
  region: string;
  address: string;
  file: string;
  line: number | null;
  environment: string;
}

export interface Finding {
  fingerprint: string;
  id: string;
  target: string;
  rule: string;
  title: string;
  verdict: Verdict;
  status: Status;
  severity: Severity;
  resource: ResourceRef;
  message: string;
  because: string[];
  not_read: string;
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
  before: string | null;
  after: string | null;
  why: string;
  scan: string | null;
}

export interface Comment {
  id: number;
  at: string;
  author: Person | null;
  text: string;
}

export interface Fix {
  text: string;
  commands: { label: string; command: string }[];
  diff: { file: string; text: string } | null;
}

export interface FindingDetail extends Finding {
  description: string;
  why: string[];
  fix: Fix;
  rule_page: string;
  references: string[];
  related: Finding[];
  evidence: { document: unknown; paths: string[] };
  history: Change[];
  comments: Comment[];
}

export interface Facet {
  key: string;
  label: string;
  count: number;
}

export interface FindingFacets {
  status: Record<string, number>;
  verdict?: Record<string, number>;
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
  skipped: { id: string; why: string }[];
}

export interface Resource {
  key: string;
  uid: string;
  type: string;
  name: string;
  account: string;
  account_name: string;
  region: string;
  environment: string;
  tags: Record<string, string>;
  first_seen: string;
  last_seen: string;
  gone: string | boolean | null;
  findings: Counts;
}

export interface Relation {
  field: string;
  type: string;
  name: string;
  key: string | null;
}

export interface ResourceDetail extends Omit<Resource, "findings"> {
  document: unknown;
  versions: { digest: string; since: string; until: string | null }[];
  relations: { out: Relation[]; in: Relation[] };
  findings: Finding[];
}

export interface ResourceDiff {
  changes: { path: string; before: unknown; after: unknown }[];
}

export interface ResourceFacets {
  type: Facet[];
  account: Facet[];
  region: Facet[];
  environment: Facet[];
}

export interface Framework {
  id: string;
  title: string;
  version: string;
  publisher: string;
  controls: { passed: number; failed: number; unknown: number; manual: number; not_applicable: number };
  score: number | null;
}

export interface Control {
  id: string;
  title: string;
  section: string;
  manual: boolean;
  responsibility: string;
  state: "passed" | "failed" | "unknown" | "manual" | "not_judged";
  rules: string[];
  open: number;
  unknown: number;
  passed: number;
  excepted: number;
}

export interface FrameworkDetail extends Omit<Framework, "controls"> {
  controls: Control[];
}

export interface Exception {
  id: number;
  rule: string | null;
  account: string | null;
  uid: string | null;
  fingerprints: string[];
  reason: string;
  state: "asked" | "approved" | "rejected" | "revoked" | "expired";
  asked_by: Person | null;
  asked_at: string;
  decided_by: Person | null;
  decided_at: string | null;
  decision: string | null;
  expires: string;
  findings: number;
}

export interface Baseline {
  path: string;
  found: boolean;
  text: string;
  problems: string[];
  review: { last: string | null; due: string | null; overdue: boolean; cadence_days: number | null };
  frameworks: string[];
  environments: { name: string; accounts: string[] }[];
  thresholds: Record<string, unknown>;
  rules_off: { rule: string; why: string }[];
  exceptions: { rule: string; resource: string; reason: string; expires: string | null }[];
  contacts: { name: string; role: string; email: string }[];
}

export interface Target {
  id: number;
  name: string;
  kind: "aws" | "iac";
  options: Record<string, unknown>;
  every_seconds: number | null;
  enabled: boolean;
}

export interface Scan {
  id: string;
  target: { id: number; name: string; kind: string };
  state: "queued" | "running" | "landed" | "failed" | "cancelled";
  asked_by: string;
  queued: string;
  started: string | null;
  finished: string | null;
  progress: { done: number; total: number; what: string } | null;
  counts: Record<string, number> | null;
  gaps: Gap[];
  error: string | null;
}

export interface Case {
  id: number;
  title: string;
  state: string;
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
  email: string;
  name: string;
  role: Role;
  sight: Sight;
  disabled: boolean;
  last_seen: string | null;
  totp: boolean;
}

export interface Token {
  id: number;
  name: string;
  role: Role;
  prefix: string;
  created: string;
  expires: string | null;
  last_used: string | null;
}

export interface Account {
  id: string;
  name: string;
  environment: string;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: string;
  action: string;
  object: string;
  detail: Record<string, unknown>;
  address: string;
}

export interface FindingsEvent {
  scan: string;
  opened: number;
  resolved: number;
  reopened: number;
}
