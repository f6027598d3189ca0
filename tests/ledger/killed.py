"""What `test_kill.py` kills: lands one of two states again and again, and says each that it has begun."""

from __future__ import annotations

import sys

from tests.ledger.story import RULES, box, read_all, result

from koban.ledger.database import Ledger
from koban.ledger.landing import Coverage, land
from koban.ledger.running import begin
from koban.ledger.staging import stage

COUNT = 300


def state(n: int) -> tuple[list[object], list[object]]:
    """The results and resources of the n-th scan: every verdict and document changes with each, and some names."""
    verdict = ("fail", "pass")[n % 2]
    names = [f"b{i}" for i in range(COUNT)] + [f"only{n % 2}-{i}" for i in range(20)]
    return [result(one, verdict) for one in names], [box(one, Colour=str(n % 2)) for one in names]


def main(url: str, target: int) -> None:
    ledger = Ledger(url)
    n = 0
    while True:
        results, resources = state(n)
        scan = begin(ledger, target, "somebody")
        stage(ledger, scan, results, resources)  # type: ignore[arg-type]
        sys.stdout.write(f"{n}\n")
        sys.stdout.flush()
        land(ledger, scan, Coverage(RULES, read_all))
        n += 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
