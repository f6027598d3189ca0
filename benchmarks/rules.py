"""What a rule costs on a resource when everything is known."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from typing import Any

from koban.engines.posture import judge
from koban.model.estate import MemoryEstate
from koban.model.resource import Resource
from koban.model.rule import Case, Rule, case_resources
from koban.rules.catalog import catalog

ROUNDS = 9
WORST = 12

Work = tuple[type[Resource], Case, list[Rule]]  # a row of a table, and the rules that can judge it


def main() -> None:
    """Judge every rule of a type over the known rows of all tables of the type; print microseconds of CPU.

    Each judgement is of a resource of which nobody has read anything yet, nor of what is around it; every rule of its
    type runs over it, as in a scan.  Rows say little; the whole documents say all that any row of the type says.
    Where a rule cannot tell, because the row of another rule's table refers to something that is not in it, not
    everything is known, and the judgement is left out.
    """
    rules = catalog()
    work, left_out = _work(rules)
    whole = {name: [_whole(rows)] for name, rows in work.items()}
    first = {name: _over(rows)[0] for name, rows in work.items()}
    fresh, again, full = (dict.fromkeys(work, 1e9) for _ in range(3))
    for _ in range(ROUNDS):
        for name, rows in work.items():
            once, twice = _over(rows)
            fresh[name], again[name] = min(fresh[name], once), min(again[name], twice)
            full[name] = min(full[name], _over(whole[name])[0])
    of_whole = sum(len(judges) for rows in whole.values() for _, _, judges in rows)
    counts = {name: sum(len(judges) for _, _, judges in rows) for name, rows in work.items()}
    judged = sum(counts.values())
    types = sorted(fresh[name] / counts[name] for name in work)
    print(
        f"\nrules: {len(rules)} on {len(work)} types, {judged} judgements with every value known, {left_out} left out"
    )
    print("  microseconds of CPU a rule and resource, nothing of the resource read before:")
    print(f"    mean over all judgements    {_us(sum(fresh.values()) / judged)}")
    print(f"    mean over types             {_us(statistics.mean(types))}")
    print(f"    median over types           {_us(statistics.median(types))}")
    print(f"    the slowest tenth of types  {_us(types[-len(types) // 10])} and more")
    print(f"    the first time in a process {_us(sum(first.values()) / judged)}")
    print(f"    the same resources again    {_us(sum(again.values()) / judged)}")
    print(f"    mean over whole documents   {_us(sum(full.values()) / of_whole)}")
    alone = sorted(((_alone(rule), rule.id) for rule in rules), reverse=True)
    print("  one rule alone on the worst row of its own table, where it reads all that it needs itself:")
    print(f"    median over rules           {_us(statistics.median(cost for cost, _ in alone))}")
    for cost, rule_id in alone[:WORST]:
        print(f"    {rule_id:60} {_us(cost)}")


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:8.2f}"


def _known(rule: Rule) -> list[Case]:
    return [case for table in rule.table for case in (*table.bad, *table.good)]


def _work(rules: list[Rule]) -> tuple[dict[str, list[Work]], int]:
    """The rows of all tables by type, with the rules that judge each, and how many judgements are left out."""
    by_type: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for cls in rule.types:
            by_type[cls.type].append(rule)
    work: dict[str, list[Work]] = defaultdict(list)
    left_out = 0
    for rule in rules:
        for case in _known(rule):
            resource = _fresh(rule.type, case)
            judges = [one for one in by_type[resource.type_name] if judge(one, resource).verdict != "unknown"]
            left_out += len(by_type[resource.type_name]) - len(judges)
            work[resource.type_name].append((rule.type, case, judges))
    return work, left_out


def _whole(rows: list[Work]) -> Work:
    """One document with all that the rows of a type set, in an estate of all that is around them, and its rules."""
    document: dict[str, Any] = {}
    around: dict[tuple[str, str], Resource] = {}
    for subject, case, _ in rows:
        made, others = case_resources(subject, case)
        document |= made.document
        around |= {(one.type_name, one.name or one.uid): one for one in others}
    subject = rows[0][0]
    case = (document, *around.values())
    resource = _fresh(subject, case)
    judges = {rule.id: rule for _, _, judges in rows for rule in judges}
    return subject, case, [rule for rule in judges.values() if judge(rule, resource).verdict != "unknown"]


def _fresh(subject: type[Resource], case: Case) -> Resource:
    """The subject of a row, in its estate, of which nothing has been read."""
    made, others = case_resources(subject, case)
    copies = [one.traced() for one in (made, *others)]
    for one in copies:
        one.reads = None
    MemoryEstate(copies)
    return copies[0]


def _over(rows: list[Work]) -> tuple[float, float]:
    """Seconds of CPU that the rules take over each row, at first and once more."""
    made = [(_fresh(subject, case), judges) for subject, case, judges in rows]
    took = []
    for _ in range(2):
        started = time.process_time()
        for resource, judges in made:
            for rule in judges:
                judge(rule, resource)
        took.append(time.process_time() - started)
    return took[0], took[1]


def _alone(rule: Rule) -> float:
    """The least seconds of CPU, of several tries, of the row that takes most."""
    worst = 0.0
    for case in _known(rule):
        tries = []
        for _ in range(ROUNDS):
            resource = _fresh(rule.type, case)
            started = time.process_time()
            judge(rule, resource)
            tries.append(time.process_time() - started)
        worst = max(worst, min(tries))
    return worst


if __name__ == "__main__":
    main()
