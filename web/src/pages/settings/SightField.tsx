import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { get } from "../../api/client.ts";
import type { Account, Page, Sight } from "../../api/types.ts";
import { type MessageId, type Translate, useFormat, useT } from "../../i18n/i18n.tsx";
import { FilterMenu } from "../../ui/Combobox.tsx";
import { TextArea } from "../../ui/Field.tsx";
import { FieldGroup } from "../../ui/FormDialog.tsx";
import styles from "./Settings.module.css";
import { emptyTag, seesAll, tagsOf, tagsText } from "./sight.ts";

export interface SightTyped {
  all: boolean;
  accounts: string[];
  tags: string;
}

const typedOf = (sight: Sight): SightTyped => ({
  all: seesAll(sight),
  accounts: sight.accounts ?? [],
  tags: tagsText(sight.tags),
});

/** A sight as it is typed; `wrong` says why it is none yet. */
export function useSight(before: Sight): {
  typed: SightTyped;
  type: (value: SightTyped) => void;
  sight: Sight;
  wrong: string | undefined;
} {
  const t = useT();
  const [typed, type] = useState(() => typedOf(before));
  const tags = typed.all ? {} : tagsOf(typed.tags);
  const accounts = typed.all || typed.accounts.length === 0 ? null : typed.accounts;
  const lonely = emptyTag(tags);
  const blind = !typed.all && accounts === null && Object.keys(tags).length === 0;
  const wrong = lonely !== undefined ? t("sight.emptyTag", { name: lonely }) : blind ? t("sight.nothing") : undefined;
  return { typed, type, sight: { accounts, tags }, wrong };
}

/** What of the estate somebody sees: everything, some accounts, what bears some tags. */
export function SightField({
  value,
  onChange,
  error,
  whole = "sight.all",
}: {
  value: SightTyped;
  onChange: (value: SightTyped) => void;
  error?: string | undefined;
  /** What it is called that nothing is left out. */
  whole?: MessageId;
}) {
  const t = useT();
  const name = useId();
  const accounts = useQuery({
    queryKey: ["accounts"],
    queryFn: ({ signal }) => get<Page<Account>>("/accounts", {}, signal),
    staleTime: 60_000,
  });
  return (
    <FieldGroup label={t("settings.sees")}>
      <div className={styles.radios}>
        {[true, false].map((all) => (
          <span key={String(all)} className={styles.radio}>
            <input
              type="radio"
              id={`${name}-${all}`}
              name={name}
              checked={value.all === all}
              onChange={() => onChange({ ...value, all })}
            />
            <label htmlFor={`${name}-${all}`}>{t(all ? whole : "sight.part")}</label>
          </span>
        ))}
      </div>
      {!value.all && (
        <>
          <FilterMenu
            free
            label={t("sight.accounts")}
            chosen={value.accounts}
            onChange={(chosen) => onChange({ ...value, accounts: chosen })}
            choices={(accounts.data?.items ?? []).map((account) => ({
              value: account.id,
              label: account.name ? `${account.name} (${account.id})` : account.id,
            }))}
          />
          <TextArea
            label={t("sight.tags")}
            hint={t("sight.tagsHint")}
            error={error}
            rows={2}
            spellCheck={false}
            value={value.tags}
            onChange={(event) => onChange({ ...value, tags: event.target.value })}
          />
        </>
      )}
    </FieldGroup>
  );
}

/** The same in words. */
export function SightText({ sight }: { sight: Sight }) {
  const t = useT();
  const format = useFormat();
  if (seesAll(sight)) return <>{t("sight.all")}</>;
  const parts = [
    sight.accounts === null ? "" : t("sight.someAccounts", { count: sight.accounts.length }),
    ...Object.entries(sight.tags).map(([name, values]) => `${name}: ${values.join(", ")}`),
  ].filter(Boolean);
  return <span title={sight.accounts?.join(", ")}>{format.list(parts)}</span>;
}

/** In one line, for whoever compares two. */
export function sightText(sight: Sight, t: Translate): string {
  if (seesAll(sight)) return t("sight.all");
  return [
    ...(sight.accounts ?? []),
    ...Object.entries(sight.tags).map(([name, of]) => `${name}: ${of.join(", ")}`),
  ].join("; ");
}
