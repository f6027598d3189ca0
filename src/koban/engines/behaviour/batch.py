"""The events that one run judges, beside what was known before them.

events     the new events: SQL over the lake's columns
fresh      what they add to the baselines: (baseline, entity, value, day) with counts, a table of this run
known      what the baselines held of the same entities before this run
places     countries, coordinates and autonomous systems of the addresses that calls came from
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from koban.engines.evidence import event
from koban.engines.geo import Geo
from koban.lake.rows import rows_relation
from koban.model.alert import EVENTS_MAX, EVIDENCE_MAX, Entity, Evidence
from koban.model.event import CLASSES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CALLS = (
    "authentication",
    "account_change",
    "authorize_session",
    "entity_management",
    "user_access",
    "group_management",
    "web_resources_activity",
    "application_lifecycle",
    "api_activity",
    "datastore_activity",
)
"""The classes in which somebody calls a cloud, or signs in to it."""

FLOWS = ("network_activity",)
LOOKUPS = ("dns_activity",)

HOST_SOURCES = "regexp_matches(coalesce(source, ''), '^(windows|linux|zeek|suricata|webserver)')"
"""Sources whose users are those of one host or network, not of a cloud."""

CALLS_SEEN = (
    f"NOT {HOST_SOURCES} AND actor_invoked_by IS NULL AND coalesce(actor_user_type, '') NOT IN ('AWSService', 'System')"
)
"""Which calls are looked at: those of somebody, not of a cloud's own services."""

_BY_ROLE = "(issuer LIKE 'arn:%:role/%')"
_PERSON_OF_ROLE = "(contains(session, '@') OR contains(issuer, 'AWSReservedSSO_'))"

MACROS = (
    # who is answerable: the person behind a session where it names one, else the role; a user by itself
    "principal(uid, name, email, issuer, session) AS CASE"
    f" WHEN {_BY_ROLE} AND {_PERSON_OF_ROLE} THEN issuer || '/' || session"
    f" WHEN {_BY_ROLE} THEN issuer WHEN uid LIKE 'arn:%' THEN uid"
    " ELSE coalesce(lower(email), CASE WHEN contains(name, '@') THEN lower(name) END, uid, name) END",
    # whether that is one person, who can be in one place only
    f"one_person(issuer, session) AS NOT coalesce({_BY_ROLE}, false) OR coalesce({_PERSON_OF_ROLE}, false)",
    # addresses that are not of the internet: private, shared, loopback, link-local, multicast
    "inside(ip) AS regexp_matches(ip, '^(10\\.|127\\.|0\\.|169\\.254\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\."
    "|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.|2(2[4-9]|[345][0-9])\\.|[fF][cCdD]|[fF][eE][89abAB]|[fF][fF]"
    "|::1?$)')",
    "is_address(ip) AS regexp_matches(ip, '^[0-9]{1,3}(\\.[0-9]{1,3}){3}$|^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$')",
    # what the caller's program is, without its version
    "client_family(agent) AS CASE"
    " WHEN agent IS NULL OR agent = '' THEN NULL"
    " WHEN regexp_matches(agent, '(?i)terraform|opentofu') THEN 'terraform'"
    " WHEN regexp_matches(agent, '(?i)pulumi') THEN 'pulumi'"
    " WHEN regexp_matches(agent, '(?i)^\\[?aws-cli') THEN 'aws-cli'"
    " WHEN agent LIKE 'Mozilla/%' THEN 'browser: ' || CASE WHEN contains(agent, 'Edg') THEN 'Edge'"
    " WHEN contains(agent, 'OPR/') THEN 'Opera' WHEN contains(agent, 'Firefox/') THEN 'Firefox'"
    " WHEN contains(agent, 'Chrome/') THEN 'Chrome' WHEN contains(agent, 'Safari/') THEN 'Safari' ELSE 'other' END"
    " || CASE WHEN contains(agent, 'Windows') THEN ' on Windows' WHEN contains(agent, 'Android') THEN ' on Android'"
    " WHEN contains(agent, 'iPhone') OR contains(agent, 'iPad') THEN ' on iOS'"
    " WHEN contains(agent, 'Mac OS') THEN ' on macOS' WHEN contains(agent, 'Linux') THEN ' on Linux' ELSE '' END"
    " ELSE lower(coalesce(nullif(regexp_extract(agent, '^\\[?([^/ \\];(]+)', 1), ''), agent)) END",
    # the name that somebody registered: the last two labels, three where the second is one of a country's own
    "parent_domain(name) AS nullif(regexp_extract(rtrim(lower(name), '.'),"
    " '([^.]+\\.((com?|net|org|gov|edu|ac|or|ne|go|mil)\\.[a-z]{2}|[^.]+))$', 1), '')",
    "hour_of(moment) AS strftime(moment AT TIME ZONE 'UTC', '%Y-%m-%dT%H:00')",
    "hour_time(text) AS (text || ':00+00')::TIMESTAMPTZ",
    # Google Cloud's codes are numbers: 7 permission denied, 16 not authenticated
    "denied(error, code, source) AS coalesce(regexp_matches(coalesce(error, code),"
    " '(?i)denied|unauthori[sz]ed|forbidden|not.?authori[sz]ed|authorizationfailed|permission|^40[13]$')"
    " OR (source LIKE 'gcp-%' AND coalesce(error, code) IN ('7', '16')), false)",
    "kilometres(lat1, lon1, lat2, lon2) AS 12742 * asin(sqrt(least(1, pow(sin(radians(lat2 - lat1) / 2), 2)"
    " + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2))))",
)
"""What the queries of detections may call."""

