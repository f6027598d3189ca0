import { type Query, url } from "../api/client.ts";
import { useT } from "../i18n/i18n.tsx";
import { Menu } from "./Menu.tsx";

const FORMATS = ["csv", "ocsf", "jsonl"] as const;
export type ExportFormat = (typeof FORMATS)[number];

/** What a list holds, as it is filtered now, as a file. */
export function ExportMenu({
  path,
  query,
  formats = FORMATS,
  small,
}: {
  path: string;
  query: Query;
  formats?: readonly ExportFormat[];
  small?: boolean;
}) {
  const t = useT();
  return (
    <Menu
      end
      label={t("action.export")}
      button={{ icon: "download", children: t("action.export"), small }}
      items={formats.map((format) => ({
        key: format,
        label: t(`export.${format}`),
        href: url(path, { ...query, format }),
      }))}
    />
  );
}
