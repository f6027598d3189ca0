"""The spool: what is kept comes back, in order, and answers what rules ask."""

from __future__ import annotations

import random
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koban.ledger.spool import AccountRow, Spool, SpoolError, decode, encode, unfinished
from koban.model.estate import Account, Region
from koban.model.resource import Resource, field, link, referring
from koban.model.result import Gap
from koban.model.unknown import Partial, Several, Unknown, World, WorldsNeeded, because, open_world

A, B = "111111111111", "222222222222"


class Key(Resource, type="Test::Spool::Key", ids="KeyId", arn="arn:{partition}:kms:{region}:{account}:key/{KeyId}"):
    """A regional thing."""

    trails = referring("Test::Spool::Trail", "key", "Who uses it")


class Bucket(Resource, type="Test::Spool::Bucket", ids="BucketName", arn="arn:{partition}:s3:::{BucketName}"):
    """A thing whose name is its own in the whole world."""


class Trail(Resource, type="Test::Spool::Trail", ids="Name"):
    """A thing that names others."""

    key = link("KeyId", "Test::Spool::Key", "What encrypts it")
    bucket = link("BucketName", "Test::Spool::Bucket", "Where it is kept")
    size: int = field("Size", 0, "...")


class Wide(Resource, type="Test::Spool::Wide", ids="Name", elsewhere={"Everywhere": False}):
    """A thing of a region, or of all regions: of the latter any region tells."""

    everywhere: bool = field("Everywhere", False, "...")
    on: bool = field("On", True, "...")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "one.sqlite")
    made.declare({Key.type: "region", Bucket.type: "global", Trail.type: "region"}, {})
    for account in (A, B):
        made.add_places(account, ("eu-west-1", "us-east-1"))
    return made


def keep(spool: Spool, *resources: Resource, unit: str = "test") -> int:
    number = spool.begin(A, "eu-west-1", unit)
    spool.add(number, resources)
    spool.finish(number)
    return number


def test_resources_stream_in_order_of_type_account_region_and_uid(spool: Spool) -> None:
    made = [
        cls({"Name": name, "KeyId": name, "BucketName": name}, account=account, region=region)
        for cls in (Key, Trail, Bucket)
        for account in (A, B)
        for region in ("eu-west-1", "us-east-1")
        for name in ("a", "b")
    ]
    random.Random(7).shuffle(made)
    keep(spool, *made)
    order = [(one.type_name, one.account, one.region, one.uid) for one in spool.stream()]
    assert order == sorted(order)
    assert len(order) == len(made) == spool.count()
    assert {type(one) for one in spool.stream([Key.type])} == {Key}


TEXT = st.text(max_size=8)
UNKNOWN = st.builds(Unknown, TEXT, TEXT, shape=st.sampled_from([r"(?s:.*)", r"\d+"]), target=TEXT)
PARTIAL = st.builds(lambda path, before, hole, target: Partial(path, (before, hole), target), TEXT, TEXT, UNKNOWN, TEXT)
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), TEXT, UNKNOWN, PARTIAL)
DOCUMENT = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


def spelt(value: object) -> object:
    """A value with the unknowns in it as plain data, to compare with."""
    if isinstance(value, Partial):
        pieces = [spelt(one) for one in value._pieces]
        return ("partial", value._path, pieces, value._own_target, value._target, value._shape)
    if isinstance(value, Unknown):
        return ("unknown", value._path, value._why, value._shape, value._target, because(value))
    if isinstance(value, dict):
        return {key: spelt(one) for key, one in value.items()}
    return [spelt(one) for one in value] if isinstance(value, list) else value


@given(DOCUMENT)
def test_a_document_comes_back_as_it_was(document: object) -> None:
    assert spelt(decode(encode(document))) == spelt(document)


def test_an_unknown_deep_in_a_document_keeps_its_root() -> None:
    deep = Unknown("Policy", "AccessDenied s3:GetBucketPolicy").Statement
    assert because(decode(encode({"at": deep}))["at"]) == "Policy: AccessDenied s3:GetBucketPolicy"


def test_a_name_is_looked_for_in_its_own_account_and_region(spool: Spool) -> None:
    keys = [Key({"KeyId": "k", "At": r}, account=a, region=r) for a in (A, B) for r in ("eu-west-1", "us-east-1")]
    trail = Trail({"Name": "t", "KeyId": "k"}, account=B, region="us-east-1")
    keep(spool, *keys, trail)
    (found,) = spool.stream([Trail.type])
    assert (found.key.account, found.key.region) == (B, "us-east-1")


def test_an_arn_and_a_global_name_are_found_in_another_account(spool: Spool) -> None:
    key = Key({"KeyId": "k"}, account=A, region="eu-west-1")
    bucket = Bucket({"BucketName": "logs"}, account=A, region="us-east-1")
    trail = Trail({"Name": "t", "KeyId": key.uid, "BucketName": "logs"}, account=B, region="us-east-1")
    keep(spool, key, bucket, trail)
    (found,) = spool.stream([Trail.type])
    assert (found.key.uid, found.bucket.uid) == (key.uid, bucket.uid)


