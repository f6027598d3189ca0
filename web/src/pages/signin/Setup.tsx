import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { get, post } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import { needsCode, SESSION_KEY, type SignInAnswer, signedIn } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Skeleton } from "../../ui/State.tsx";
import { Form, Frame, Notice } from "./SignIn.tsx";

const PASSWORD_MIN = 12;

/** A one-time link: on the first run its holder makes the first administrator; later an invited user chooses a password. */
export function Component() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const { hash } = useLocation();
  const token = params.get("token") ?? new URLSearchParams(hash.slice(1)).get("token") ?? hash.slice(1);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [short, setShort] = useState(false);

  const needed = useQuery({
    queryKey: ["setup"],
    queryFn: ({ signal }) => get<{ needed: boolean }>("/setup", {}, signal),
  });
  const make = useMutation({
    mutationFn: () =>
      post<SignInAnswer>(
        "/setup",
        first ? { token, email: email.trim(), name: name.trim(), password } : { token, password },
      ),
    onSuccess: (answer) => {
      if (!needsCode(answer)) client.setQueryData(SESSION_KEY, signedIn(answer));
      client.setQueryData(["setup"], { needed: false });
      // With a second factor set up, the sign-in page asks for the rest.
      void navigate("/", { replace: true });
    },
  });
  const first = needed.data?.needed ?? false;
  const problem = make.error ? asProblem(make.error) : null;
  const differs = again !== "" && again !== password;

  return (
    <Frame title={t(first || !token ? "setup.title" : "setup.inviteTitle")}>
      {needed.isPending && <Skeleton lines={4} />}
      {needed.data && !first && !token && (
        <>
          <Notice>{t("setup.noLink")}</Notice>
          <LinkButton to="/" kind="primary">
            {t("signin.title")}
          </LinkButton>
        </>
      )}
      {first && !token && <Notice bad>{t("setup.noToken")}</Notice>}
      {needed.error && <Notice bad>{t("error.unreachable")}</Notice>}
      {needed.data && token && (
        <Form
          error={make.error}
          wrong={t("setup.badToken")}
          onSubmit={() => {
            setShort(password.length < PASSWORD_MIN);
            if (password.length >= PASSWORD_MIN && password === again) make.mutate();
          }}
        >
          <p>{t(first ? "setup.text" : "setup.inviteText")}</p>
          {first && (
            <>
              <TextField
                label={t("setup.name")}
                name="name"
                autoComplete="name"
                required
                value={name}
                error={problem?.field("name")}
                onChange={(event) => setName(event.target.value)}
              />
              <TextField
                label={t("signin.email")}
                type="email"
                name="email"
                autoComplete="username"
                required
                value={email}
                error={problem?.field("email")}
                onChange={(event) => setEmail(event.target.value)}
              />
            </>
          )}
          <TextField
            label={t("signin.password")}
            type="password"
            name="password"
            autoComplete="new-password"
            required
            hint={t("setup.passwordHint", { count: PASSWORD_MIN })}
            value={password}
            error={
              problem?.field("password") ??
              (short && password.length < PASSWORD_MIN ? t("setup.passwordShort", { count: PASSWORD_MIN }) : undefined)
            }
            onChange={(event) => setPassword(event.target.value)}
          />
          <TextField
            label={t("setup.again")}
            type="password"
            name="again"
            autoComplete="new-password"
            required
            value={again}
            error={differs ? t("setup.differs") : undefined}
            onChange={(event) => setAgain(event.target.value)}
          />
          <Button kind="primary" type="submit" busy={make.isPending}>
            {t(first ? "setup.submit" : "setup.inviteSubmit")}
          </Button>
        </Form>
      )}
    </Frame>
  );
}
