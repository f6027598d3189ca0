import type { Account, Notification, OwnSession, Token, User } from "../../src/api/types.ts";
import { Refused, type Routes } from "../fixtures.ts";
import { all } from "./lists.ts";
import { user as me } from "./session.ts";

const now = () => new Date().toISOString();
const EVERYTHING = { accounts: null, tags: {} };

const users: User[] = [
  { ...me, password: true, oidc: false, created: now(), disabled: null, locked: false },
  {
    id: 2,
    email: "ken@example.com",
    name: "Ken Sample",
    role: "analyst",
    sight: { accounts: ["111111111111"], tags: { team: ["shop"] } },
    totp: true,
    password: false,
    oidc: true,
    created: now(),
    disabled: null,
    locked: false,
  },
];
const LINK = "http://127.0.0.1:5400/setup#token=made-up";

const accounts: Account[] = [
  { id: "111111111111", name: "payments-prod", ou: "r-1/ou-prod", environment: "production" },
  { id: "444444444444", name: "", ou: "r-1", environment: null },
];

const tokens: Token[] = [
  {
    id: 1,
    name: "CI",
    prefix: "383ffb6273",
    owner: me.email,
    role: "viewer",
    sight: EVERYTHING,
    created: now(),
    expires: new Date(Date.now() + 90 * 86_400_000).toISOString(),
    used: now(),
    revoked: null,
  },
];

const sessions: OwnSession[] = [true, false].map((current, n) => ({
  id: `${n}`.repeat(16),
  created: now(),
  used: now(),
  expires: now(),
  address: "192.0.2.7",
  agent: current ? "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0" : "curl/8.5",
  current,
}));

const notifications: Notification[] = [
  {
    id: 1,
    name: "Security channel",
    kind: "slack",
    options: { url: "https://hooks.example.com/...", has_secret: true },
    events: ["finding.opened", "scan.failed"],
    severity: "high",
    enabled: true,
    created: now(),
    last: { state: "waiting", tries: 2, error: "hooks.example.com cannot be found" },
  },
];

function held<T extends { id: number | string }>(list: readonly T[], id: string | undefined): T {
  const found = list.find((one) => String(one.id) === id);
  if (!found) throw new Refused(404, { title: "Not found", detail: "" });
  return found;
}

function drop<T extends { id: number | string }>(list: T[], id: string | undefined): undefined {
  list.splice(list.indexOf(held(list, id)), 1);
  return undefined;
}

export const settings: Routes = {
  "GET /users": () => all(users),
  "POST /users": ({ body }) => {
    const { invite, ...said } = body;
    const made = {
      ...(users[1] as User),
      ...said,
      id: users.length + 1,
      totp: false,
      oidc: false,
    } as User;
    users.push(made);
    return { ...made, link: invite ? LINK : null };
  },
  "PATCH /users/:id": ({ path, body }) => {
    const { invite, disabled, ...said } = body;
    const one = Object.assign(held(users, path.id), said);
    if (disabled !== undefined) one.disabled = disabled ? now() : null;
    return { ...one, link: invite ? LINK : null };
  },
  "DELETE /users/:id": ({ path }) => drop(users, path.id),
  "GET /accounts": () => all(accounts),
  "PATCH /accounts/:id": ({ path, body }) => Object.assign(held(accounts, path.id), body),
  "GET /tokens": () => all(tokens),
  "POST /tokens": ({ body }) => {
    const made = { ...(tokens[0] as Token), ...body, id: tokens.length + 1, used: null } as Token;
    tokens.push(made);
    return { ...made, token: `koban_${made.prefix}_made-up` };
  },
  "DELETE /tokens/:id": ({ path }) => {
    held(tokens, path.id).revoked = now();
    return undefined;
  },
  "GET /me/sessions": () => all(sessions),
  "DELETE /me/sessions/:id": ({ path }) => drop(sessions, path.id),
  "POST /me/password": ({ body }) => {
    if (body.current !== "right") throw new Refused(403, { title: "Forbidden", detail: "the password is wrong" });
    return {};
  },
  "POST /me/totp": () => ({
    secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    uri: "otpauth://totp/Koban:ada@example.com?secret=JBSWY3DPEHPK3PXP",
    qr_svg:
      '<svg viewBox="0 0 29 29"><path fill="#fff" d="M0 0h29v29H0z"/><path d="M4 4h7v7h-7zM18 4h7v7h-7zM4 18h7v7h-7z"/></svg>',
  }),
  "POST /me/totp/confirm": () => {
    me.totp = true;
    return { recovery_codes: Array.from({ length: 10 }, (_, n) => `made-up-${n}`) };
  },
  "DELETE /me/totp": () => {
    me.totp = false;
    return undefined;
  },
  "GET /notifications": () => all(notifications),
  "POST /notifications": ({ body }) => {
    const options = body.options as Record<string, unknown>;
    const made = { ...body, options, kind: options.kind, id: notifications.length + 1, created: now(), last: null };
    notifications.push(made as unknown as Notification);
    return { ...made, secret: options.kind === "webhook" ? "made-up-secret" : null };
  },
  "PATCH /notifications/:id": ({ path, body }) => Object.assign(held(notifications, path.id), body),
  "DELETE /notifications/:id": ({ path }) => drop(notifications, path.id),
  "POST /notifications/:id/test": ({ path }) =>
    held(notifications, path.id).id % 2
      ? { sent: false, error: "hooks.example.com cannot be found" }
      : { sent: true, error: null },
};
