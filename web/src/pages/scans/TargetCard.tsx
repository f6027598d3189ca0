import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { get, post, remove } from "../../api/client.ts";
import type { Scan, Target } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Meanwhile, useMeanwhile } from "../../ui/Meanwhile.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { RelativeTime } from "../../ui/RelativeTime.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { rhythmOf } from "./options.ts";
import { ScanProgress } from "./ScanProgress.tsx";
import styles from "./Scans.module.css";
import { targetFields } from "./TargetForm.tsx";

/** A target: when it is scanned, when it last was, and its scan while one goes on. */
export function TargetCard({
  target,
  scan,
  onEdit,
  onStarted,
}: {
  target: Target;
  scan: Scan | undefined;
  onEdit: () => void;
  onStarted: () => void;
}) {
  const t = useT();
  const toast = useToast();
  const admin = useCan("admin");
  const analyst = useCan("analyst");
  const [dropping, setDropping] = useState(false);
  const start = useMutation({
    mutationFn: () => post<Scan>("/scans", { target: target.id }),
    onSuccess: () => {
      toast.say(t("scans.started", { name: target.name }));
      onStarted();
    },
    onError: (error) => toast.fail(error),
  });
  return (
    <article className={styles.target}>
      <header className={styles.targetHead}>
        <h2>{target.name}</h2>
        <Badge>{t(`target.${target.kind}`)}</Badge>
        {admin && (
          <Menu
            end
            label={t("scans.targetMenu", { name: target.name })}
            button={{ kind: "quiet", icon: "more", small: true }}
            items={[
              { key: "edit", label: t("action.edit"), icon: "edit", onSelect: onEdit },
              { key: "delete", label: t("action.delete"), icon: "trash", onSelect: () => setDropping(true) },
            ]}
          />
        )}
      </header>
      <p className={styles.targetFacts}>
        <span>
          <Icon name="clock" size={14} />
          <Rhythm target={target} />
        </span>
        <span>
          <Icon name="check" size={14} />
          {target.landed ? (
            <>
              {t("scans.lastRead")} <RelativeTime at={target.landed} />
            </>
          ) : (
            t("scans.neverRead")
          )}
        </span>
      </p>
      <div className={styles.targetFoot}>
        {scan ? (
          <Link to={`/scans/${scan.id}`} className={styles.running}>
            <ScanProgress scan={scan} />
          </Link>
        ) : (
          analyst && (
            <Button
              icon="play"
              busy={start.isPending}
              disabled={!target.enabled}
              title={target.enabled ? undefined : t("scans.off")}
              onClick={() => start.mutate()}
            >
              {t("scans.start")}
            </Button>
          )
        )}
      </div>
      {dropping && <DropTarget target={target} onClose={() => setDropping(false)} />}
    </article>
  );
}

export function Rhythm({ target }: { target: Pick<Target, "every_seconds" | "enabled"> }) {
  const t = useT();
  if (!target.enabled) return <>{t("scans.off")}</>;
  if (!target.every_seconds) return <>{t("scans.byHand")}</>;
  const { unit, count } = rhythmOf(target.every_seconds);
  return <>{t(`scans.every.${unit}`, { count })}</>;
}

function DropTarget({ target, onClose }: { target: Target; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const { held, send } = useMeanwhile(target, () => get<Target>(`/targets/${target.id}`));
  const drop = useMutation({
    mutationFn: () => send((etag) => remove(`/targets/${target.id}`, undefined, etag)),
    onSuccess: () => {
      toast.say(t("said.deleted"));
      onClose();
      return client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    },
  });
  return (
    <FormDialog
      danger
      title={t("scans.dropTitle", { name: target.name })}
      submit={t("action.delete")}
      sending={drop}
      onSubmit={() => drop.mutate()}
      onClose={onClose}
      meanwhile={held && <Meanwhile drops held={held} fields={targetFields(t)} />}
    >
      <p>{t("scans.dropText")}</p>
      <p>{t("said.sure")}</p>
    </FormDialog>
  );
}
