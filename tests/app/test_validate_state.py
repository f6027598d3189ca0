"""What a run leaves to the next, as files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from koban.app.validate_state import LATE, State, ValidateError, hashes_of
from koban.engines.digests import Anchor
from koban.model.digest import Chain, Ref

CHAIN = Chain("111122223333", "eu-west-1", "main", "eu-west-1")


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 1, 11, tzinfo=UTC)
    late = CHAIN._replace(backfill=True)
    anchors = {CHAIN: Anchor(moment, Ref("b", "k"), "ab"), late: Anchor(moment, Ref("b", "l"))}
    state = State(tmp_path / "state.json", anchors, {late: {Ref("b", "l")}}, {CHAIN})
    state.write()
    assert State.read(tmp_path / "state.json") == state
    assert state.floors() == {("111122223333", "eu-west-1"): moment - LATE}
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]


def test_a_state_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValidateError, match="No such file"):
        State(tmp_path / "none" / "state.json").write()


@pytest.mark.parametrize("text", ["", "[]", '{"chains": [{}]}', '{"chains": [{"chain": {"account": "a"}}]}'])
def test_a_file_that_is_no_state(text: str, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(ValidateError, match="it is not a state"):
        State.read(tmp_path / "state.json")


def test_hashes_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "hashes.jsonl"
    file.write_text('{"key": "a", "tag": "t", "sha256": "AB"}\n\n')
    known = hashes_of(file)
    assert (known("a"), known("b")) == (("t", "AB"), None)
    file.write_text('{"key": "a"}\n')
    with pytest.raises(ValidateError, match="line 1"):
        hashes_of(file)
