"""Each parser over its damaged samples: nothing but `NotRecognised` is raised, what is read is JSON and can be mapped.

`KOBAN_FUZZ` is the number of cases for each sample; a case that fails is named, and is the same each time.
`KOBAN_FUZZ_SECONDS` is how long one case may take.
"""

from __future__ import annotations

import copy
import io
import json
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.sources.logs.events import mapped
from tests.sources.logs.evtx import event, evtx

from koban.sources.logs.format import Hints, Record, Rejected
from koban.sources.logs.formats.syslog import parse_syslog
from koban.sources.logs.receivers.syslog import Frames
from koban.sources.logs.split import NotRecognised, split

CASES = int(os.environ.get("KOBAN_FUZZ", "60"))
SECONDS_MAX = float(os.environ.get("KOBAN_FUZZ_SECONDS", "5"))
WHEN = datetime(2026, 3, 2, tzinfo=UTC)
HINTS = Hints(("srcaddr", "dstaddr", "start", "end", "action"), day_first=True)
SAMPLES = sorted((Path(__file__).parent / "samples").iterdir())

PIECES: tuple[bytes, ...] = (
    *(b'"', b'""', b"'", b"\\", b'\\"', b"-", b" ", b"\t", b",", b"{", b"}", b"[", b"]", b"\n", b"\r\n", b"\0", b"=", b":"),
    *(b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"null", b"true", b"1e999", b"-0", b"9" * 40, b"#"),
    *(b"[" * 50, b'{"a":' * 50, b"0x", b"(", b")", b"<", b">", b"&amp;", b"]]>", b"%s", b"{ ", b" }", b"\x1d", b"\x85"),
    *(b"type=", b"msg=audit(", b"a0=", b"<34>1 ", b"2026-13-45T99:99:99Z", b"31/02/2026", b"\xe2\x80\xa8", b"..", b"\x1f\x8b"),
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, 2**64, 10**40, "", "-", "x", "2026-03-01T10:00:00Z", "\u0000\ud800"),
    *([], [[]], {}, {"a": None}, [None, "a", {"name": "b"}], "1,2,3,4,5,6,7,8", {"events": [{}]}, {"data": "e30="}),
    *("{", "[]", '{"a":1}', "infinity", "NaN", "10.0.0.1", "é" * 300, [1] * 40, {str(n): n for n in range(40)}),
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found += places(one, (*path, key))
    return found


def few(dice: random.Random, value: Any, depth: int = 0) -> Any:
    """A document with no more than two of a list's items near its top."""
    if isinstance(value, dict):
        return {k: few(dice, v, depth + 1) for k, v in value.items()}
    if isinstance(value, list) and depth < 3 and len(value) > 2:
        return [few(dice, v, depth + 1) for v in dice.sample(value, 2)]
    return value


def damaged(dice: random.Random, data: bytes) -> bytes:
    """Bytes with pieces cut out, doubled, put in, changed or moved."""
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.choice((0, 1, 3, 20, 200)))
        piece = dice.choice((dice.choice(PIECES), data[at:end] * 2, dice.randbytes(3), b"", data[end : end + 40]))
        data = data[:at] + piece + data[end:]
    return data


def odd(dice: random.Random, document: Any) -> Any:
    """A document with values of other kinds in some places, and keys that are gone or another."""
    made = copy.deepcopy(document)
    every = places(made)
    for path in dice.sample(every, min(len(every), dice.choice((1, 1, 2, 3)))):
        at = made
        try:
            for key in path[:-1]:
                at = at[key]
            if dice.random() < 0.15:
                value = at.pop(path[-1])
                if isinstance(at, dict) and dice.random() < 0.5:
                    at[str(path[-1]).swapcase()] = value
            else:
                at[path[-1]] = copy.deepcopy(dice.choice(VALUES))
        except (KeyError, IndexError, TypeError, AttributeError):
            pass
    return made


