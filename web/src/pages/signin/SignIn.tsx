import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { get } from "../../api/client.ts";
import { asProblem, type Problem } from "../../api/problem.ts";
import type { Methods, Session } from "../../api/types.ts";
import { confirmCode, needsCode, SESSION_KEY, signedIn, signInWith } from "../../app/session.tsx";
import { LOCALES, type Translate, useLocale, useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Icon, Mark } from "../../ui/Icon.tsx";
import { Menu } from "../../ui/Menu.tsx";
import styles from "./SignIn.module.css";

/** Why the provider's sign-in did not end in ours, as /auth/oidc/callback says it. */
const PROBLEMS = ["provider", "refused", "disabled", "no-role", "no-email", "email-taken"] as const;

/** Password, then a code where one is set up; or the organisation's own sign-in. */
export function SignIn({ methods }: { methods: Methods }) {
  const t = useT();
  const client = useQueryClient();
  const { pathname, search } = useLocation();
  const navigate = useNavigate();
  const [stage, setStage] = useState<"password" | "code">("password");
  const setup = useQuery({
    queryKey: ["setup"],
    queryFn: ({ signal }) => get<{ needed: boolean }>("/setup", {}, signal),
    retry: false,
  });

  function enter(session: Session) {
    client.setQueryData(SESSION_KEY, signedIn(session));
    if (failed) void navigate(pathname, { replace: true });
  }

  const params = new URLSearchParams(search);
  const failed = params.get("problem");
  params.delete("problem");
  const next = encodeURIComponent(params.size ? `${pathname}?${params}` : pathname);
  return (
    <Frame title={stage === "code" ? t("signin.codeTitle") : t("signin.title")}>
      {setup.data?.needed && <Notice>{t("signin.setupNeeded")}</Notice>}
      {failed && <Notice bad>{t(`signin.problem.${PROBLEMS.find((one) => one === failed) ?? "provider"}`)}</Notice>}
      {stage === "code" ? (
        <CodeForm onDone={enter} onBack={() => setStage("password")} />
      ) : (
        <>
          {methods.oidc && (
            <a className={styles.oidc} href={`/auth/oidc/login?next=${next}`}>
              <Icon name="key" />
              {t("signin.oidc", { name: methods.oidc })}
            </a>
          )}
          {methods.oidc && methods.password && !setup.data?.needed && <p className={styles.or}>{t("signin.or")}</p>}
          {methods.password && !setup.data?.needed && <PasswordForm onDone={enter} onCode={() => setStage("code")} />}
          {!methods.password && !methods.oidc && <Notice bad>{t("signin.noMethod")}</Notice>}
        </>
      )}
    </Frame>
  );
}

function PasswordForm({ onDone, onCode }: { onDone: (session: Session) => void; onCode: () => void }) {
  const t = useT();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const send = useMutation({
    mutationFn: () => signInWith(email.trim(), password),
    onSuccess: (answer) => (needsCode(answer) ? onCode() : onDone(answer)),
  });
  const wait = useWait(send.error);
  return (
    <Form onSubmit={() => send.mutate()} error={send.error} wait={wait} wrong={t("signin.wrong")}>
      <TextField
        label={t("signin.email")}
        type="email"
        name="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <TextField
        label={t("signin.password")}
        type="password"
        name="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button kind="primary" type="submit" busy={send.isPending} disabled={wait > 0}>
        {t("signin.submit")}
      </Button>
    </Form>
  );
}

function CodeForm({ onDone, onBack }: { onDone: (session: Session) => void; onBack: () => void }) {
  const t = useT();
  const [code, setCode] = useState("");
  const field = useRef<HTMLDivElement>(null);
  useEffect(() => field.current?.querySelector("input")?.focus(), []);
  const send = useMutation({
    mutationFn: () => confirmCode(code.replace(/\s/g, "")),
    onSuccess: onDone,
    onError: () => setCode(""),
  });
  const wait = useWait(send.error);
  return (
    <Form onSubmit={() => send.mutate()} error={send.error} wait={wait} wrong={t("signin.wrongCode")}>
      <div ref={field}>
        <TextField
          label={t("signin.code")}
          hint={t("signin.codeHint")}
          name="code"
          autoComplete="one-time-code"
          inputMode="text"
          required
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </div>
      <Button kind="primary" type="submit" busy={send.isPending} disabled={wait > 0}>
        {t("signin.submit")}
      </Button>
      <Button kind="quiet" icon="left" onClick={onBack}>
        {t("signin.back")}
      </Button>
    </Form>
  );
}

export function Form({
  onSubmit,
  error,
  wait = 0,
  wrong,
  children,
}: {
  onSubmit: () => void;
  error: unknown;
  wait?: number;
  wrong?: string;
  children: ReactNode;
}) {
  const t = useT();
  return (
    <form
      className={styles.form}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {error !== null && error !== undefined && <Notice bad>{said(asProblem(error), t, wait, wrong)}</Notice>}
      {children}
    </form>
  );
}

function said(problem: Problem, t: Translate, wait: number, wrong?: string): string {
  if (problem.unreachable) return t("error.unreachable");
  if (problem.status === 429 || problem.status === 423) {
    return wait > 0 ? t("signin.locked", { seconds: wait }) : t("signin.lockedOver");
  }
  if (problem.status === 401 && wrong) return wrong;
  return problem.detail || problem.title;
}

/** Seconds left until the next try, counted down. */
function useWait(error: unknown): number {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const seconds = error ? asProblem(error).retryAfter : null;
    if (seconds) {
      setNow(Date.now());
      setUntil(Date.now() + seconds * 1000);
    }
  }, [error]);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => setNow(Date.now()), 1000);
    return () => clearTimeout(timer);
  });
  return left;
}

export function Notice({ children, bad = false }: { children: ReactNode; bad?: boolean }) {
  return (
    <div className={bad ? styles.bad : styles.notice} role={bad ? "alert" : "status"}>
      <Icon name={bad ? "warning" : "about"} />
      <span>{children}</span>
    </div>
  );
}

/** The page around signing in and setting up. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  const t = useT();
  const { locale, setLocale } = useLocale();
  useEffect(() => {
    document.title = t("app.title", { page: title });
  }, [t, title]);
  return (
    <div className={styles.page}>
      <main className={styles.box}>
        <div className={styles.brand}>
          <Mark size={30} />
          <span>{t("app.name")}</span>
        </div>
        <h1>{title}</h1>
        {children}
      </main>
      <footer className={styles.foot}>
        <Menu
          label={t("locale.label")}
          button={{ kind: "quiet", icon: "globe", children: t(`locale.${locale}`) }}
          items={LOCALES.map((value) => ({
            key: value,
            label: t(`locale.${value}`),
            checked: value === locale,
            onSelect: () => setLocale(value),
          }))}
        />
      </footer>
    </div>
  );
}
