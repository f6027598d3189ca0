import { CONTROL_STATES, type Control, type ControlDetail, type Framework } from "../../src/api/types.ts";
import { Refused, type Routes } from "../fixtures.ts";
import { ALL as FINDINGS } from "./findings.ts";
import { all } from "./lists.ts";

const FRAMEWORKS: Framework[] = [
  ["cis-aws-7.0", "CIS Amazon Web Services Foundations Benchmark", "7.0.0", "Center for Internet Security", true],
  ["nist-csf-2.0", "NIST Cybersecurity Framework", "2.0", "National Institute of Standards and Technology", false],
  ["pci-dss-4.0", "PCI Data Security Standard", "4.0", "PCI Security Standards Council", false],
].map(([id, title, version, publisher, chosen], n) => ({
  id: String(id),
  title: String(title),
  version: String(version),
  publisher: String(publisher),
  chosen: Boolean(chosen),
  controls: { passed: 31 + n * 4, failed: 12, unknown: 5, excepted: 1, manual: 9, not_applicable: 6 },
  score: n === 2 ? null : 68.2 - n * 11,
}));

const SECTIONS = ["Identity and access", "Storage", "Logging", "Network"];
const CONTROLS: Control[] = Array.from({ length: 64 }, (_, n) => {
  const state = CONTROL_STATES[(n * 7) % CONTROL_STATES.length] ?? "passed";
  return {
    id: `${1 + Math.floor(n / 16)}.${1 + (n % 16)}`,
    title: `What the organisation agreed on, part ${n + 1}`,
    section: SECTIONS[Math.floor(n / 16)] ?? "",
    manual: state === "manual" || n % 13 === 0,
    responsibility: n % 11 === 0 ? "shared" : n % 17 === 0 ? "provider" : "customer",
    state,
    rules: state === "manual" ? [] : ["s3-bucket-public", "s3-bucket-no-access-log"],
    open: state === "failed" ? 1 + (n % 20) : 0,
    unknown: state === "unknown" ? 3 : 0,
    passed: 40,
    excepted: state === "excepted" ? 2 : 0,
  };
});

function framework(id: string | undefined): Framework {
  const found = FRAMEWORKS.find((one) => one.id === id);
  if (!found) throw new Refused(404, { title: "Not found", detail: "" });
  return found;
}

function control(id: string | undefined): ControlDetail {
  const found = CONTROLS.find((one) => one.id === id);
  if (!found) throw new Refused(404, { title: "Not found", detail: "" });
  return {
    ...found,
    by_rule: found.rules.map((rule) => ({
      rule,
      title: "Anyone on the internet can reach this bucket",
      severity: "critical",
      open: found.open,
      unknown: found.unknown,
      passed: found.passed,
      excepted: found.excepted,
    })),
    findings: found.open > 0 ? FINDINGS.filter((one) => one.rule === "s3-bucket-public").slice(0, found.open) : [],
  };
}

export const compliance: Routes = {
  "GET /frameworks": () => all(FRAMEWORKS),
  "GET /frameworks/:id": ({ path }) => {
    const { controls, ...found } = framework(path.id);
    return { ...found, counts: controls, controls: CONTROLS };
  },
  "GET /frameworks/:id/controls/:control": ({ path }) => control(path.control),
};
