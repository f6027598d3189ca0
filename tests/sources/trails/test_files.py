"""A local copy: where a digest's files are in it, and what lies beside them."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from benchmarks.trails import BUCKET, Trail, save

from koban.model.digest import Missing, Name, Ref, Unread
from koban.sources.trails.files import Files, NoLogs
from koban.sources.trails.store import Wanted


def names(files: Files) -> list[Name]:
    found = files.regions(Wanted())
    return [name for prefixes in found.values() for name in files.names(prefixes, Wanted())]


def test_a_key_of_a_prefix_is_found_in_a_copy_of_what_lies_below_it(tmp_path: Path) -> None:
    trail = Trail({}, prefix="some/prefix").hours(1)
    save(trail.objects, tmp_path)
    files = Files([tmp_path / BUCKET / "some" / "prefix"])
    (digest,) = names(files)
    log = files.locate(digest.ref, Ref(BUCKET, trail.logs[0][0]))
    assert files.shown(log) == str(tmp_path / BUCKET / trail.logs[0][0])
    assert files.in_place(digest.ref, Ref(BUCKET, trail.digests[0]))
    assert not files.in_place(digest.ref, Ref(BUCKET, trail.digests[0].replace("T110000Z", "T120000Z")))


def test_a_trail_that_changed_its_prefix_is_found_in_both(tmp_path: Path) -> None:
    trail = Trail({}, prefix="old").hours(1)
    trail.prefix = "new"
    trail.hours(1)
    save(trail.objects, tmp_path)
    files = Files([tmp_path])
    near = next(one.ref for one in names(files) if "/new" in one.ref.bucket)
    for at in (*trail.logs[0], *trail.logs[1], *trail.digests):
        assert files.shown(files.locate(near, Ref(BUCKET, at))) == str(tmp_path / BUCKET / at)


@pytest.mark.parametrize(
    ("text", "metadata"),
    [
        (json.dumps({"Metadata": {"Signature": "ab"}, "ETag": "x"}), {"signature": "ab"}),
        (json.dumps({"signature": "ab"}), {"signature": "ab"}),
    ],
)
def test_metadata_beside_a_file(text: str, metadata: dict[str, str], tmp_path: Path) -> None:
    trail = Trail({}).hours(1)
    save(trail.objects, tmp_path)
    Path(f"{tmp_path / BUCKET / trail.digests[0]}.metadata.json").write_text(text)
    files = Files([tmp_path])
    (digest,) = names(files)
    assert files.digest(digest.ref).metadata == metadata


@pytest.mark.parametrize("text", ["", "[]", '{"Metadata": 1}'])
def test_metadata_that_is_none_is_unread(text: str, tmp_path: Path) -> None:
    trail = Trail({}).hours(1)
    save(trail.objects, tmp_path)
    Path(f"{tmp_path / BUCKET / trail.digests[0]}.metadata.json").write_text(text)
    files = Files([tmp_path])
    (digest,) = names(files)
    with pytest.raises(Unread):
        files.digest(digest.ref)


def test_what_is_not_a_file_is_not_read(tmp_path: Path) -> None:
    save(Trail({}).hours(1).objects, tmp_path)
    files = Files([tmp_path])
    base = str(tmp_path / BUCKET)
    os.mkfifo(f"{base}/AWSLogs/pipe")
    (tmp_path / BUCKET / "AWSLogs" / "directory").mkdir()
    for key in ("AWSLogs/pipe", "AWSLogs/directory"):
        with pytest.raises(Unread, match="not a file"):
            files.sha256(Ref(base, key))
    for key in ("AWSLogs/none", "AWSLogs/pipe/none"):
        with pytest.raises(Missing):
            files.sha256(Ref(base, key))
    with pytest.raises(Unread, match="outside"):
        files.sha256(Ref(base, "AWSLogs/../secret"))


def test_the_tag_changes_when_a_file_is_written(tmp_path: Path) -> None:
    trail = Trail({}).hours(1)
    save(trail.objects, tmp_path)
    files, ref = Files([tmp_path]), Ref(str(tmp_path / BUCKET), trail.logs[0][0])
    before = files.tag(ref)
    Path(files.shown(ref)).write_bytes(gzip.compress(b"other"))
    assert before
    assert files.tag(ref) != before
    assert files.tag(Ref(ref.bucket, "none")) == ""


def test_links_to_directories_above_do_not_lead_astray(tmp_path: Path) -> None:
    save(Trail({}).hours(1).objects, tmp_path)
    for number in range(3):
        (tmp_path / BUCKET / f"link{number}").symlink_to(tmp_path)
    assert len(list(names(Files([tmp_path])))) == 1


def test_no_directory(tmp_path: Path) -> None:
    with pytest.raises(NoLogs):
        Files([tmp_path / "none"])
