import { type ComponentType, use } from "react";
import { matchPath, Navigate, Route, Routes, useLocation } from "react-router";
import { NotFound } from "./Crashed.tsx";
import { Guard } from "./Guard.tsx";
import { Shell } from "./Shell.tsx";

type Load = () => Promise<{ Component: ComponentType }>;

type Loadable = ComponentType & { start: () => Promise<void> };

/**
 * A page is a chunk of its own that exports `Component`. One that is here already is drawn at once (React's own `lazy`
 * would show the fallback first); else the page before it stays until it is.
 */
function page(load: Load): Loadable {
  let Loaded: ComponentType | null = null;
  let coming: Promise<void> | null = null;
  const start = () => {
    coming ??= load().then(
      (module) => {
        Loaded = module.Component;
      },
      (error: unknown) => {
        coming = null;
        throw error;
      },
    );
    return coming;
  };
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each page, when this module loads
  function Page() {
    if (!Loaded) use(start());
    return Loaded && <Loaded />;
  }
  return Object.assign(Page, { start });
}

const SETUP = page(() => import("../pages/signin/Setup.tsx"));

const PAGES: readonly [string, Loadable][] = [
  ["/", page(() => import("../pages/overview/Overview.tsx"))],
  ["findings", page(() => import("../pages/findings/Findings.tsx"))],
  ["findings/:id", page(() => import("../pages/finding/Finding.tsx"))],
  ["assets", page(() => import("../pages/assets/Assets.tsx"))],
  ["assets/:key", page(() => import("../pages/assets/Asset.tsx"))],
  ["compliance", page(() => import("../pages/compliance/Frameworks.tsx"))],
  ["compliance/:framework", page(() => import("../pages/compliance/Framework.tsx"))],
  ["baseline", page(() => import("../pages/baseline/Baseline.tsx"))],
  ["scans", page(() => import("../pages/scans/Scans.tsx"))],
  ["scans/:id", page(() => import("../pages/scans/Scan.tsx"))],
  ["cases", page(() => import("../pages/cases/Cases.tsx"))],
  ["cases/:id", page(() => import("../pages/cases/Case.tsx"))],
  ["settings/:part?", page(() => import("../pages/settings/Settings.tsx"))],
  ["audit", page(() => import("../pages/audit/Audit.tsx"))],
];

/** Fetches the page of an address before it is known who asks: the two then come at the same time. */
export function preload(pathname: string): void {
  const found = PAGES.find(([path]) => matchPath(path === "/" ? "/" : `/${path}`, pathname));
  void found?.[1].start().catch(() => undefined);
}

/** The sign-in page stands at every address; what the provider's way back says goes along. */
function ToStart() {
  return <Navigate to={`/${useLocation().search}`} replace />;
}

export function Pages() {
  return (
    <Routes>
      <Route path="/setup" element={<SETUP />} />
      <Route path="/signin" element={<ToStart />} />
      <Route
        path="/"
        element={
          <Guard>
            <Shell />
          </Guard>
        }
      >
        {PAGES.map(([path, Component]) =>
          path === "/" ? (
            <Route key={path} index element={<Component />} />
          ) : (
            <Route key={path} path={path} element={<Component />} />
          ),
        )}
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
