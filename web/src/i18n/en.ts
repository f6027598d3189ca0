import assets from "./en/assets.json";
import audit from "./en/audit.json";
import baseline from "./en/baseline.json";
import cases from "./en/cases.json";
import common from "./en/common.json";
import compliance from "./en/compliance.json";
import fields from "./en/fields.json";
import finding from "./en/finding.json";
import findings from "./en/findings.json";
import overview from "./en/overview.json";
import scans from "./en/scans.json";
import settings from "./en/settings.json";
import signin from "./en/signin.json";

/** A page's strings live in a file of its own; each is listed here and in ja.ts. */
const en = {
  ...assets,
  ...audit,
  ...baseline,
  ...cases,
  ...common,
  ...compliance,
  ...fields,
  ...finding,
  ...findings,
  ...overview,
  ...scans,
  ...settings,
  ...signin,
};
export default en;
