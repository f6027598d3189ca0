import { useQueryClient } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { Session } from "../../api/types.ts";
import { SESSION_KEY, signedIn } from "../../app/session.tsx";

/** The session as it is now: its cookie, its CSRF token and what is known of the user may have changed. */
export function useRenewSession(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    client.setQueryData(SESSION_KEY, signedIn(await get<Session>("/session")));
    await client.invalidateQueries({ queryKey: ["me"] });
  };
}
