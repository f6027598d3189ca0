"""Where data and messages go: data to standard output or a file, messages to standard error."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TextIO

import click

WIDTH_PIPED = 100


class OutputError(click.ClickException):
    """Output that cannot be written; the message says where and why."""

    exit_code = 2


class Stream(io.TextIOWrapper):
    """A text stream in UTF-8 that tells its own trouble from everyone else's: raises OutputError."""

    def __init__(self, raw: IO[bytes], label: str, encoding: str = "utf-8") -> None:
        super().__init__(raw, encoding=encoding, errors="backslashreplace", newline="\n")
        self.label = label

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._explained(error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._explained(error) from error

    def _explained(self, error: OSError) -> OutputError:
        return OutputError(f"cannot write to {self.label}: {error.strerror or error}")


@contextlib.contextmanager
def output(name: str | None) -> Iterator[TextIO]:
    """A text stream to file `name`, or to standard output for None and ``-``.

    A file appears whole or not at all: it is written beside its place and moved there at the end.
    Raises OutputError.
    """
    if name is None or name == "-":
        with standard_output() as stream:
            yield stream
        return
    check_writable(name)
    path = Path(os.path.realpath(name))
    if path.exists() and not path.is_file():
        with _opened(path, "wb", name) as device:
            yield device
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _opened(beside, "xb", name) as stream:
            yield stream
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def _opened(path: Path, mode: str, name: str) -> Iterator[TextIO]:
    try:
        raw = path.open(mode)
    except OSError as error:
        raise OutputError(f"cannot write to {name}: {error.strerror or error}") from error
    stream = Stream(raw, name)
    try:
        yield stream
        stream.flush()
    finally:
        with contextlib.suppress(OutputError, OSError):
            stream.close()


@contextlib.contextmanager
def standard_output() -> Iterator[TextIO]:
    """Standard output, in UTF-8 unless it is a terminal of another kind."""
    sys.stdout.flush()
    encoding = (sys.stdout.encoding or "utf-8") if sys.stdout.isatty() else "utf-8"
    raw: Any = sys.stdout.buffer
    # With PYTHONUNBUFFERED there is no buffer there, and what a full disk cuts short would go unnoticed.
    buffered = io.BufferedWriter(raw) if isinstance(raw, io.RawIOBase) else raw
    stream = Stream(buffered, "standard output", encoding)
    try:
        yield stream
        stream.flush()
    finally:
        with contextlib.suppress(OutputError, OSError):
            stream.detach()
            if buffered is not raw:
                buffered.detach()


def check_writable(name: str) -> None:
    """Complain before hours of work rather than after them.  Raises OutputError."""
    path = Path(os.path.realpath(name))
    if path.is_dir():
        raise OutputError(f"cannot write {name}: it is a directory; name a file in it")
    if not path.parent.is_dir():
        raise OutputError(f"cannot write {name}: there is no directory {path.parent}; make it first")
    if path.exists() and not path.is_file():
        return
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"cannot write {name}: you may not write in {path.parent}")


def say(text: str) -> None:
    """One message for people."""
    encoding = sys.stderr.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)


def colour_wanted(stream: TextIO, no_color: bool = False) -> bool:
    """Colours only on a terminal that has them, and not where NO_COLOR is set."""
    return stream.isatty() and not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int:
    """Columns to fill: the terminal's; a fixed number where there is none, so that files are alike everywhere."""
    return shutil.get_terminal_size((WIDTH_PIPED, 24)).columns if stream.isatty() else WIDTH_PIPED


def ascii_only(stream: TextIO) -> bool:
    """Whether the stream cannot show lines and dots."""
    try:
        "─│└├·…█▒░".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False
