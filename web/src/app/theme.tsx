import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import type { Theme } from "../api/types.ts";

interface ThemeChoice {
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

const ThemeContext = createContext<ThemeChoice>({ theme: "system", setTheme: () => undefined });

export const useTheme = () => useContext(ThemeContext);

/** Light, dark or the system's; public/theme.js sets the same before the first paint. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, choose] = useState<Theme>(stored);
  const setTheme = useCallback((next: Theme) => {
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("koban.theme", next);
    } catch {
      // Kept for this page only.
    }
    choose(next);
  }, []);
  const value = useMemo(() => ({ theme, setTheme }), [theme, setTheme]);
  return <ThemeContext value={value}>{children}</ThemeContext>;
}

function stored(): Theme {
  const said = document.documentElement.dataset.theme;
  return said === "dark" || said === "light" ? said : "system";
}
