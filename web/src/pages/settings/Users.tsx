import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get } from "../../api/client.ts";
import type { Page, User } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { SimpleTable } from "../../table/Table.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Card } from "../../ui/Page.tsx";
import { Loaded } from "../../ui/State.tsx";
import styles from "./Settings.module.css";
import { ShownOnce } from "./ShownOnce.tsx";
import { SightText } from "./SightField.tsx";
import { DropUser, UserForm } from "./UserForm.tsx";
import { useChangeUser } from "./users.ts";

/** Who may sign in, what they may do, and what they see. */
export function Users() {
  const t = useT();
  const { user: me } = useSession();
  const query = useQuery({
    queryKey: ["users"],
    queryFn: ({ signal }) => get<Page<User>>("/users", {}, signal),
  });
  const [form, setForm] = useState<User | "new" | null>(null);
  const [dropping, setDropping] = useState<User | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const change = useChangeUser((made) => {
    if (made.link) setLink(made.link);
  });
  return (
    <>
      <Card
        title={t("settings.users")}
        flush
        actions={
          <Button small kind="primary" icon="plus" onClick={() => setForm("new")}>
            {t("users.add")}
          </Button>
        }
      >
        <Loaded query={query}>
          {({ items }) => (
            <SimpleTable
              label={t("settings.users")}
              rows={items}
              rowKey={(row) => String(row.id)}
              columns={[
                {
                  key: "name",
                  label: t("field.name"),
                  cell: (row) => (
                    <span className={styles.cellHead}>
                      <strong>{row.name}</strong>
                      <span className={styles.quiet}>{row.email}</span>
                    </span>
                  ),
                },
                { key: "role", label: t("field.role"), cell: (row) => t(`role.${row.role}`) },
                { key: "sight", label: t("settings.sees"), cell: (row) => <SightText sight={row.sight} /> },
                { key: "state", label: t("field.state"), cell: (row) => <States user={row} self={row.id === me.id} /> },
                {
                  key: "more",
                  label: t("field.actions"),
                  labelHidden: true,
                  end: true,
                  cell: (row) => (
                    <span className={styles.rowActions}>
                      <Button
                        small
                        icon="edit"
                        aria-label={t("users.editName", { name: row.name })}
                        onClick={() => setForm(row)}
                      >
                        {t("action.edit")}
                      </Button>
                      <Menu
                        end
                        label={t("users.more", { name: row.name })}
                        button={{ kind: "quiet", icon: "more", small: true }}
                        items={[
                          {
                            key: "invite",
                            label: t("users.reset"),
                            icon: "link",
                            onSelect: () => change.mutate({ user: row, invite: true }),
                          },
                          {
                            key: "totp",
                            label: t("users.dropTotp"),
                            icon: "lock",
                            disabled: !row.totp,
                            onSelect: () => change.mutate({ user: row, totp: false }),
                          },
                          {
                            key: "disable",
                            label: t(row.disabled ? "users.enable" : "users.disable"),
                            icon: "stop",
                            disabled: row.id === me.id,
                            onSelect: () => change.mutate({ user: row, disabled: !row.disabled }),
                          },
                          {
                            key: "delete",
                            label: t("action.delete"),
                            icon: "trash",
                            disabled: row.id === me.id,
                            onSelect: () => setDropping(row),
                          },
                        ]}
                      />
                    </span>
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      </Card>
      {form && <UserForm user={form === "new" ? null : form} onClose={() => setForm(null)} onLink={setLink} />}
      {dropping && <DropUser user={dropping} onClose={() => setDropping(null)} />}
      {link && (
        <ShownOnce title={t("users.link")} text={t("users.linkText")} secret={link} onClose={() => setLink(null)} />
      )}
    </>
  );
}

function States({ user, self }: { user: User; self: boolean }) {
  const t = useT();
  return (
    <span className={styles.badges}>
      {self && <Badge tone="accent">{t("users.you")}</Badge>}
      {user.disabled && <Badge>{t("users.disabled")}</Badge>}
      {user.locked && <Badge tone="high">{t("users.locked")}</Badge>}
      {user.totp && (
        <Badge tone="pass" icon="lock">
          {t("users.totp")}
        </Badge>
      )}
      {user.oidc && <Badge>{t("users.oidc")}</Badge>}
      {!user.password && !user.oidc && !user.disabled && <Badge tone="medium">{t("users.invited")}</Badge>}
    </span>
  );
}
