import { createBrowserRouter, Navigate, type RouteObject } from "react-router";
import { Crashed, NotFound } from "./Crashed.tsx";
import { Guard } from "./Guard.tsx";
import { Shell } from "./Shell.tsx";

/** Each page is a chunk of its own that exports `Component`. */
const pages: RouteObject[] = [
  { index: true, lazy: () => import("../pages/overview/Overview.tsx") },
  { path: "findings", lazy: () => import("../pages/findings/Findings.tsx") },
  { path: "findings/:id", lazy: () => import("../pages/finding/Finding.tsx") },
  { path: "assets", lazy: () => import("../pages/assets/Assets.tsx") },
  { path: "assets/:key", lazy: () => import("../pages/assets/Asset.tsx") },
  { path: "compliance", lazy: () => import("../pages/compliance/Frameworks.tsx") },
  { path: "compliance/:framework", lazy: () => import("../pages/compliance/Framework.tsx") },
  { path: "baseline", lazy: () => import("../pages/baseline/Baseline.tsx") },
  { path: "scans", lazy: () => import("../pages/scans/Scans.tsx") },
  { path: "scans/:id", lazy: () => import("../pages/scans/Scan.tsx") },
  { path: "settings/:part?", lazy: () => import("../pages/settings/Settings.tsx") },
  { path: "audit", lazy: () => import("../pages/audit/Audit.tsx") },
  { path: "*", element: <NotFound /> },
];

export function makeRouter() {
  return createBrowserRouter([
    {
      path: "/setup",
      lazy: () => import("../pages/signin/Setup.tsx"),
      errorElement: <Crashed />,
      HydrateFallback: Nothing,
    },
    { path: "/signin", element: <Navigate to="/" replace /> },
    {
      path: "/",
      element: (
        <Guard>
          <Shell />
        </Guard>
      ),
      errorElement: <Crashed />,
      HydrateFallback: Nothing,
      children: [{ errorElement: <Crashed />, children: pages }],
    },
  ]);
}

function Nothing() {
  return null;
}
