import { type ReactNode, useEffect } from "react";
import { useLocale } from "../i18n/i18n.tsx";
import { SignIn } from "../pages/signin/SignIn.tsx";
import { ErrorState } from "../ui/State.tsx";
import styles from "./Guard.module.css";
import { SessionContext, useSigned } from "./session.tsx";
import { useTheme } from "./theme.tsx";

/** Shows what it guards to whoever is signed in; to others the sign-in page, at the same address. */
export function Guard({ children }: { children: ReactNode }) {
  const signed = useSigned();
  const { locale, setLocale } = useLocale();
  const { setTheme } = useTheme();
  const user = signed.data?.in ? signed.data.session.user : null;
  const { locale: wished, theme } = user ?? {};

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each person who signs in, not after each choice
  useEffect(() => {
    if (wished && wished !== locale) setLocale(wished);
    if (theme) setTheme(theme);
  }, [user?.id]);

  if (signed.data?.in) return <SessionContext value={signed.data.session}>{children}</SessionContext>;
  if (signed.data) return <SignIn methods={signed.data.methods} />;
  if (signed.isPending) return <div className={styles.blank} aria-busy="true" />;
  return (
    <main className={styles.blank}>
      <ErrorState error={signed.error} retry={() => void signed.refetch()} />
    </main>
  );
}
