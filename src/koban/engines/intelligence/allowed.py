"""What must not match: pairs of which either side is on an allow-list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from koban.engines.intelligence.addresses import networks

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def keep_out(connection: DuckDBPyConnection, allowed: str) -> dict[str, int]:
    """Removes the pairs of which either side is on an allow-list; how many each list kept out."""
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE intel_texts AS SELECT DISTINCT kind, text,"
        " CASE WHEN kind = 'url' THEN regexp_replace(intel_parts(text).host, ':[0-9]+$', '') ELSE text END AS host"
        " FROM (SELECT kind, value AS text FROM intel_pairs UNION ALL SELECT kind, text FROM intel_pairs)"
    )
    run(f"CREATE OR REPLACE TEMP TABLE intel_allowed AS SELECT name, type, entry, kinds FROM {allowed}")
    run("CREATE OR REPLACE TEMP TABLE intel_harmless (kind VARCHAR, text VARCHAR, name VARCHAR)")
    of_kind = "list_contains(a.kinds, t.kind)"
    run(
        "INSERT INTO intel_harmless SELECT t.kind, t.text, a.name FROM intel_texts t JOIN intel_allowed a"
        f" ON a.type = 'string' AND (a.entry = t.text OR a.entry = t.host AND t.kind <> 'url') AND {of_kind}"
    )
    run(
        "INSERT INTO intel_harmless SELECT t.kind, t.text, a.name FROM (SELECT kind, text,"
        " unnest(list_transform(range(1, len(string_split(host, '.')) + 1),"
        " lambda n: array_to_string(string_split(host, '.')[n:], '.'))) AS parent FROM intel_texts"
        " WHERE kind IN ('domain', 'url')) t JOIN intel_allowed a"
        f" ON a.type = 'hostname' AND a.entry = t.parent AND {of_kind}"
    )
    run(
        "INSERT INTO intel_harmless SELECT t.kind, t.text, a.name FROM intel_texts t JOIN intel_allowed a"
        f" ON a.type = 'substring' AND contains(t.text, a.entry) AND {of_kind}"
    )
    _harmless_networks(connection)
    _harmless_by_regex(connection)
    run(
        "CREATE OR REPLACE TEMP TABLE intel_out AS SELECT p.rowid AS pair, min(h.name) AS name FROM intel_pairs p"
        " JOIN intel_harmless h ON h.kind = p.kind AND (h.text = p.text OR h.text = p.value) GROUP BY p.rowid"
    )
    counts = dict(run("SELECT name, count(*) FROM intel_out GROUP BY name ORDER BY name").fetchall())
    run("DELETE FROM intel_pairs WHERE rowid IN (SELECT pair FROM intel_out)")
    return counts


def _harmless_networks(connection: DuckDBPyConnection) -> None:
    """Addresses, and networks as a whole, that lie within a network of an allow-list."""
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE intel_spans AS SELECT kind, text, intel_v4(head) AS v4,"
        " intel_v6(head) AS v6, size"
        " FROM (SELECT kind, text, split_part(host, '/', 1) AS head, coalesce(TRY_CAST(split_part(host, '/', 2) AS"
        " INTEGER), 128) AS size FROM intel_texts WHERE kind IN ('ip', 'cidr', 'url'))"
    )
    run("CREATE OR REPLACE TEMP TABLE intel_safe AS SELECT DISTINCT entry FROM intel_allowed WHERE type = 'cidr'")
    for number, bits in (("v4", 32), ("v6", 128)):
        run(
            "INSERT INTO intel_harmless SELECT s.kind, s.text, a.name FROM"
            f" ({networks('intel_spans', 'intel_safe', 'entry', number, bits)}) s JOIN intel_allowed a"
            " ON a.type = 'cidr' AND a.entry = s.entry AND s.size >= s.length AND list_contains(a.kinds, s.kind)"
        )


def _harmless_by_regex(connection: DuckDBPyConnection) -> None:
    rows = connection.execute("SELECT name, entry, kinds FROM intel_allowed WHERE type = 'regex'").fetchall()
    if not rows:
        return
    texts = connection.execute("SELECT kind, text FROM intel_texts").fetchall()
    for name, pattern, kinds in rows:
        compiled = re.compile(pattern)
        found = [(kind, text, name) for kind, text in texts if kind in kinds and compiled.search(text[:2048])]
        if found:
            connection.executemany("INSERT INTO intel_harmless VALUES (?, ?, ?)", found)
