"""What the key of a digest file tells."""

from datetime import UTC, datetime

import pytest

from koban.model.digest import Chain, Ref, named

DAY = "111122223333/CloudTrail-Digest/eu-west-1/2026/11/01/111122223333_CloudTrail-Digest_eu-west-1"


@pytest.mark.parametrize(
    ("key", "chain"),
    [
        (
            f"AWSLogs/{DAY}_main_us-east-1_20261101T110000Z.json.gz",
            Chain("111122223333", "eu-west-1", "main", "us-east-1"),
        ),
        (
            f"a/b/AWSLogs/o-abc123/{DAY}_my_own_trail_eu-west-1_20261101T110000Z_backfill.json.gz",
            Chain("111122223333", "eu-west-1", "my_own_trail", "eu-west-1", "o-abc123", True),
        ),
        (
            f"AWSLogs/AWSLogs/{DAY}_t_eu-west-1_20261101T110000Z.json.gz",
            Chain("111122223333", "eu-west-1", "t", "eu-west-1"),
        ),
    ],
)
def test_a_key_tells_its_chain_and_time(key: str, chain: Chain) -> None:
    found = named(Ref("bucket", key))
    assert found is not None
    assert (found.chain, found.moment) == (chain, datetime(2026, 11, 1, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    "key",
    [
        "",
        f"AWSLogs/{DAY}_main_us-east-1_20261101T110000Z.json",
        f"AWSLogs/{DAY}_main_us-east-1_20261301T110000Z.json.gz",  # there is no month 13
        f"AWSLogs/{DAY.replace('Digest_eu-west-1', 'Digest_eu-west-2')}_main_us-east-1_20261101T110000Z.json.gz",
        f"Logs/{DAY}_main_us-east-1_20261101T110000Z.json.gz",
        "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/01/111122223333_CloudTrail_eu-west-1_20261101T1100Z_a.json.gz",
    ],
)
def test_another_key_tells_nothing(key: str) -> None:
    assert named(Ref("bucket", key)) is None
