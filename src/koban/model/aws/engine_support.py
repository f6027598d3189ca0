"""When AWS ends standard support of a managed engine's version: facts with dates, newest knowledge wins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from koban.model.resource import matches

# (engine, a version or the beginning of one up to a dot, last day of standard support).  Extended support costs extra
# and ends too.  Compared in November 2026 with the release calendars of AWS's guides, as endoflife.date keeps them, and
# DocumentDB's own page of support dates.  Not confirmed: MySQL 5.5, MariaDB 10.2, Aurora, and SQL Server 2014, of which
# none but Aurora PostgreSQL 14 is still to come.
STANDARD_SUPPORT_ENDS = (
    ("mysql", "5.5", "2021-05-25"),
    ("mysql", "5.6", "2022-03-01"),
    ("mysql", "5.7", "2024-02-29"),
    ("mysql", "8.0", "2026-07-31"),
    ("mariadb", "10.2", "2022-10-15"),
    ("mariadb", "10.3", "2023-10-23"),
    ("mariadb", "10.4", "2025-02-28"),
    ("mariadb", "10.5", "2026-02-28"),
    ("mariadb", "10.6", "2026-08-31"),
    ("mariadb", "10.11", "2028-02-29"),
    ("postgres", "9", "2022-04-30"),
    ("postgres", "10", "2023-04-17"),
    ("postgres", "11", "2024-02-29"),
    ("postgres", "12", "2025-02-28"),
    ("postgres", "13", "2026-02-28"),
    ("postgres", "14", "2027-02-28"),
    ("postgres", "15", "2028-02-29"),
    ("postgres", "16", "2029-02-28"),
    ("aurora", "5.6", "2023-02-28"),
    ("aurora-mysql", "5.7", "2024-10-31"),
    ("aurora-postgresql", "9", "2022-04-26"),
    ("aurora-postgresql", "10", "2023-01-31"),
    ("aurora-postgresql", "11", "2024-02-29"),
    ("aurora-postgresql", "12", "2025-02-28"),
    ("aurora-postgresql", "13", "2026-02-28"),
    ("aurora-postgresql", "14", "2027-02-28"),
    ("sqlserver-ee", "12", "2024-06-01"),
    ("sqlserver-se", "12", "2024-06-01"),
    ("sqlserver-web", "12", "2024-06-01"),
    ("sqlserver-ex", "12", "2024-06-01"),
    ("sqlserver-ee", "13", "2026-07-14"),
    ("sqlserver-se", "13", "2026-07-14"),
    ("sqlserver-web", "13", "2026-07-14"),
    ("sqlserver-ex", "13", "2026-07-14"),
    ("docdb", "3.6", "2026-03-30"),
    # Neptune has no extended support: on the day itself a cluster is upgraded in its maintenance window.
    ("neptune", "1.0", "2023-01-30"),
    ("neptune", "1.1.0", "2025-03-15"),
    ("neptune", "1.1.1", "2026-12-04"),
    ("neptune", "1.2", "2026-12-04"),
    ("neptune", "1.3", "2027-03-06"),
    ("redis", "2", "2023-01-13"),
    ("redis", "3", "2023-07-31"),
    ("redis", "4", "2026-01-31"),
    ("redis", "5", "2026-01-31"),
    ("redis", "6", "2027-01-31"),
    ("elasticsearch", "1", "2025-11-07"),
    ("elasticsearch", "2", "2025-11-07"),
    ("elasticsearch", "5.1", "2025-11-07"),
    ("elasticsearch", "5.2", "2025-11-07"),
    ("elasticsearch", "5.3", "2025-11-07"),
    ("elasticsearch", "5.4", "2025-11-07"),
    ("elasticsearch", "5.5", "2025-11-07"),
    ("elasticsearch", "5.6", "2025-11-07"),
    ("elasticsearch", "6.0", "2025-11-07"),
    ("elasticsearch", "6.1", "2025-11-07"),
    ("elasticsearch", "6.2", "2025-11-07"),
    ("elasticsearch", "6.3", "2025-11-07"),
    ("elasticsearch", "6.4", "2025-11-07"),
    ("elasticsearch", "6.5", "2025-11-07"),
    ("elasticsearch", "6.6", "2025-11-07"),
    ("elasticsearch", "6.7", "2025-11-07"),
    ("elasticsearch", "7.1", "2025-11-07"),
    ("elasticsearch", "7.2", "2025-11-07"),
    ("elasticsearch", "7.3", "2025-11-07"),
    ("elasticsearch", "7.4", "2025-11-07"),
    ("elasticsearch", "7.7", "2025-11-07"),
    ("elasticsearch", "7.8", "2025-11-07"),
    ("elasticsearch", "7.9", "2027-11-07"),
    ("elasticsearch", "7.10", "2027-11-07"),
    ("opensearch", "1.0", "2025-11-07"),
    ("opensearch", "1.1", "2025-11-07"),
    ("opensearch", "1.2", "2025-11-07"),
    ("opensearch", "2.3", "2025-11-07"),
    ("opensearch", "2.5", "2025-11-07"),
    ("opensearch", "2.7", "2025-11-07"),
    ("opensearch", "2.9", "2025-11-07"),
)


def _pattern(old: str) -> str:
    return rf"^{old.replace('.', '[.]')}([.]|$)"


def _by_engine() -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for name, old, last_day in STANDARD_SUPPORT_ENDS:
        found[name] = (*found.get(name, ()), (_pattern(old), last_day))
    return found


_ENDS = _by_engine()  # engine, to patterns of its versions and the last day of each


def out_of_support(engine: Any, version: Any, now: datetime) -> bool:
    """Whether standard support of this version of this engine has ended; either may be unknown."""
    today = now.date().isoformat()
    if isinstance(engine, str):
        return any(matches(pattern, version) for pattern, last_day in _ENDS.get(engine, ()) if last_day < today)
    return any(
        engine == name and matches(_pattern(old), version)
        for name, old, last_day in STANDARD_SUPPORT_ENDS
        if last_day < today
    )
