"""What an event says: to people in a few lines, to programs as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

LINES_MAX = 20
TEXT_MAX = 300

SUBJECTS = {
    "finding.opened": "{count} new finding{s}",
    "finding.reopened": "{count} finding{s} came back",
    "finding.resolved": "{count} finding{s} resolved",
}


def title(event: str, body: Mapping[str, Any]) -> str:
    """One line: ``Koban: 3 new findings (1 critical, 2 high) in production``."""
    if event in SUBJECTS:
        counts = body.get("counts") or {}
        total = sum(int(one) for one in counts.values())
        kinds = ", ".join(f"{number} {severity}" for severity, number in counts.items() if number)
        what = SUBJECTS[event].format(count=total, s="s" * (total != 1))
        return f"Koban: {what} ({kinds}) in {_short(body.get('target'))}"
    return f"Koban: {_short(body.get('title') or event)}"


def text(event: str, body: Mapping[str, Any]) -> str:
    """What an e-mail says."""
    lines = [title(event, body), ""]
    if body.get("text"):
        lines += [str(body["text"])[:2_000], ""]
    for one in list(body.get("findings") or ())[:LINES_MAX]:
        lines.append(f"[{one['severity']}] {_short(one['title'])}")
        lines.append(f"    {_short(one['resource'])}" + (f" ({one['account']})" if one.get("account") else ""))
        if one.get("url"):
            lines.append(f"    {one['url']}")
    more = int(body.get("more") or 0)
    if more:
        lines.append(f"... and {more} more")
    if body.get("url"):
        lines += ["", str(body["url"])]
    return "\n".join(lines) + "\n"


def slack(event: str, body: Mapping[str, Any]) -> bytes:
    """What a Slack-compatible incoming webhook takes.  Nothing in it is a mention, a link or markup."""
    lines = [f"*{escape(title(event, body))}*"]
    if body.get("text"):
        lines.append(escape(str(body["text"])[:1_000]))
    for one in list(body.get("findings") or ())[:LINES_MAX]:
        named = escape(_short(one["title"]))
        label = f"<{one['url']}|{named.replace('|', '¦')}>" if _is_link(one.get("url")) else named
        lines.append(f"• {escape(one['severity'])}: {label} `{escape(_short(one['resource'])).replace('`', chr(39))}`")
    if body.get("more"):
        lines.append(f"… and {int(body['more'])} more")
    if _is_link(body.get("url")):
        lines.append(f"<{body['url']}>")
    return json.dumps({"text": "\n".join(lines), "unfurl_links": False, "unfurl_media": False}).encode()


def escape(told: str) -> str:
    """Text in which ``<!channel>`` calls nobody."""
    return told.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_json(event: str, delivery: int, moment: str, body: Mapping[str, Any]) -> bytes:
    """What a webhook takes: ``{"id", "event", "at", "title", "data"}``."""
    told = {"id": delivery, "event": event, "at": moment, "title": title(event, body), "data": dict(body)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _is_link(url: object) -> bool:
    return isinstance(url, str) and url.startswith(("http://", "https://")) and not set(url) & set("<>|\n ")


def _short(value: object) -> str:
    told = " ".join(str(value if value is not None else "").split())
    return told if len(told) <= TEXT_MAX else told[: TEXT_MAX - 1] + "…"
