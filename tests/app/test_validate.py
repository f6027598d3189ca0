"""Whole validations: of directories and of S3 on loopback, and the same chains beside the AWS command line."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from benchmarks.trails import ACCOUNT, BEGIN, BUCKET, REGION, TRAIL, FarEnd, Objects, Trail, key, key_list, save
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.app.trails_damaged import ROWS, Row, signature_gone, trail_of
from tests.conftest import CREDENTIALS

from koban.app.validate import (
    CALLS,
    Problem,
    ValidateError,
    Validation,
    Wanted,
    open_source,
    validate,
)
from koban.app.validate_state import State
from koban.sources.trails.files import NoLogs

ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{TRAIL}"
END = datetime(2026, 11, 1, 22, tzinfo=UTC)


def said(problems: list[Problem]) -> list[tuple[str, str, str]]:
    """Kind, what and key of each, sorted."""
    return sorted((one.kind, one.what, "AWSLogs" + one.file.partition("AWSLogs")[2]) for one in problems)


def counts(run: Validation) -> tuple[int, int, int, int]:
    totals = run.totals.values()
    return (
        sum(one.digests["valid"] for one in totals),
        sum(one.digests["invalid"] for one in totals),
        sum(one.logs["valid"] for one in totals),
        sum(one.logs["invalid"] for one in totals),
    )


@pytest.fixture
def local(tmp_path: Path) -> Callable[..., tuple[list[Problem], Validation]]:
    """Validate buckets as a copy on disk."""

    def run(objects: Objects, state: State | None = None, **how: Any) -> tuple[list[Problem], Validation]:
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        save(objects, tmp_path / "copy", how.pop("with_metadata", True))
        (tmp_path / "keys.json").write_text(json.dumps(key_list(*how.pop("keys", [key()]))))
        known = how.pop("known", None)
        source = open_source([str(tmp_path / "copy")], Wanted(**how), key_files=[tmp_path / "keys.json"])
        made = validate(source, state, known=known)
        return list(made), made

    return run


@pytest.fixture
def far_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarEnd]:
    with FarEnd({}, key_list(key())) as end:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": end.url}.items():
            monkeypatch.setenv(name, value)
        yield end


@pytest.fixture
def remote(far_end: FarEnd) -> Callable[..., tuple[list[Problem], Validation]]:
    """Validate buckets in S3."""

    def run(objects: Objects, state: State | None = None, **how: Any) -> tuple[list[Problem], Validation]:
        far_end.objects = objects
        places = how.pop("places", [f"s3://{BUCKET}"])
        trail_arn, known = how.pop("trail_arn", ""), how.pop("known", None)
        source = open_source(places, Wanted(**{"end": END, **how}), trail_arn=trail_arn)
        made = validate(source, state, known=known)
        return [one for one in made if "newest digests" not in one.because], made

    return run


# What was done to a trail is said


@pytest.mark.parametrize("make", [one for one in ROWS if one != signature_gone], ids=lambda make: make.__name__)
def test_of_a_copy(make: Callable[[], Row], local: Any) -> None:
    row = make()
    problems, run = local(row.objects)
    # Without all of CloudTrail's keys at hand, a key that is not known is no proof; what the next digest records is.
    assert [one[1:] for one in said(problems)] == [one[1:] for one in row.said]
    same = {"altered": "invalid-signature"}
    assert [same.get(one[0], one[0]) for one in said(problems)] == [same.get(one[0], one[0]) for one in row.said]
    assert (counts(run), run.exit_code) == (row.counts, int(bool(row.counts[1] or row.counts[3])))


@pytest.mark.parametrize("make", [one for one in ROWS if not one().metadata_matters], ids=lambda make: make.__name__)
def test_of_a_copy_without_metadata(make: Callable[[], Row], local: Any) -> None:
    """The newest digest of each chain cannot be proven; all the rest is, as far as the digest after it is there."""
    row = make()
    problems, run = local(row.objects, with_metadata=False)
    assert run.exit_code == 3
    found = {one[1:] for one in said(problems) if one[0] != "unknown"}
    unproven = {one[1:] for one in said(problems) if one[0] == "unknown"}
    for one in row.said:
        assert one[1:] in found | unproven
    assert found <= {one[1:] for one in row.said}
    for what, file in unproven:
        assert what == "digest" or any(one[1:] == ("digest", file) for one in said(problems)) or what == "log file"


@pytest.mark.parametrize("make", ROWS, ids=lambda make: make.__name__)
def test_of_s3(make: Callable[[], Row], remote: Any) -> None:
    row = make()
    problems, run = remote(row.objects, places=[f"s3://{one}" for one in row.objects])
    assert said(problems) == sorted(row.said)
    assert (counts(run), run.exit_code) == (row.counts, int(bool(row.counts[1] or row.counts[3])))


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_byte_of_any_file_is_found_and_named(data: Any, tmp_path: Path) -> None:
    """A property: whichever byte of whichever file of a chain is changed, cut off, or the file deleted."""
    trail = Trail({}, prefix=data.draw(st.sampled_from(["", "a/b"])))
    for hours in data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)):
        trail.idle().hours(hours, logs=data.draw(st.integers(0, 2)), events=1)
    kept = trail.objects[BUCKET]
    at = data.draw(st.sampled_from(sorted(kept)))
    before = kept[at].body
    place = data.draw(st.integers(0, len(before) - 1))
    how = data.draw(st.sampled_from(["flip", "cut", "delete"]))
    if how == "delete":
        del kept[at]
    else:
        flipped = bytes([before[place] ^ data.draw(st.integers(1, 255))]) + before[place + 1 :]
        kept[at].body = before[:place] + (flipped if how == "flip" else b"")
    if at in trail.digests and _is_gone_unseen(trail, at):
        return
    shutil.rmtree(tmp_path / "copy", ignore_errors=True)
    save(trail.objects, tmp_path / "copy")
    (tmp_path / "key.der").write_bytes(key().der)
    source = open_source([str(tmp_path / "copy")], Wanted(), key_files=[tmp_path / "key.der"])
    run = validate(source)
    named = {one.file.partition(f"{BUCKET}/")[2] for one in run if one.kind not in ("gap", "unknown")}
    same = how != "delete" and _inflates_to(kept[at].body) == gzip.decompress(before)
    assert named == (set() if same else {at})
    assert run.exit_code == (0 if same else 1)


def _is_gone_unseen(trail: Trail, at: str) -> bool:
    """Whether a digest is gone that no other records: nothing tells of the last one of a chain."""
    if at in trail.objects[BUCKET]:
        return False
    others = [json.loads(gzip.decompress(trail.objects[BUCKET][one].body)) for one in trail.digests if one != at]
    return all(one["previousDigestS3Object"] != at for one in others)


def _inflates_to(body: bytes) -> bytes:
    """The header of a gzip file has a time and a system in it, which are not content."""
    import zlib

    inflate = zlib.decompressobj(31)
    try:
        content = inflate.decompress(body)
    except zlib.error:
        return b""
    return content if inflate.eof and not inflate.unused_data else b""


# Where and what


def test_several_regions_accounts_and_an_organisation(local: Any, remote: Any) -> None:
    objects: Objects = {}
    for account in ("111122223333", "444455556666"):
        for region in ("eu-west-1", "us-east-1"):
            Trail(objects, account, region, prefix="org", organisation="o-abc123").hours(2, logs=1)
    Trail(objects, "111122223333", name="own").hours(2, logs=1)
    broken = Trail(objects, "444455556666", "eu-north-1", prefix="org", organisation="o-abc123").hours(2, logs=1)
    del objects[BUCKET][broken.logs[0][0]]
    for validated in (local, remote):
        problems, run = validated(objects)
        assert said(problems) == [("missing", "log file", broken.logs[0][0].removeprefix("org/"))]
        assert [(*one, run.totals[one].logs["valid"]) for one in sorted(run.totals)] == [
            ("111122223333", "eu-west-1", "main", 2),
            ("111122223333", "eu-west-1", "own", 2),
            ("111122223333", "us-east-1", "main", 2),
            ("444455556666", "eu-north-1", "main", 1),
            ("444455556666", "eu-west-1", "main", 2),
            ("444455556666", "us-east-1", "main", 2),
        ]
        _, run = validated(objects, accounts=("444455556666",), regions=("eu-west-1", "us-east-1"))
        assert (len(run.totals), run.exit_code) == (2, 0)


def test_the_trail_tells_where_it_writes_to(remote: Any, far_end: FarEnd) -> None:
    trail = Trail({}, prefix="some/prefix").hours(2)
    Trail(trail.objects, name="other").hours(2)
    far_end.trails = [{"TrailARN": ARN, "S3BucketName": BUCKET, "S3KeyPrefix": "some/prefix"}]
    problems, run = remote(trail.objects, places=[], trail_arn=ARN)
    assert (problems, list(run.totals)) == ([], [(ACCOUNT, REGION, TRAIL)])
    assert "DescribeTrails" in far_end.calls


@pytest.mark.parametrize(
    "place", ["copy", "copy/{b}", "copy/{b}/AWSLogs", "copy/{b}/AWSLogs/{a}/CloudTrail-Digest/{r}"]
)
def test_a_copy_may_be_named_at_any_depth(place: str, tmp_path: Path) -> None:
    save(trail_of(2).objects, tmp_path / "copy")
    (tmp_path / "key.der").write_bytes(key().der)
    path = tmp_path / place.format(b=BUCKET, a=ACCOUNT, r=REGION)
    run = validate(open_source([str(path)], Wanted(), key_files=[tmp_path / "key.der"]))
    assert (list(run), counts(run)) == ([], (2, 0, 4, 0))


@pytest.mark.parametrize(
    "place",
    ["", "/p", "/p/AWSLogs", "/p/AWSLogs/o-abc123/{a}", "/p/AWSLogs/o-abc123/{a}/CloudTrail-Digest/{r}/2026/11/01"],
)
def test_s3_may_be_named_at_any_depth(place: str, remote: Any) -> None:
    trail = Trail({}, prefix="p", organisation="o-abc123").hours(2)
    problems, run = remote(trail.objects, places=[f"s3://{BUCKET}{place.format(a=ACCOUNT, r=REGION)}"])
    assert (problems, counts(run)) == ([], (2, 0, 4, 0))


def test_only_the_time_asked_for(local: Any, remote: Any) -> None:
    objects = Trail({}).hours(48, logs=1).objects
    for validated in (local, remote):
        # The digest that ends at the start, and the one that ends an hour after the end, are part of it.
        _, run = validated(objects, start=BEGIN + timedelta(hours=20), end=BEGIN + timedelta(hours=30))
        assert counts(run) == (12, 0, 12, 0)
        _, run = validated(objects, start=BEGIN + timedelta(days=20), end=BEGIN + timedelta(days=30))
        assert (counts(run), run.totals) == ((0, 0, 0, 0), {})


def test_a_long_list_comes_in_pages(remote: Any, far_end: FarEnd) -> None:
    trail = Trail({}).hours(1100, logs=0)
    _, run = remote(trail.objects, end=BEGIN + timedelta(days=90))
    assert counts(run) == (1100, 0, 0, 0)


# What is not known


def test_denied_is_unknown_and_neither_valid_nor_invalid(remote: Any, far_end: FarEnd) -> None:
    trail = trail_of()
    log, digest = trail.logs[1][0], trail.digests[3]
    far_end.denied = {log, digest}
    problems, run = remote(trail.objects)
    assert said(problems) == [("unknown", "digest", digest), ("unknown", "log file", log)]
    assert {one.because for one in problems} == {"AccessDenied s3:GetObject"}
    assert (counts(run), run.exit_code) == ((5, 0, 9, 0), 3)


def test_keys_that_may_not_be_asked_for(remote: Any, far_end: FarEnd) -> None:
    trail = trail_of(2)
    del trail.objects[BUCKET][trail.logs[0][0]]
    far_end.denied = {"ListPublicKeys"}
    problems, run = remote(trail.objects)
    assert {one.because for one in problems if one.what == "digest"} == {
        "its public key is not known: AccessDenied cloudtrail:ListPublicKeys"
    }
    assert [one.kind for one in problems if one.what == "log file"] == ["unknown", "unknown", "missing", "unknown"]
    assert run.exit_code == 3


def test_a_list_that_is_denied(remote: Any, far_end: FarEnd) -> None:
    far_end.denied = {"list"}
    problems, run = remote(trail_of(1).objects)
    assert [(one.kind, one.what, one.because) for one in problems] == [
        ("unknown", "list", "AccessDenied s3:ListObjectsV2")
    ]
    assert run.exit_code == 3


def test_a_key_that_is_not_among_those_given_is_unknown(local: Any) -> None:
    problems, run = local(trail_of(1).objects, keys=[key("other")])
    assert [one.because for one in problems if one.what == "digest"] == [
        f"no public key with its fingerprint {key().fingerprint} is among those of --public-keys"
    ]
    assert run.exit_code == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(local: Any, tmp_path: Path) -> None:
    trail = trail_of(1)
    local(trail.objects)
    file = tmp_path / "copy" / BUCKET / trail.logs[0][0]
    file.chmod(0)
    problems = list(validate(open_source([str(tmp_path)], Wanted(), key_files=[tmp_path / "keys.json"])))
    assert [(one.kind, one.because) for one in problems] == [("unknown", "access denied")]


def test_a_digest_cannot_lead_out_of_the_copy(local: Any) -> None:
    trail = Trail({})
    trail.digest(logs=1)
    kept = trail.objects[BUCKET]
    content = json.loads(gzip.decompress(kept[trail.digests[0]].body))
    content["logFiles"][0]["s3Object"] = "AWSLogs/../../../../etc/hostname"
    trail.put_digest(trail.digests[0], json.dumps(content).encode(), None)
    problems, _ = local(trail.objects)
    assert [one.because for one in problems] == ["it names a place outside the copy"]


def test_digests_that_ended_long_ago_are_said(far_end: FarEnd) -> None:
    far_end.objects = trail_of(2).objects
    run = validate(open_source([f"s3://{BUCKET}"], Wanted()), now=BEGIN + timedelta(days=3))
    problems = list(run)
    assert [(one.kind, one.since, one.until) for one in problems] == [
        ("gap", BEGIN + timedelta(hours=2), BEGIN + timedelta(days=3))
    ]
    assert run.exit_code == 0


@pytest.mark.parametrize(
    ("places", "arn", "message"),
    [
        ([], "", "nothing to validate"),
        (["s3://"], "", "names no bucket"),
        (["s3://a", "."], "", "cannot be validated in one run"),
        (["s3://a"], "arn:aws:s3:::a", "not the ARN of a trail"),
        ([], ARN, "there is no trail"),
    ],
)
def test_bad_questions(places: list[str], arn: str, message: str, far_end: FarEnd) -> None:
    with pytest.raises(ValidateError, match=message):
        open_source(places, Wanted(), trail_arn=arn)


def test_a_directory_without_logs(tmp_path: Path) -> None:
    (tmp_path / "key.der").write_bytes(key().der)
    with pytest.raises(NoLogs):
        open_source([str(tmp_path)], Wanted(), key_files=[tmp_path / "key.der"])


def test_nothing_is_asked_that_is_not_declared(remote: Any, far_end: FarEnd) -> None:
    remote(trail_of(2).objects)
    asked = {
        one.split("?")[0].split(" ")[0] if "GET" not in one else ("list" if "list-type=2" in one else "get")
        for one in far_end.calls
    }
    assert asked == {"GetCallerIdentity", "ListPublicKeys", "list", "get"}
    assert CALLS == ("s3:ListObjectsV2", "s3:GetObject", "cloudtrail:ListPublicKeys", "cloudtrail:DescribeTrails")


# A job


def test_a_later_run_validates_only_what_is_new(remote: Any, far_end: FarEnd, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    trail = trail_of(3)
    assert counts(remote(trail.objects, State.read(file))[1]) == (3, 0, 6, 0)
    state = State.read(file)
    remote(trail.objects, state)
    state.write()
    far_end.calls.clear()
    assert counts(remote(trail.objects, State.read(file))[1]) == (0, 0, 0, 0)
    assert not [one for one in far_end.calls if ".gz" in one.split("?")[0]]
    trail.hours(2)
    late = Trail(trail.objects, is_backfill=True, begin=BEGIN + timedelta(minutes=10)).hours(1)
    state = State.read(file)
    assert counts(remote(trail.objects, state)[1]) == (3, 0, 6, 0)
    state.write()
    late.hours(1)
    state = State.read(file)
    assert counts(remote(trail.objects, state)[1]) == (1, 0, 2, 0)
    state.write()
    trail.hours(1)
    del trail.objects[BUCKET][trail.digests[-1]]
    trail.hours(1)
    problems, run = remote(trail.objects, State.read(file))
    assert (said(problems), counts(run)) == ([("missing", "digest", trail.digests[-2])], (1, 1, 2, 0))


def test_what_was_not_known_is_validated_again(remote: Any, far_end: FarEnd) -> None:
    trail, state = trail_of(4), State()
    far_end.denied = {trail.logs[1][0]}
    remote(trail.objects, state)
    far_end.denied = set()
    assert counts(remote(trail.objects, state)[1]) == (3, 0, 6, 0)
    assert counts(remote(trail.objects, state)[1]) == (0, 0, 0, 0)


def test_the_end_of_a_trail_is_said_once(far_end: FarEnd) -> None:
    far_end.objects, state = trail_of(1).objects, State()

    def gaps() -> int:
        run = validate(open_source([f"s3://{BUCKET}"], Wanted()), state, now=BEGIN + timedelta(days=3))
        return sum(one.kind == "gap" for one in run)

    assert [gaps(), gaps()] == [1, 0]


def test_a_run_that_was_stopped_keeps_nothing(far_end: FarEnd) -> None:
    far_end.objects, state = trail_of(2).objects, State()
    run = validate(open_source([f"s3://{BUCKET}"], Wanted()), state, stopping=lambda: True)
    assert (list(run), run.complete, state.anchors) == ([], False, {})


# Hashes from when a file was ingested


def test_a_file_that_is_as_it_was_when_ingested_is_not_read(remote: Any, far_end: FarEnd) -> None:
    import hashlib

    trail = trail_of(1, logs=3)
    kept = trail.objects[BUCKET]
    known = {
        at: (hashlib.md5(kept[at].body).hexdigest(), hashlib.sha256(gzip.decompress(kept[at].body)).hexdigest())
        for at in trail.logs[0]
    }
    _, changed, wrong = trail.logs[0]
    kept[changed].body = gzip.compress(b"something else")
    known[wrong] = (known[wrong][0], "0" * 64)
    problems, run = remote(trail.objects, known=known.get)
    assert said(problems) == [("altered", "log file", changed)]
    assert (counts(run), [one.trusted for one in run.totals.values()]) == ((1, 0, 2, 1), [1])
    read = {one.partition(" ")[2].partition("?")[0] for one in far_end.calls if "/CloudTrail/" in one.partition("?")[0]}
    assert read == {f"/{BUCKET}/{changed}", f"/{BUCKET}/{wrong}"}
    far_end.calls.clear()
    _, run = remote(trail.objects)
    assert [one.trusted for one in run.totals.values()] == [0]


# Beside the peer


def awscli() -> str:
    """The AWS command line, where the peers of the measurements are or on the path; empty where there is none."""
    peers = Path(os.environ.get("KOBAN_PEERS") or Path(__file__).parents[2] / ".venv" / "peers")
    here = peers / "awscli" / "bin" / "aws"
    return str(here) if here.exists() else shutil.which("aws") or ""


NO_PEER = "NOT COMPARED WITH THE PEER: no awscli; install it, or name its directory in KOBAN_PEERS"


@pytest.fixture(scope="module")
def peer() -> None:
    """Skips where there is no peer, and not in silence."""
    if not awscli():
        warnings.warn(NO_PEER, stacklevel=1)
        pytest.skip(NO_PEER)


LINE = re.compile(r"^(?:\(backfill\) )?(Digest|Log) file\ts3://[^/]+/(\S+)\tINVALID: (.*)$", re.MULTILINE)
RATIO = re.compile(r"(\d+)/(\d+) (backfill digest|digest|log) files valid")


def peer_says(url: str, *more: str) -> tuple[set[tuple[str, str]], tuple[int, int, int, int], int, int]:
    """What and key of each file that the peer calls invalid; its counts; the gaps it tells; its exit code."""
    command = [awscli(), "cloudtrail", "validate-logs", "--trail-arn", ARN, "--start-time", "2026-11-01T00:00:00Z"]
    command += ["--end-time", f"{END:%Y-%m-%dT%H:%M:%SZ}", *more]
    env = {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, "AWS_ENDPOINT_URL": url}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    found = {({"Digest": "digest", "Log": "log file"}[what], at) for what, at, _ in LINE.findall(done.stderr)}
    tally = {"digest": [0, 0], "log": [0, 0]}
    for valid, every, what in RATIO.findall(done.stdout):
        kind = tally[what.rpartition(" ")[2]]
        kind[0] += int(valid)
        kind[1] += int(every) - int(valid)
    gaps = done.stderr.count("No log files were delivered")
    return found, (*tally["digest"], *tally["log"]), gaps, done.returncode  # type: ignore[return-value]


@pytest.mark.usefixtures("peer")
@pytest.mark.parametrize("make", ROWS, ids=lambda make: make.__name__)
def test_the_same_verdicts_as_the_peer(make: Callable[[], Row], remote: Any, far_end: FarEnd) -> None:
    row = make()
    problems, run = remote(row.objects, places=[f"s3://{one}" for one in row.objects])
    bucket = list(row.objects)[-1]
    found, tally, gaps, code = peer_says(far_end.url, "--s3-bucket", bucket)
    if row.peer_says is not None:
        assert (found, code) == ({one[1:] for one in row.peer_says}, 0)
        assert run.exit_code == 1
        return
    mine = [one for one in said(problems) if one[0] != "gap"]
    if row.older_peers_miss_it and not found:
        assert mine
        return
    assert {one[1:] for one in mine} == found
    assert (counts(run), run.exit_code) == (tally, code)
    assert sum(one.kind == "gap" for one in problems) == gaps


@pytest.mark.usefixtures("peer")
def test_the_same_as_the_peer_for_an_account_of_an_organisation(remote: Any, far_end: FarEnd) -> None:
    trail = Trail({}, "444455556666", "us-east-1", prefix="p", organisation="o-abc123").hours(3)
    del trail.objects[BUCKET][trail.logs[0][1]]
    far_end.trails = [
        {
            "TrailARN": ARN,
            "Name": TRAIL,
            "S3BucketName": BUCKET,
            "S3KeyPrefix": "p",
            "IsOrganizationTrail": True,
            "HomeRegion": REGION,
        }
    ]
    problems, run = remote(trail.objects, places=[], trail_arn=ARN)
    found, tally, _, code = peer_says(far_end.url, "--account-id", "444455556666", "--region", "us-east-1")
    assert found == {("log file", trail.logs[0][1])}
    assert [one.file for one in problems] == [f"s3://{BUCKET}/{trail.logs[0][1]}"]
    assert (counts(run), run.exit_code) == (tally, code)


@pytest.mark.usefixtures("peer")
@pytest.mark.parametrize(("start", "end"), [(0, 3), (1, 2), (1.5, 3.5), (2, 2), (4, 8), (-5, 0.5)])
def test_the_same_digests_of_a_time_as_the_peer(start: float, end: float, remote: Any, far_end: FarEnd) -> None:
    first, last = BEGIN + timedelta(hours=start), BEGIN + timedelta(hours=end)
    _, run = remote(trail_of().objects, start=first, end=last)
    times = ["--start-time", f"{first:%Y-%m-%dT%H:%M:%SZ}", "--end-time", f"{last:%Y-%m-%dT%H:%M:%SZ}"]
    _, tally, _, _ = peer_says(far_end.url, "--s3-bucket", BUCKET, *times)
    assert counts(run) == tally
