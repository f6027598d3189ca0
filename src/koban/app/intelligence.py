"""Threat intelligence at work: feeds into the lake, and the lake's events against what they say."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from koban.engines.intelligence import Matches
from koban.engines.sightings import EVENTS, Sightings
from koban.lake.chunks import chunks
from koban.lake.indicators import BadName, Indicators, Kept, Nothing, slug
from koban.lake.lake import Lake, within
from koban.lake.spread import Spreading
from koban.model.alert import Alert
from koban.model.indicator import CONFIDENCE, LeftOut

LEFT_OUT_SHOWN = 3
WARNING_LIST_BYTES_MAX = 256 << 20
MATCHED = "intelligence:matched"
"""The setting of the lake that says up to which revision indicators were matched with its history."""


class IntelligenceError(ValueError):
    """What was asked cannot be done; one line that says why and what to do."""


@dataclass
class LeftOuts:
    """What feeds said that is no indicator here: counted by reason, with the first places; all of it, when asked."""

    write: Callable[[LeftOut], None] | None = None
    reasons: Counter[tuple[bool, str]] = field(default_factory=Counter)
    first: dict[tuple[bool, str], list[LeftOut]] = field(default_factory=dict)

    def add(self, one: LeftOut) -> None:
        key = one.broken, one.why
        self.reasons[key] += 1
        places = self.first.setdefault(key, [])
        if len(places) < LEFT_OUT_SHOWN:
            places.append(one)
        if self.write is not None:
            self.write(one)

    @property
    def broken(self) -> int:
        """How many entries could not be read, as opposed to those that are not meant for detection."""
        return sum(count for (broken, _), count in self.reasons.items() if broken)

    def lines(self) -> Iterator[str]:
        """One line a reason, the most frequent first."""
        for (broken, why), count in self.reasons.most_common():
            places = "; ".join(f"{one.where}: {one.what}" for one in self.first[broken, why])
            entries = "1 entry" if count == 1 else f"{count:,} entries"
            yield f"left out {entries}: {why} ({places}{'; ...' if count > LEFT_OUT_SHOWN else ''})"


def add(
    lake: Lake,
    location: str,
    left_out: LeftOuts,
    *,
    name: str = "",
    kind: str = "",
    columns: Sequence[str] = (),
    confidence: int | None = None,
    expires_days: float | None = None,
) -> Kept:
    """Takes a file, directory, web address or standard input in; what it said before is replaced."""
    from koban.sources.intelligence.feed import FeedError, entries

    source = name or name_of(location)
    try:
        return Indicators(lake).keep(
            source,
            entries(location, kind, columns),
            left_out=left_out.add,
            confidence=CONFIDENCE if confidence is None else confidence,
            expires_days=expires_days,
        )
    except Nothing:
        why = next(left_out.lines(), "it is empty")
        raise IntelligenceError(
            f"{location} has no indicators: {why}.  What was known from {source} stays; "
            f"to take it away: koban intel remove {source}"
        ) from None
    except (FeedError, BadName) as error:
        raise IntelligenceError(str(error)) from None


def name_of(location: str) -> str:
    """A feed's name where the user gives none: the file's, or the server's and the file's."""
    if location == "-":
        return "stdin"
    if location.startswith(("http://", "https://")):
        parts = urlsplit(location)
        last = parts.path.rstrip("/").rpartition("/")[2]
        return (
            slug(f"{parts.hostname}-{_stem(last)}") if last and last != "manifest.json" else slug(parts.hostname or "")
        )
    return slug(_stem(Path(os.path.abspath(location)).name)) or "feed"


def _stem(name: str) -> str:
    return re.sub(r"\.(?:txt|csv|tsv|json|list|netset|ipset|gz|zip)(?=\.|$)", "", name, flags=re.IGNORECASE)


def add_taxii(
    lake: Lake,
    url: str,
    left_out: LeftOuts,
    *,
    collection: str = "",
    name: str = "",
    everything: bool = False,
    environment: Mapping[str, str] = os.environ,
    prefix: str = "KOBAN_TAXII",
    confidence: int | None = None,
    expires_days: float | None = None,
) -> Kept:
    """Takes in what a TAXII collection says that is new since the last reading, or (`everything`) all of it anew."""
    from koban.sources.intelligence import taxii
    from koban.sources.intelligence.http import Client, FetchError, credentials

    try:
        client = Client(credentials(environment, prefix))
        chosen = taxii.collection(client, url, collection)
        source = name or slug(f"{urlsplit(url).hostname}-{chosen.name}")
        setting = f"intelligence:taxii:{source}"
        known = lake.settings().get(setting)
        known = known if isinstance(known, dict) and known.get("url") == chosen.url and not everything else {}
        reading = taxii.Reading(client, chosen, str(known.get("last", "")))
        kept = Indicators(lake).keep(
            source,
            reading.entries(),
            left_out=left_out.add,
            confidence=CONFIDENCE if confidence is None else confidence,
            expires_days=expires_days,
            merge=bool(known),
        )
        if reading.last and reading.last != known.get("last"):
            lake.set(setting, {"url": chosen.url, "last": reading.last})
        return kept
    except Nothing:
        raise IntelligenceError(
            f"{url} has no indicators: {next(left_out.lines(), 'the collection is empty')}"
        ) from None
    except (FetchError, BadName) as error:
        raise IntelligenceError(str(error)) from None


def allow(lake: Lake, file: str, left_out: LeftOuts, name: str = "") -> dict[str, Any]:
    """Keeps a warning list of MISP: what it holds no longer matches."""
    from koban.sources.intelligence.warninglist import BadAllowList, read

    path = Path(file)
    try:
        with path.open("rb") as stream:
            data = stream.read(WARNING_LIST_BYTES_MAX + 1)
    except OSError as error:
        raise IntelligenceError(f"{file} cannot be read: {error.strerror or error}") from None
    if len(data) > WARNING_LIST_BYTES_MAX:
        raise IntelligenceError(f"{file} is larger than {WARNING_LIST_BYTES_MAX >> 20} MB")
    try:
        found, bad = read(data.decode("utf-8-sig", "replace"), path.stem if path.stem != "list" else path.parent.name)
        for one in bad:
            left_out.add(one)
        if not found.entries:
            raise IntelligenceError(f"{file} has no entries that can be used")
        if not found.kinds:
            raise IntelligenceError(f"{file} speaks of no kind of indicator that is matched (matching_attributes)")
        kept = Indicators(lake).allow(found, name)
    except (BadAllowList, BadName) as error:
        raise IntelligenceError(str(error)) from None
    return {"allow_list": kept, "type": found.type, "entries": len(found.entries), "for": list(found.kinds)}


@dataclass
class Run:
    """A matching under way, and what it is about."""

    matches: Matches
    indicators: int
    revision: int
    since: str
    until: str
    new_since: int | None = None
    _done: Callable[[], None] = lambda: None

    def alerts(self) -> Iterator[Alert]:
        """The alerts; when all were taken, the run counts as made."""
        yield from self.matches.alerts
        self._done()


def match(
    lake: Lake,
    since: str = "",
    until: str = "",
    *,
    new: bool = False,
    reserved: bool = False,
    sources: Sequence[str] = (),
    machines: Spreading | None = None,
) -> Run:
    """Events of a time against all indicators; or (`new`) those that came since the last such run against history.

    With `machines`, these find the events that match.
    """
    from koban.engines.intelligence import match as matched

    known = Indicators(lake)
    revision = known.revision()
    if not revision:
        raise IntelligenceError("there are no indicators yet; koban intel add SOURCE brings some in")
    if sources:
        there = {one["source"] for one in known.sources()}
        for one in sources:
            if one not in there:
                raise IntelligenceError(f"there is no feed {one!r}; there are: {', '.join(sorted(there))}")
    before = int(lake.settings().get(MATCHED) or 0) if new else 0
    indicators = known.relation(before)
    if sources:
        listed = ", ".join(f"'{one}'" for one in sources)
        indicators = f"(SELECT * FROM {indicators} WHERE source IN ({listed}))"
    connection = known.connection()
    row: Any = connection.execute(f"SELECT count(DISTINCT (kind, value)) FROM {indicators}").fetchone()
    with _sighted(lake, since, until, Sightings(indicators, reserved=reserved), machines) as events:
        found = matched(connection, events, indicators, known.allowed_relation(), reserved=reserved)

    def done() -> None:
        connection.close()
        if new and not since and not until and not sources:
            lake.set(MATCHED, revision)

    return Run(found, int(row[0]), revision, since, until, before if new else None, done)


@contextmanager
def _sighted(lake: Lake, since: str, until: str, task: Sightings, machines: Spreading | None) -> Iterator[str]:
    """The SQL of all events of a time; with machines, of those that hold what indicators name."""
    if machines is None:
        yield lake.relation(since, until)
        return
    table = lake.events
    files = table.files(since=since, until=until)
    pieces = [within(one, since, until) for one in chunks(table, files, machines.piece_rows)]
    with machines.spread(task, pieces) as found:
        yield found.get(EVENTS) or table.relation([])


def moment(text: str, now: datetime | None = None) -> str:
    """A time as users write it (2026-03-01, 2026-03-01T10:00, 24h, 30d) as ISO in UTC.  Raises ValueError."""
    if not text:
        return ""
    if ago := re.fullmatch(r"(\d{1,6})([mhdw])", text):
        unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[ago[2]]
        return ((now or datetime.now(UTC)) - timedelta(**{unit: int(ago[1])})).strftime("%Y-%m-%dT%H:%M:%S")
    found = datetime.fromisoformat(text)
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return found.strftime("%Y-%m-%dT%H:%M:%S")


def listed(lake: Lake) -> list[dict[str, Any]]:
    """The feeds and allow-lists of a lake."""
    known = Indicators(lake)
    return [*known.sources(), *known.allow_lists()]


def remove(lake: Lake, name: str) -> int:
    """Takes a feed or an allow-list away; how many entries it had."""
    known = Indicators(lake)
    try:
        removed = known.remove(name)
    except KeyError:
        there = [one.get("source") or one["allow_list"] for one in listed(lake)]
        raise IntelligenceError(
            f"there is no feed or allow-list {name!r}; there are: {', '.join(there) or 'none'}"
        ) from None
    if lake.settings().get(f"intelligence:taxii:{name}"):
        lake.set(f"intelligence:taxii:{name}", None)
    return removed


def as_row(alert: Alert) -> dict[str, Any]:
    """An alert as one object of JSON."""
    from dataclasses import asdict

    return {"fingerprint": alert.fingerprint, **asdict(alert)}
