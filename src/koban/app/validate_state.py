"""What runs of a validation leave to the next, and hashes that were taken elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from koban.engines.digests import Anchor
from koban.model.digest import Chain, Ref

LATE = timedelta(days=14)  # how far back a backfilled digest may reach that a job still finds

# Hashes taken when a file was kept elsewhere: its key to (tag, SHA-256), where the tag is `Store.tag`'s.
Known = Callable[[str], tuple[str, str] | None]


class ValidateError(Exception):
    """Nothing can be validated; the message is one line that says why."""


@dataclass
class State:
    """Where earlier runs of a job ended, in a file.  Chains that it does not name are validated whole."""

    path: Path | None = None
    anchors: dict[Chain, Anchor] = field(default_factory=dict)
    done: dict[Chain, set[Ref]] = field(default_factory=dict)  # of backfilled digests, which come late
    ended: set[Chain] = field(default_factory=set)  # chains of which it was said that nothing came after

    @classmethod
    def read(cls, path: Path) -> State:
        """The state in a file, an empty one where there is none; raises ValidateError."""
        try:
            raw = json.loads(path.read_bytes())
            made = cls(path)
            for one in raw["chains"]:
                chain = Chain(**one["chain"])
                if "moment" in one:
                    at = Ref(one["bucket"], one["key"])
                    made.anchors[chain] = Anchor(datetime.fromisoformat(one["moment"]), at, one["signature"])
                if one.get("done"):
                    made.done[chain] = {Ref(*ref) for ref in one["done"]}
                if one.get("ended"):
                    made.ended.add(chain)
            return made
        except FileNotFoundError:
            return cls(path)
        except OSError as error:
            raise ValidateError(f"{path}: {error.strerror or error}") from None
        except (ValueError, KeyError, TypeError):
            raise ValidateError(f"{path}: it is not a state of `koban logs validate`; name another file") from None

    def write(self) -> None:
        """Keep the state; whole or not at all.  Raises ValidateError."""
        if self.path is None:
            return
        chains = []
        for chain in sorted({*self.anchors, *self.done}):
            one: dict[str, Any] = {"chain": chain._asdict()}
            anchor = self.anchors.get(chain)
            if anchor is not None:
                place = {"bucket": anchor.at.bucket, "key": anchor.at.key, "signature": anchor.signature}
                one |= {"moment": anchor.moment.isoformat(), **place}
            if self.done.get(chain):
                one["done"] = sorted(self.done[chain])
            if chain in self.ended:
                one["ended"] = True
            chains.append(one)
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            beside.write_text(json.dumps({"version": 1, "chains": chains}, indent=1) + "\n", encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise ValidateError(f"{self.path}: {error.strerror or error}") from None

    def floors(self) -> dict[tuple[str, str], datetime]:
        """From when on digests must be listed, by account and region."""
        found: dict[tuple[str, str], datetime] = {}
        for chain, anchor in self.anchors.items():
            place = chain.account, chain.region
            floor = anchor.moment - LATE
            found[place] = min(floor, found.get(place, floor))
        return found


def hashes_of(path: Path) -> Known:
    """Hashes in a file of JSON lines (``key``, ``tag``, ``sha256``); raises ValidateError."""
    found: dict[str, tuple[str, str]] = {}
    number = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                number += 1
                if line.strip():
                    one = json.loads(line)
                    found[str(one["key"])] = str(one["tag"]), str(one["sha256"])
    except OSError as error:
        raise ValidateError(f"{path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError):
        raise ValidateError(f"{path}, line {number}: not a JSON object with key, tag and sha256") from None
    return found.get
