import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useParams } from "react-router";
import { get, url } from "../../api/client.ts";
import { CONTROL_STATES, type Control, type FrameworkDetail } from "../../api/types.ts";
import { type Translate, useFormat, useLocale, useT } from "../../i18n/i18n.tsx";
import { FilterMenu } from "../../ui/Combobox.tsx";
import { FilterBar } from "../../ui/FilterBar.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Back, Card, Page } from "../../ui/Page.tsx";
import { Empty, Loaded, Skeleton } from "../../ui/State.tsx";
import { parseFilters, useUrlState } from "../../url/state.ts";
import styles from "./Compliance.module.css";
import { ControlDrawer } from "./ControlDrawer.tsx";
import { ControlBadge, Marks, Standing } from "./Standing.tsx";
import { countStates, matching, sectionsOf } from "./standing.ts";

const NAMES = ["q", "state"] as const;
const PACKS = ["pdf", "csv", "zip"] as const;

/** A framework control by control, and the evidence of it for an auditor. */
export function Component() {
  const t = useT();
  const { locale } = useLocale();
  const { framework: id = "" } = useParams();
  const { params, set } = useUrlState();
  const open = params.get("control");
  const query = useQuery({
    queryKey: ["framework", id],
    queryFn: ({ signal }) => get<FrameworkDetail>(`/frameworks/${encodeURIComponent(id)}`, {}, signal),
  });
  const framework = query.data;
  return (
    <Page
      title={framework?.title ?? id}
      above={<Back to="/compliance">{t("nav.compliance")}</Back>}
      about={
        framework
          ? [framework.publisher, t("compliance.version", { version: framework.version })].join(" · ")
          : "\u00a0"
      }
      actions={
        <Menu
          end
          label={t("compliance.evidence")}
          button={{ icon: "download", children: t("compliance.evidence") }}
          items={PACKS.map((format) => ({
            key: format,
            label: t(`compliance.pack.${format}`),
            href: url(`/frameworks/${encodeURIComponent(id)}/evidence`, { format, locale }),
          }))}
        />
      }
    >
      <Loaded query={query} skeleton={<Skeleton lines={14} />}>
        {(data) => <Body framework={data} />}
      </Loaded>
      {open && <ControlDrawer framework={id} control={open} onClose={() => set({ control: null })} />}
    </Page>
  );
}

function Body({ framework }: { framework: FrameworkDetail }) {
  const t = useT();
  const format = useFormat();
  const { params, set, replace } = useUrlState();
  const filters = useMemo(() => parseFilters(params, NAMES), [params]);
  const states = useMemo(() => countStates(framework.controls), [framework]);
  const text = filters.q?.[0] ?? "";
  const shown = useMemo(
    () => sectionsOf(matching(framework.controls, filters.state ?? [], text)),
    [framework, filters, text],
  );
  const search = useCallback((q: string) => replace({ q }), [replace]);
  const filtered = text !== "" || (filters.state?.length ?? 0) > 0;
  return (
    <>
      <Card>
        <Standing score={framework.score} states={states} large />
      </Card>
      <FilterBar
        label={t("compliance.filters")}
        search={text}
        onSearch={search}
        placeholder={t("compliance.search")}
        onClear={filtered ? () => set({ q: null, state: null }) : undefined}
      >
        <FilterMenu
          label={t("field.state")}
          chosen={filters.state ?? []}
          onChange={(values) => set({ state: values })}
          choices={CONTROL_STATES.map((state) => ({
            value: state,
            label: t(`control.${state}`),
            show: <ControlBadge state={state} />,
            count: states[state],
          }))}
        />
      </FilterBar>
      {shown.length === 0 && <Empty title={t("compliance.nothing")} />}
      {shown.map((section) => (
        <details key={section.name} open className={styles.section}>
          <summary>
            <Icon name="right" size={14} />
            <h2>{sectionName(section.name, t)}</h2>
            <span className={styles.quiet}>{format.number(section.controls.length)}</span>
          </summary>
          <ul>
            {section.controls.map((control) => (
              <li key={control.id}>
                <Row control={control} onOpen={() => set({ control: control.id })} />
              </li>
            ))}
          </ul>
        </details>
      ))}
    </>
  );
}

/** Some frameworks number their sections and no more. */
function sectionName(name: string, t: Translate): string {
  if (!name) return t("compliance.noSection");
  return /^[\d.]+$/.test(name) ? t("compliance.section", { name }) : name;
}

function Row({ control, onOpen }: { control: Control; onOpen: () => void }) {
  const t = useT();
  return (
    <button type="button" className={styles.control} onClick={onOpen} aria-haspopup="dialog">
      <span className={styles.id}>{control.id}</span>
      <span className={styles.title}>
        {control.title}
        <Marks control={control} />
      </span>
      <span className={styles.numbers}>
        {control.open > 0 && <span className={styles.open}>{t("compliance.open", { count: control.open })}</span>}
        {control.unknown > 0 && <span>{t("compliance.unknown", { count: control.unknown })}</span>}
      </span>
      <span className={styles.state}>
        <ControlBadge state={control.state} />
      </span>
    </button>
  );
}