SUMMARY = (
    "concat_ws(' ', coalesce(actor_user_name, actor_user_uid, user_name, actor_session_uid),"
    " coalesce(api_operation, query_hostname), CASE WHEN api_service_name IS NOT NULL THEN 'on ' ||"
    " api_service_name END,"
    " CASE WHEN src_endpoint_ip IS NOT NULL THEN 'from ' || src_endpoint_ip END,"
    " CASE WHEN dst_endpoint_ip IS NOT NULL THEN 'to ' || dst_endpoint_ip || coalesce(':' || dst_endpoint_port,"
    " '') END,"
    " CASE WHEN api_response_error IS NOT NULL THEN '(' || api_response_error || ')' END)"
)


@dataclass(frozen=True)
class Observation:
    """What is remembered of an event: of whom (`entity`), what (`value`), how much (`amount`), each as SQL.

    Over events of `classes`; calls also have `principal`, `person`, `country`, `asn` and `place`.
    """

    entity: str
    value: str
    where: str = "true"
    amount: str = "0"
    classes: tuple[str, ...] = CALLS
    name: str = ""

    def baseline(self, detection: str) -> str:
        return f"{detection}.{self.name}" if self.name else detection

    @property
    def reads_record(self) -> bool:
        """Whether it asks for more than columns."""
        return any("record" in sql for sql in (self.entity, self.value, self.where, self.amount))

    def relation(self, batch: Batch, events: str = "") -> str:
        """The SQL of the events (the new ones, unless said) that it observes, with `entity`, `value` and `amount`
        beside their columns."""
        return (
            f"(SELECT * FROM (SELECT *, {self.entity} AS entity, {self.value} AS value,"
            f" CAST({self.amount} AS DOUBLE) AS amount FROM {events or batch.events(self.classes)} WHERE {self.where})"
            " WHERE entity IS NOT NULL AND value IS NOT NULL)"
        )


@dataclass(frozen=True)
class Hit:
    """What a detection found: an alert without what the detection itself says."""

    key: str
    """What makes it another than the detection's other hits; the same facts give the same."""
    why: str
    entities: tuple[Entity, ...]
    evidence: tuple[Evidence, ...] = ()
    time_first: str = ""
    time_last: str = ""
    count: int = 1
    account: str = ""
    region: str = ""
    level: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()


@dataclass
class Found:
    """The events behind one hit."""

    evidence: tuple[Evidence, ...] = ()
    count: int = 0
    time_first: str = ""
    time_last: str = ""
    account: str = ""
    region: str = ""
    addresses: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    """Short hashes of all of them."""

    def said(self) -> dict[str, Any]:
        """What a hit takes over of it."""
        return {
            "evidence": self.evidence,
            "count": max(self.count, 1),
            "time_first": self.time_first,
            "time_last": self.time_last,
            "account": self.account,
            "region": self.region,
            "events": self.events,
        }


