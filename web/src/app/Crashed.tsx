import { Component, type ReactNode } from "react";
import { useT } from "../i18n/i18n.tsx";
import { Button, LinkButton } from "../ui/Button.tsx";
import { Page } from "../ui/Page.tsx";
import { Empty } from "../ui/State.tsx";

interface State {
  error: unknown;
  at: string;
}

/** Catches a page that fails while it is drawn, or whose code is gone after an upgrade. Another address is another try. */
export class Catch extends Component<{ at: string; children: ReactNode }, State> {
  override state: State = { error: null, at: this.props.at };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: { at: string }, state: State): Partial<State> | null {
    return props.at === state.at ? null : { error: null, at: props.at };
  }

  override render() {
    return this.state.error === null ? this.props.children : <Crashed error={this.state.error} />;
  }
}

function Crashed({ error }: { error: unknown }) {
  const t = useT();
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