def maker(path: Path) -> Callable[[random.Random], bytes]:
    """What makes damaged pieces of a sample."""
    data = path.read_bytes()
    try:
        documents = [json.loads(data)]
    except ValueError:
        try:
            documents = [json.loads(line) for line in data.splitlines() if line.strip()]
        except ValueError:
            lines = data.splitlines(keepends=True)
            fixed = [
                line for line in lines[:10] if line.startswith((b"#", b"version", b"event")) or not lines.index(line)
            ]

            def text(dice: random.Random) -> bytes:
                at = dice.randrange(len(lines))
                begun = fixed if dice.random() < 0.7 else []
                return damaged(dice, b"".join([*begun, *lines[at : at + dice.choice((1, 2, 6))]]))

            return text

    def document(dice: random.Random) -> bytes:
        made = few(dice, dice.choice(documents))
        if dice.random() < 0.7:
            made = odd(dice, made)
        plain = json.dumps(made, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")
        return damaged(dice, plain) if dice.random() < 0.4 else plain

    return document


def windows(dice: random.Random) -> bytes:
    data = evtx([event("Security", "p", 4624, {"TargetUserName": "ana"})] * 2)[: 4096 + 65536]
    used = bytearray(data[: 4096 + 3000])
    for _ in range(dice.choice((1, 3, 10, 40))):
        used[dice.choice((dice.randrange(len(used)), dice.randrange(4096 + 512, len(used))))] = dice.randrange(256)
    made = bytes(used) + data[len(used) :]
    return made if dice.random() < 0.8 else made[: dice.randrange(len(made))]


def parquet() -> Callable[[random.Random], bytes]:
    import duckdb

    target = Path(os.environ.get("TMPDIR", "/tmp")) / f"koban-fuzz-{os.getpid()}.parquet"
    duckdb.connect().execute(
        "COPY (SELECT '10.0.0.1' AS srcaddr, '10.0.0.2' AS dstaddr, 'eni-1' AS \"interface-id\", 1772359200 + i AS start,"
        f" [i, NULL] AS list, {{'a': i}} AS inner FROM range(5) t(i)) TO '{target}' (FORMAT parquet)"
    )
    data = target.read_bytes()
    target.unlink()

    def make(dice: random.Random) -> bytes:
        made = bytearray(data)
        for _ in range(dice.choice((1, 2, 5))):
            made[dice.randrange(len(made))] = dice.randrange(256)
        return bytes(made) if dice.random() < 0.8 else damaged(dice, bytes(made))

    return make


MAKERS: dict[str, Callable[[], Callable[[random.Random], bytes]]] = {
    **{path.name: (lambda path=path: maker(path)) for path in SAMPLES if path.suffix != ".evtx"},  # type: ignore[misc]
    "windows.evtx": lambda: windows,
    "any.parquet": parquet,
}


def read(data: bytes) -> list[Record | Rejected]:
    try:
        return list(split(io.BytesIO(data), "x", WHEN, hints=HINTS))
    except NotRecognised:
        return []


@pytest.mark.parametrize("name", MAKERS)
def test_no_damage_breaks_a_parser_or_its_mapping(name: str) -> None:
    make = MAKERS[name]()
    waiting: dict[str, list[Record]] = {}
    for number in range(CASES):
        data = make(random.Random(f"{name}:{number}"))
        began = time.perf_counter()
        try:
            found = read(data)
        except BaseException as error:
            raise AssertionError(f"case {name}:{number}: {data!r}") from error
        assert time.perf_counter() - began < SECONDS_MAX, f"case {name}:{number} takes too long: {data!r}"
        for one in found:
            assert isinstance(one, Record | Rejected)
            if isinstance(one, Record):
                assert isinstance(json.loads(one.record), dict), f"case {name}:{number}: {data!r}"
                (one.record + (one.raw_data or "")).encode()
                waiting.setdefault(one.source, []).append(one)
            else:
                assert isinstance(one.data, bytes)
        for source, records in waiting.items():
            if len(records) >= 2000 or (number == CASES - 1 and records):
                assert len(mapped(source, records)) == len(records)
                records.clear()


def test_no_message_breaks_the_listeners() -> None:
    lines = [line for path in SAMPLES if "syslog" in path.name for line in path.read_bytes().splitlines()]
    for number in range(CASES):
        dice = random.Random(number)
        data = damaged(dice, dice.choice(lines))
        record = parse_syslog(data.decode("utf-8", "backslashreplace"), WHEN)
        assert isinstance(json.loads(record.record), dict)
        frames, at, said = Frames(), 0, 0
        while at < len(data):
            step = dice.choice((1, 7, 400))
            said += sum(len(frame) for frame in frames.feed(data[at : at + step]))
            at += step
        assert said <= len(data)
