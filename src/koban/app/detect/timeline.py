"""`koban detect timeline`: one entity's story, as a table, as JSON, or as a page of its own."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import TextIO

from koban.engines.timeline import SESSION_HOURS, Moment, timeline
from koban.lake.alerts import kept
from koban.lake.lake import Lake


def moments(lake: Lake, entity: str, since: str, until: str, limit: int = 100_000) -> Iterator[Moment]:
    """The moments of an entity between two times (ISO, UTC)."""
    titles: dict[tuple[str, int, str], tuple[str, ...]] = {}
    for alert in kept(lake, since=since):
        for evidence in alert.evidence:
            place = (evidence.origin, evidence.origin_line, evidence.uid)
            titles[place] = (*titles.get(place, ()), alert.title)
    earlier = (datetime.fromisoformat(since) - timedelta(hours=SESSION_HOURS)).isoformat()
    return timeline(
        lake.connection(),
        lake.relation(since, until),
        entity,
        since + "+00",
        until + "+00",
        before=lake.relation(earlier, until),
        alerts=titles,
        limit=limit,
    )


_STYLE = """
:root{color-scheme:light dark;--line:#8886;--soft:light-dark(#59636e,#9da7b3);--alert:light-dark(#b42318,#ff8a80)}
body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}
h1{font-size:1.4rem;margin:0}p{color:var(--soft);margin:.2rem 0 1rem}
input{font:inherit;padding:.35rem .6rem;width:min(30rem,100%);margin-bottom:1rem}
ol{list-style:none;margin:0;padding:0;border-left:2px solid var(--line)}
li{position:relative;padding:.35rem 0 .35rem 1.2rem;display:grid;grid-template-columns:9.5rem 1fr;gap:.2rem 1rem}
li::before{content:"";position:absolute;left:-5px;top:.75rem;width:8px;height:8px;border-radius:50%;background:var(--soft)}
li.alert::before{background:var(--alert);width:12px;height:12px;left:-7px}
li.day{font-weight:600;padding-top:1rem}li.day::before{display:none}
time{font-variant-numeric:tabular-nums;color:var(--soft)}b{font-weight:600}.bad{color:var(--alert)}
small{color:var(--soft);display:block;overflow-wrap:anywhere}.why{color:var(--alert);font-weight:600}
@media(max-width:40rem){li{grid-template-columns:1fr}}
"""

_SCRIPT = """
const box=document.querySelector('input'),rows=[...document.querySelectorAll('li:not(.day)')];
box.addEventListener('input',()=>{const w=box.value.toLowerCase();
rows.forEach(r=>{r.hidden=!r.textContent.toLowerCase().includes(w)})});
"""


def write_html(stream: TextIO, entity: str, since: str, until: str, found: Iterable[Moment]) -> None:
    """A page that needs nothing but itself."""
    e = html.escape
    listed = list(found)
    alerts = sum(bool(m.alerts) for m in listed)
    people = sorted({m.who for m in listed if m.who})
    stream.write(
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{e(entity)}: timeline</title><style>{_STYLE}</style><h1>{e(entity)}</h1>"
        f"<p>{e(since)} to {e(until)} UTC: {len(listed):,} events, {alerts:,} with alerts;"
        f" by {e(', '.join(people[:8]) or 'nobody known')}</p>"
        "<input type=search placeholder='Filter' aria-label='Filter the events'><ol>"
    )
    day = ""
    for m, count, last in _runs(listed):
        if m.time[:10] != day:
            day = m.time[:10]
            stream.write(f"<li class=day>{e(day)}</li>")
        again = f" to {last[11:19]}" if last[11:19] != m.time[11:19] else ""
        times = f" <b>x{count:,}</b>" if count > 1 else ""
        outcome = f" <span class=bad>{e(m.outcome)}</span>" if m.outcome not in ("", "ok") else ""
        where = " ".join(x for x in (m.address, m.account, m.region, m.source) if x)
        stream.write(
            f"<li{' class=alert' if m.alerts else ''}><time>{e(m.time[11:19] + again)}</time><div><b>{e(m.what)}</b>"
            f" {e(m.target)}{outcome}{times}<small>{e(m.who)}{e(''.join(f' as {v}' for v in m.via))}</small>"
            f"<small>{e(where)}</small>"
            + "".join(f"<small class=why>{e(title)}</small>" for title in m.alerts)
            + "</div></li>"
        )
    stream.write(f"</ol><script>{_SCRIPT}</script></html>\n")


def _runs(found: Iterable[Moment]) -> Iterator[tuple[Moment, int, str]]:
    """The same thing again and again as one: its first moment, how often it is, and its last time."""

    def told(m: Moment) -> tuple[object, ...]:
        return m.time[:10], m.who, m.via, m.what, m.target, m.address, m.outcome, m.alerts

    for _, group in groupby(found, told):
        run = list(group)
        yield run[0], len(run), run[-1].time


def write_jsonl(stream: TextIO, found: Iterable[Moment]) -> None:
    """One moment a line."""
    for moment in found:
        stream.write(json.dumps(moment.as_dict(), ensure_ascii=False) + "\n")
