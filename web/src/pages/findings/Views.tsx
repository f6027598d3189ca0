import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { get, post, remove } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import type { Page, View } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Menu, type MenuItem } from "../../ui/Menu.tsx";
import { useToast } from "../../ui/Toast.tsx";

const PAGE = "findings";

/** Filters, sorting and grouping kept under a name. */
export function Views() {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [saving, setSaving] = useState(false);
  const mayKeep = useCan("analyst");
  const views = useQuery({
    queryKey: ["views"],
    queryFn: ({ signal }) => get<Page<View>>("/views", {}, signal),
  });
  const mine = (views.data?.items ?? []).filter((view) => view.page === PAGE);
  const query = params.toString();
  const shown = mine.find((view) => same(view.query, query));
  const drop = useMutation({
    mutationFn: (view: View) => remove(`/views/${view.id}`),
    onSuccess: (_, view) => {
      toast.say(t("findings.viewDeleted", { name: view.name }));
      return client.invalidateQueries({ queryKey: ["views"] });
    },
    onError: (error) => toast.fail(error),
  });

  const items: (MenuItem | "line")[] = [
    {
      key: "all",
      label: t("findings.viewDefault"),
      checked: query === "",
      onSelect: () => void navigate("/findings"),
    },
    ...mine.map((view) => ({
      key: String(view.id),
      label: view.name,
      checked: view === shown,
      onSelect: () => void navigate(`/findings?${view.query}`),
    })),
  ];
  if (mayKeep) {
    items.push("line", {
      key: "save",
      label: t("findings.viewSave"),
      icon: "plus",
      disabled: query === "",
      onSelect: () => setSaving(true),
    });
    if (shown) {
      items.push({
        key: "delete",
        label: t("findings.viewDelete", { name: shown.name }),
        icon: "trash",
        onSelect: () => drop.mutate(shown),
      });
    }
  }

  return (
    <>
      <Menu
        end
        label={t("findings.views")}
        items={items}
        button={{ icon: "bookmark", children: shown?.name ?? t("findings.views"), small: true }}
      />
      {saving && <Save query={query} onClose={() => setSaving(false)} />}
    </>
  );
}

/** The same view, whatever the order of its parameters. */
export function same(one: string, other: string): boolean {
  const sorted = (query: string) => {
    const params = new URLSearchParams(query);
    params.sort();
    return params.toString();
  };
  return sorted(one) === sorted(other);
}

function Save({ query, onClose }: { query: string; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const form = useId();
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: () => post<View>("/views", { name: name.trim(), page: PAGE, query }),
    onSuccess: async (view) => {
      await client.invalidateQueries({ queryKey: ["views"] });
      toast.say(t("findings.viewSaved", { name: view.name }));
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("findings.viewSaveTitle")}
      actions={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" form={form} busy={save.isPending} disabled={!name.trim()}>
            {t("action.save")}
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField
          label={t("findings.viewName")}
          hint={t("findings.viewNameHint")}
          error={save.error ? asProblem(save.error).message : undefined}
          required
          maxLength={80}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
