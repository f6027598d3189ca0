import { type MessageId, useT } from "../i18n/i18n.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { NAV } from "./nav.ts";
import styles from "./Shortcuts.module.css";

const ANYWHERE: readonly [string, MessageId][] = [
  ["/", "help.search"],
  ["?", "help.this"],
];
const IN_TABLES: readonly [string, MessageId][] = [
  ["j k", "help.move"],
  ["Enter", "help.open"],
  ["x", "help.select"],
  ["Shift j", "help.range"],
  ["Ctrl a", "help.all"],
  ["Esc", "help.none"],
];

export function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT();
  const places = NAV.flatMap((group) =>
    group.places.map((place): [string, MessageId] => [`g ${place.key}`, place.label]),
  );
  return (
    <Dialog open={open} onClose={onClose} title={t("help.title")}>
      <div className={styles.columns}>
        <Keys title={t("help.anywhere")} keys={ANYWHERE} />
        <Keys title={t("help.tables")} keys={IN_TABLES} />
        <Keys title={t("help.go")} keys={places} />
      </div>
    </Dialog>
  );
}

function Keys({ title, keys }: { title: string; keys: readonly [string, MessageId][] }) {
  const t = useT();
  return (
    <section>
      <h3>{title}</h3>
      <dl className={styles.keys}>
        {keys.map(([key, label]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{t(label)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
