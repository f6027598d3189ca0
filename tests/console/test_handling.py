"""What people do with assets, cases, targets and tokens, and what an administrator sets."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.console.conftest import Served, settled, shot, violations

HEADING = "h1[data-page-heading]"


def visit(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(HEADING)
    settled(page)


def test_a_document_is_read_by_keyboard(sign_in: Callable[..., Any]) -> None:
    page = sign_in("viewer")
    visit(page, "/assets?type=AWS::RDS::DBInstance")
    page.get_by_role("grid").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/assets/[0-9a-f]{32}"))
    tree = page.get_by_role("tree")
    tree.wait_for()
    tree.focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    second = page.get_by_role("treeitem").nth(1)
    assert second.get_attribute("aria-selected") == "true"
    page.get_by_role("searchbox", name="Name or value in the document").fill("encrypted")
    page.get_by_text(re.compile(r"^\d+ places?$")).wait_for()
    assert page.get_by_role("treeitem", name=re.compile("StorageEncrypted")).is_visible()
    assert page.get_by_text(re.compile("unknown. Rules that hang")).is_visible()  # the templates have parameters
    shot(page, "document")
    assert violations(page) == []


def test_what_names_what(sign_in: Callable[..., Any]) -> None:
    page = sign_in("viewer")
    visit(page, "/assets?type=AWS::S3::BucketPolicy")
    page.get_by_role("grid").focus()
    page.keyboard.press("Enter")
    page.get_by_role("tab", name=re.compile("Relations")).click()
    page.wait_for_url("**tab=relations*")
    link = page.locator("main li").get_by_role("link").first
    name = link.inner_text()
    link.click()
    page.wait_for_url(re.compile(r"/assets/[0-9a-f]{32}$"))
    page.go_back()
    page.get_by_role("link", name=name).first.wait_for()


def test_a_target_is_added_and_its_scan_cancelled(sign_in: Callable[..., Any], templates: Path) -> None:
    page = sign_in("admin")
    visit(page, "/scans")
    page.get_by_role("button", name="Add a target").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Cancelled")
    dialog.get_by_label("Kind").select_option("iac")
    dialog.get_by_label("Directories or files").fill(str(templates))
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="hidden")
    card = page.get_by_role("article").filter(has_text="Cancelled")
    card.get_by_role("button", name="Scan now").click()
    card.get_by_role("progressbar").wait_for()
    card.get_by_role("link").click()
    page.get_by_role("button", name="Cancel the scan").click()
    page.get_by_text(re.compile("This scan was cancelled")).wait_for()
    shot(page, "cancelled")
    assert violations(page) == []


def test_a_case_is_talked_about_and_closed(sign_in: Callable[..., Any]) -> None:
    page = sign_in("analyst")
    visit(page, "/cases")
    page.get_by_role("button", name="New case").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Public buckets")
    dialog.get_by_role("button", name="Open the case").click()
    page.get_by_role("heading", name="Public buckets").wait_for()
    page.get_by_label("Write a comment").fill("They start on Monday.")
    page.get_by_role("button", name="Comment").click()
    page.get_by_text("They start on Monday.").wait_for()
    page.locator("main").get_by_label("State").select_option("closed")
    page.get_by_text("Saved").wait_for()
    visit(page, "/cases?state=closed")
    assert page.get_by_role("link", name="Public buckets").is_visible()
    assert violations(page) == []


def test_a_token_is_shown_once(sign_in: Callable[..., Any]) -> None:
    page = sign_in("analyst", email="tokens@example.com")
    visit(page, "/settings/tokens")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("CI")
    assert "admin" not in dialog.get_by_label("Role").inner_html()  # no more than its user may
    dialog.get_by_label("A part").check()
    dialog.get_by_role("button", name="Make the token").click()
    dialog.get_by_text("Choose accounts or tags").wait_for()
    dialog.get_by_label("Tags").fill("team: shop")
    shot(page, "token")
    dialog.get_by_role("button", name="Make the token").click()
    page.get_by_text("Your new token").wait_for()
    token = page.get_by_role("dialog").locator("code").inner_text()
    assert token.startswith("koban_")
    page.get_by_role("button", name="I have it").click()
    page.reload()
    page.wait_for_selector(HEADING)
    settled(page)
    assert token not in page.content()
    assert page.get_by_text("team: shop").is_visible()
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    page.get_by_text("The token is revoked").wait_for()


def test_what_somebody_else_changed_meanwhile_is_told(sign_in: Callable[..., Any], served: Served) -> None:
    with served.token("admin") as program:
        made = program.post("/cases", json={"title": "Both of us", "severity": "high"}).json()
        page = sign_in("analyst")
        visit(page, f"/cases/{made['id']}")
        page.get_by_role("button", name="Edit").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Summary").fill("What I typed")
        program.patch(f"/cases/{made['id']}", json={"severity": "critical"}).raise_for_status()
        dialog.get_by_role("button", name="Save").click()
        dialog.get_by_text("Somebody else changed this").wait_for()
        assert dialog.get_by_text("Severity: High → Critical").is_visible()
        assert dialog.get_by_label("Summary").input_value() == "What I typed"
        assert program.get(f"/cases/{made['id']}").json()["summary"] == ""
        assert not violations(page)
        shot(page, "meanwhile")
        dialog.get_by_role("button", name="Save").click()
        dialog.wait_for(state="hidden")
        assert page.get_by_text("What I typed").is_visible()
        assert program.get(f"/cases/{made['id']}").json()["severity"] == "high"


def test_charts_are_read_by_keyboard_and_functions_lead_to_findings(sign_in: Callable[..., Any]) -> None:
    page = sign_in("viewer")
    chart = page.get_by_role("slider", name="Risk over time")
    chart.focus()
    page.keyboard.press("End")
    said = chart.get_attribute("aria-valuetext") or ""
    assert re.search(r"Risk [\d,]+$", said), said
    shot(page, "chart")
    page.get_by_role("link", name=re.compile(r"^Protect \(PR\)")).click()
    page.wait_for_url("**/findings?function=PR")
    page.get_by_role("button", name="CSF function").first.wait_for()
    settled(page)
    assert page.get_by_role("row").count() > 5
    shot(page, "function")


def test_a_user_is_invited_and_sees_a_part(sign_in: Callable[..., Any], new_page: Callable[..., Any]) -> None:
    page = sign_in("admin")
    visit(page, "/settings/users")
    page.get_by_role("button", name="Add a user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("guest@example.com")
    dialog.get_by_label("Name").fill("Guest")
    dialog.get_by_label("A part").check()
    dialog.get_by_role("button", name="Add a user").click()
    dialog.get_by_text("Choose accounts or tags").wait_for()
    dialog.get_by_label("Tags").fill("team: nobody")
    dialog.get_by_role("button", name="Add a user").click()
    page.get_by_text("Link for the user").wait_for()
    link = page.get_by_role("dialog").locator("code").inner_text()
    guest = new_page()
    guest.goto(link)
    guest.get_by_label("Password", exact=True).fill("a few words that only guests know")
    guest.get_by_label("Password again").fill("a few words that only guests know")
    guest.locator("button[type=submit]").click()
    guest.wait_for_selector(HEADING)
    visit(guest, "/assets")
    assert guest.get_by_text("0 assets").is_visible()


def test_a_notification_says_whether_it_arrived(sign_in: Callable[..., Any]) -> None:
    page = sign_in("admin")
    visit(page, "/settings/notifications")
    page.get_by_role("button", name="Add a notification").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Hook")
    dialog.get_by_label("Kind").select_option("webhook")
    dialog.get_by_label("Address").fill("https://127.0.0.1/hook")
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_role("alert").wait_for()  # messages go to no private address
    dialog.get_by_label("Address").fill("https://nowhere.invalid/hook")
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("Secret of the webhook").wait_for()
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="Send a test").click()
    page.get_by_text(re.compile("The test did not arrive")).wait_for()
    shot(page, "notifications")


def test_the_audit_log_proves_itself(sign_in: Callable[..., Any], served: Served) -> None:
    page = sign_in("admin")
    visit(page, "/audit")
    page.get_by_role("button", name="Verify").click()
    page.get_by_text(re.compile(r"The log is whole: [\d,]+ entr")).wait_for()
    shot(page, "verified")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_label("Action").fill("session")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**action=session*")
    page.get_by_text("session.start").first.wait_for()
    with served.token("viewer") as client:
        assert client.get("/audit/verify").status_code == 403


def test_the_dialogs_of_administrators(sign_in: Callable[..., Any]) -> None:
    page = sign_in("admin")
    found = {}
    for address, button in (
        ("/scans", "Add a target"),
        ("/settings/users", "Add a user"),
        ("/settings/notifications", "Add a notification"),
        ("/settings/tokens", "New token"),
        ("/baseline?tab=exceptions", "Ask for an exception"),
    ):
        visit(page, address)
        page.get_by_role("button", name=button).first.click()
        page.get_by_role("dialog").wait_for()
        found[button] = violations(page)
    assert {name: what for name, what in found.items() if what} == {}
