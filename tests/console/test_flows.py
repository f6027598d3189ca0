"""What people do in the console, from the first start to an auditor's evidence."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
from tests.console.conftest import PASSWORD, Served, serving, settled, shot

HEADING = "h1[data-page-heading]"


def open_first_finding(page: Any, query: str = "severity=critical") -> None:
    page.goto(f"/findings?{query}")
    page.wait_for_selector(HEADING)
    page.locator("[role=rowgroup] [role=row] [role=gridcell]").nth(2).click()
    page.wait_for_url(re.compile(r"/findings/\d+"))
    settled(page)


def ask_to_except(page: Any, button: str, reason: str, expires: str) -> None:
    page.get_by_role("button", name=button).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_label("Until").fill(expires)
    dialog.get_by_role("button", name=button).last.click()
    dialog.wait_for(state="hidden")


def test_the_first_start(browser: Any, new_page: Callable[..., Any], tmp_path: Path) -> None:
    with serving(tmp_path / "state") as fresh:
        assert fresh.link
        page = new_page(address=fresh.address)
        page.goto(fresh.link)
        page.get_by_label("E-mail").fill("first@example.com")
        page.get_by_label("Name").fill("First")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Password again").fill(PASSWORD)
        shot(page, "setup")
        page.get_by_role("button", name="Make the administrator").click()
        page.wait_for_selector(HEADING)
        settled(page)
        shot(page, "empty")
        again = new_page(address=fresh.address)
        again.goto(fresh.link)
        assert not again.get_by_role("button", name="Make the administrator").is_visible()
        again.close()
        page.goto("about:blank")  # not to be there when the server is gone


def test_a_second_factor(sign_in: Callable[..., Any], new_page: Callable[..., Any]) -> None:
    page = sign_in("analyst", email="factor@example.com")
    page.goto("/settings/security")
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("textbox", name="Code").wait_for()
    shot(page, "totp")
    secret = re.search(r"\b[A-Z2-7]{16,}\b", page.locator("body").inner_text().replace(" ", ""))
    assert secret
    # each code opens once: the one before turns it on, the one now signs in
    code = pyotp.TOTP(secret[0])
    page.get_by_role("textbox", name="Code").fill(code.at(datetime.now(UTC) - timedelta(seconds=30)))
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_text("Recovery codes").first.wait_for()
    other = new_page()
    other.goto("/")
    other.get_by_label("E-mail").fill("factor@example.com")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.get_by_role("textbox", name="Code").fill("000000")
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.get_by_text("The code is wrong").wait_for()
    other.get_by_role("textbox", name="Code").fill(code.now())
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.wait_for_selector(HEADING)


def test_sign_in_with_openid_connect(new_page: Callable[..., Any], served: Served) -> None:
    served.person("admin", "admin@example.com")
    page = new_page()
    page.goto("/")
    page.get_by_role("link", name=re.compile("Continue with")).or_(
        page.get_by_role("button", name=re.compile("Continue with"))
    ).click()
    page.wait_for_url(re.compile("localhost"))
    page.locator("input[name=sub]").fill("stranger@elsewhere.example")
    page.locator("button").first.click()
    page.wait_for_url(re.compile(re.escape(served.address)))
    shot(page, "oidc")
    # nobody has given this person a role
    page.get_by_text("You have no role here yet").wait_for()


def test_a_finding_is_excepted_until_a_day(sign_in: Callable[..., Any], served: Served) -> None:
    page = sign_in("analyst")
    open_first_finding(page, "severity=critical&q=Bucket")
    shot(page, "finding")
    address = page.url
    expires = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    ask_to_except(page, "Ask for an exception", "A public web site.", expires)
    approver = sign_in("approver")
    approver.goto("/baseline?tab=exceptions")
    approver.wait_for_selector(HEADING)
    settled(approver)
    shot(approver, "exceptions")
    approver.get_by_role("button", name="Approve", exact=True).first.click()
    dialog = approver.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Agreed.")
    dialog.get_by_role("button", name="Approve", exact=True).click()
    dialog.wait_for(state="hidden")
    page.goto(address)
    page.wait_for_selector(HEADING)
    settled(page)
    assert "Excepted until" in page.locator("main").inner_text()
    audited = served.token("admin").get("/audit", params={"action": "exception.approve"}).json()["items"]
    assert audited


def test_a_scan_is_started_and_watched(sign_in: Callable[..., Any], served: Served) -> None:
    page = sign_in("analyst")
    page.goto("/scans")
    page.wait_for_selector(HEADING)
    settled(page)
    page.get_by_role("button", name="Scan now").first.click()
    page.get_by_text(re.compile("Done")).first.wait_for(timeout=60_000)
    with served.token("viewer") as client:
        until = datetime.now(UTC) + timedelta(seconds=60)
        while datetime.now(UTC) < until:
            newest = client.get("/scans").json()["items"][0]
            if newest["state"] == "landed":
                break
            page.wait_for_timeout(500)
    assert newest["state"] == "landed"
    assert newest["asked_by"] != "schedule"
    page.wait_for_timeout(500)
    shot(page, "scanned")


def test_an_evidence_pack(sign_in: Callable[..., Any]) -> None:
    page = sign_in("viewer")
    page.goto("/compliance/cis-aws-7.0")
    page.wait_for_selector(HEADING)
    settled(page)
    page.get_by_role("button", name="Evidence pack").click()
    with page.expect_download() as download:
        page.get_by_text("PDF, for an auditor to read").click()
    body = Path(download.value.path()).read_bytes()
    assert body.startswith(b"%PDF-")
    assert io.BytesIO(body).getbuffer().nbytes > 10_000


def test_language_and_theme_follow_the_person(sign_in: Callable[..., Any], new_page: Callable[..., Any]) -> None:
    page = sign_in("viewer", email="both@example.com")
    page.get_by_role("button", name="Language").click()
    page.get_by_text("日本語").first.click()
    page.wait_for_function("() => document.documentElement.lang === 'ja'")
    page.get_by_role("button", name="テーマ").click()
    page.get_by_text("ダーク").first.click()
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.wait_for_timeout(500)
    page.reload()
    page.wait_for_selector(HEADING)
    assert page.locator("html").get_attribute("lang") == "ja"
    settled(page)
    shot(page, "overview-ja-dark")


def test_a_viewer_changes_nothing(sign_in: Callable[..., Any]) -> None:
    page = sign_in("viewer")
    open_first_finding(page)
    assert page.get_by_role("button", name=re.compile("except", re.I)).count() == 0
    assert page.get_by_role("button", name="Assign").count() == 0
    number = page.url.rpartition("/")[2]
    status = page.evaluate(
        "async (id) => (await fetch(`/api/v1/findings/${id}/comments`, {method: 'POST', headers:"
        " {'Content-Type': 'application/json'}, body: JSON.stringify({text: 'x'})})).status",
        number,
    )
    assert status == 403
    page.goto("/audit")
    page.wait_for_selector(HEADING)
    page.wait_for_timeout(500)
    assert page.get_by_role("row").count() == 0
