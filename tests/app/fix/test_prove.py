"""What counts as proof, and how the edits that go wrong are told from the others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from koban.app.fix.prove import Claim, Judged, proven, refused
from koban.model.result import Gap, Result, Subject, Verdict


def result(rule: str, verdict: Verdict, uid: str = "t#a", file: str = "t") -> Result:
    return Result(rule, verdict, "high", Subject(uid, "T", file=file, address=uid), "m", ("it is open",), (), None)


def judged(*results: Result, gaps: Sequence[Gap] = ()) -> Judged:
    made = Judged(gaps=frozenset(gaps))
    for one in results:
        made.add(one)
    return made


def claim(rule: str, uid: str = "t#a", file: str = "t") -> Claim:
    return Claim(result(rule, "fail", uid).fingerprint, uid, frozenset((file,)))


BEFORE = judged(result("r", "fail"), result("s", "pass"), result("u", "unknown"))


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (judged(result("r", "pass"), result("s", "pass"), result("u", "unknown")), None),
        (judged(result("s", "pass")), None),
        (judged(result("r", "pass"), result("s", "excepted"), result("u", "pass")), None),
        (judged(result("r", "excepted")), "after it the finding would only be accepted, not gone"),
        (judged(result("r", "fail"), result("s", "pass")), "the finding is still there after it"),
        (judged(result("r", "unknown"), result("s", "pass")), "the verdict is open after it: it is open"),
        (judged(result("r", "pass"), result("s", "fail")), "s would fail after it"),
        (judged(result("r", "pass"), result("s", "unknown")), "s would be unknown after it"),
        (judged(result("r", "pass"), result("u", "fail")), "u would fail after it"),
        (judged(result("r", "pass"), result("new", "fail", "t#b")), "new would fail after it"),
        (judged(result("r", "pass"), result("new", "fail", "x#b", "x")), "new would fail after it"),
        (judged(result("r", "pass", "t#other")), "t#a would be gone"),
        (judged(result("s", "pass"), gaps=[Gap("*", "", "", "broken")]), "a file could not be read after it"),
    ],
)
def test_an_edit_is_proven_or_not(after: Judged, why: str | None) -> None:
    assert refused(BEFORE, after, [claim("r")]).get(0) == why


def test_what_goes_wrong_is_left_out_and_the_rest_is_proven() -> None:
    """Of ten edits one mends nothing, and one makes another file worse."""
    claims = [claim("r", f"t{i}#a", f"t{i}") for i in range(10)]
    before = judged(*(result("r", "fail", f"t{i}#a", f"t{i}") for i in range(10)))
    scans = 0

    def scan(chosen: Sequence[int]) -> Judged:
        nonlocal scans
        scans += 1
        mended = [i for i in chosen if i != 3]
        results = [result("r", "pass" if i in mended else "fail", f"t{i}#a", f"t{i}") for i in range(10)]
        return judged(*results, *([result("q", "fail", "elsewhere#b", "elsewhere")] if 7 in chosen else []))

    good, why = proven(claims, before, scan)
    assert good == [0, 1, 2, 4, 5, 6, 8, 9]
    assert why == {3: "the finding is still there after it", 7: "q would fail after it"}
    assert scans < 15


def test_nothing_to_prove_is_no_scan() -> None:
    assert proven([], BEFORE, lambda chosen: pytest.fail("a scan")) == ([], {})
