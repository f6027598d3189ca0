import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { useEvents } from "../../api/events.ts";
import { useList } from "../../api/pages.ts";
import { EXCEPTION_STATES, type Exception, type ExceptionState } from "../../api/types.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { Badge, type Tone } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { FilterMenu } from "../../ui/Combobox.tsx";
import { ExportMenu } from "../../ui/ExportMenu.tsx";
import { FilterBar } from "../../ui/FilterBar.tsx";
import type { IconName } from "../../ui/Icon.tsx";
import { Card, Facts } from "../../ui/Page.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { Empty, ErrorState, Skeleton } from "../../ui/State.tsx";
import { parseFilters, useUrlState } from "../../url/state.ts";
import { AskForm } from "./AskForm.tsx";
import styles from "./Baseline.module.css";
import { DecisionForm, type Verb } from "./DecisionForm.tsx";

const STATES: Record<ExceptionState, { tone: Tone; icon: IconName }> = {
  asked: { tone: "accent", icon: "clock" },
  approved: { tone: "pass", icon: "check" },
  rejected: { tone: "critical", icon: "close" },
  revoked: { tone: "neutral", icon: "minus" },
  expired: { tone: "neutral", icon: "clock" },
};

export function ExceptionBadge({ state }: { state: ExceptionState }) {
  const t = useT();
  const { tone, icon } = STATES[state] ?? STATES.asked;
  return (
    <Badge tone={tone} icon={icon}>
      {t(`exception.${state}`)}
    </Badge>
  );
}

/** What people asked for and decided here: asked, approved, rejected, revoked, over. */
export function Exceptions() {
  const t = useT();
  const client = useQueryClient();
  const analyst = useCan("analyst");
  const { params, set } = useUrlState();
  const filters = useMemo(() => parseFilters(params, ["state"]), [params]);
  const list = useList<Exception>("/exceptions", filters, (row) => String(row.id), 100);
  const [asking, setAsking] = useState(false);
  const [deciding, setDeciding] = useState<{ exception: Exception; verb: Verb } | null>(null);
  useEvents("exception", () => void client.invalidateQueries({ queryKey: ["list", "/exceptions"] }));

  return (
    <div className={styles.body}>
      <FilterBar
        label={t("exceptions.filters")}
        onClear={filters.state ? () => set({ state: null }) : undefined}
        end={
          <>
            <ExportMenu path="/exceptions/export" query={filters} formats={["csv", "jsonl"]} />
            {analyst && (
              <Button kind="primary" icon="plus" onClick={() => setAsking(true)}>
                {t("exceptions.ask")}
              </Button>
            )}
          </>
        }
      >
        <FilterMenu
          label={t("field.state")}
          chosen={filters.state ?? []}
          onChange={(values) => set({ state: values })}
          choices={EXCEPTION_STATES.map((state) => ({
            value: state,
            label: t(`exception.${state}`),
            show: <ExceptionBadge state={state} />,
          }))}
        />
      </FilterBar>
      {list.isPending ? (
        <Skeleton lines={8} />
      ) : list.error && list.rows.length === 0 ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : list.rows.length === 0 ? (
        <Empty title={t(filters.state ? "exceptions.nothing" : "exceptions.none")} icon="clock">
          {t("exceptions.noneText")}
        </Empty>
      ) : (
        <ul className={styles.exceptions}>
          {list.rows.map((one) => (
            <li key={one.id}>
              <One exception={one} onDecide={(verb) => setDeciding({ exception: one, verb })} />
            </li>
          ))}
        </ul>
      )}
      {list.more.hasNext && (
        <Button busy={list.more.loading} onClick={list.more.load}>
          {t("action.more")}
        </Button>
      )}
      {asking && <AskForm onClose={() => setAsking(false)} />}
      {deciding && (
        <DecisionForm exception={deciding.exception} verb={deciding.verb} onClose={() => setDeciding(null)} />
      )}
    </div>
  );
}

/** Its findings as near as the list can name them: a rule or an account that is no pattern. */
function excepted({ rule, account }: Exception): string {
  const plain = (name: string, value: string | null) =>
    value && !/[*?[]/.test(value) ? `&${name}=${encodeURIComponent(value)}` : "";
  return `/findings?status=excepted${plain("rule", rule)}${plain("account", account)}`;
}

function One({ exception, onDecide }: { exception: Exception; onDecide: (verb: Verb) => void }) {
  const t = useT();
  const format = useFormat();
  const verbs = useVerbs(exception);
  return (
    <Card>
      <div className={styles.exceptionHead}>
        <ExceptionBadge state={exception.state} />
        <h2>{exception.rule || t("exceptions.chosen", { count: exception.fingerprints.length })}</h2>
        {verbs.length > 0 && (
          <span className={styles.verbs}>
            {verbs.map((verb) => (
              <Button
                key={verb}
                small
                kind={verb === "approve" ? "primary" : "secondary"}
                onClick={() => onDecide(verb)}
              >
                {t(`exceptions.${verb}`)}
              </Button>
            ))}
          </span>
        )}
      </div>
      <p className={styles.reason}>{exception.reason}</p>
      <Facts
        items={[
          exception.account ? [t("field.account"), exception.account] : null,
          exception.uid ? [t("field.uid"), <code key="uid">{exception.uid}</code>] : null,
          [
            t("exceptions.findings"),
            exception.state === "approved" ? (
              <Link key="findings" to={excepted(exception)}>
                {format.number(exception.findings)}
              </Link>
            ) : (
              format.number(exception.findings)
            ),
          ],
          [t("field.expires"), format.date(exception.expires)],
          [
            t("exceptions.askedBy"),
            <span key="asked">
              {exception.asked_by?.name ?? "\u2013"} {"· "}
              <RelativeTime at={exception.asked_at} />
            </span>,
          ],
          exception.decided_at
            ? [
                t("exceptions.decidedBy"),
                <span key="decided">
                  {exception.decided_by?.name ?? "\u2013"} {"· "}
                  <RelativeTime at={exception.decided_at} />
                </span>,
              ]
            : null,
          exception.decision ? [t("exceptions.decision"), exception.decision] : null,
        ]}
      />
    </Card>
  );
}

/** What the signed-in person may decide of it: approvers everything, who asked may take it back. */
function useVerbs({ state, asked_by }: Exception): readonly Verb[] {
  const { user } = useSession();
  const approver = useCan("approver");
  if (state === "asked") return approver ? ["approve", "reject"] : asked_by?.id === user.id ? ["revoke"] : [];
  if (state === "approved") return approver ? ["revoke"] : [];
  return [];
}
