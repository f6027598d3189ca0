"""Gzipped content as a stream: what is whole, what is not, and how much of it is in memory."""

from __future__ import annotations

import gzip
import hashlib
import os
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koban.model.digest import Broken
from koban.sources.trails.content import INFLATED_BYTES_MAX, inflated, sha256_of, whole

PACKED = gzip.compress(b"content" * 100, mtime=0)


def pieces(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[at : at + size] for at in range(0, len(raw), size))


@given(content=st.binary(max_size=5000), size=st.integers(1, 700))
def test_the_hash_is_that_of_the_content_however_it_comes(content: bytes, size: int) -> None:
    raw = gzip.compress(content, mtime=0)
    assert sha256_of(pieces(raw, size)) == hashlib.sha256(content).hexdigest()
    assert whole(pieces(raw, size)) == (content, hashlib.sha256(raw).hexdigest())


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "cut short"),
        (b"{}", "not gzip"),
        (PACKED[:-1], "cut short"),
        (PACKED[:20], "cut short"),
        (PACKED + b"x", "something after"),
        (PACKED + PACKED, "something after"),
        (PACKED[:-8] + bytes(8), "damaged"),
    ],
)
def test_what_is_not_one_whole_stream_is_broken(raw: bytes, why: str, size: int) -> None:
    with pytest.raises(Broken, match=why):
        sha256_of(pieces(raw, size))


def test_what_is_packed_small_is_never_large_in_memory() -> None:
    raw = gzip.compress(bytes(200 << 20), 1)
    tracemalloc.start()
    try:
        assert sum(map(len, inflated(pieces(raw, 1 << 18)))) == 200 << 20
        assert tracemalloc.get_traced_memory()[1] < 8 * INFLATED_BYTES_MAX
    finally:
        tracemalloc.stop()


def test_a_digest_that_inflates_without_end_is_refused() -> None:
    with pytest.raises(Broken, match="more than 1 MiB"):
        whole(pieces(gzip.compress(os.urandom(1 << 10) * 2000), 1 << 16), 1 << 20)
