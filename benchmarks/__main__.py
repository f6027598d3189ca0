"""Runs every measurement: `make bench`, or `python -m benchmarks live rules` for some of them."""

from __future__ import annotations

import sys
from importlib import import_module

ALL = (
    "rules",
    "templates",
    "terraform",
    "digests",
    "growth",
    "ingest",
    "detection",
    "many_rules",
    "continuous",
    "intelligence",
    "behaviour",
    "live",
    "load",
    "first_page",
)


def main() -> int:
    wanted = sys.argv[1:] or list(ALL)
    for one in wanted:
        if one not in ALL:
            print(f"no measurement {one!r}; there are: {', '.join(ALL)}", file=sys.stderr)
            return 2
    for one in wanted:
        import_module(f"benchmarks.{one}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
