"""Writes Windows event logs (EVTX) for tests: one chunk of records, each a tree of elements in binary XML."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime

Element = tuple[str, dict[str, str], "list[Element] | str"]
"""A name, its attributes, and what it holds: elements or text."""

CHUNK_BYTES = 65536
_FILETIME_1970 = 116444736000000000


def event(channel: str, provider: str, number: int, data: dict[str, str], at: datetime | None = None) -> Element:
    """An event as Windows words it."""
    at = at or datetime(2026, 3, 1, 10, tzinfo=UTC)
    return (
        "Event",
        {},
        [
            (
                "System",
                {},
                [
                    ("Provider", {"Name": provider}, ""),
                    ("EventID", {}, str(number)),
                    ("Level", {}, "4"),
                    ("TimeCreated", {"SystemTime": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}, ""),
                    ("EventRecordID", {}, "1"),
                    ("Channel", {}, channel),
                    ("Computer", {}, "ws-1.example.com"),
                ],
            ),
            ("EventData", {}, [("Data", {"Name": key}, value) for key, value in data.items()]),
        ],
    )


def _filetime(at: datetime) -> int:
    return int(at.timestamp() * 10_000_000) + _FILETIME_1970


class _Xml:
    """Binary XML that begins at an offset of its chunk; each name is written where it is first used."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.data = bytearray(b"\x0f\x01\x01\x00")

    def _name(self, name: str) -> None:
        self.data += struct.pack("<I", self.offset + len(self.data) + 4)
        folded = 0
        for c in name:
            folded = (folded * 65599 + ord(c)) & 0xFFFFFFFF
        self.data += struct.pack("<IHH", 0, folded & 0xFFFF, len(name)) + name.encode("utf-16-le") + b"\0\0"

    def _text(self, text: str) -> None:
        self.data += b"\x05\x01" + struct.pack("<H", len(text)) + text.encode("utf-16-le")

    def element(self, element: Element) -> None:
        name, attributes, inside = element
        self.data += b"\x41" if attributes else b"\x01"
        size_at = len(self.data)
        self.data += b"\0\0\0\0"
        self._name(name)
        if attributes:
            list_at = len(self.data)
            self.data += b"\0\0\0\0"
            for index, (key, value) in enumerate(attributes.items(), 1):
                self.data += b"\x46" if index < len(attributes) else b"\x06"
                self._name(key)
                self._text(value)
            struct.pack_into("<I", self.data, list_at, len(self.data) - list_at - 4)
        if not inside:
            self.data += b"\x03"
        else:
            self.data += b"\x02"
            if isinstance(inside, str):
                self._text(inside)
            else:
                for child in inside:
                    self.element(child)
            self.data += b"\x04"
        struct.pack_into("<I", self.data, size_at, len(self.data) - size_at - 4)


def chunk(elements: list[Element], first: int) -> bytes:
    """A chunk that holds the events, numbered from `first`."""
    body = bytearray()
    last_at = 512
    for number, element in enumerate(elements, first):
        at = 512 + len(body)
        xml = _Xml(at + 24)
        xml.element(element)
        xml.data += b"\0"
        size = 24 + len(xml.data) + 4
        filetime = _filetime(datetime(2026, 3, 1, 10, tzinfo=UTC))
        body += struct.pack("<4sIQQ", b"\x2a\x2a\0\0", size, number, filetime) + xml.data + struct.pack("<I", size)
        last_at = at
    last = first + len(elements) - 1
    free = 512 + len(body)
    assert free <= CHUNK_BYTES
    head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", first, last, first, last, 128, last_at, free, zlib.crc32(body))
    head = head.ljust(120, b"\0")
    tables = bytes(512 - 128)
    head += struct.pack("<II", 0, zlib.crc32(head[:120] + tables))
    return (head + tables + body).ljust(CHUNK_BYTES, b"\0")


def evtx(*chunks: list[Element]) -> bytes:
    """A file of chunks."""
    first, written = 1, b""
    for elements in chunks:
        written += chunk(elements, first)
        first += len(elements)
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, len(chunks) - 1, first, 128, 1, 3, 4096, len(chunks)).ljust(
        120, b"\0"
    )
    head += struct.pack("<II", 0, zlib.crc32(head[:120]))
    return head.ljust(4096, b"\0") + written
