import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button, type ButtonProps } from "./Button.tsx";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./Icon.tsx";
import styles from "./Menu.module.css";
import { Popover } from "./Popover.tsx";

export interface MenuItem {
  key: string;
  label: string;
  icon?: IconName;
  /** Given: the item is one of a set, and this says whether it is the chosen one. */
  checked?: boolean;
  href?: string;
  disabled?: boolean;
  onSelect?: () => void;
}

/** A button with a menu by the ARIA pattern: arrows move, Enter chooses, Escape closes. */
export function Menu({
  items,
  button,
  label,
  header,
  end,
}: {
  items: readonly (MenuItem | "line")[];
  button: ButtonProps;
  label: string;
  header?: ReactNode;
  end?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (open) list.current?.querySelector<HTMLElement>('[role^="menuitem"]:not([aria-disabled])')?.focus();
  }, [open]);

  function onKeyDown(event: KeyboardEvent) {
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not([aria-disabled])') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Tab") setOpen(false);
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  }

  function choose(item: MenuItem) {
    setOpen(false);
    list.current?.closest("div")?.parentElement?.parentElement?.querySelector<HTMLElement>("button")?.focus();
    item.onSelect?.();
  }

  return (
    <Popover
      open={open}
      onClose={() => setOpen(false)}
      {...(end ? { end } : {})}
      trigger={
        <Button
          aria-haspopup="menu"
          aria-expanded={open}
          aria-label={button.children ? undefined : label}
          title={label}
          onClick={() => setOpen(!open)}
          {...button}
        />
      }
    >
      {header}
      <div role="menu" aria-label={label} ref={list} tabIndex={-1} onKeyDown={onKeyDown}>
        {items.map((item, index) =>
          item === "line" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name
            <hr key={`line-${index}`} className={styles.line} />
          ) : (
            <Item key={item.key} item={item} choose={choose} />
          ),
        )}
      </div>
    </Popover>
  );
}

function Item({ item, choose }: { item: MenuItem; choose: (item: MenuItem) => void }) {
  const inside = (
    <>
      <span className={styles.icon}>
        {item.checked ? <Icon name="check" /> : item.icon ? <Icon name={item.icon} /> : null}
      </span>
      {item.label}
    </>
  );
  if (item.href) {
    return (
      <a role="menuitem" className={styles.item} href={item.href} download tabIndex={-1} onClick={() => choose(item)}>
        {inside}
      </a>
    );
  }
  return (
    <button
      type="button"
      role={item.checked === undefined ? "menuitem" : "menuitemradio"}
      {...(item.checked === undefined ? {} : { "aria-checked": item.checked })}
      aria-disabled={item.disabled || undefined}
      className={cx(styles.item, item.disabled && styles.disabled)}
      tabIndex={-1}
      onClick={() => !item.disabled && choose(item)}
    >
      {inside}
    </button>
  );
}
