from datetime import UTC, datetime

import pytest

from koban.model.aws.engine_support import out_of_support


@pytest.mark.parametrize(
    ("engine", "version", "last_day"),
    [
        ("mariadb", "10.6.21", "2026-08-31"),
        ("mysql", "8.0.40", "2026-07-31"),
        ("neptune", "1.1.0.0", "2025-03-15"),
        ("neptune", "1.1.1.0", "2026-12-04"),
        ("redis", "5.0.6", "2026-01-31"),
        ("elasticsearch", "5.6", "2025-11-07"),
        ("elasticsearch", "7.10", "2027-11-07"),
        ("docdb", "3.6.0", "2026-03-30"),
    ],
)
def test_a_version_is_supported_through_its_last_day(engine: str, version: str, last_day: str) -> None:
    day = datetime.fromisoformat(last_day).replace(tzinfo=UTC)
    assert not out_of_support(engine, version, day)
    assert out_of_support(engine, version, day.replace(year=day.year + 1))


def test_a_version_is_matched_whole_pieces_at_a_time() -> None:
    assert not out_of_support("elasticsearch", "7.10", datetime(2026, 11, 24, tzinfo=UTC))  # as 7.1 is
    assert out_of_support("elasticsearch", "7.1", datetime(2026, 11, 24, tzinfo=UTC))
