import type { Role } from "../api/types.ts";
import type { MessageId } from "../i18n/i18n.tsx";
import type { IconName } from "../ui/Icon.tsx";

export interface Place {
  to: string;
  label: MessageId;
  icon: IconName;
  /** The key after `g` that goes there. */
  key: string;
  needs?: Role;
}

/** The side navigation, in groups. Later parts (detections, investigations, playbooks, identities) join here. */
export const NAV: readonly { label: MessageId; places: readonly Place[] }[] = [
  {
    label: "nav.posture",
    places: [
      { to: "/", label: "nav.overview", icon: "overview", key: "o" },
      { to: "/findings", label: "nav.findings", icon: "findings", key: "f" },
      { to: "/assets", label: "nav.assets", icon: "assets", key: "a" },
      { to: "/compliance", label: "nav.compliance", icon: "compliance", key: "c" },
      { to: "/baseline", label: "nav.baseline", icon: "baseline", key: "b" },
    ],
  },
  {
    label: "nav.operate",
    places: [
      { to: "/cases", label: "nav.cases", icon: "bookmark", key: "i" },
      { to: "/scans", label: "nav.scans", icon: "scans", key: "s" },
      { to: "/settings", label: "nav.settings", icon: "settings", key: "e" },
      { to: "/audit", label: "nav.audit", icon: "audit", key: "l", needs: "admin" },
    ],
  },
];
