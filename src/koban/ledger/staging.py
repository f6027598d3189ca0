"""What a running scan finds and reads, laid into tables of its own that nobody else reads until it lands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    select,
)

from koban.ledger import schema
from koban.ledger.bulk import batches, load
from koban.ledger.database import Ledger
from koban.ledger.documents import digest_of, pack
from koban.ledger.running import check_running
from koban.ledger.spool import encode
from koban.ledger.text import clean, clean_or_none
from koban.model.estate import link_names
from koban.model.resource import Resource
from koban.model.result import Result, Subject

C = schema.scans.c
BATCH = 2_000
WORDS_MAX = 1_500  # characters by which a resource is found
WORD_MAX = 120
VERDICTS = ("fail", "unknown", "excepted", "pass")  # the worst first


def resource_key(target: int, subject: Subject | Resource) -> str:
    """What the ledger calls a resource of a target."""
    kind = subject.type_name if isinstance(subject, Resource) else subject.type
    return _key(target, kind, subject.account or "", subject.region or "", subject.uid)


@lru_cache(maxsize=20_000)  # of one resource there are many results
def _key(target: int, kind: str, account: str, region: str, uid: str) -> str:
    return digest_of(target, clean(kind), account, region, clean(uid))


def result_row(target: int, result: Result, environments: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """A result as it is staged; `environments` are those of resources, by key."""
    r = result.resource
    key = resource_key(target, r)
    row: dict[str, Any] = {
        "rule": result.rule,
        "verdict": result.verdict,
        "severity": result.severity,
        "rank": schema.SEVERITY_RANK[result.severity],
        "uid": clean(r.uid),
        "type": clean(r.type)[:200],
        "name": clean_or_none(r.name),
        "account": r.account or None,
        "region": r.region or None,
        "address": clean_or_none(r.address),
        "file": clean_or_none(r.file),
        "line": None if r.line is None else int(r.line),
        "environment": environments.get(key),
        "message": clean(result.message),
        "because": [clean(one) for one in result.because],
        "controls": list(result.controls),
        "fix": clean_or_none(result.fix),
        "resource": key,
    }
    row["digest"] = digest_of(*row.values())
    return row


def resource_row(target: int, resource: Resource, environment: str | None) -> dict[str, Any]:
    """A resource as it is staged."""
    document = clean(encode(resource.document))
    tags = {clean(name)[:200]: clean(value)[:300] for name, value in resource.tags.items()}
    row: dict[str, Any] = {
        "uid": clean(resource.uid),
        "type": clean(resource.type_name)[:200],
        "name": clean_or_none(resource.name),
        "account": resource.account or None,
        "region": resource.region or None,
        "environment": environment,
        "tags": tags,
        "address": clean_or_none(resource.address or None),
        "file": clean_or_none(resource.file or None),
        "line": None if resource.line is None else int(resource.line),
        "digest": _document_digest(document),
    }
    row["mark"] = digest_of(*row.values())
    row["key"] = resource_key(target, resource)
    row["document"] = document
    return row


def _document_digest(document: str) -> str:
    return digest_of(json.loads(document))


def words_of(row: Mapping[str, Any], resource: Resource) -> str:
    """By what a resource is found, lower case: what names it, its tags, and the short values of its document."""
    names = [row["uid"], row["name"], row["type"], row["account"], row["region"], row["file"], row["address"]]
    found = dict.fromkeys(one for one in names if one)
    for name, value in row["tags"].items():
        found[f"{name}={value}"] = None
    length = sum(map(len, found)) + len(found)
    stack = [resource.document]
    while stack and length < WORDS_MAX:
        value = stack.pop()
        if isinstance(value, dict):
            stack += reversed(list(value.values()))
        elif isinstance(value, list | tuple):
            stack += reversed(value)
        elif isinstance(value, str) and 3 < len(value) <= WORD_MAX and value not in found:
            found[value] = None
            length += len(value) + 1
    return clean(" ".join(found).lower())[: WORDS_MAX + 500]


def _naming(resource: Resource) -> dict[str, Any]:
    names = sorted({clean(one) for one in {*resource.names, resource.address} if one})
    links = {
        (field, link.of, clean(name))
        for field, link in type(resource).link_fields.items()
        for name in link_names(resource, link.path)
    }
    return {"names": names, "links": [list(one) for one in sorted(links)]}


class Staging:
    """Takes the results and resources of one running scan, a batch at a time.

    `environment` of a result is that of its resource, which must have come first.
    """

    def __init__(self, ledger: Ledger, scan: int) -> None:
        self.ledger = ledger
        self.scan = scan
        with ledger.reading() as connection:
            row = check_running(connection, scan)
            others = select(C.id).where(C.target == row.target, C.id != scan, C.state.in_(("running", "landing")))
            # Documents that the ledger has are not staged, unless another scan may change them before this one lands.
            self._whole = connection.execute(others.limit(1)).first() is not None
        self.target = int(row.target)
        self._environments: dict[str, str] = {}
        self._results: list[dict[str, Any]] = []
        self._resources: dict[str, tuple[dict[str, Any], Resource]] = {}

    def result(self, result: Result) -> None:
        row = result_row(self.target, result, self._environments)
        self._results.append({"scan": self.scan, "fingerprint": result.fingerprint, **row})
        if len(self._results) >= BATCH:
            self._flush_results()

    def resource(self, resource: Resource, environment: str | None = None) -> None:
        row = resource_row(self.target, resource, environment)
        if environment is not None:
            self._environments[row["key"]] = environment
        self._resources[row["key"]] = row, resource
        if len(self._resources) >= BATCH:
            self._flush_resources()

    def finish(self) -> None:
        self._flush_results()
        self._flush_resources()

    def _flush_results(self) -> None:
        worst: dict[str, dict[str, Any]] = {}
        for row in self._results:
            other = worst.get(row["fingerprint"])
            if other is None or VERDICTS.index(row["verdict"]) < VERDICTS.index(other["verdict"]):
                worst[row["fingerprint"]] = row
        self._results = []
        if worst:
            rows = [worst[one] for one in sorted(worst)]
            with self.ledger.writing() as connection:
                check_running(connection, self.scan)
                load(connection, schema.staged, rows, _WORST)

    def _flush_resources(self) -> None:
        given, self._resources = self._resources, {}
        if not given:
            return
        kept: dict[str, str] = {}
        if not self._whole:
            with self.ledger.reading() as connection:
                columns = schema.resources.c
                for some in batches(sorted(given)):
                    kept |= {
                        row.key: row.mark
                        for row in connection.execute(select(columns.key, columns.mark).where(columns.key.in_(some)))
                    }
        rows = []
        for key in sorted(given):
            row, resource = given[key]
            new = kept.get(key) != row["mark"]
            row["document"] = pack(row["document"]) if new else None
            row["words"] = words_of(row, resource) if new else None
            row["naming"] = _naming(resource) if new else None
            rows.append({"scan": self.scan, **row})
        with self.ledger.writing() as connection:
            check_running(connection, self.scan)
            load(connection, schema.staged_resources, rows, "ON CONFLICT (scan, key) DO NOTHING")


def _order_in_sql(table: str) -> str:
    whens = " ".join(f"WHEN '{one}' THEN {n}" for n, one in enumerate(VERDICTS))
    return f"CASE {table}.verdict {whens} END"


_WORST = (
    "ON CONFLICT (scan, fingerprint) DO UPDATE SET "
    + ", ".join(f'"{one}" = excluded."{one}"' for one in schema.RESULT)
    + f" WHERE {_order_in_sql('excluded')} < {_order_in_sql('staged')}"
)


def stage(
    ledger: Ledger,
    scan: int,
    results: Iterable[Result] = (),
    resources: Iterable[Resource] = (),
    environment: Callable[[Resource], str | None] | None = None,
) -> None:
    """Stage all of both, the resources first.  Raises Stopped."""
    staging = Staging(ledger, scan)
    for resource in resources:
        staging.resource(resource, environment(resource) if environment else None)
    for result in results:
        staging.result(result)
    staging.finish()
