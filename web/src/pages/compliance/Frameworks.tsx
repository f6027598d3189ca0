import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { get } from "../../api/client.ts";
import type { Framework, Page as PageOf } from "../../api/types.ts";
import { useT } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Page } from "../../ui/Page.tsx";
import { Empty, Loaded, Skeleton } from "../../ui/State.tsx";
import styles from "./Compliance.module.css";
import { Standing } from "./Standing.tsx";
import { statesOf } from "./standing.ts";

/** Where the estate stands against each framework; those that the baseline names come first. */
export function Component() {
  const t = useT();
  const query = useQuery({
    queryKey: ["frameworks"],
    queryFn: ({ signal }) => get<PageOf<Framework>>("/frameworks", {}, signal),
  });
  return (
    <Page title={t("nav.compliance")} about={t("compliance.about")}>
      <Loaded query={query} skeleton={<Waiting />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("compliance.none")} icon="compliance">
              {t("compliance.noneText")}
            </Empty>
          ) : (
            <ul className={styles.cards}>
              {[...items]
                .sort((a, b) => Number(b.chosen ?? false) - Number(a.chosen ?? false))
                .map((framework) => (
                  <li key={framework.id} className={styles.card}>
                    <div className={styles.cardHead}>
                      <h2>
                        <Link to={`/compliance/${encodeURIComponent(framework.id)}`}>{framework.title}</Link>
                      </h2>
                      {framework.chosen && <Badge tone="accent">{t("compliance.chosen")}</Badge>}
                    </div>
                    <p className={styles.quiet}>
                      {[framework.publisher, t("compliance.version", { version: framework.version })].join(" · ")}
                    </p>
                    <Standing score={framework.score} states={statesOf(framework.controls)} />
                  </li>
                ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}

function Waiting() {
  return (
    <div className={styles.cards}>
      {[0, 1, 2, 3].map((card) => (
        <div key={card} className={styles.card}>
          <Skeleton lines={5} />
        </div>
      ))}
    </div>
  );
}
