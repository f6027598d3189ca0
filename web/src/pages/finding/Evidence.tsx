import { Link } from "react-router";
import type { FindingDetail } from "../../api/types.ts";
import { useT } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Copy } from "../../ui/Code.tsx";
import { Card } from "../../ui/Page.tsx";
import { properties, unknownWhy } from "./evidence.ts";
import styles from "./Finding.module.css";

/** What was read of the resource, as far as the rule looks at it. What could not be read is said so. */
export function Evidence({ finding }: { finding: FindingDetail }) {
  const t = useT();
  const { document, truncated } = finding.evidence;
  const rows = properties(document);
  const { key } = finding.resource;
  return (
    <Card
      title={t("finding.evidence")}
      actions={key && <Link to={`/assets/${encodeURIComponent(key)}`}>{t("finding.wholeDocument")}</Link>}
      flush
    >
      <p className={styles.note}>{rows.length ? t("finding.evidenceText") : t("finding.noEvidence")}</p>
      {rows.length > 0 && (
        <dl className={styles.evidence}>
          {rows.map(({ name, value }) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>
                <Value value={value} name={name} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {truncated && <p className={styles.note}>{t("finding.truncated")}</p>}
    </Card>
  );
}

function Value({ value, name }: { value: unknown; name: string }) {
  const t = useT();
  const why = unknownWhy(value);
  if (why !== null) {
    return (
      <Badge tone="unknown" icon="unknown">
        {t("finding.couldNotRead", { why })}
      </Badge>
    );
  }
  const whole = typeof value === "object" && value !== null;
  const text = JSON.stringify(value, null, 2) ?? "";
  if (!whole || text.length < 60) return <code>{whole ? JSON.stringify(value) : text}</code>;
  return (
    <div className={styles.json}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} role="region" aria-label={name}>
        <code>{text}</code>
      </pre>
      <Copy text={text} />
    </div>
  );
}