def test_a_plain_name_is_not_found_in_another_region(spool: Spool) -> None:
    keep(spool, Key({"KeyId": "k"}, account=A, region="us-east-1"))
    near = Trail({"Name": "t"}, account=A, region="eu-west-1")
    assert because(spool.named(Key, "k", near)) == f"{Key.type}: k is not in what was read"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("k", "AccessDenied kms:ListKeys"),
        (f"arn:aws:kms:eu-west-1:{A}:key/k", "AccessDenied kms:ListKeys"),
        (f"arn:aws:kms:us-east-1:{A}:key/k", f"arn:aws:kms:us-east-1:{A}:key/k is not in what was read"),
        (f"arn:aws:kms:sa-east-1:{A}:key/k", "region sa-east-1 was not scanned"),
        ("arn:aws:kms:eu-west-1:333333333333:key/k", "account 333333333333 was not scanned"),
    ],
)
def test_what_is_not_found_says_why(spool: Spool, name: str, expected: str) -> None:
    spool.add_gap(Gap(Key.type, A, "eu-west-1", "AccessDenied kms:ListKeys"))
    near = Trail({"Name": "t"}, account=A, region="eu-west-1")
    assert because(spool.named(Key, name, near)) == f"{Key.type}: {expected}"


def test_a_type_left_out_is_a_gap_for_references_and_not_among_the_gaps(spool: Spool) -> None:
    spool.declare({Trail.type: "region"}, {Key.type: "kms was left out by --services"})
    near = Trail({"Name": "t"}, account=A, region="eu-west-1")
    assert because(spool.named(Key, "k", near)) == f"{Key.type}: kms was left out by --services"
    assert isinstance(spool.every(Key, A, "eu-west-1"), Several)
    assert list(spool.all_gaps()) == []


def test_regions_left_out_may_hold_more_of_a_regional_type_only(spool: Spool) -> None:
    spool.add_places(A, ("eu-west-1",), "other regions were left out by --regions")
    assert spool.every(Key, A, "eu-west-1") == ()
    assert [because(gap) for gap in spool.every(Key, A, "").gaps] == [
        f"{Key.type}: other regions were left out by --regions"
    ]
    assert spool.every(Bucket, A, "") == ()
    near = Trail({"Name": "t"}, account=A, region="eu-west-1")
    name = f"arn:aws:kms:us-east-1:{A}:key/k"
    assert because(spool.named(Key, name, near)) == f"{Key.type}: other regions were left out by --regions"


def test_what_is_elsewhere_is_known_to_be_of_one_region(spool: Spool) -> None:
    spool.declare({Wide.type: "region"}, {})
    spool.add_places(A, ("eu-west-1",), "other regions were left out by --regions")
    spool.add_gap(Gap(Wide.type, B, "us-east-1", "AccessDenied it:ListThings"))
    for account in (A, B):
        with open_world(World((True,))):
            (one,) = spool.every(Wide, account, "")
            assert (one.everywhere, bool(one.on)) == (False, False)
        with pytest.raises(WorldsNeeded):
            any(one.on for one in spool.every(Wide, account, ""))


def test_nothing_is_known_of_what_is_elsewhere_where_the_account_itself_was_not_read(spool: Spool) -> None:
    spool.declare({Wide.type: "region"}, {})
    for region in ("", "us-east-1"):
        spool.add_gap(Gap(Wide.type, A, region, "AccessDenied it:ListThings"))
    with open_world(World((True, True))):
        assert bool(next(iter(spool.every(Wide, A, ""))).everywhere)


def test_every_has_a_gap_for_the_account_that_lets_nobody_in(spool: Spool) -> None:
    keep(spool, Key({"KeyId": "k"}, account=B, region="eu-west-1"))
    spool.add_gap(Gap("*", A, "", "AccessDenied sts:AssumeRole"))
    assert [because(gap) for gap in spool.every(Key, A, "").gaps] == [f"{Key.type}: AccessDenied sts:AssumeRole"]
    assert [one.name for one in spool.every(Key, B, "")] == ["k"]


def test_referring_finds_who_names_it_by_name_or_arn(spool: Spool) -> None:
    key = Key({"KeyId": "k"}, account=A, region="eu-west-1")
    trails = [
        Trail({"Name": "near", "KeyId": "k"}, account=A, region="eu-west-1"),
        Trail({"Name": "far", "KeyId": key.uid}, account=B, region="us-east-1"),
        Trail({"Name": "elsewhere", "KeyId": "k"}, account=A, region="us-east-1"),
        Trail({"Name": "other account", "KeyId": "k"}, account=B, region="eu-west-1"),
    ]
    keep(spool, key, *trails)
    (found,) = spool.stream([Key.type])
    assert sorted(one.name for one in found.trails) == ["far", "near"]


