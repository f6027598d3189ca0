import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post, remove } from "../../api/client.ts";
import type { Notification, Page } from "../../api/types.ts";
import { type MessageId, useFormat, useT } from "../../i18n/i18n.tsx";
import { Badge, Severity } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { Meanwhile, useMeanwhile } from "../../ui/Meanwhile.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Card, Facts } from "../../ui/Page.tsx";
import { Empty, Loaded } from "../../ui/State.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { placeOf } from "./channel.ts";
import { NotificationForm, notificationFields } from "./NotificationForm.tsx";
import styles from "./Settings.module.css";
import { ShownOnce } from "./ShownOnce.tsx";

/** Where messages go, about what, and whether the last one arrived. */
export function Notifications() {
  const t = useT();
  const query = useQuery({
    queryKey: ["notifications"],
    queryFn: ({ signal }) => get<Page<Notification>>("/notifications", {}, signal),
  });
  const [form, setForm] = useState<Notification | "new" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const add = (
    <Button small kind="primary" icon="plus" onClick={() => setForm("new")}>
      {t("notify.add")}
    </Button>
  );
  return (
    <>
      <Card title={t("settings.notifications")} actions={add}>
        <p className={styles.note}>{t("notify.text")}</p>
        <Loaded query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t("notify.none")} icon="bell">
                {t("notify.noneText")}
              </Empty>
            ) : (
              <ul className={styles.body}>
                {items.map((one) => (
                  <li key={one.id}>
                    <One notification={one} onEdit={() => setForm(one)} />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
      {form && (
        <NotificationForm
          notification={form === "new" ? null : form}
          onClose={() => setForm(null)}
          onSecret={setSecret}
        />
      )}
      {secret && (
        <ShownOnce
          title={t("notify.secret")}
          text={t("notify.secretText")}
          secret={secret}
          onClose={() => setSecret(null)}
        />
      )}
    </>
  );
}

function One({ notification, onEdit }: { notification: Notification; onEdit: () => void }) {
  const t = useT();
  const format = useFormat();
  const toast = useToast();
  const client = useQueryClient();
  const [dropping, setDropping] = useState(false);
  const again = () => client.invalidateQueries({ queryKey: ["notifications"] });
  const test = useMutation({
    mutationFn: () => post<{ sent: boolean; error: string | null }>(`/notifications/${notification.id}/test`),
    onSuccess: (answer) => {
      if (answer.sent) toast.say(t("notify.tested", { name: notification.name }));
      else toast.fail(t("notify.testFailed", { why: answer.error ?? "" }));
      return again();
    },
    onError: (error) => toast.fail(error),
  });
  const { last } = notification;
  return (
    <Card
      title={notification.name}
      actions={
        <span className={styles.rowActions}>
          <Button small busy={test.isPending} onClick={() => test.mutate()}>
            {t("notify.test")}
          </Button>
          <Button small icon="edit" aria-label={t("notify.editName", { name: notification.name })} onClick={onEdit}>
            {t("action.edit")}
          </Button>
          <Menu
            end
            label={t("notify.more", { name: notification.name })}
            button={{ kind: "quiet", icon: "more", small: true }}
            items={[{ key: "delete", label: t("action.delete"), icon: "trash", onSelect: () => setDropping(true) }]}
          />
        </span>
      }
    >
      <Facts
        items={[
          [t("field.kind"), t(`notify.kind.${notification.kind}`)],
          [t("notify.to"), placeOf(notification.kind, notification.options) || "\u2013"],
          [t("notify.events"), format.list(notification.events.map((event) => t(eventName(event))))],
          [t("notify.from"), <Severity key="severity" value={notification.severity} />],
          [
            t("field.state"),
            <Badge key="state" tone={notification.enabled ? "pass" : "neutral"}>
              {t(notification.enabled ? "notify.on" : "notify.off")}
            </Badge>,
          ],
          [t("notify.last"), last ? t(`notify.delivery.${last.state}`, { count: last.tries }) : t("notify.never")],
        ]}
      />
      {last?.error && <Notice tone="bad">{last.error}</Notice>}
      {dropping && <Drop notification={notification} onClose={() => setDropping(false)} />}
    </Card>
  );
}

function Drop({ notification, onClose }: { notification: Notification; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const { held, send } = useMeanwhile(notification, () => get<Notification>(`/notifications/${notification.id}`));
  const drop = useMutation({
    mutationFn: () => send((etag) => remove(`/notifications/${notification.id}`, undefined, etag)),
    onSuccess: () => {
      toast.say(t("said.deleted"));
      return client.invalidateQueries({ queryKey: ["notifications"] });
    },
  });
  return (
    <FormDialog
      danger
      title={t("notify.dropTitle", { name: notification.name })}
      submit={t("action.delete")}
      sending={drop}
      onSubmit={() => drop.mutate()}
      onClose={onClose}
      meanwhile={held && <Meanwhile drops held={held} fields={notificationFields(t)} />}
    >
      <p>{t("notify.dropText")}</p>
    </FormDialog>
  );
}

const NAMES: Record<string, MessageId> = {
  "finding.opened": "event.finding.opened",
  "finding.reopened": "event.finding.reopened",
  "finding.resolved": "event.finding.resolved",
  "scan.landed": "event.scan.landed",
  "scan.failed": "event.scan.failed",
  "exception.asked": "event.exception.asked",
  "exception.decided": "event.exception.decided",
  "exception.expiring": "event.exception.expiring",
  "case.opened": "event.case.opened",
};

const eventName = (event: string): MessageId => NAMES[event] ?? "event.other";
