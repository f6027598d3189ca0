import { Link } from "react-router";
import type { Relation, ResourceDetail } from "../../api/types.ts";
import { useT } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Card } from "../../ui/Page.tsx";
import styles from "./Assets.module.css";

/** What this asset names, and what names it. What was not read has no page: that is said. */
export function RelationLists({ relations }: { relations: ResourceDetail["relations"] }) {
  const t = useT();
  return (
    <div className={styles.two}>
      <Relations title={t("assets.relations.out")} none={t("assets.relations.noOut")} relations={relations.out} />
      <Relations title={t("assets.relations.in")} none={t("assets.relations.noIn")} relations={relations.in} />
    </div>
  );
}

function Relations({ title, none, relations }: { title: string; none: string; relations: readonly Relation[] }) {
  const t = useT();
  return (
    <Card title={title} flush>
      {relations.length === 0 ? (
        <p className={styles.note}>{none}</p>
      ) : (
        <ul className={styles.list}>
          {relations.map((relation) => (
            <li key={`${relation.field} ${relation.type} ${relation.name} ${relation.key}`} className={styles.row}>
              <code className={styles.field}>{relation.field}</code>
              <span>
                {relation.key ? (
                  <Link to={`/assets/${encodeURIComponent(relation.key)}`}>{relation.name}</Link>
                ) : (
                  relation.name
                )}
                <br />
                <span className={styles.type}>{relation.type}</span>
              </span>
              {relation.key ? <span /> : <Badge tone="unknown">{t("assets.relations.notRead")}</Badge>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
