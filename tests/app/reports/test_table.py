"""The terminal's report, as people see it (golden files), and what must hold of it at any width."""

import re
from pathlib import Path

import pytest
from tests.app.reports.conftest import GAPS, live, result, results, scan

from koban.model.result import Result

GOLDEN = Path(__file__).parent / "golden"
SIGHTS = {
    "summary-100": {},
    "summary-80-ascii": {"width": 80, "ascii": True},
    "framework-100": {"by": ("cis-aws-7.0",)},
    "detail-120": {"width": 120, "detail": 1},
    "totals": {"detail": -1},
}


@pytest.mark.parametrize("name", SIGHTS)
def test_it_looks_as_it_did(render, name, request):
    """After a wanted change: delete the golden file, run the test twice, and look at the difference."""
    shown = render("table", **SIGHTS[name])
    file = GOLDEN / f"{name}.txt"
    if not file.exists():
        file.write_text(shown, encoding="utf-8")
        pytest.fail(f"{file.name} was not there; it is now: look at it, then run this again")
    assert shown == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_wider_than_the_terminal(render, width, colour):
    many = [*results(), *(result(f"iam-thing-{n}-wrong", "fail", "low", live("x" * 200)) for n in range(30))]
    text = render("table", of=scan(many), width=width, colour=colour, by=("cis-aws-7.0",))
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert max(len(line) for line in bare.splitlines()) <= width


def test_colours_come_only_when_wanted(render):
    assert "\x1b" not in render("table")
    assert "\x1b[1;97;41m CRITICAL \x1b[0m" in render("table", colour=True)


def test_ascii_is_ascii(render):
    assert render("table", ascii=True, by=("cis-aws-7.0",)).isascii()


def test_names_cannot_command_the_terminal(render):
    assert "\x1b" not in render("table", detail=1)
    assert "\u202e" not in render("table", detail=1)


def test_worst_comes_first(render):
    text = render("table")
    places = [text.index(word) for word in ("CRITICAL", "HIGH", "MEDIUM", "LOW", "Could not tell", "Not read")]
    assert places == sorted(places)


def test_unknowns_are_grouped_by_what_stood_in_the_way(render):
    unknown = [
        result("s3-bucket-public", "unknown", "high", live(f"b{n}"), [f"Property{n}: AccessDenied s3:GetBucketAcl"])
        for n in range(40)
    ]
    text = render("table", of=scan(unknown, []))
    assert text.count("AccessDenied s3:GetBucketAcl") == 1
    assert re.search(r"\b40  AccessDenied s3:GetBucketAcl", text)


def test_nothing_found_says_so(render):
    passing: list[Result] = [one for one in results() if one.verdict == "pass"]
    assert "9 pass" in render("table", of=scan(passing, []))
    assert "Nothing here that a rule is for." in render("table", of=scan([], []))


def test_every_gap_is_named(render):
    assert "eu-north-1, eu-west-1" in render("table", of=scan([], GAPS))
