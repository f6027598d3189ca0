import type { ComponentType } from "react";
import { Navigate, NavLink, useParams } from "react-router";
import type { Role } from "../../api/types.ts";
import { atLeast, useSession } from "../../app/session.tsx";
import { type MessageId, useT } from "../../i18n/i18n.tsx";
import { cx } from "../../ui/cx.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Page } from "../../ui/Page.tsx";
import { Accounts } from "./Accounts.tsx";
import { Notifications } from "./Notifications.tsx";
import { Profile } from "./Profile.tsx";
import { Security } from "./Security.tsx";
import styles from "./Settings.module.css";
import { Tokens } from "./Tokens.tsx";
import { Users } from "./Users.tsx";

interface Part {
  key: string;
  label: MessageId;
  icon: IconName;
  needs?: Role;
  show: ComponentType;
}

const PARTS: readonly Part[] = [
  { key: "profile", label: "settings.profile", icon: "user", show: Profile },
  { key: "security", label: "settings.security", icon: "lock", show: Security },
  { key: "tokens", label: "settings.tokens", icon: "key", needs: "analyst", show: Tokens },
  { key: "accounts", label: "settings.accounts", icon: "assets", show: Accounts },
  { key: "users", label: "settings.users", icon: "user", needs: "admin", show: Users },
  { key: "notifications", label: "settings.notifications", icon: "bell", needs: "admin", show: Notifications },
];

/** One's own account, and what an administrator sets for all. */
export function Component() {
  const t = useT();
  const { role } = useSession().user;
  const { part = "" } = useParams();
  const parts = PARTS.filter((one) => !one.needs || atLeast(role, one.needs));
  const shown = parts.find((one) => one.key === part);
  if (!shown) return <Navigate to="/settings/profile" replace />;
  const Shown = shown.show;
  return (
    <Page title={`${t(shown.label)} · ${t("nav.settings")}`} heading={t("nav.settings")}>
      <div className={styles.layout}>
        <nav className={styles.nav} aria-label={t("settings.parts")}>
          <ul>
            {parts.map((one) => (
              <li key={one.key}>
                <NavLink
                  to={`/settings/${one.key}`}
                  className={({ isActive }) => cx(styles.link, isActive && styles.current)}
                >
                  <Icon name={one.icon} />
                  {t(one.label)}
                </NavLink>
              </li>
            ))}
          </ul>
        </nav>
        <div className={styles.body}>
          <Shown />
        </div>
      </div>
    </Page>
  );
}
