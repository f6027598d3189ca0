"""A writer of MaxMind-format databases, as small as tests need: networks in, a file out."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WIDTHS = {"node_count": 6, "record_size": 5, "ip_version": 5, "binary_format_major_version": 5}
WIDTHS |= {"binary_format_minor_version": 5, "autonomous_system_number": 6}
"""The types of numbers that readers insist on: 5 is of 16 bits, 6 of 32, 9 of 64."""

MARKER = b"\xab\xcd\xefMaxMind.com"


def write(path: Path, kind: str, networks: Mapping[str, Mapping[str, Any]]) -> Path:
    """Writes an IPv6 tree (IPv4 below ::/96) with one record a network, as the format's specification says."""
    root: list[Any] = [None, None]
    for text, record in networks.items():
        network = ipaddress.ip_network(text)
        bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
        if network.version == 4:
            bits = "0" * 96 + bits
        node = root
        for bit in bits[:-1]:
            if not isinstance(node[int(bit)], list):
                node[int(bit)] = [None, None]
            node = node[int(bit)]
        node[int(bits[-1])] = encoded(record)
    nodes = numbered(root)
    data, offsets = b"", {}
    for node in nodes:
        for child in node:
            if isinstance(child, bytes) and child not in offsets:
                offsets[child] = len(data)
                data += child
    numbers = {id(node): at for at, node in enumerate(nodes)}

    def pointer(child: Any) -> int:
        if isinstance(child, list):
            return numbers[id(child)]
        return len(nodes) + 16 + offsets[child] if isinstance(child, bytes) else len(nodes)

    tree = b"".join(struct.pack(">II", pointer(a), pointer(b)) for a, b in nodes)
    metadata = {
        "node_count": len(nodes),
        "record_size": 32,
        "ip_version": 6,
        "database_type": kind,
        "languages": [],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1770000000,
        "description": {},
    }
    path.write_bytes(tree + b"\0" * 16 + data + MARKER + encoded(metadata))
    return path


def numbered(root: list[Any]) -> list[list[Any]]:
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += [c for c in node if isinstance(c, list)]
    return found


def encoded(value: Any, number: int = 9) -> bytes:
    if isinstance(value, Mapping):
        return control(7, len(value)) + b"".join(encoded(k) + encoded(v, WIDTHS.get(k, 9)) for k, v in value.items())
    if isinstance(value, list):
        return control(11, len(value)) + b"".join(map(encoded, value))
    if isinstance(value, str):
        return control(2, len(value.encode())) + value.encode()
    if isinstance(value, float):
        return control(3, 8) + struct.pack(">d", value)
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return control(number, len(digits)) + digits


def control(kind: int, size: int) -> bytes:
    assert size < 285
    short, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    return (bytes([kind << 5 | short]) if kind < 8 else bytes([short, kind - 7])) + more
