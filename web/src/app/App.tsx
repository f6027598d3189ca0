import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { BrowserRouter } from "react-router";
import { Problem } from "../api/problem.ts";
import { I18n } from "../i18n/i18n.tsx";
import { ToastProvider } from "../ui/Toast.tsx";
import { Pages, preload } from "./routes.tsx";
import { SESSION_KEY, SIGNED } from "./session.tsx";
import { ThemeProvider } from "./theme.tsx";

/** Signed out in the meantime: ask for the session anew, and the guard shows the sign-in page where we are. */
function onError(error: unknown): void {
  if (error instanceof Problem && error.status === 401) void client.invalidateQueries({ queryKey: SESSION_KEY });
}

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && error instanceof Problem && (error.unreachable || error.status >= 502),
    },
    mutations: { retry: false },
  },
});

preload(window.location.pathname);
void client.prefetchQuery(SIGNED);

export function App() {
  return (
    <QueryClientProvider client={client}>
      <ThemeProvider>
        <I18n>
          <ToastProvider>
            <BrowserRouter>
              <Suspense>
                <Pages />
              </Suspense>
            </BrowserRouter>
          </ToastProvider>
        </I18n>
      </ThemeProvider>
    </QueryClientProvider>
  );
}
