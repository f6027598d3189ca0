import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { get, post } from "../../api/client.ts";
import type { Gap, Scan } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type MessageId, useFormat, useT } from "../../i18n/i18n.tsx";
import { type Column, Table } from "../../table/Table.tsx";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Back, Card, Facts, Page } from "../../ui/Page.tsx";
import { Moment } from "../../ui/RelativeTime.tsx";
import { ScanState } from "../../ui/ScanState.tsx";
import { Loaded, Skeleton } from "../../ui/State.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { type Gaps, gapsTogether } from "./gaps.ts";
import { going, useScanNews } from "./live.ts";
import { Asker, ScanProgress, useDuration } from "./ScanProgress.tsx";
import styles from "./Scans.module.css";

/** One scan: how far it is, what it found, and what it could not read. */
export function Component() {
  const t = useT();
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["scan", Number(id)],
    queryFn: ({ signal }) => get<Scan>(`/scans/${encodeURIComponent(id)}`, {}, signal),
  });
  useScanNews();
  const scan = query.data;
  return (
    <Page
      title={scan ? t("scans.one", { name: scan.target.name }) : t("nav.scans")}
      above={<Back to="/scans">{t("nav.scans")}</Back>}
      about={scan ? <ScanState state={scan.state} /> : "\u00a0"}
      actions={scan && <Actions scan={scan} />}
    >
      <Loaded query={query} skeleton={<Skeleton lines={10} />}>
        {(data) => <Body scan={data} />}
      </Loaded>
    </Page>
  );
}

function Actions({ scan }: { scan: Scan }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const navigate = useNavigate();
  const analyst = useCan("analyst");
  const cancel = useMutation({
    mutationFn: () => post<Scan>(`/scans/${scan.id}/cancel`),
    onSuccess: () => {
      toast.say(t("scans.cancelled"));
      return client.invalidateQueries({ queryKey: ["scan", scan.id] });
    },
    onError: (error) => toast.fail(error),
  });
  const again = useMutation({
    mutationFn: () => post<Scan>("/scans", { target: scan.target.id }),
    onSuccess: (made) => {
      toast.say(t("scans.started", { name: scan.target.name }));
      void navigate(`/scans/${made.id}`);
    },
    onError: (error) => toast.fail(error),
  });
  return (
    <>
      <LinkButton icon="findings" to={`/findings?target=${scan.target.id}`}>
        {t("scans.findings")}
      </LinkButton>
      {analyst && (scan.state === "queued" || scan.state === "running") && (
        <Button icon="stop" kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
          {t("scans.cancel")}
        </Button>
      )}
      {analyst && !going(scan) && (
        <Button icon="refresh" busy={again.isPending} onClick={() => again.mutate()}>
          {t("scans.again")}
        </Button>
      )}
    </>
  );
}

function Body({ scan }: { scan: Scan }) {
  const t = useT();
  const duration = useDuration(scan);
  const gaps = scan.gaps ?? [];
  const gapCount = scan.gap_count ?? gaps.length;
  return (
    <>
      {going(scan) && (
        <Card>
          <ScanProgress scan={scan} />
        </Card>
      )}
      {scan.error && (
        <Notice tone="bad">
          <strong>{t("scans.failed")}</strong> {scan.error}
        </Notice>
      )}
      {scan.state === "cancelled" && <Notice>{t("scans.cancelledText")}</Notice>}
      <Card>
        <Facts
          items={[
            [
              t("field.target"),
              <Link key="target" to={`/scans?target=${scan.target.id}`}>
                {scan.target.name}
              </Link>,
            ],
            [t("scans.askedBy"), <Asker key="by" name={scan.asked_by} />],
            [t("scans.queued"), <Moment key="queued" at={scan.queued} />],
            [t("scans.startedAt"), <Moment key="started" at={scan.started} />],
            [t("scans.finished"), scan.finished ? <Moment key="finished" at={scan.finished} /> : "\u2013"],
            [t("scans.duration"), duration ?? "\u2013"],
          ]}
        />
      </Card>
      <Counts scan={scan} />
      <Card title={t("scans.gaps", { count: gapCount })} flush>
        <p className={styles.note}>{t(gapCount > 0 ? "scans.gapsText" : "scans.noGaps")}</p>
        {gaps.length > 0 && gapCount > gaps.length && (
          <p className={styles.note}>{t("scans.gapsFirst", { count: gaps.length })}</p>
        )}
        {gaps.length > 0 && <GapTable gaps={gaps} />}
      </Card>
    </>
  );
}

const COUNTS = ["opened", "resolved", "reopened", "fail", "unknown", "pass", "excepted", "resources"] as const;

function Counts({ scan }: { scan: Scan }) {
  const t = useT();
  const format = useFormat();
  if (scan.state !== "landed") return null;
  if (!scan.counts) return <Notice>{t("scans.countsHidden")}</Notice>;
  const counts = scan.counts;
  const known = COUNTS.filter((name) => counts[name] !== undefined);
  if (known.length === 0) return null;
  return (
    <Card title={t("scans.found")}>
      <dl className={styles.counts}>
        {known.map((name) => (
          <div key={name}>
            <dt>{t(`scans.count.${name}` satisfies MessageId)}</dt>
            <dd>{format.number(counts[name] ?? 0)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function GapTable({ gaps }: { gaps: readonly Gap[] }) {
  const t = useT();
  const rows = useMemo(() => gapsTogether(gaps), [gaps]);
  const places = (names: readonly string[]) => (
    <span title={names.join(", ")}>{names.join(", ") || t("scans.everywhere")}</span>
  );
  const columns: Column<Gaps>[] = [
    {
      key: "type",
      label: t("field.type"),
      width: "minmax(14rem, 1fr)",
      cell: (row) => <span title={row.type}>{row.type}</span>,
    },
    {
      key: "why",
      label: t("field.why"),
      width: "minmax(16rem, 2fr)",
      cell: (row) => <span title={row.why}>{row.why}</span>,
    },
    { key: "account", label: t("field.account"), width: "9rem", from: 760, cell: (row) => places(row.accounts) },
    { key: "region", label: t("field.region"), width: "11rem", from: 900, cell: (row) => places(row.regions) },
  ];
  return (
    <Table
      label={t("scans.gaps", { count: gaps.length })}
      rows={rows}
      rowKey={(row) => `${row.type} ${row.why}`}
      columns={columns}
      total={rows.length}
      card={(row) => (
        <div className={styles.card}>
          <strong>{row.type}</strong>
          <span className={styles.quiet}>{[...row.accounts, ...row.regions].join(" · ")}</span>
          <span className={styles.quiet}>{row.why}</span>
        </div>
      )}
    />
  );
}
