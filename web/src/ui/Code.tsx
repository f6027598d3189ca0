import { type ReactNode, useEffect, useRef, useState } from "react";
import { useT } from "../i18n/i18n.tsx";
import { Button } from "./Button.tsx";
import styles from "./Code.module.css";
import { cx } from "./cx.ts";

/** Copies, and says that it did. */
export function Copy({ text, label, small = true }: { text: string; label?: string; small?: boolean }) {
  const t = useT();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <>
      <Button
        kind="quiet"
        small={small}
        icon={done ? "check" : "copy"}
        aria-label={label ?? t("action.copy")}
        title={label ?? t("action.copy")}
        onClick={() => void copy(text).then(() => setDone(true))}
      />
      <span role="status" className="visually-hidden">
        {done ? t("action.copied") : ""}
      </span>
    </>
  );
}

async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain http on another machine has no clipboard API.
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Code or a command with its copy button. Long lines scroll; the keyboard reaches them. */
export function Code({ text, label, caption }: { text: string; label: string; caption?: ReactNode }) {
  return (
    <figure className={styles.code}>
      <figcaption className={styles.caption}>
        <span>{caption ?? label}</span>
        <Copy text={text} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} aria-label={label} role="region">
        <code>{text}</code>
      </pre>
    </figure>
  );
}

/** A whole file with line numbers, to read. `at` is a line to show: it is marked and scrolled to. */
export function NumberedCode({
  text,
  label,
  caption,
  at = null,
}: {
  text: string;
  label: string;
  caption?: ReactNode;
  at?: number | null;
}) {
  const marked = useRef<HTMLSpanElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another line is asked for
  useEffect(() => {
    const around = marked.current?.closest("pre");
    if (around && marked.current) around.scrollTop = marked.current.offsetTop - around.clientHeight / 2;
  }, [at]);
  const lines = text.replace(/\n$/, "").split("\n");
  return (
    <figure className={styles.code}>
      <figcaption className={styles.caption}>
        <span>{caption ?? label}</span>
        <Copy text={text} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} aria-label={label} role="region" className={styles.whole}>
        <code className={styles.lines}>
          {lines.map((line, index) => {
            const on = at === index + 1;
            return (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: a line's name is its number
                key={index}
                ref={on ? marked : undefined}
                aria-current={on || undefined}
                className={cx(styles.line, styles.numbered, /^\s*#/.test(line) && styles.place, on && styles.at)}
                data-line={index + 1}
              >
                {line || " "}
              </span>
            );
          })}
        </code>
      </pre>
    </figure>
  );
}

type Kind = "add" | "remove" | "place" | "same";

export interface DiffLine {
  kind: Kind;
  text: string;
  at: number;
}

/** The lines of a unified diff; its file headers are left out, the caption names the file. */
export function diffLines(text: string): DiffLine[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line, at) => ({ kind: kindOf(line), text: line, at }))
    .filter((line) => !/^(---|\+\+\+) /.test(line.text));
}

function kindOf(line: string): Kind {
  if (line.startsWith("@@")) return "place";
  if (line.startsWith("+")) return "add";
  if (line.startsWith("-")) return "remove";
  return "same";
}

export function Diff({ text, file, label }: { text: string; file: string; label: string }) {
  const t = useT();
  const spoken: Record<Kind, string> = { add: t("diff.added"), remove: t("diff.removed"), place: "", same: "" };
  return (
    <figure className={styles.code}>
      <figcaption className={styles.caption}>
        <code>{file}</code>
        <Copy text={text} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} aria-label={label} role="region">
        <code className={styles.lines}>
          {diffLines(text).map((line) => (
            <span key={line.at} className={cx(styles.line, styles[line.kind])}>
              {spoken[line.kind] && <span className="visually-hidden">{spoken[line.kind]}</span>}
              {line.text || " "}
            </span>
          ))}
        </code>
      </pre>
    </figure>
  );
}
