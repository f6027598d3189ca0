import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Locale, Session, Theme } from "../../api/types.ts";
import { SESSION_KEY, type Signed, useSaveMe, useSession } from "../../app/session.tsx";
import { useTheme } from "../../app/theme.tsx";
import { LOCALES, useLocale, useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { Select, TextField } from "../../ui/Field.tsx";
import { FormError } from "../../ui/FormDialog.tsx";
import { Card, Facts } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";
import styles from "./Settings.module.css";
import { SightText } from "./SightField.tsx";

/** Name, language and theme; what one may do and see is told, and set by an administrator. */
export function Profile() {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const { user } = useSession();
  const { theme, setTheme } = useTheme();
  const { locale, setLocale } = useLocale();
  const [name, setName] = useState(user.name);
  const save = useSaveMe();

  function keep(change: Partial<Session["user"]>) {
    client.setQueryData<Signed>(
      SESSION_KEY,
      (old) =>
        old && (old.in ? { in: true, session: { ...old.session, user: { ...old.session.user, ...change } } } : old),
    );
  }

  return (
    <>
      <Card title={t("settings.you")}>
        <Facts
          items={[
            [t("field.email"), user.email],
            [t("field.role"), t(`role.${user.role}`)],
            [t("settings.sees"), <SightText key="sight" sight={user.sight} />],
          ]}
        />
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(
              { name: name.trim() },
              {
                onSuccess: () => {
                  keep({ name: name.trim() });
                  toast.say(t("said.saved"));
                },
              },
            );
          }}
        >
          <FormError error={save.error} />
          <TextField
            label={t("field.name")}
            name="name"
            autoComplete="name"
            required
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Button type="submit" kind="primary" busy={save.isPending} disabled={name.trim() === user.name}>
            {t("action.save")}
          </Button>
        </form>
      </Card>
      <Card title={t("settings.looks")}>
        <div className={styles.form}>
          <Select
            label={t("locale.label")}
            value={locale}
            options={LOCALES.map((value) => ({ value, label: t(`locale.${value}`) }))}
            onChange={(event) => {
              const next = event.target.value as Locale;
              setLocale(next);
              save.mutate({ locale: next }, { onSuccess: () => keep({ locale: next }) });
            }}
          />
          <Select
            label={t("theme.label")}
            value={theme}
            options={(["system", "light", "dark"] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
            onChange={(event) => {
              const next = event.target.value as Theme;
              setTheme(next);
              save.mutate({ theme: next }, { onSuccess: () => keep({ theme: next === "system" ? "" : next }) });
            }}
          />
          <p className={styles.quiet}>{t("settings.looksText")}</p>
        </div>
      </Card>
    </>
  );
}
