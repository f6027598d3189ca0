import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, patch, post, remove } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import { ROLES, type Role, type Sight, type User, type UserMade } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { type Translate, useT } from "../../i18n/i18n.tsx";
import { Select, TextField } from "../../ui/Field.tsx";
import { FieldRow, FormDialog } from "../../ui/FormDialog.tsx";
import { Meanwhile, type Told, useMeanwhile } from "../../ui/Meanwhile.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { SightField, sightText, useSight } from "./SightField.tsx";
import { EVERYTHING } from "./sight.ts";

type Way = "invite" | "provider";

/** Adds somebody, or changes what they may do and see. */
export function UserForm({
  user,
  onClose,
  onLink,
}: {
  user: User | null;
  onClose: () => void;
  onLink: (link: string) => void;
}) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const { methods, user: me } = useSession();
  const [email, setEmail] = useState(user?.email ?? "");
  const [name, setName] = useState(user?.name ?? "");
  const [role, setRole] = useState<Role>(user?.role ?? "viewer");
  const { typed, type, sight, wrong } = useSight(user?.sight ?? EVERYTHING);
  const [way, setWay] = useState<Way>(methods.password ? "invite" : "provider");
  const [checked, setChecked] = useState(false);
  const { held, send } = useMeanwhile(user, () => get<User>(`/users/${user?.id}`));
  const save = useMutation({
    mutationFn: () => {
      const made = { name: name.trim(), role, sight };
      return user
        ? send((etag) => patch<UserMade>(`/users/${user.id}`, made, etag))
        : post<UserMade>("/users", { ...made, email: email.trim(), invite: way === "invite" });
    },
    onSuccess: (made) => {
      toast.say(t("said.saved"));
      onClose();
      if (made.link) onLink(made.link);
      return client.invalidateQueries({ queryKey: ["users"] });
    },
  });
  const problem = save.error ? asProblem(save.error) : null;
  return (
    <FormDialog
      title={user ? t("users.editName", { name: user.name }) : t("users.add")}
      submit={t(user ? "action.save" : "users.add")}
      sending={save}
      onSubmit={() => {
        setChecked(true);
        if (wrong === undefined) save.mutate();
      }}
      onClose={onClose}
      meanwhile={held && <Meanwhile held={held} fields={userFields(t)} />}
    >
      <FieldRow>
        <TextField
          label={t("field.email")}
          type="email"
          required
          disabled={user !== null}
          maxLength={320}
          autoComplete="off"
          value={email}
          error={problem?.field("email")}
          onChange={(event) => setEmail(event.target.value)}
          data-autofocus
        />
        <TextField
          label={t("field.name")}
          required
          maxLength={200}
          autoComplete="off"
          value={name}
          error={problem?.field("name")}
          onChange={(event) => setName(event.target.value)}
        />
      </FieldRow>
      <Select
        label={t("field.role")}
        hint={t(`users.may.${role}`)}
        value={role}
        options={ROLES.map((one) => ({ value: one, label: t(`role.${one}`) }))}
        onChange={(event) => setRole(event.target.value as Role)}
      />
      <SightField value={typed} onChange={type} error={checked ? wrong : undefined} />
      {!user && (
        <Select
          label={t("users.way")}
          value={way}
          options={[
            ...(methods.password ? [{ value: "invite", label: t("users.way.invite") }] : []),
            { value: "provider", label: t("users.way.provider") },
          ]}
          onChange={(event) => setWay(event.target.value as Way)}
        />
      )}
      {user && user.id !== me.id && <p>{t("users.again")}</p>}
    </FormDialog>
  );
}

const userFields = (t: Translate): Told<User>[] => [
  ["name", t("field.name")],
  ["role", t("field.role"), (role: Role) => t(`role.${role}`)],
  ["sight", t("settings.sees"), (sight: Sight) => sightText(sight, t)],
  ["disabled", t("users.disabled"), (off: boolean) => t(off ? "said.yes" : "said.no")],
];

export function DropUser({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const { held, send } = useMeanwhile(user, () => get<User>(`/users/${user.id}`));
  const drop = useMutation({
    mutationFn: () => send((etag) => remove(`/users/${user.id}`, undefined, etag)),
    onSuccess: () => {
      toast.say(t("said.deleted"));
      onClose();
      return client.invalidateQueries({ queryKey: ["users"] });
    },
  });
  return (
    <FormDialog
      danger
      title={t("users.dropTitle", { name: user.name })}
      submit={t("action.delete")}
      sending={drop}
      onSubmit={() => drop.mutate()}
      onClose={onClose}
      meanwhile={held && <Meanwhile drops held={held} fields={userFields(t)} />}
    >
      <p>{t("users.dropText")}</p>
      <p>{t("said.sure")}</p>
    </FormDialog>
  );
}
