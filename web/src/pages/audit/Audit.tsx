import { useT } from "../../i18n/i18n.tsx";
import { Page } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/State.tsx";

export function Component() {
  const t = useT();
  return (
    <Page title={t("nav.audit")}>
      <Skeleton />
    </Page>
  );
}
