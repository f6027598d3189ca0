import type { Overview, Scan, Slice, TrendDay, TrendMoment } from "../../src/api/types.ts";
import type { Routes } from "../fixtures.ts";

const DAY = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();

function slice(key: string, label: string, seed: number): Slice {
  const [critical, high, medium, low, info] = [
    seed % 7,
    (seed * 3) % 40,
    (seed * 7) % 120,
    (seed * 11) % 200,
    (seed * 5) % 30,
  ] as [number, number, number, number, number];
  const open = critical + high + medium + low + info;
  const passed = 400 + seed * 13;
  return {
    key,
    label,
    open,
    critical,
    high,
    medium,
    low,
    info,
    unknown: (seed * 3) % 25,
    passed,
    score: seed === 44 ? null : Math.round((100 * passed) / (passed + open)),
  };
}

function trend(days: number): TrendDay[] {
  return Array.from({ length: days }, (_, n) => {
    const wave = Math.sin(n / 9) * 6;
    const critical = Math.max(0, Math.round(38 - n / 4 + wave / 2));
    const high = Math.round(210 - n / 2 + wave * 2);
    const medium = Math.round(520 - n + wave * 5);
    return {
      day: iso(Date.now() - (days - 1 - n) * DAY).slice(0, 10),
      critical,
      high,
      medium,
      low: 800 - n,
      info: 120,
      unknown: 90 - Math.round(n / 3),
      risk: critical * 40 + high * 10 + medium * 3 + 800 - n,
    };
  });
}

/** KOBAN_DEV_MOMENTS=1: a first day, with so many scans in it. */
const ONE_DAY = process.env.KOBAN_DEV_MOMENTS !== undefined;

const moments = (last: TrendDay, count: number): TrendMoment[] =>
  Array.from({ length: count }, (_, n) => ({
    ...last,
    at: iso(Date.now() - (count - n) * 1_700_000),
    critical: last.critical + 3 * (count - n - 1),
    risk: last.risk + 120 * (count - n - 1),
  }));

const scan = (n: number, state: Scan["state"]): Scan => ({
  id: 90 - n,
  target: { id: 1, name: "aws-organisation", kind: "aws" },
  state,
  asked_by: "schedule",
  queued: iso(Date.now() - n * 3_600_000),
  started: iso(Date.now() - n * 3_600_000),
  finished: state === "running" ? null : iso(Date.now() - n * 3_600_000 + 180_000),
  progress: state === "running" ? { done: 41, total: 120, what: "eu-central-1 AWS::RDS::DBInstance" } : null,
  counts: { opened: 12, resolved: 30 },
  gaps: [],
  error: state === "failed" ? "credentials expired" : null,
});

export const overview: Routes = {
  "GET /overview": ({ query }) => {
    const days = trend(Number(query.get("days") ?? 90));
    const last = days.at(-1) as TrendDay;
    const made: Overview = {
      as_of: iso(Date.now() - 1_200_000),
      risk: last.risk,
      risk_before: last.risk + 84,
      open: { critical: last.critical, high: last.high, medium: last.medium, low: last.low, info: last.info },
      unknown: last.unknown,
      excepted: 41,
      passed: 18_204,
      new_since: { since: iso(Date.now() - DAY), opened: 23, resolved: 61, reopened: 2 },
      trend: days.slice(ONE_DAY ? -1 : 0),
      moments: ONE_DAY ? moments(last, Number(process.env.KOBAN_DEV_MOMENTS ?? 1)) : [],
      environments: [
        slice("production", "production", 31),
        slice("staging", "staging", 17),
        slice("development", "development", 44),
      ],
      accounts: [
        slice("111111111111", "payments-prod", 31),
        slice("222222222222", "payments-staging", 19),
        slice("333333333333", "data-lake", 25),
        slice("444444444444", "sandbox", 46),
        slice("555555555555", "security", 2),
      ],
      frameworks: [
        slice("cis-aws-7.0", "CIS AWS Foundations Benchmark 7.0", 27),
        slice("nist-csf-2.0", "NIST CSF 2.0", 33),
        slice("pci-dss-4.0.1", "PCI DSS 4.0.1", 21),
      ],
      functions: [
        slice("GV", "Govern", 44),
        slice("ID", "Identify", 12),
        slice("PR", "Protect", 41),
        slice("DE", "Detect", 18),
        slice("RS", "Respond", 7),
        slice("RC", "Recover", 5),
      ],
      coverage: {
        resources: 9_412,
        gap_count: 14,
        gaps: [
          {
            type: "AWS::S3::Bucket",
            account: "333333333333",
            region: "us-east-1",
            why: "s3:GetBucketPolicy: access denied",
          },
          {
            type: "AWS::IAM::User",
            account: "444444444444",
            region: "",
            why: "iam:GetCredentialReport: access denied",
          },
          {
            type: "AWS::RDS::DBInstance",
            account: "222222222222",
            region: "ap-northeast-1",
            why: "region is switched off",
          },
        ],
      },
      top_rules: [
        {
          rule: "s3-bucket-public",
          title: "Anyone on the internet can reach this bucket",
          severity: "critical",
          count: 18,
        },
        {
          rule: "ec2-security-group-ssh-open",
          title: "SSH is open to the whole internet",
          severity: "high",
          count: 74,
        },
        {
          rule: "rds-instance-unencrypted",
          title: "The database's storage is not encrypted",
          severity: "high",
          count: 52,
        },
        { rule: "kms-key-no-rotation", title: "The key is not rotated each year", severity: "medium", count: 140 },
      ],
      last_scans: [scan(0, "running"), scan(5, "landed"), scan(11, "failed"), scan(17, "landed")],
      baseline_review: { due: iso(Date.now() + 12 * DAY).slice(0, 10), overdue: false },
    };
    return made;
  },
};
