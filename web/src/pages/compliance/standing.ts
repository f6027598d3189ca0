import type { Control, ControlCounts, ControlState } from "../../api/types.ts";
import type { Part } from "../../ui/Meter.tsx";

export const TONES: Record<ControlState, Part["tone"]> = {
  failed: "critical",
  unknown: "unknown",
  excepted: "accent",
  passed: "pass",
  manual: "info",
  not_judged: "line",
};

/** How many controls stand where, counted from the controls themselves. */
export function countStates(controls: readonly Control[]): Record<ControlState, number> {
  const counts: Record<ControlState, number> = {
    failed: 0,
    unknown: 0,
    excepted: 0,
    passed: 0,
    manual: 0,
    not_judged: 0,
  };
  for (const control of controls) counts[control.state] += 1;
  return counts;
}

/** The same of a framework in the list, which says only the counts. */
export function statesOf(counts: ControlCounts): Record<ControlState, number> {
  return {
    failed: counts.failed,
    unknown: counts.unknown,
    excepted: counts.excepted ?? 0,
    passed: counts.passed,
    manual: counts.manual,
    not_judged: counts.not_applicable,
  };
}

export interface Section {
  name: string;
  controls: Control[];
}

/** Controls by section, in the framework's own order. */
export function sectionsOf(controls: readonly Control[]): Section[] {
  const sections = new Map<string, Control[]>();
  for (const control of controls) {
    const held = sections.get(control.section);
    if (held) held.push(control);
    else sections.set(control.section, [control]);
  }
  return [...sections].map(([name, held]) => ({ name, controls: held }));
}

/** Those in one of the states (none named: all) whose id, title or rules hold the text. */
export function matching(controls: readonly Control[], states: readonly string[], text: string): Control[] {
  const needle = text.trim().toLowerCase();
  return controls.filter(
    (control) =>
      (states.length === 0 || states.includes(control.state)) &&
      (!needle ||
        control.id.toLowerCase().includes(needle) ||
        control.title.toLowerCase().includes(needle) ||
        control.rules.some((rule) => rule.includes(needle))),
  );
}
