import { type ComponentType, lazy } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { NotFound } from "./Crashed.tsx";
import { Guard } from "./Guard.tsx";
import { Shell } from "./Shell.tsx";

type Load = () => Promise<{ Component: ComponentType }>;

/** A page is a chunk of its own that exports `Component`. The page before it stays until it is here. */
const page = (load: Load) => lazy(async () => ({ default: (await load()).Component }));

const SETUP = page(() => import("../pages/signin/Setup.tsx"));

const PAGES: readonly [string, ComponentType][] = [
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
  ["settings/:part?", page(() => import("../pages/settings/Settings.tsx"))],
  ["audit", page(() => import("../pages/audit/Audit.tsx"))],
];

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
