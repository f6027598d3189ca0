import type { NotificationKind } from "../../api/types.ts";

/** What the form of a channel holds, as typed. */
export interface Channel {
  url: string;
  secret: string;
  host: string;
  port: string;
  security: "starttls" | "tls";
  username: string;
  password: string;
  sender: string;
  recipients: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The options of a notification as the form shows them; secrets are never given back, so they start empty. */
export function channelOf(kind: NotificationKind, options: Record<string, unknown>): Channel {
  return {
    // Of a Slack address only the host is told.
    url: kind === "slack" ? "" : text(options.url),
    secret: "",
    host: text(options.host),
    port: String(options.port ?? 587),
    security: options.security === "tls" ? "tls" : "starttls",
    username: text(options.username),
    password: "",
    sender: text(options.sender),
    recipients: Array.isArray(options.recipients) ? options.recipients.join("\n") : "",
  };
}

/** What was typed, as the API takes it. A secret left empty is left out: it stays what it was. */
export function optionsOf(kind: NotificationKind, channel: Channel): Record<string, unknown> {
  if (kind === "slack") return { kind, url: channel.url.trim() };
  if (kind === "webhook") return { kind, url: channel.url.trim(), ...given("secret", channel.secret) };
  return {
    kind,
    host: channel.host.trim(),
    port: Number(channel.port),
    security: channel.security,
    username: channel.username.trim(),
    ...given("password", channel.password),
    sender: channel.sender.trim(),
    recipients: channel.recipients.split(/[\s,;]+/).filter(Boolean),
  };
}

const given = (name: string, value: string) => (value ? { [name]: value } : {});

/** Where it goes, in a line. */
export function placeOf(kind: NotificationKind, options: Record<string, unknown>): string {
  if (kind !== "email") return text(options.url);
  return Array.isArray(options.recipients) ? options.recipients.join(", ") : "";
}
