import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { get, patch, post, remove, setCsrf } from "../api/client.ts";
import { isRecord, Problem } from "../api/problem.ts";
import { type Locale, type Methods, ROLES, type Role, type Session, type Theme } from "../api/types.ts";

export const SESSION_KEY = ["session"] as const;

export type Signed = { in: true; session: Session } | { in: false; methods: Methods };

/** Who is signed in; when nobody is, how one can. */
export const SIGNED = queryOptions({
  queryKey: SESSION_KEY,
  queryFn: async ({ signal }): Promise<Signed> => {
    try {
      return signedIn(await get<Session>("/session", {}, signal));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return { in: false, methods: methodsOf(error) };
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

export const useSigned = () => useQuery(SIGNED);

export function signedIn(session: Session): Signed {
  setCsrf(session.csrf);
  return { in: true, session };
}

function methodsOf(problem: Problem): Methods {
  const said = problem.body.methods;
  if (!isRecord(said)) return { password: true, oidc: null };
  return { password: said.password !== false, oidc: typeof said.oidc === "string" ? said.oidc : null };
}

export const SessionContext = createContext<Session | null>(null);

/** The session of whoever looks at this page; only under the guard. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession is for pages under the guard");
  return session;
}

export const atLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Whether the signed-in role may; the API decides again. Buttons that may not be pressed are not shown. */
export function useCan(needed: Role): boolean {
  return atLeast(useSession().user.role, needed);
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => remove("/session"),
    onSettled: () => {
      setCsrf("");
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
      return client.invalidateQueries({ queryKey: SESSION_KEY });
    },
  });
}

/** Theme and language follow the person to the next browser. */
export function useSaveMe() {
  return useMutation({
    mutationFn: (me: { locale?: Locale; theme?: Theme; name?: string }) =>
      patch<unknown>("/me", me.theme === "system" ? { ...me, theme: "" } : me),
  });
}

export type SignInAnswer = Session | { stage: "totp" };
export const needsCode = (answer: SignInAnswer): answer is { stage: "totp" } =>
  "stage" in answer && answer.stage === "totp";
export const signInWith = (email: string, password: string) => post<SignInAnswer>("/session", { email, password });
export const confirmCode = (code: string) => post<Session>("/session/totp", { code });
