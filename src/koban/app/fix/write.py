"""Writes proven edits to the files, each whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile

from koban.app.fix.prove import refused
from koban.app.fix.run import Asked, Change, Files, Proposal, claim_of


class WriteError(Exception):
    """Files that are not written; the message says which and why.  What was written before is as it was."""


def write(asked: Asked, proposal: Proposal) -> None:
    """Write the changes, scan again, and put everything back where that is not what the proof said.

    Raises WriteError, with nothing changed.
    """
    within = Files(asked.paths)
    for change in proposal.changes:
        if not within.holds(change.path):
            raise WriteError(f"{change.name} lies outside of what was given, so it is not written")
    done: list[Change] = []
    try:
        for change in proposal.changes:
            _replace(change.path, change.before, change.after, change.name)
            done.append(change)
        wrong = refused(proposal.judged, asked.judged({}).judged, [claim_of(one) for one in proposal.offers])
        if wrong:
            why = next(iter(wrong.values()))
            raise WriteError(f"the scan of what was written says otherwise than the proof: {why}; nothing is changed")
    except BaseException:
        for change in reversed(done):
            with contextlib.suppress(WriteError):
                _replace(change.path, change.after, change.before, change.name)
        raise


def _replace(path: str, before: bytes, after: bytes, name: str) -> None:
    """Put a file in the place of another, with its mode.  Raises WriteError."""
    beside = ""
    try:
        with open(path, "rb") as stream:
            if stream.read() != before:
                raise WriteError(f"{name} has changed since it was read; run it again")
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
        descriptor, beside = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path))
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(after)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(beside, mode)
        os.replace(beside, path)
        beside = ""
    except OSError as error:
        raise WriteError(f"cannot write {name}: {error.strerror or error}") from error
    finally:
        if beside:
            with contextlib.suppress(OSError):
                os.unlink(beside)
