import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { get } from "../../api/client.ts";
import {
  CSF_FUNCTIONS,
  type Facet,
  type FindingFacets,
  type Framework,
  type Page,
  SEVERITIES,
} from "../../api/types.ts";
import { type MessageId, useFormat, useT } from "../../i18n/i18n.tsx";
import { Severity } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { type Choice, FilterMenu } from "../../ui/Combobox.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { FilterBar } from "../../ui/FilterBar.tsx";
import { Icon } from "../../ui/Icon.tsx";
import type { Filters } from "../../url/state.ts";
import { usePeople } from "./decide.tsx";
import styles from "./Findings.module.css";
import { apiFilters, type FilterName } from "./filters.ts";

const STATUSES = ["open", "excepted", "resolved", "passed"] as const;
const VERDICTS = ["fail", "unknown", "pass", "excepted"] as const;
/** Filters that come from links and have no menu of their own. */
const CHIPS = ["control", "target", "resource", "seen_since"] as const;

/** What the facets give a name to. */
const NAMED = ["account", "rule"] as const;

type Change = (patch: Partial<Record<FilterName, string | readonly string[] | null>>) => void;

export function FindingFilters({ filters, onChange, end }: { filters: Filters; onChange: Change; end: ReactNode }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const count = Object.keys(filters).filter((name) => name !== "q").length;
  const clear = () => onChange(Object.fromEntries(Object.keys(filters).map((name) => [name, null])));
  return (
    <>
      <FilterBar
        label={t("findings.filters")}
        search={filters.q?.[0] ?? ""}
        onSearch={(text) => onChange({ q: text })}
        placeholder={t("findings.search")}
        onClear={Object.keys(filters).length > 0 ? clear : undefined}
        end={end}
      >
        <span className={styles.menus}>
          <Menus filters={filters} onChange={onChange} />
        </span>
        <span className={styles.phoneFilters}>
          <Button small icon="filter" onClick={() => setOpen(true)}>
            {count ? t("findings.filtersCount", { count }) : t("findings.filters")}
          </Button>
        </span>
        <Chips filters={filters} onChange={onChange} />
      </FilterBar>
      <Dialog kind="drawer" open={open} onClose={() => setOpen(false)} title={t("findings.filters")}>
        <div className={styles.stack}>
          <Menus filters={filters} onChange={onChange} />
        </div>
      </Dialog>
    </>
  );
}

function Menus({ filters, onChange }: { filters: Filters; onChange: Change }) {
  const t = useT();
  // Counts and names are fetched when a menu opens, or where an address names what only they can: the list comes first.
  const [opened, setOpened] = useState(false);
  const people = usePeople(opened || filters.assignee !== undefined);
  const facets = useQuery({
    enabled: opened || NAMED.some((name) => filters[name] !== undefined),
    queryKey: ["facets", apiFilters(filters)],
    queryFn: ({ signal }) => get<FindingFacets>("/findings/facets", apiFilters(filters), signal),
    placeholderData: (before) => before,
  }).data;
  const frameworks = useQuery({
    enabled: opened || filters.framework !== undefined,
    queryKey: ["frameworks"],
    queryFn: ({ signal }) => get<Page<Framework>>("/frameworks", {}, signal),
    staleTime: 10 * 60_000,
  }).data;

  const coming = opened && (facets === undefined || frameworks === undefined);
  const of = (name: FilterName) => filters[name] ?? [];
  const menu = (name: FilterName, label: MessageId, choices: readonly Choice[], free = false) => (
    <FilterMenu
      label={t(label)}
      choices={choices}
      chosen={of(name)}
      onChange={(values) => onChange({ [name]: values })}
      free={free}
      onOpen={() => setOpened(true)}
      loading={coming}
    />
  );
  const counted = (held: Record<string, number> | undefined, value: string) =>
    held ? { count: held[value] ?? 0 } : {};

  return (
    <>
      {menu(
        "severity",
        "findings.severity",
        SEVERITIES.map((value) => ({
          value,
          label: t(`severity.${value}`),
          show: <Severity value={value} />,
          ...counted(facets?.severity, value),
        })),
      )}
      {menu(
        "verdict",
        "findings.verdict",
        VERDICTS.map((value) => ({ value, label: t(`verdict.${value}`), ...counted(facets?.verdict, value) })),
      )}
      {menu(
        "status",
        "findings.status",
        STATUSES.map((value) => ({ value, label: t(`status.${value}`), ...counted(facets?.status, value) })),
      )}
      {menu("environment", "findings.environment", choices(facets?.environment, t("none")))}
      {menu("account", "findings.account", choices(facets?.account, t("none")), true)}
      {menu("type", "findings.type", choices(facets?.type, t("none")), true)}
      {menu("rule", "findings.rule", choices(facets?.rule, t("none")), true)}
      {menu("region", "findings.region", choices(facets?.region, t("none")), true)}
      {menu(
        "framework",
        "findings.framework",
        (frameworks?.items ?? []).map((framework) => ({ value: framework.id, label: framework.title })),
      )}
      {menu(
        "function",
        "findings.function",
        CSF_FUNCTIONS.map((value) => ({ value, label: t(`csf.${value}`) })),
      )}
      {menu("assignee", "findings.assignee", [
        { value: "me", label: t("findings.me") },
        { value: "none", label: t("findings.nobody") },
        ...people.slice(1).map((person) => ({ value: String(person.id), label: person.name })),
      ])}
    </>
  );
}

/** The API's name for what has none: no account, region or environment. */
const NONE = "none";

function choices(facets: readonly Facet[] | undefined, none: string): Choice[] {
  return (facets ?? []).map(({ key, label, count }) => {
    if (key === NONE) return { value: key, label: none, count };
    const named = label !== "" && label !== key;
    return { value: key, label: named ? `${label} (${key})` : key, count, ...(named ? { show: label } : {}) };
  });
}

function Chips({ filters, onChange }: { filters: Filters; onChange: Change }) {
  const t = useT();
  const format = useFormat();
  return CHIPS.map((name) => {
    const values = filters[name];
    if (!values) return null;
    const value = name === "seen_since" ? format.short(values[0] ?? "") : values.join(", ");
    const label = t(`findings.${name}`);
    return (
      <span key={name} className={styles.chip}>
        {t("findings.chip", { name: label, value })}
        <button
          type="button"
          aria-label={t("findings.chipRemove", { name: label })}
          onClick={() => onChange({ [name]: null })}
        >
          <Icon name="close" size={12} />
        </button>
      </span>
    );
  });
}
