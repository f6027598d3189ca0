import { type ReactNode, useEffect, useState } from "react";
import { useT } from "../i18n/i18n.tsx";
import { Button } from "./Button.tsx";
import styles from "./FilterBar.module.css";
import { Icon } from "./Icon.tsx";

const PAUSE_MS = 250;

/** A row of filters with a search box before them. What is typed is applied after a short pause. */
export function FilterBar({
  label,
  search,
  onSearch,
  placeholder,
  children,
  onClear,
  end,
}: {
  label: string;
  search?: string;
  onSearch?: (text: string) => void;
  placeholder?: string;
  children?: ReactNode;
  /** Given when something is filtered. */
  onClear?: (() => void) | undefined;
  end?: ReactNode;
}) {
  const t = useT();
  return (
    <div role="search" aria-label={label} className={styles.bar}>
      {onSearch && <SearchBox value={search ?? ""} onChange={onSearch} label={placeholder ?? t("filter.search")} />}
      {children}
      {onClear && (
        <Button small kind="quiet" icon="close" onClick={onClear}>
          {t("filter.clearAll")}
        </Button>
      )}
      {end && <div className={styles.end}>{end}</div>}
    </div>
  );
}

function SearchBox({ value, onChange, label }: { value: string; onChange: (text: string) => void; label: string }) {
  const [text, setText] = useState(value);
  const [given, setGiven] = useState(value);
  if (given !== value) {
    setGiven(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <span className={styles.search}>
      <Icon name="filter" size={14} />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange(text);
        }}
      />
    </span>
  );
}
