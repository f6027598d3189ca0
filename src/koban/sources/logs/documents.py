"""Whole documents of JSON, cut into their records by DuckDB: none of them passes through Python.

A document that wraps its records in an array, without white space, is cut where one record ends and the next begins
with the same first key: `},{"eventVersion":`.  That such a place may also lie inside a record does no harm.  The
mapping reads every piece as JSON of its own, and refuses what is not exactly one value; and if all pieces are objects,
they are the elements of the array.  What is refused is read record by record, as everything else is.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from koban.sources.logs.format import Sample, binary_format, json_format
from koban.sources.logs.inputs import Opened, opened
from koban.sources.logs.mapping import quote

HEAD_BYTES = 16 * 1024
_OPENING = re.compile(r'\{"([^"\\]+)":\[\{"([^"\\]+)":')
_GLOB = re.compile(r"[*?\[\]{}]")
_decoder = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Opening:
    """How a document begins: what wraps its records, their first key, and the source that they are of."""

    source: str
    wrapper: str
    key: str
    packed: bool


def opening(path: Path) -> Opening | None:
    """How a document begins; None when it is to be read record by record."""
    if _GLOB.search(str(path)):  # DuckDB would take it for several paths
        return None
    stream = opened(path)
    with stream:
        head = _head(stream)
        packed = stream.packed
        if packed and not isinstance(stream.stream, gzip.GzipFile):
            return None
    text = head.decode("utf-8", "replace")
    match = _OPENING.match(text)
    if match is None or binary_format(Sample(str(path), head)):
        return None
    wrapper, key = match.groups()
    try:
        first, _ = _decoder.raw_decode(text, len(wrapper) + 5)
    except (ValueError, RecursionError):
        return None
    found = json_format(first)
    if found is None or found.unwrap is not None or wrapper not in found.alone_in:
        return None
    return Opening(found.source, wrapper, key, packed)


def _head(stream: Opened) -> bytes:
    head = b""
    while len(head) < HEAD_BYTES and (block := stream.read(HEAD_BYTES - len(head))):
        head += block
    return head


def relation(begun: Opening, origins: Mapping[str, str], bytes_max: int) -> str:
    """The SQL of the records in documents that begin so: record, raw_data, origin and origin_line.

    `origins` gives each document's path its origin; none unpacks to more than `bytes_max`.
    """
    first, key = f'{{"{begun.wrapper}":[', f'{{"{begun.key}":'
    paths = ", ".join(map(quote, origins))
    names = "map {" + ", ".join(f"{quote(path)}: {quote(origin)}" for path, origin in origins.items()) + "}"
    # a document is one line of one column: the only character that would end the column is none that JSON may hold
    lines = (
        f"read_csv([{paths}], columns = {{document: 'VARCHAR'}}, auto_detect = false, header = false, filename = true,"
        " hive_partitioning = false,"
        f" delim = E'\\x01', quote = '', escape = '', new_line = '\\n',"
        f" compression = '{'gzip' if begun.packed else 'none'}',"
        f" max_line_size = {bytes_max}, buffer_size = {bytes_max})"
    )
    pieces = f"SELECT string_split(document, {quote('},' + key)}) AS pieces, {names}[filename] AS origin FROM {lines}"
    numbered = (
        "SELECT unnest(pieces) AS piece, unnest(range(1, len(pieces) + 1)) AS origin_line,"
        f" len(pieces) AS records, origin FROM ({pieces})"
    )
    # the first piece has the opening before it, the last one the closing behind; without them it is no JSON
    opened = (
        f"CASE WHEN origin_line > 1 THEN concat({quote(key)}, piece)"
        f" WHEN starts_with(piece, {quote(first)}) THEN piece[{len(first) + 1}:] END"
    )
    record = (
        f"CASE WHEN origin_line > 1 AND origin_line < records THEN concat({quote(key)}, piece, '}}')"
        f" WHEN origin_line < records THEN {opened} || '}}'"
        f" WHEN ends_with(piece, ']}}') THEN ({opened})[:-3] END"
    )
    return (
        f"(SELECT coalesce({record}, '') AS record, CAST(NULL AS VARCHAR) AS raw_data, origin, origin_line"
        f" FROM ({numbered}))"
    )
