import { useRouteError } from "react-router";
import { useT } from "../i18n/i18n.tsx";
import { Button, LinkButton } from "../ui/Button.tsx";
import { Page } from "../ui/Page.tsx";
import { Empty } from "../ui/State.tsx";

/** A page that failed in itself, or whose code is gone after an upgrade: loading anew mends both. */
export function Crashed() {
  const t = useT();
  const error = useRouteError();
  return (
    <Page title={t("error.crashed")}>
      <Empty
        icon="warning"
        title={error instanceof Error ? error.message : t("error.title")}
        actions={
          <Button icon="refresh" onClick={() => window.location.reload()}>
            {t("action.reload")}
          </Button>
        }
      >
        {t("error.crashedText")}
      </Empty>
    </Page>
  );
}

export function NotFound() {
  const t = useT();
  return (
    <Page title={t("error.noPage")}>
      <Empty
        title={t("error.noPageText")}
        actions={
          <LinkButton to="/" icon="overview">
            {t("nav.overview")}
          </LinkButton>
        }
      />
    </Page>
  );
}
