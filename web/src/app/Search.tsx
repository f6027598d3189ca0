import { type KeyboardEvent, useId, useState } from "react";
import { useNavigate } from "react-router";
import { useT } from "../i18n/i18n.tsx";
import { cx } from "../ui/cx.ts";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { NAV } from "./nav.ts";
import styles from "./Search.module.css";
import { atLeast, useSession } from "./session.tsx";

interface Hit {
  to: string;
  label: string;
  icon: IconName;
}

/** One box for everything: what is typed is looked for in findings or assets, or names a page. `/` comes here. */
export function Search() {
  const t = useT();
  const id = useId();
  const navigate = useNavigate();
  const { role } = useSession().user;
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);

  const wanted = text.trim();
  const query = encodeURIComponent(wanted);
  const pages = NAV.flatMap((group) => group.places)
    .filter((place) => !place.needs || atLeast(role, place.needs))
    .map((place): Hit => ({ to: place.to, label: t(place.label), icon: place.icon }))
    .filter((hit) => hit.label.toLowerCase().includes(wanted.toLowerCase()));
  const hits: Hit[] = wanted
    ? [
        { to: `/findings?q=${query}`, label: t("search.findings", { text: wanted }), icon: "findings" },
        { to: `/assets?q=${query}`, label: t("search.assets", { text: wanted }), icon: "assets" },
        ...pages,
      ]
    : [];
  const shown = open && hits.length > 0;

  function go(hit: Hit | undefined) {
    if (!hit) return;
    setOpen(false);
    setText("");
    void navigate(hit.to);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      if (hits.length) setAt((at + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length);
    } else if (event.key === "Enter") {
      go(hits[at]);
      event.currentTarget.blur();
    } else if (event.key === "Escape") {
      if (open) setOpen(false);
      else event.currentTarget.blur();
    }
  }

  return (
    <div role="search" aria-label={t("search.label")} className={styles.search}>
      <Icon name="search" size={14} />
      <input
        data-search
        role="combobox"
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-label={t("search.label")}
        aria-autocomplete="list"
        aria-activedescendant={shown ? `${id}-${at}` : undefined}
        placeholder={t("search.placeholder")}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
          setOpen(true);
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <kbd className={styles.key}>{"/"}</kbd>
      <div id={`${id}-list`} role="listbox" aria-label={t("search.label")} className={styles.list} hidden={!shown}>
        {hits.map((hit, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the search box above hears the keyboard
          <div
            key={hit.to}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={cx(styles.hit, index === at && styles.at)}
            onPointerDown={(event) => event.preventDefault()}
            onPointerMove={() => setAt(index)}
            onClick={() => go(hit)}
          >
            <Icon name={hit.icon} size={14} />
            {hit.label}
          </div>
        ))}
      </div>
    </div>
  );
}