def test_a_unit_asked_again_leaves_nothing_of_the_first_time(spool: Spool) -> None:
    old = Trail({"Name": "old", "KeyId": "k"}, account=A, region="eu-west-1")
    key = Key({"KeyId": "k"}, account=A, region="eu-west-1")
    keep(spool, key, unit="keys")
    number = keep(spool, old)
    spool.add_gap(Gap(Trail.type, A, "eu-west-1", "ReadTimeoutError"), number)
    keep(spool, Trail({"Name": "new", "KeyId": "k"}, account=A, region="eu-west-1"))
    (found,) = spool.stream([Key.type])
    assert [one.name for one in found.trails] == ["new"]
    assert list(spool.all_gaps()) == []
    assert isinstance(spool.named(Trail, "old", key), Unknown)


def test_what_two_units_read_comes_once_as_the_first_planned_read_it(spool: Spool) -> None:
    spool.plan(A, [("eu-west-1", "one"), ("eu-west-1", "two")])
    for unit in ("two", "one"):
        keep(spool, Trail({"Name": "t", "Size": len(unit), "By": unit}, account=A, region="eu-west-1"), unit=unit)
    assert [one.document["By"] for one in spool.stream()] == ["one"]
    near = Key({"KeyId": "k"}, account=A, region="eu-west-1")
    assert spool.named(Trail, "t", near).document["By"] == "one"


def test_accounts_and_regions_that_nobody_made_are_made_with_every_fact_unknown(spool: Spool) -> None:
    keep(spool, Account({"AccountId": A, "Alias": "main"}, account=A))
    unit = spool.begin("", "", "places")
    spool.add_missing_places(unit, lambda cls: "left out")
    places = {(one.type_name, one.account, one.region) for one in spool.stream([Account.type, Region.type])}
    regions = {(Region.type, account, region) for account in (A, B) for region in ("eu-west-1", "us-east-1")}
    assert places == regions | {(Account.type, A, ""), (Account.type, B, "")}
    trail = Trail({"Name": "t"}, account=B, region="us-east-1", estate=spool)
    assert because(trail.in_account.alias) == "Alias: left out"
    assert trail.in_region.name == "us-east-1"
    assert Trail({"Name": "t"}, account=A, estate=spool).in_account.alias == "main"


def test_an_account_says_what_its_organisation_says_of_it(spool: Spool) -> None:
    spool.add_account(AccountRow(A, "payments", "r-1/ou-2", (("env", "prod"),)))
    keep(spool, Account({"AccountId": A}, account=A))
    (account,) = spool.stream([Account.type])
    assert (account.document["Name"], account.document["OrganizationalUnit"]) == ("payments", "r-1/ou-2")
    assert account.tags == {"env": "prod"}


def test_what_was_committed_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "scans" / "one.sqlite"
    first = Spool(path, datetime(2026, 1, 1, tzinfo=UTC), asked="all")
    keep(first, Trail({"Name": "t"}, account=A, region="eu-west-1"))
    first.plan(A, [("eu-west-1", "later")])
    first.commit()
    first.begin(A, "eu-west-1", "later")  # never finished, never committed, never closed
    first.db.execute("ROLLBACK")
    assert unfinished(path.parent, "all") == path
    assert unfinished(path.parent, "something else") is None
    again = Spool(path, asked="all")
    assert again.now == datetime(2026, 1, 1, tzinfo=UTC)
    assert again.plan(A, [("eu-west-1", "test"), ("eu-west-1", "later")]) == {("eu-west-1", "test")}
    assert [one.name for one in again.stream()] == ["t"]
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_spool_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(SpoolError, match=r"cannot keep the scan in .*x\.sqlite"):
        Spool(path)


def test_a_full_disk_is_one_clear_line(spool: Spool) -> None:
    spool.db.execute("PRAGMA max_page_count = 60")
    big = [Trail({"Name": f"t{n}", "Text": "x" * 5000}, account=A, region="eu-west-1") for n in range(200)]
    with pytest.raises(SpoolError, match="full"):
        keep(spool, *big)


def test_memory_stays_flat(spool: Spool) -> None:
    """10,000 resources of 2 kB that refer to one another are judged in a few MB."""
    number = spool.begin(A, "eu-west-1", "many")
    for start in range(0, 10_000, 500):
        batch = [
            Trail({"Name": f"t{n}", "KeyId": f"k{n}", "Text": "x" * 2000}, account=A, region="eu-west-1")
            for n in range(start, start + 500)
        ]
        keys = [Key({"KeyId": f"k{n}"}, account=A, region="eu-west-1") for n in range(start, start + 500)]
        spool.add(number, [*batch, *keys])
    spool.finish(number)
    tracemalloc.start()
    found = sum(one.key.name is not None for one in spool.stream([Trail.type]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 10_000
    assert peak < 12_000_000
