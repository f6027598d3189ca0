import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Code.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import styles from "./Settings.module.css";

/** A secret that the server tells once: a token, an invitation, a webhook's key. */
export function ShownOnce({
  title,
  text,
  secret,
  onClose,
}: {
  title: string;
  text: string;
  secret: string;
  onClose: () => void;
}) {
  const t = useT();
  return (
    <Dialog
      open
      title={title}
      onClose={onClose}
      actions={
        <Button kind="primary" onClick={onClose}>
          {t("once.done")}
        </Button>
      }
    >
      <Notice tone="warn">{t("once.text")}</Notice>
      <p>{text}</p>
      <div className={styles.secret} data-autofocus tabIndex={-1}>
        <code>{secret}</code>
        <Copy text={secret} small={false} />
      </div>
    </Dialog>
  );
}
