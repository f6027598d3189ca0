"""CloudTrail's public keys: from files, or asked of CloudTrail."""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from koban.sources.aws.reader import Api, Failure

LIST_PUBLIC_KEYS = "cloudtrail:ListPublicKeys"
AFTER = timedelta(hours=2)
AROUND = timedelta(hours=1)


class KeyFileError(Exception):
    """Public keys that cannot be read; the message says which and why."""


class Ders(NamedTuple):
    """The keys of a fingerprint, as DER.  `why` says why there may be others; empty: there are none."""

    found: tuple[bytes, ...]
    why: str = ""


class KeysOfFiles:
    """Keys of DER files, of directories of them, and of what ``aws cloudtrail list-public-keys`` prints.

    `fingerprint_of` tells a key's fingerprint, and refuses by ValueError what is no key.  Raises KeyFileError.
    """

    def __init__(self, paths: list[Path], fingerprint_of: Callable[[bytes], str]) -> None:
        self._keys: dict[str, tuple[bytes, ...]] = {}
        self._fingerprint_of = fingerprint_of
        for path in paths:
            files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
            for file in files:
                self._add(file)
        if not self._keys:
            raise KeyFileError(f"{', '.join(map(str, paths))}: there are no public keys")

    def _add(self, file: Path) -> None:
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise KeyFileError(f"{file}: {error.strerror or error}") from None
        try:
            for fingerprint, der in self._in_json(raw) if raw.lstrip()[:1] in (b"{", b"[") else [("", _der(raw))]:
                known = self._fingerprint_of(der)
                for one in {known, fingerprint.lower()} - {""}:
                    self._keys[one] = (*self._keys.get(one, ()), der)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeyFileError(f"{file}: it holds no public key in DER, and no list of them ({error})") from None

    @staticmethod
    def _in_json(raw: bytes) -> list[tuple[str, bytes]]:
        made: Any = json.loads(raw)
        listed = made.get("PublicKeyList", []) if isinstance(made, dict) else made
        return [(str(one.get("Fingerprint", "")), base64.b64decode(one["Value"], validate=True)) for one in listed]

    def cover(self, region: str, start: datetime, end: datetime) -> None:
        """Nothing to do: the files are what there is."""

    def find(self, region: str, fingerprint: str, moment: datetime) -> Ders:
        found = self._keys.get(fingerprint, ())
        why = "" if found else f"no public key with its fingerprint {fingerprint} is among those of --public-keys"
        return Ders(found, why)


def _der(raw: bytes) -> bytes:
    """A key in DER, or in the base64 in which CloudTrail prints it (PEM too)."""
    if raw[:1] == b"\x30" and raw[1:2] >= b"\x80":
        return raw
    lines = [line for line in raw.decode("ascii", "strict").splitlines() if not line.startswith("-----")]
    try:
        return base64.b64decode("".join(lines), validate=True)
    except binascii.Error:
        raise ValueError("neither DER nor base64") from None


class _Region:
    """The keys of one region, asked for once for a time, and again where it turns out too short."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.lock = threading.Lock()
        self.start, self.end = start - AROUND, end + AFTER
        self.asked: tuple[datetime, datetime] | None = None
        self.keys: dict[str, bytes] = {}
        self.why = ""


class KeysOfCloudTrail:
    """Keys asked of CloudTrail, of each region once for all of the time that is to be covered.  Safe to share."""

    calls = (LIST_PUBLIC_KEYS,)

    def __init__(self, api: Api) -> None:
        self.api = api
        self._regions: dict[str, _Region] = {}

    def cover(self, region: str, start: datetime, end: datetime) -> None:
        """Say for which time keys will be looked for."""
        known = self._regions.setdefault(region, _Region(start, end))
        with known.lock:
            known.start, known.end = min(known.start, start - AROUND), max(known.end, end + AFTER)

    def find(self, region: str, fingerprint: str, moment: datetime) -> Ders:
        self.cover(region, moment, moment)
        of = self._regions[region]
        with of.lock:
            asked = of.asked
            if asked is None or (fingerprint not in of.keys and not of.why and asked != (of.start, of.end)):
                of.asked = of.start, of.end
                of.keys, of.why = self._ask(region, of.start, of.end)
            return Ders((of.keys[fingerprint],) if fingerprint in of.keys else (), of.why)

    def _ask(self, region: str, start: datetime, end: datetime) -> tuple[dict[str, bytes], str]:
        keys: dict[str, bytes] = {}
        params: dict[str, Any] = {"StartTime": start, "EndTime": end}
        try:
            while True:
                answer = self.api.call("cloudtrail", "ListPublicKeys", region, params)
                for one in answer.get("PublicKeyList", ()):
                    keys[str(one.get("Fingerprint", "")).lower()] = bytes(one["Value"])
                if not answer.get("NextToken"):
                    return keys, ""
                params = {**params, "NextToken": answer["NextToken"]}
        except Failure as failure:
            return keys, f"its public key is not known: {failure.why}"
