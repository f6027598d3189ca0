import { useMutation, useQueryClient } from "@tanstack/react-query";
import { patch } from "../../api/client.ts";
import type { Role, Sight, User, UserMade } from "../../api/types.ts";
import { useT } from "../../i18n/i18n.tsx";
import { isStale } from "../../ui/Meanwhile.tsx";
import { useToast } from "../../ui/Toast.tsx";

export interface UserChange {
  name?: string;
  role?: Role;
  sight?: Sight;
  disabled?: boolean;
  totp?: false;
  invite?: true;
}

/** Changes a user at once; what is refused is told in a toast. */
export function useChangeUser(onDone: (made: UserMade) => void) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ user, ...change }: UserChange & { user: User }) =>
      patch<UserMade>(`/users/${user.id}`, change, user.etag),
    onSuccess: (made) => {
      toast.say(t("said.saved"));
      onDone(made);
      return client.invalidateQueries({ queryKey: ["users"] });
    },
    onError: (error) => {
      toast.fail(isStale(error) ? t("meanwhile.shown") : error);
      void client.invalidateQueries({ queryKey: ["users"] });
    },
  });
}
