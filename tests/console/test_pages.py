"""Every page: what axe finds, on a phone, in the dark, in Japanese."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.console.conftest import Served, settled, shot, violations

PAGES = {
    "overview": "/",
    "findings": "/findings",
    "grouped": "/findings?group=rule",
    "assets": "/assets",
    "compliance": "/compliance",
    "framework": "/compliance/cis-aws-7.0",
    "baseline": "/baseline",
    "scans": "/scans",
    "settings": "/settings",
    "audit": "/audit",
}


def visit(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("h1[data-page-heading]")
    settled(page)


@pytest.mark.parametrize(("theme", "size"), [("light", "desktop"), ("dark", "desktop"), ("light", "phone")])
def test_axe_finds_nothing(sign_in: Callable[..., Any], theme: str, size: str) -> None:
    page = sign_in("admin", size=size, color_scheme=theme)
    found = {}
    for name, address in PAGES.items():
        visit(page, address)
        shot(page, f"{name}-{theme}-{size}")
        found[name] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found[name].append(f"{wide} pixels wider than the screen")
    assert {name: what for name, what in found.items() if what} == {}


def test_in_japanese(sign_in: Callable[..., Any]) -> None:
    page = sign_in("admin", email="nihon@example.com", locale="ja-JP")
    assert page.locator("html").get_attribute("lang") == "ja"
    for name, address in PAGES.items():
        visit(page, address)
        shot(page, f"{name}-ja")
        heading = page.locator("h1[data-page-heading]").first.inner_text()
        assert any("\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" for c in heading) or name == "framework"
        assert violations(page) == []


def test_a_page_is_left_by_the_back_button(sign_in: Callable[..., Any]) -> None:
    page = sign_in("viewer")
    visit(page, "/findings?severity=high")
    page.locator("[role=rowgroup] [role=row] [role=gridcell]").nth(2).click()
    page.wait_for_url("**/findings/*")
    page.go_back()
    page.wait_for_url("**/findings?severity=high*")


def test_no_script_or_style_that_is_not_ours(new_page: Callable[..., Any], served: Served) -> None:
    answer = new_page().goto("/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
