"""The page: whole, closed to the outside, and deaf to hostile names."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from tests.app.reports.conftest import HOSTILE, live, result, results, scan


class Page(HTMLParser):
    """What a browser makes of the page: its elements, and the text of its scripts and styles by id or name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside = ""
        self.texts: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = dict(attrs).get("id") or tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside:
            self.texts[self.inside] = self.texts.get(self.inside, "") + data


@pytest.fixture
def page(render):
    return Page(render("html"))


def test_it_asks_nothing_of_anyone(page, render):
    for tag, attributes in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form")
        assert not {"src", "href", "action", "style"} & set(attributes), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"https?://", render("html"))
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|import)\s*\(|innerHTML|eval\(", page.texts["script"])


def test_its_policy_lets_in_its_own_script_and_style_alone(page):
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for name in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.texts[name].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


def test_hostile_names_stay_text(page):
    rows = json.loads(page.texts["rows"])
    assert any(row[2] == HOSTILE for row in rows)
    assert sum(tag == "script" for tag, _ in page.elements) == 3


def test_a_hostile_title_stays_text(render):
    made = scan()
    made.title = HOSTILE
    made.notes = [HOSTILE]
    page = Page(render("html", of=made))
    assert sum(tag == "script" for tag, _ in page.elements) == 3
    assert json.loads(page.texts["about"])["title"] == HOSTILE


def test_rows_are_what_did_not_pass_worst_first(page):
    rows, about = json.loads(page.texts["rows"]), json.loads(page.texts["about"])
    assert len(rows) == sum(1 for one in results() if one.verdict != "pass")
    keys = [(row[1], about["rules"][row[0]]["severity"]) for row in rows]
    assert keys == sorted(keys)
    assert about["verdicts"] == [8, 3, 1, 9]
    assert about["gaps"] == [
        ["AWS::EC2::Volume", "111122223333 in eu-north-1, eu-west-1", "AccessDenied ec2:DescribeVolumes"]
    ]


def test_frameworks_stand_in_it_by_control(page):
    about = json.loads(page.texts["about"])
    cis = next(one for one in about["frameworks"] if one["id"] == "cis-aws-7.0")
    control = next(one for one in cis["controls"] if one[0] == "3.1.4")
    assert control[4] == 0, "it fails"
    assert "s3-bucket-public" in [about["rules"][rule]["id"] for rule in control[6]]


def test_beyond_its_room_it_keeps_the_worst_and_says_how_many_it_left_out(render, monkeypatch):
    from koban.app.reports import html

    monkeypatch.setattr(html, "ROWS_MAX", 7)
    page = Page(render("html"))
    rows, about = json.loads(page.texts["rows"]), json.loads(page.texts["about"])
    assert len(rows) == 7
    assert about["leftOut"] == 5
    assert {row[1] for row in rows} == {0}


def test_without_scripts_it_still_says_what_failed(render):
    assert "<noscript>" in render("html")
    text = render("html").split("<noscript>")[1].split("</noscript>")[0]
    assert "s3-bucket-public" in text
    assert "8 fail" in text


def test_many_results_do_not_stay_in_memory(render):
    import tracemalloc

    def endless():
        for number in range(40_000):
            yield result("s3-bucket-public", "fail", "critical", live(f"bucket-{number}"))

    tracemalloc.start()
    try:
        from io import StringIO

        from koban.app.reports import Context, report, write

        class Sink(StringIO):
            def write(self, text: str) -> int:
                return len(text)

        names = ("html", "jsonl", "csv", "sarif", "junit", "ocsf", "asff", "table")
        made = [report(name, Sink(), Context()) for name in names]
        write(scan(endless()), Context(), made)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
