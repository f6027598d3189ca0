"""Which prefixes hold the digests that are wanted, whatever a place is named by."""

from __future__ import annotations

import pytest

from koban.model.digest import Chain, Ref
from koban.sources.trails.store import Wanted, place_of, region_of, regions_below

KEYS = [
    "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/a",
    "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/a",
    "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/a",
    "AWSLogs/111122223333/Config/a",
    "AWSLogs/o-abc/444455556666/CloudTrail-Digest/eu-west-1/a",
    "AWSLogs/not-an-account/CloudTrail-Digest/eu-west-1/a",
]
ALL = {
    "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/",
    "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/",
    "AWSLogs/o-abc/444455556666/CloudTrail-Digest/eu-west-1/",
}


def children(prefix: str) -> list[str]:
    below = {one[len(prefix) :].partition("/") for one in KEYS if one.startswith(prefix)}
    return sorted(f"{prefix}{name}/" for name, slash, _ in below if slash)


@pytest.mark.parametrize(
    ("prefix", "wanted", "found"),
    [
        ("AWSLogs/", Wanted(), ALL),
        ("AWSLogs/", Wanted(accounts=("444455556666",)), {one for one in ALL if "4444" in one}),
        ("AWSLogs/", Wanted(accounts=("111122223333",), regions=("us-east-1",)), {one for one in ALL if "us-" in one}),
        ("AWSLogs/o-abc/", Wanted(), {one for one in ALL if "o-abc" in one}),
        ("AWSLogs/111122223333/", Wanted(), {one for one in ALL if "1111" in one}),
        ("AWSLogs/111122223333/CloudTrail-Digest/", Wanted(), {one for one in ALL if "1111" in one}),
        ("AWSLogs/o-abc/444455556666/CloudTrail-Digest/eu-west-1/", Wanted(), {one for one in ALL if "o-abc" in one}),
        ("AWSLogs/111122223333/CloudTrail/", Wanted(), set()),
        ("Logs/", Wanted(), set()),
    ],
)
def test_the_prefixes_of_regions(prefix: str, wanted: Wanted, found: set[str]) -> None:
    assert set(regions_below(prefix, children, wanted)) == found


OWN = Chain("111122223333", "eu-west-1", "main", "eu-west-1")


@pytest.mark.parametrize(
    ("wanted", "has"),
    [
        (Wanted(), True),
        (Wanted(trail="other"), False),
        (Wanted(trail="main", home="us-east-1"), False),
        (Wanted(owner="111122223333"), True),
        (Wanted(owner="999999999999"), False),
        (Wanted(owner="999999999999", accounts=("111122223333",)), True),
        (Wanted(regions=("us-east-1",)), False),
    ],
)
def test_which_chains_are_wanted(wanted: Wanted, has: bool) -> None:
    assert wanted.has(OWN) is has
    assert Wanted(owner="999999999999").has(OWN._replace(organisation="o-abc"))


def test_the_account_and_region_of_a_prefix() -> None:
    assert place_of("p/AWSLogs/o-abc/1/CloudTrail-Digest/eu-west-1/2026/") == ("1", "eu-west-1")
    assert region_of(Ref("b", "p/AWSLogs/1/CloudTrail-Digest/eu-west-1/2026/11/a.gz")) == (
        "p/AWSLogs/1/CloudTrail-Digest/eu-west-1/"
    )
