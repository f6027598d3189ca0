import common from "./ja/common.json";
import finding from "./ja/finding.json";
import findings from "./ja/findings.json";
import overview from "./ja/overview.json";
import signin from "./ja/signin.json";

/** The same files and keys as en.ts; a test compares them. */
const ja = { ...common, ...signin, ...overview, ...findings, ...finding };
export default ja;
