import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, patch, post } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import {
  NOTIFICATION_EVENTS,
  type Notification,
  type NotificationEvent,
  type NotificationKind,
  SEVERITIES,
  type Severity,
} from "../../api/types.ts";
import { type Translate, useT } from "../../i18n/i18n.tsx";
import { Checkbox, Select, TextArea, TextField } from "../../ui/Field.tsx";
import { FieldGroup, FieldRow, FormDialog } from "../../ui/FormDialog.tsx";
import { Meanwhile, type Told, useMeanwhile } from "../../ui/Meanwhile.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { type Channel, channelOf, optionsOf } from "./channel.ts";
import styles from "./Settings.module.css";

const FIRST_EVENTS: readonly string[] = ["finding.opened", "finding.reopened", "scan.failed", "exception.asked"];
const KINDS = ["email", "slack", "webhook"] as const;

export const notificationFields = (t: Translate): Told<Notification>[] => [
  ["name", t("field.name")],
  ["options", t("notify.to")],
  ["events", t("notify.events"), (events: NotificationEvent[]) => events.map((one) => t(`event.${one}`)).join(", ")],
  ["severity", t("notify.from"), (severity: Severity) => t(`severity.${severity}`)],
  ["enabled", t("notify.enabled"), (on: boolean) => t(on ? "said.yes" : "said.no")],
];

/** Adds a place that messages go to, or changes one. */
export function NotificationForm({
  notification,
  onClose,
  onSecret,
}: {
  notification: Notification | null;
  onClose: () => void;
  onSecret: (secret: string) => void;
}) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const [name, setName] = useState(notification?.name ?? "");
  const [kind, setKind] = useState<NotificationKind>(notification?.kind ?? "email");
  const [channel, setChannel] = useState(() => channelOf(kind, notification?.options ?? {}));
  const [events, setEvents] = useState<readonly string[]>(notification?.events ?? FIRST_EVENTS);
  const [severity, setSeverity] = useState<Severity>(notification?.severity ?? "high");
  const [enabled, setEnabled] = useState(notification?.enabled ?? true);
  // Only the host of a Slack address is told back: left empty, the address stays.
  const keeps = notification !== null && kind === "slack" && channel.url.trim() === "";
  const { held, send } = useMeanwhile(notification, () => get<Notification>(`/notifications/${notification?.id}`));
  const save = useMutation({
    mutationFn: () => {
      const made = {
        name: name.trim(),
        ...(keeps ? {} : { options: optionsOf(kind, channel) }),
        events,
        severity,
        enabled,
      };
      return notification
        ? send((etag) =>
            patch<Notification & { secret?: string | null }>(`/notifications/${notification.id}`, made, etag),
          )
        : post<Notification & { secret?: string | null }>("/notifications", made);
    },
    onSuccess: (made) => {
      toast.say(t("said.saved"));
      onClose();
      if (made.secret) onSecret(made.secret);
      return client.invalidateQueries({ queryKey: ["notifications"] });
    },
  });
  const problem = save.error ? asProblem(save.error) : null;
  return (
    <FormDialog
      title={notification ? t("notify.editName", { name: notification.name }) : t("notify.add")}
      submit={t("action.save")}
      sending={save}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      meanwhile={held && <Meanwhile held={held} fields={notificationFields(t)} />}
    >
      <FieldRow>
        <TextField
          label={t("field.name")}
          required
          maxLength={100}
          value={name}
          error={problem?.field("name")}
          onChange={(event) => setName(event.target.value)}
          data-autofocus
        />
        <Select
          label={t("field.kind")}
          value={kind}
          disabled={notification !== null}
          options={KINDS.map((value) => ({ value, label: t(`notify.kind.${value}`) }))}
          onChange={(event) => setKind(event.target.value as NotificationKind)}
        />
      </FieldRow>
      <ChannelFields
        kind={kind}
        channel={channel}
        held={notification?.options.has_secret === true}
        keeps={notification !== null && kind === "slack"}
        wrong={(field) => problem?.field(field)}
        onChange={(change) => setChannel((before) => ({ ...before, ...change }))}
      />
      <FieldGroup label={t("notify.events")}>
        <div className={styles.events}>
          {NOTIFICATION_EVENTS.map((event) => (
            <Checkbox
              key={event}
              label={t(`event.${event}`)}
              checked={events.includes(event)}
              onChange={({ target }) =>
                setEvents((before) => (target.checked ? [...before, event] : before.filter((one) => one !== event)))
              }
            />
          ))}
        </div>
      </FieldGroup>
      <Select
        label={t("notify.from")}
        hint={t("notify.fromHint")}
        value={severity}
        options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
        onChange={(event) => setSeverity(event.target.value as Severity)}
      />
      <Checkbox label={t("notify.enabled")} checked={enabled} onChange={(event) => setEnabled(event.target.checked)} />
    </FormDialog>
  );
}

function ChannelFields({
  kind,
  channel,
  held,
  keeps,
  wrong,
  onChange,
}: {
  kind: NotificationKind;
  channel: Channel;
  /** There is a secret already. */
  held: boolean;
  keeps: boolean;
  wrong: (field: string) => string | undefined;
  onChange: (change: Partial<Channel>) => void;
}) {
  const t = useT();
  const line = (name: keyof Channel, more: Partial<Parameters<typeof TextField>[0]> = {}) => (
    <TextField
      label={t(`channel.${name}`)}
      spellCheck={false}
      autoComplete="off"
      value={channel[name]}
      error={wrong(name)}
      onChange={(event) => onChange({ [name]: event.target.value })}
      {...more}
    />
  );
  if (kind !== "email") {
    return (
      <>
        {line("url", {
          type: "url",
          required: !keeps,
          maxLength: 2000,
          hint: t(keeps ? "channel.url.keep" : `channel.url.${kind}`),
        })}
        {kind === "webhook" &&
          line("secret", {
            type: "password",
            minLength: 16,
            autoComplete: "new-password",
            hint: t(held ? "channel.secret.keep" : "channel.secret.made"),
          })}
      </>
    );
  }
  return (
    <>
      <FieldRow>
        {line("host", { required: true, placeholder: "smtp.example.com" })}
        {line("port", { type: "number", required: true, min: 1, max: 65_535 })}
      </FieldRow>
      <Select
        label={t("channel.security")}
        value={channel.security}
        options={[
          { value: "starttls", label: "STARTTLS" },
          { value: "tls", label: "TLS" },
        ]}
        onChange={(event) => onChange({ security: event.target.value === "tls" ? "tls" : "starttls" })}
      />
      <FieldRow>
        {line("username", {})}
        {line("password", {
          type: "password",
          autoComplete: "new-password",
          hint: held ? t("channel.secret.keep") : undefined,
        })}
      </FieldRow>
      {line("sender", { type: "email", required: true })}
      <TextArea
        label={t("channel.recipients")}
        hint={t("channel.recipients.hint")}
        required
        rows={2}
        spellCheck={false}
        value={channel.recipients}
        error={wrong("recipients")}
        onChange={(event) => onChange({ recipients: event.target.value })}
      />
    </>
  );
}
