"""How long until the console's first page can be used, with 100,000 findings in the ledger.

From the navigation to the moment when the page shows its numbers and takes input, in a browser that has nothing of it
and in one that was there before.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import load

TURNS = int(os.environ.get("KOBAN_BENCH_TURNS", "5"))
WANTED_SECONDS = 1.5
PAGES = {"/": "main h2", "/findings": "[role=rowgroup] [role=row] [role=gridcell]"}


def session(directory: Path) -> str:
    """The cookie of somebody who is signed in."""
    from koban.ledger import access, people
    from koban.ledger.access import Lifetime
    from koban.ledger.database import Ledger

    ledger = Ledger.open(directory)
    try:
        with ledger.writing() as connection:
            user = people.find(connection, email="u0@example.com")
            assert user is not None
            return access.start(connection, int(user["id"]), datetime.now(UTC), Lifetime())[0]
    finally:
        ledger.close()


def seconds(context: Any, address: str, path: str, sign: str) -> float:
    """From the navigation to its contents, with a script of the page answering a click."""
    page = context.new_page()
    try:
        started = time.perf_counter()
        page.goto(address + path, wait_until="commit")
        page.wait_for_selector("h1[data-page-heading]")
        page.wait_for_function(
            f"() => document.querySelector('{sign}') && !document.querySelector('main [aria-busy=true]')"
        )
        page.evaluate("() => new Promise(done => setTimeout(done, 0))")
        return time.perf_counter() - started
    finally:
        page.close()


def main() -> None:
    """Print medians for a browser without and with what it has kept."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("KOBAN_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("install chromium, or name one in KOBAN_CHROMIUM")
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        load.prepare(directory, None)
        cookie = session(directory)
        with load.served(directory, None, 8458) as (address, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            print(f"first page: {load.TARGETS * load.RESULTS:,} findings, wanted under {WANTED_SECONDS} s")
            for path, sign in PAGES.items():
                cold, warm = [], []
                for _ in range(TURNS):
                    context = browser.new_context()
                    context.add_cookies([{"name": "koban", "value": cookie, "url": address}])
                    cold.append(seconds(context, address, path, sign))
                    warm.append(seconds(context, address, path, sign))
                    context.close()
                print(f"  {path:12} first visit {statistics.median(cold):.2f} s, again {statistics.median(warm):.2f} s")
            browser.close()


if __name__ == "__main__":
    main()
