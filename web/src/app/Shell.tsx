import { Suspense, useEffect, useRef, useState } from "react";
import { NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { LOCALES, useLocale, useT } from "../i18n/i18n.tsx";
import { IconButton } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon, Mark } from "../ui/Icon.tsx";
import { Menu, type MenuItem } from "../ui/Menu.tsx";
import { Skeleton } from "../ui/State.tsx";
import { Catch } from "./Crashed.tsx";
import { useHotkeys } from "./hotkeys.ts";
import { NAV } from "./nav.ts";
import { Search } from "./Search.tsx";
import styles from "./Shell.module.css";
import { Shortcuts } from "./Shortcuts.tsx";
import { atLeast, useSaveMe, useSession, useSignOut } from "./session.tsx";
import { useTheme } from "./theme.tsx";

/** Navigation, search, the person's menu; and the page. */
export function Shell() {
  const t = useT();
  const { version } = useSession();
  const [drawer, setDrawer] = useState(false);
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  usePlace(main);

  useHotkeys({
    "/": () => document.querySelector<HTMLElement>("[data-search]")?.focus(),
    "?": () => setHelp(true),
    j: focusTable,
    k: focusTable,
    ...Object.fromEntries(
      NAV.flatMap((group) => group.places.map((place) => [`g ${place.key}`, () => void navigate(place.to)])),
    ),
  });

  return (
    <div className={styles.shell}>
      {/* biome-ignore lint/a11y/useValidAnchor: it goes to #main; the click moves the focus there too */}
      <a className={styles.skip} href="#main" onClick={() => main.current?.focus()}>
        {t("nav.skip")}
      </a>
      <aside className={styles.side}>
        <NavLink to="/" className={styles.brand}>
          <Mark />
          <span>{t("app.name")}</span>
        </NavLink>
        <Navigation />
        <p className={styles.version}>{t("app.version", { version })}</p>
      </aside>
      <header className={styles.top}>
        <span className={styles.burger}>
          <IconButton icon="menu" label={t("nav.open")} onClick={() => setDrawer(true)} />
        </span>
        <Search />
        <div className={styles.tools}>
          <span className={styles.wideOnly}>
            <IconButton icon="keyboard" label={t("help.title")} onClick={() => setHelp(true)} />
          </span>
          <Choices onHelp={() => setHelp(true)} />
        </div>
      </header>
      <main id="main" className={styles.main} ref={main} tabIndex={-1}>
        <Catch at={pathname}>
          <Suspense fallback={<Arriving />}>
            <Outlet />
          </Suspense>
        </Catch>
      </main>
      <Dialog kind="nav" open={drawer} onClose={() => setDrawer(false)} title={t("app.name")}>
        <Navigation onGo={() => setDrawer(false)} />
      </Dialog>
      <Shortcuts open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** Only what takes longer than a blink shows that something is coming. */
function Arriving() {
  return (
    <div className={styles.arriving}>
      <Skeleton lines={8} />
    </div>
  );
}

function focusTable() {
  document.querySelector<HTMLElement>("main [data-table]")?.focus();
}

function Navigation({ onGo }: { onGo?: () => void }) {
  const t = useT();
  const { role } = useSession().user;
  return (
    <nav className={styles.nav} aria-label={t("nav.label")}>
      {NAV.map((group) => (
        <div key={group.label} className={styles.group}>
          <p className={styles.groupName}>{t(group.label)}</p>
          <ul>
            {group.places
              .filter((place) => !place.needs || atLeast(role, place.needs))
              .map((place) => (
                <li key={place.to}>
                  <NavLink
                    to={place.to}
                    end={place.to === "/"}
                    className={({ isActive }) => cx(styles.link, isActive && styles.current)}
                    onClick={onGo}
                  >
                    <Icon name={place.icon} />
                    {t(place.label)}
                  </NavLink>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function Choices({ onHelp }: { onHelp: () => void }) {
  const t = useT();
  const { user } = useSession();
  const { theme, setTheme } = useTheme();
  const { locale, setLocale } = useLocale();
  const save = useSaveMe();
  const signOut = useSignOut();
  const navigate = useNavigate();

  const themes: MenuItem[] = (["system", "light", "dark"] as const).map((value) => ({
    key: value,
    label: t(`theme.${value}`),
    icon: ({ system: "screen", light: "sun", dark: "moon" } as const)[value],
    checked: theme === value,
    onSelect: () => {
      setTheme(value);
      save.mutate({ theme: value });
    },
  }));
  const languages: MenuItem[] = LOCALES.map((value) => ({
    key: value,
    label: t(`locale.${value}`),
    checked: locale === value,
    onSelect: () => {
      setLocale(value);
      save.mutate({ locale: value });
    },
  }));

  return (
    <>
      <span className={styles.wideOnly}>
        <Menu
          end
          label={t("theme.label")}
          items={themes}
          button={{ kind: "quiet", icon: ({ system: "screen", light: "sun", dark: "moon" } as const)[theme] }}
        />
        <Menu end label={t("locale.label")} items={languages} button={{ kind: "quiet", icon: "globe" }} />
      </span>
      <Menu
        end
        label={t("user.menu", { name: user.name })}
        button={{ kind: "quiet", icon: "user" }}
        header={
          <div className={styles.who}>
            <strong>{user.name}</strong>
            <span>{user.email}</span>
            <span>{t(`role.${user.role}`)}</span>
          </div>
        }
        items={[
          {
            key: "profile",
            label: t("user.profile"),
            icon: "settings",
            onSelect: () => void navigate("/settings/profile"),
          },
          { key: "help", label: t("help.title"), icon: "keyboard", onSelect: onHelp },
          "line",
          ...themes,
          "line",
          ...languages,
          "line",
          { key: "out", label: t("user.signOut"), icon: "exit", onSelect: () => signOut.mutate() },
        ]}
      />
    </>
  );
}

const places = new Map<string, number>();

/** A new page begins at its top with its heading in focus; Back returns to where it was scrolled. */
function usePlace(main: { current: HTMLElement | null }) {
  const { key, pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    const element = main.current;
    if (!element) return;
    if (before.current !== pathname) {
      before.current = pathname;
      element.scrollTop = places.get(key) ?? 0;
      const heading = element.querySelector<HTMLElement>("[data-page-heading]");
      (heading ?? element).focus({ preventScroll: true });
    }
    const remember = () => void places.set(key, element.scrollTop);
    element.addEventListener("scroll", remember, { passive: true });
    return () => element.removeEventListener("scroll", remember);
  }, [key, pathname, main]);
}
