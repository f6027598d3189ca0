import type { Me, Session } from "../../src/api/types.ts";
import { Refused, type Routes } from "../fixtures.ts";

const methods = { password: true, oidc: "Example SSO" };
const user: Me = {
  id: 1,
  email: "ada@example.com",
  name: "Ada Example",
  role: (process.env.KOBAN_DEV_ROLE as Me["role"]) ?? "admin",
  sight: { accounts: null, tags: {} },
  locale: "",
  theme: "",
  totp: false,
};
const made: Session = { user, csrf: "dev", methods, version: "0.4.0" };
let signed = !process.env.KOBAN_DEV_SIGNED_OUT;
let tries = 0;

/** Any e-mail with the password `right` signs in; `code` as password asks for a code (123456); three wrong ones lock. */
export const session: Routes = {
  "GET /setup": () => ({ needed: Boolean(process.env.KOBAN_DEV_SETUP) }),
  "POST /setup": () => {
    signed = true;
    return made;
  },
  "GET /session": () => {
    if (!signed) throw new Refused(401, { title: "Signed out", methods });
    return made;
  },
  "POST /session": ({ body }) => {
    if (body.password === "code") return { stage: "totp" };
    if (body.password !== "right") {
      tries += 1;
      if (tries > 2) throw new Refused(429, { title: "Locked" }, { "Retry-After": "30" });
      throw new Refused(401, { title: "Wrong", methods });
    }
    signed = true;
    return made;
  },
  "POST /session/totp": ({ body }) => {
    if (body.code !== "123456") throw new Refused(401, { title: "Wrong", methods });
    signed = true;
    return made;
  },
  "DELETE /session": () => {
    signed = false;
    return undefined;
  },
  "PATCH /me": ({ body }) => Object.assign(user, body),
  "GET /people": () => ({
    items: [
      { ...user, disabled: false, last_seen: null },
      {
        ...user,
        id: 2,
        name: "Ken Sample",
        email: "ken@example.com",
        role: "analyst",
        disabled: false,
        last_seen: null,
      },
    ],
    next: null,
    total: 2,
  }),
};
