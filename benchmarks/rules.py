"""What a rule costs on a resource when everything is known."""

from __future__ import annotations

import statistics
import time

from koban.engines.posture import judge
from koban.model.estate import MemoryEstate
from koban.model.rule import Rule, case_resources
from koban.rules.catalog import catalog

COPIES = 2_000


def main() -> None:
    """Judge the known rows of every rule's table, many times; print microseconds a rule and resource."""
    from collections import defaultdict

    by_type: dict[str, list[Rule]] = defaultdict(list)
    for rule in catalog():
        by_type[rule.type.type].append(rule)
    fresh: list[float] = []
    again: list[float] = []
    spent = judged = 0.0
    for rules in by_type.values():
        documents = [case for rule in rules for table in rule.table for case in (*table.bad, *table.good)]
        made = []
        for number in range(max(1, COPIES // len(documents) // 4)):
            for case in documents:
                subject, others = case_resources(rules[0].type, case)
                subject.uid += f"/{number}"
                MemoryEstate([subject, *others])
                made.append(subject)
        for times in (fresh, again):
            started = time.perf_counter()
            for resource in made:
                for rule in rules:
                    judge(rule, resource)
            took = time.perf_counter() - started
            times.append(took / (len(made) * len(rules)) * 1e6)
            if times is fresh:
                spent += took
                judged += len(made) * len(rules)
    print(f"\nrules: {sum(map(len, by_type.values()))} on {len(by_type)} types, every value known")
    print(
        f"  mean over all judgements, fields read for the first time: {spent / judged * 1e6:.2f} us a rule and resource"
    )
    print(f"  median over types: {statistics.median(fresh):.2f} us first, {statistics.median(again):.2f} us read again")


if __name__ == "__main__":
    main()
