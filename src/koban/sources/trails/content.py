"""The content of gzipped files as it streams past: never more of it in memory than a piece."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator

from koban.model.digest import Broken

PIECE_BYTES = 1 << 18
INFLATED_BYTES_MAX = 1 << 20  # at once: what is packed small may be large
DIGEST_BYTES_MAX = 256 << 20  # a digest of an hour with half a million log files
GZIP = zlib.MAX_WBITS | 16


def sha256_of(pieces: Iterable[bytes]) -> str:
    """The SHA-256, in hex, of what a gzipped file inflates to; raises Broken."""
    hashed = hashlib.sha256()
    for piece in inflated(pieces):
        hashed.update(piece)
    return hashed.hexdigest()


def whole(pieces: Iterable[bytes], bytes_max: int = DIGEST_BYTES_MAX) -> tuple[bytes, str]:
    """What a gzipped file inflates to, `bytes_max` at most, and the SHA-256 of the file itself; raises Broken."""
    raw = hashlib.sha256()

    def passing() -> Iterator[bytes]:
        for piece in pieces:
            raw.update(piece)
            yield piece

    made, size = [], 0
    for piece in inflated(passing()):
        made.append(piece)
        size += len(piece)
        if size > bytes_max:
            raise Broken(f"it inflates to more than {bytes_max >> 20} MiB, which no digest does")
    return b"".join(made), raw.hexdigest()


def inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What a gzipped file inflates to, piece by piece; raises Broken unless it is one whole stream and nothing else."""
    inflate = zlib.decompressobj(GZIP)
    for piece in pieces:
        if inflate.eof:
            if piece:
                raise Broken("there is something after the end of its gzip stream")
            continue
        try:
            while piece:
                yield inflate.decompress(piece, INFLATED_BYTES_MAX)
                piece = inflate.unconsumed_tail
        except zlib.error:
            raise Broken("it is not gzip, or its gzip stream is damaged") from None
        if inflate.unused_data:
            raise Broken("there is something after the end of its gzip stream")
    if not inflate.eof:
        raise Broken("its gzip stream is cut short")
