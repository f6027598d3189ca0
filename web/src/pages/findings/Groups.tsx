import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import { get } from "../../api/client.ts";
import { type Group, type Severity as Level, type Page, SEVERITIES } from "../../api/types.ts";
import { useFormat, useT } from "../../i18n/i18n.tsx";
import { type Column, Table } from "../../table/Table.tsx";
import { Severity } from "../../ui/Badge.tsx";
import { Loaded } from "../../ui/State.tsx";
import type { Filters } from "../../url/state.ts";
import { SeverityBar } from "../overview/Slices.tsx";
import { apiFilters, type GroupName, within } from "./filters.ts";

const LIMIT = 500;
const groupKey = (group: Group) => group.key;

/** Findings counted by one of their properties; a group opens as a filter. */
export function Groups({ by, filters }: { by: GroupName; filters: Filters }) {
  const t = useT();
  const format = useFormat();
  const [params] = useSearchParams();
  const asked = { ...apiFilters(filters), by: [by], limit: [String(LIMIT)] };
  const query = useQuery({
    queryKey: ["groups", asked],
    queryFn: ({ signal }) => get<Page<Group>>("/findings/groups", asked, signal),
    placeholderData: keepPreviousData,
  });
  const most = Math.max(1, ...(query.data?.items ?? []).map((group) => group.count));
  const href = useMemo(() => (group: Group) => within(params, by, group.key), [params, by]);
  const columns = useMemo((): Column<Group>[] => {
    const name = (group: Group) => {
      const level = SEVERITIES.find((severity) => severity === group.key);
      return by === "severity" && level ? (
        <Severity value={level as Level} />
      ) : (
        group.label || (group.key === "none" ? t("none") : group.key)
      );
    };
    return [
      {
        key: "label",
        label: t(`findings.${by}`),
        width: "minmax(10rem, 2fr)",
        cell: (group) => (
          <Link to={href(group)} tabIndex={-1}>
            {name(group)}
          </Link>
        ),
      },
      {
        key: "split",
        label: t("findings.groupSplit"),
        width: "minmax(6rem, 1.6fr)",
        cell: (group) => <SeverityBar counts={group} most={most} />,
      },
      {
        key: "count",
        label: t("findings.groupCount"),
        width: "7rem",
        end: true,
        cell: (group) => format.number(group.count),
      },
    ];
  }, [by, href, t, format, most]);
  return (
    <Loaded query={query}>
      {(data) => (
        <Table
          fill
          label={t("findings.groups")}
          rows={data.items}
          rowKey={groupKey}
          columns={columns}
          href={href}
          total={data.total}
          empty={null}
        />
      )}
    </Loaded>
  );
}
