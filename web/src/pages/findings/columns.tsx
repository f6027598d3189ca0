import { useMemo } from "react";
import { Link } from "react-router";
import type { Finding } from "../../api/types.ts";
import { type Translate, useT } from "../../i18n/i18n.tsx";
import type { Column } from "../../table/Table.tsx";
import { Severity, StatusBadge, Verdict } from "../../ui/Badge.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import styles from "./Findings.module.css";

export const address = (finding: Finding): string => `/findings/${finding.id}`;
export const rowKey = (finding: Finding): string => String(finding.id);

export function useColumns(): readonly Column<Finding>[] {
  const t = useT();
  return useMemo(() => columns(t), [t]);
}

function columns(t: Translate): Column<Finding>[] {
  return [
    {
      key: "severity",
      label: t("findings.severity"),
      width: "6.5rem",
      sort: "severity",
      cell: (finding) => <Severity value={finding.severity} />,
    },
    {
      key: "title",
      label: t("findings.finding"),
      width: "minmax(15rem, 2.4fr)",
      sort: "rule",
      cell: (finding) => (
        <span className={styles.title}>
          <Link to={address(finding)} tabIndex={-1}>
            {finding.title}
          </Link>
          <Marks finding={finding} />
        </span>
      ),
    },
    {
      key: "resource",
      label: t("findings.resource"),
      width: "minmax(11rem, 1.7fr)",
      sort: "resource",
      cell: (finding) => (
        <span title={finding.resource.uid}>
          {finding.resource.name || finding.resource.uid}
          <span className={styles.kind}>{shortType(finding.resource.type)}</span>
        </span>
      ),
    },
    {
      key: "account",
      label: t("findings.account"),
      width: "minmax(7rem, 0.9fr)",
      from: 860,
      cell: (finding) => (
        <span title={finding.resource.account ?? undefined}>
          {finding.resource.account_name || finding.resource.account}
        </span>
      ),
    },
    {
      key: "region",
      label: t("findings.region"),
      width: "7.5rem",
      from: 1040,
      cell: (finding) => <span className={styles.quiet}>{finding.resource.region}</span>,
    },
    {
      key: "assignee",
      label: t("findings.assignee"),
      width: "7rem",
      from: 1180,
      cell: (finding) => <span className={styles.quiet}>{finding.assignee?.name}</span>,
    },
    {
      key: "first_seen",
      label: t("findings.firstSeen"),
      width: "7rem",
      sort: "first_seen",
      from: 720,
      cell: (finding) => (
        <span className={styles.quiet}>
          <RelativeTime at={finding.first_seen} />
        </span>
      ),
    },
  ];
}

/** What is not plain: unknown, excepted, resolved. */
function Marks({ finding }: { finding: Finding }) {
  return (
    <>
      {finding.verdict !== "fail" && <Verdict value={finding.verdict} />}
      {finding.status !== "open" && <StatusBadge value={finding.status} />}
    </>
  );
}

export function FindingCard({ finding }: { finding: Finding }) {
  const { resource } = finding;
  return (
    <>
      <span className={styles.cardTitle}>
        <Severity value={finding.severity} short />
        <Link to={address(finding)} tabIndex={-1}>
          {finding.title}
        </Link>
      </span>
      <span className={styles.cardLine}>{resource.name || resource.uid}</span>
      <span className={styles.cardFoot}>
        <Marks finding={finding} />
        <span>{[resource.account_name || resource.account, resource.region].filter(Boolean).join(" · ")}</span>
        <RelativeTime at={finding.first_seen} />
      </span>
    </>
  );
}

/** `AWS::EC2::SecurityGroup` reads `SecurityGroup` where the place is narrow. */
export const shortType = (type: string): string => type.split("::").at(-1) ?? type;