class Batch:
    """New events, and what is known."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        events: str,
        geo: Geo,
        *,
        known: Callable[[date], str] | None = None,
        stored: Callable[[Sequence[str], Sequence[str]], str] | None = None,
    ) -> None:
        """`known` gives the SQL of the baselines' rows since a day; `stored` that of all events of classes and days."""
        self.connection = connection
        self.geo = geo
        self._new = events
        self._known = known
        self._stored = stored
        for macro in MACROS:
            connection.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE places (ip VARCHAR, country VARCHAR, city VARCHAR, latitude DOUBLE,"
            " longitude DOUBLE, asn BIGINT, organisation VARCHAR, place VARCHAR)"
        )
        self._locate(events)

    # -- events -----------------------------------------------------------------------------------------------------

    def events(self, classes: Sequence[str] = CALLS) -> str:
        """The SQL of the new events of some classes; calls say who made them and from where."""
        return self._enriched(self._new, classes)

    def window(self, classes: Sequence[str], unit: str) -> str:
        """The SQL of all events, new or not, of the hours or days (`unit`) in which there are new ones."""
        listed = _classes(classes)
        if self._stored is None:
            return self._enriched(self._new, classes)
        days = self.connection.execute(
            f"SELECT DISTINCT CAST(day AS VARCHAR) FROM {self._new} WHERE class_uid IN ({listed}) ORDER BY 1"
        ).fetchall()
        if not days:
            return self._enriched(self._new, classes)
        stored = self._stored(classes, [d for (d,) in days])
        touched = f"SELECT DISTINCT date_trunc('{unit}', time) AS unit FROM {self._new} WHERE class_uid IN ({listed})"
        return self._enriched(f"(SELECT * FROM {stored} WHERE date_trunc('{unit}', time) IN ({touched}))", classes)

    def between(self, classes: Sequence[str], spans: Sequence[tuple[datetime, datetime]]) -> str:
        """The SQL of all events, new or not, of some spans of time, and of more around them."""
        if self._stored is None or not spans:
            return self.events(classes)
        days = {
            (first.astimezone(UTC).date() + timedelta(days=n)).isoformat()
            for first, last in spans
            for n in range((last.astimezone(UTC).date() - first.astimezone(UTC).date()).days + 1)
        }
        first, last = min(first for first, _ in spans), max(last for _, last in spans)
        stored = (
            f"(SELECT * FROM {self._stored(classes, sorted(days))}"
            f" WHERE time BETWEEN TIMESTAMPTZ '{first.isoformat()}' AND TIMESTAMPTZ '{last.isoformat()}')"
        )
        if set(classes) & set(CALLS):
            self._locate(stored)
        return self._enriched(stored, classes)

    def _enriched(self, relation: str, classes: Sequence[str]) -> str:
        listed = _classes(classes)
        if not set(classes) & set(CALLS):
            return f"(SELECT * FROM {relation} WHERE class_uid IN ({listed}))"
        return (
            "(SELECT e.*, coalesce(e.src_endpoint_location_country, p.country) AS country,"
            " coalesce(e.src_endpoint_autonomous_system_number, p.asn) AS asn, p.organisation, p.latitude, p.longitude,"
            " p.place FROM (SELECT *, principal(CASE WHEN class_uid = 3002 AND actor_user_email_addr IS NULL"
            " AND actor_user_name IS NULL THEN coalesce(actor_user_uid, user_uid, user_name) ELSE actor_user_uid END,"
            " actor_user_name, actor_user_email_addr, actor_session_issuer, actor_session_uid)"
            " AS principal, one_person(actor_session_issuer, actor_session_uid) AS person"
            f" FROM {relation} WHERE class_uid IN ({listed}) AND {CALLS_SEEN}) e"
            " LEFT JOIN places p ON p.ip = e.src_endpoint_ip)"
        )

    def _locate(self, relation: str) -> None:
        """Looks up the places of the addresses that calls came from, once each."""
        if not (self.geo.countries or self.geo.asns or self.geo.coordinates):
            return
        addresses = self.connection.execute(
            f"SELECT DISTINCT src_endpoint_ip FROM {relation} WHERE class_uid IN ({_classes(CALLS)})"
            " AND is_address(src_endpoint_ip) AND src_endpoint_ip NOT IN (SELECT ip FROM places)"
        ).fetchall()
        rows = list(self.geo.places(ip for (ip,) in addresses))
        given = rows_relation(
            self.connection,
            {
                "ip": [p.ip for p in rows],
                "country": [p.country for p in rows],
                "city": [p.city for p in rows],
                "latitude": [p.latitude for p in rows],
                "longitude": [p.longitude for p in rows],
                "asn": [p.asn for p in rows],
                "organisation": [p.organisation for p in rows],
            },
            {"latitude": "double", "longitude": "double", "asn": "long"},
        )
        self.connection.execute(
            "INSERT INTO places SELECT *, CASE WHEN latitude IS NOT NULL THEN"
            " format('{:.2f},{:.2f} ', latitude, longitude) || concat_ws(', ', city, country) END AS place"
            f" FROM {given}"
        )
        self.connection.unregister(given)

    # -- baselines --------------------------------------------------------------------------------------------------

    def observe(self, observed: Mapping[str, Observation], days_back: int) -> None:
        """Counts what the new events add to the baselines, and fetches what is known of the same entities."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE fresh (day DATE, baseline VARCHAR, entity VARCHAR, value VARCHAR,"
            " observations BIGINT, amount DOUBLE, first_time TIMESTAMPTZ, last_time TIMESTAMPTZ)"
        )
        for name, observation in observed.items():
            self.connection.execute(
                f"INSERT INTO fresh SELECT day, '{name}', entity, value, count(*), sum(amount), min(time), max(time)"
                f" FROM {observation.relation(self)} GROUP BY day, entity, value"
            )
        earliest = self.connection.execute("SELECT min(day) FROM fresh").fetchall()[0][0]
        rows = "(SELECT * FROM fresh WHERE false)"
        if self._known is not None and earliest is not None:
            rows = self._known(earliest - timedelta(days=days_back))
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE known AS SELECT day, baseline, entity, value,"
            " sum(observations)::BIGINT AS observations, sum(amount) AS amount, min(first_time) AS first_time,"
            f" max(last_time) AS last_time FROM {rows} SEMI JOIN (SELECT DISTINCT baseline, entity FROM fresh)"
            " USING (baseline, entity) GROUP BY day, baseline, entity, value"
        )

    def daily(self, baseline: str) -> str:
        """The SQL of one baseline, known and fresh added up: a row for each entity, value and day.

        `fresh_time` is when the new events first saw it on that day (NULL: not at all), `known` whether it was there;
        `later` says that it was known to come on a later day, when the new events are late.
        """
        return (
            "(SELECT *, coalesce(bool_or(known) OVER (PARTITION BY entity, value ORDER BY day"
            " ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), false) AS later FROM"
            " (SELECT entity, value, day, sum(observations)::BIGINT AS observations, sum(amount) AS amount,"
            " min(first_time) AS first_time, max(last_time) AS last_time,"
            " min(CASE WHEN fresh THEN first_time END) AS fresh_time, bool_or(NOT fresh) AS known FROM"
            f" (SELECT *, true AS fresh FROM fresh WHERE baseline = '{baseline}'"
            f" UNION ALL SELECT *, false FROM known WHERE baseline = '{baseline}') GROUP BY entity, value, day))"
        )

    def organisation(self, addresses: Sequence[str]) -> str:
        """Who runs the network of those addresses, where a database tells it."""
        if not addresses:
            return ""
        given = self.table({"ip": list(addresses)})
        rows = self.rows(f"SELECT min(organisation) AS name FROM places WHERE ip IN (SELECT ip FROM {given})")
        return rows[0]["name"] or ""

    # -- what alerts show -------------------------------------------------------------------------------------------

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query, by name of column."""
        cursor = self.connection.execute(sql)
        names = [d[0] for d in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def table(self, columns: Mapping[str, Sequence[Any]], types: Mapping[str, str] | None = None) -> str:
        """A relation of Python values."""
        return rows_relation(self.connection, columns, types)

    def found(self, matches: str) -> dict[int, Found]:
        """The events behind hits: `matches` is the SQL of events, each with the number of its `hit`."""
        half = EVIDENCE_MAX // 2
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE behind AS SELECT hit, time, source, origin, origin_line, metadata_uid,"
            f" {SUMMARY} AS summary, cloud_account_uid, cloud_region, src_endpoint_ip, {event()} AS event,"
            " row_number() OVER (PARTITION BY hit ORDER BY time, origin, origin_line) AS place,"
            f" count(*) OVER (PARTITION BY hit) AS events FROM {matches}"
        )
        rows = self.rows(
            "SELECT *, min(time) OVER (PARTITION BY hit) AS earliest, max(time) OVER (PARTITION BY hit) AS latest"
            f" FROM behind WHERE place <= {half} OR place > events - {half} ORDER BY hit, place"
        )
        names = self.rows(
            f"SELECT hit, list(event ORDER BY place) AS names FROM behind WHERE place <= {EVENTS_MAX} GROUP BY hit"
        )
        self.connection.execute("DROP TABLE behind")
        found: dict[int, Found] = {}
        for row in rows:
            one = found.setdefault(row["hit"], Found())
            one.evidence += (
                Evidence(
                    iso(row["time"]),
                    row["source"] or "",
                    row["origin"] or "",
                    row["origin_line"] or 0,
                    row["metadata_uid"] or "",
                    row["summary"],
                ),
            )
            one.count, one.time_first, one.time_last = row["events"], iso(row["earliest"]), iso(row["latest"])
            one.account = one.account or row["cloud_account_uid"] or ""
            one.region = one.region or row["cloud_region"] or ""
            if row["src_endpoint_ip"] and row["src_endpoint_ip"] not in one.addresses:
                one.addresses += (row["src_endpoint_ip"],)
        for row in names:
            found[row["hit"]].events = tuple(row["names"])
        return found


def _classes(names: Iterable[str]) -> str:
    return ", ".join(str(CLASSES[n]) for n in names)


def iso(value: datetime) -> str:
    """A time as alerts write it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def day(value: datetime | date) -> str:
    return value.strftime("%Y-%m-%d")


def some(values: Sequence[str], most: int = 5) -> str:
    """A list as a sentence has it, cut short."""
    rest = len(values) - most
    return ", ".join(values[:most]) + (f" and {rest} more" if rest > 0 else "")


def size(number: float) -> str:
    """A number of bytes as people read it."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
