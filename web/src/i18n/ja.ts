import assets from "./ja/assets.json";
import audit from "./ja/audit.json";
import baseline from "./ja/baseline.json";
import cases from "./ja/cases.json";
import common from "./ja/common.json";
import compliance from "./ja/compliance.json";
import fields from "./ja/fields.json";
import finding from "./ja/finding.json";
import findings from "./ja/findings.json";
import overview from "./ja/overview.json";
import scans from "./ja/scans.json";
import settings from "./ja/settings.json";
import signin from "./ja/signin.json";

/** The same files and keys as en.ts; a test compares them. */
const ja = {
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
export default ja;
