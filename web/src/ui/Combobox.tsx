import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { useFormat, useT } from "../i18n/i18n.tsx";
import { Button } from "./Button.tsx";
import styles from "./Combobox.module.css";
import { cx } from "./cx.ts";
import { Icon } from "./Icon.tsx";
import { Popover } from "./Popover.tsx";

export interface Choice {
  value: string;
  label: string;
  count?: number;
  /** Drawn in place of the label: a severity with its bars, say. */
  show?: ReactNode;
}

interface ListProps {
  choices: readonly Choice[];
  chosen: readonly string[];
  onChoose: (value: string) => void;
  label: string;
  multiple?: boolean;
  /** Any text may be chosen too. */
  free?: boolean;
}

const SHOWN = 200;

/** A search box over a list: type to narrow, arrows to move, Enter to choose. */
export function ChoiceList({ choices, chosen, onChoose, label, multiple = false, free = false }: ListProps) {
  const t = useT();
  const format = useFormat();
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);

  const shown = useMemo(() => narrow(choices, chosen, text, free), [choices, chosen, text, free]);
  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    list.current?.querySelector(`[data-at="${at}"]`)?.scrollIntoView?.({ block: "nearest" });
  }, [at]);

  function onKeyDown(event: KeyboardEvent) {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to !== undefined && shown.length) {
      event.preventDefault();
      setAt((to + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const choice = shown[at];
      if (choice) onChoose(choice.value);
    }
  }

  return (
    <div className={styles.box}>
      <input
        ref={input}
        className={styles.search}
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-label={label}
        aria-autocomplete="list"
        aria-activedescendant={shown[at] ? `${id}-${at}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={t("filter.search")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        role="listbox"
        id={id}
        aria-label={label}
        aria-multiselectable={multiple || undefined}
        className={styles.list}
        ref={list}
        tabIndex={-1}
      >
        {shown.map((choice, index) => {
          const on = chosen.includes(choice.value);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard is heard by the search box above
            <div
              key={choice.value}
              id={`${id}-${index}`}
              data-at={index}
              role="option"
              tabIndex={-1}
              aria-selected={on}
              className={cx(styles.option, index === at && styles.at)}
              onClick={() => onChoose(choice.value)}
              onPointerMove={() => setAt(index)}
            >
              <span className={cx(styles.tick, multiple && styles.square, on && styles.on)}>
                {on && <Icon name="check" size={12} />}
              </span>
              <span className={styles.label}>{choice.show ?? choice.label}</span>
              {choice.count !== undefined && <span className={styles.count}>{format.number(choice.count)}</span>}
            </div>
          );
        })}
        {shown.length === 0 && <p className={styles.none}>{t("filter.none")}</p>}
      </div>
    </div>
  );
}

/** What is typed narrows by label and by value; what is chosen stays in the list even when the API did not count it. */
export function narrow(
  choices: readonly Choice[],
  chosen: readonly string[],
  text: string,
  free: boolean,
): readonly Choice[] {
  const known = new Set(choices.map((choice) => choice.value));
  const all = [...choices, ...chosen.filter((value) => !known.has(value)).map((value) => ({ value, label: value }))];
  const wanted = text.trim().toLowerCase();
  const found = all.filter(
    (choice) => choice.label.toLowerCase().includes(wanted) || choice.value.toLowerCase().includes(wanted),
  );
  const exact = found.some((choice) => choice.value.toLowerCase() === wanted);
  if (free && wanted && !exact) found.push({ value: text.trim(), label: text.trim() });
  return found.slice(0, SHOWN);
}

/** A filter of many values: a button that says what is chosen, and its list. */
export function FilterMenu({
  label,
  choices,
  chosen,
  onChange,
  free,
  onOpen,
}: {
  label: string;
  choices: readonly Choice[];
  chosen: readonly string[];
  onChange: (values: string[]) => void;
  free?: boolean;
  /** Told when it opens: choices may be fetched then rather than with the page. */
  onOpen?: () => void;
}) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const names = chosen.map((value) => choices.find((choice) => choice.value === value)?.label ?? value);
  return (
    <Popover
      open={open}
      onClose={() => setOpen(false)}
      wide
      trigger={
        <Button
          small
          className={cx(styles.filter, chosen.length > 0 && styles.active)}
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => {
            if (!open) onOpen?.();
            setOpen(!open);
          }}
        >
          <span>{label}</span>
          {names.length > 0 && (
            <span className={styles.values}>
              {names.length > 2 ? t("filter.many", { count: names.length }) : names.join(", ")}
            </span>
          )}
          <Icon name="down" size={12} />
        </Button>
      }
    >
      <ChoiceList
        label={label}
        choices={choices}
        chosen={chosen}
        multiple
        {...(free ? { free } : {})}
        onChoose={(value) =>
          onChange(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value])
        }
      />
      {chosen.length > 0 && (
        <div className={styles.foot}>
          <Button small kind="quiet" onClick={() => onChange([])}>
            {t("filter.clear")}
          </Button>
        </div>
      )}
    </Popover>
  );
}

/** One value out of many: a field whose list can be searched. */
export function Combobox({
  label,
  choices,
  value,
  onChange,
  placeholder,
  free,
}: {
  label: string;
  choices: readonly Choice[];
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  free?: boolean;
}) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const around = useRef<HTMLDivElement>(null);
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <div className={styles.field} ref={around}>
      <span className={styles.caption} id={id}>
        {label}
      </span>
      <Popover
        open={open}
        onClose={() => setOpen(false)}
        wide
        trigger={
          <Button
            className={styles.open}
            aria-haspopup="listbox"
            aria-expanded={open}
            aria-labelledby={`${id} ${id}-value`}
            onClick={() => setOpen(!open)}
          >
            <span id={`${id}-value`} className={value ? undefined : styles.placeholder}>
              {chosen?.label ?? (value || placeholder)}
            </span>
            <Icon name="down" size={14} />
          </Button>
        }
      >
        <ChoiceList
          label={label}
          choices={choices}
          chosen={value ? [value] : []}
          {...(free ? { free } : {})}
          onChoose={(next) => {
            setOpen(false);
            onChange(next);
            around.current?.querySelector<HTMLElement>("button")?.focus();
          }}
        />
      </Popover>
    </div>
  );
}
