"""Records of the clouds' and SaaS formats with anything in any place: each comes out or is rejected, none is lost."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.logs.events import mapped

from koban.sources.logs.format import Record, Rejected
from koban.sources.logs.split import split

SAMPLES = Path(__file__).parent / "samples"
NAMES = ("azure-", "entra-", "gcp-", "github-", "m365-", "ocsf", "okta-", "workspace-")
ANYTHING = st.sampled_from(
    [
        *(
            None,
            True,
            0,
            -1,
            1e308,
            2**64,
            "",
            "-",
            "x",
            "2026-03-01T10:00:00Z",
            "\u0000\ud800",
            [],
            [[]],
            {},
            {"a": None},
        ),
        *(
            [None, "a", {"name": "b"}],
            [{"type": "User", "id": 1}],
            "1,2,3,4,5,6,7,8",
            {"events": [{}]},
            {"data": "e30="},
        ),
    ]
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found += places(one, (*path, key))
    return found


def documents() -> list[Any]:
    found = []
    for path in sorted(SAMPLES.iterdir()):
        if path.name.startswith(NAMES) and path.suffix == ".jsonl":
            found += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        elif path.name.startswith(NAMES):
            found.append(json.loads(path.read_text(encoding="utf-8")))
    return found


DOCUMENTS = [(document, places(document)) for document in documents()]


@st.composite
def perturbed(draw: st.DrawFn) -> Any:
    document, every = draw(st.sampled_from(DOCUMENTS))
    made = copy.deepcopy(document)
    for path in draw(st.lists(st.sampled_from(every), min_size=1, max_size=3)):
        at = made
        try:
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = copy.deepcopy(draw(ANYTHING))
        except (KeyError, IndexError, TypeError):
            pass
    return made


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(perturbed())
def test_any_value_anywhere_is_an_event_or_is_rejected(document: Any) -> None:
    found = list(split(io.BytesIO(json.dumps(document).encode()), "x"))
    records = [r for r in found if isinstance(r, Record)]
    assert all(isinstance(r, Record | Rejected) for r in found)
    for source in {r.source for r in records}:
        mine = [r for r in records if r.source == source]
        assert len(mapped(source, mine)) == len(mine)


def test_the_places_of_a_document_are_all_that_it_holds() -> None:
    assert places({"a": [{"b": 1}]}) == [("a",), ("a", 0), ("a", 0, "b")]
