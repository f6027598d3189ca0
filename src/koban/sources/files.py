"""Finds the files that a scan of code is about: one walk, in which each dialect claims its own."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

FILE_BYTES_MAX = 10_000_000  # CloudFormation itself takes 1 MB, Azure Resource Manager 4 MB
SNIFFED_BYTES = 1_000_000  # how much of a larger file is looked at
SKIPPED_DIRECTORIES = frozenset(
    (".git", ".hg", ".svn", "node_modules", ".venv", "venv", ".terraform", ".aws-sam", "__pycache__", ".tox")
)
STDIN = "-"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")  # what an editor of Windows may write first
HELD_BYTES_MAX = 64_000_000  # how much of the files' bytes stays in memory while others are read


class PathError(ValueError):
    """A path given to a scan that leads nowhere; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A language that templates are written in.

    `claims(path, data)` says whether a file is worth parsing: it is cheap, and wrong only in that it may say yes too
    often.  In a directory only files with one of `extensions` (in lower case, with the dot) are looked at.
    """

    name: str
    extensions: frozenset[str]
    claims: Callable[[str, bytes], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """A file that looks like a template: its path, the name that people see, and its bytes.

    `why` is set instead where it could not be read.  `named` says that the user named this very file.  `dialect` is
    the name of the dialect that claims it; of the first one for a named file that none claims.
    """

    path: str
    name: str
    data: bytes = b""
    why: str = ""
    named: bool = False
    dialect: str = ""


def find(paths: Sequence[str | os.PathLike[str]], dialects: Sequence[Dialect]) -> Iterator[Found]:
    """The templates in directories, under globs, in files and on standard input (``-``), each once, in order.

    The first of `dialects` that claims a file has it.  Directories are searched in order of name; links to
    directories are not followed, so no loop is entered.  Raises PathError, before the first file, for a path or glob
    that leads to nothing.
    """
    return search(starts(paths), dialects)


def starts(paths: Sequence[str | os.PathLike[str]]) -> list[tuple[str, str]]:
    """(path, what names are shown relative to) of each place to search.  Raises PathError."""
    roots: list[tuple[str, str]] = []
    for given in paths:
        path = os.fspath(given)
        if path == STDIN or os.path.lexists(path):
            roots.append((path, _base(path, len(paths))))
            continue
        matches = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) else []
        if not matches:
            raise PathError(
                f"{path}: no file matches it" if glob.has_magic(path) else f"{path}: no such file or directory"
            )
        roots += [(match, _base(match, 2)) for match in matches]
    return roots


def search(roots: Iterable[tuple[str, str]], dialects: Sequence[Dialect]) -> Iterator[Found]:
    """The templates in places that :func:`starts` found, each once."""
    seen: set[str] = set()
    for root, base in roots:
        for found in _files(root, base, dialects):
            real = os.path.realpath(found.path) if found.path != STDIN else STDIN
            if real not in seen:
                seen.add(real)
                yield found


def _base(path: str, roots: int) -> str:
    """What file names are shown relative to: the current directory if the path is in it, else the path itself.

    So the same files give the same output wherever they are checked out.
    """
    if path == STDIN:
        return ""
    here, full = os.getcwd(), os.path.abspath(path)
    if full == here or full.startswith(here.rstrip(os.sep) + os.sep):
        return here
    if roots > 1:
        return ""
    return full if os.path.isdir(full) else os.path.dirname(full)


def _shown(path: str, base: str) -> str:
    full = os.path.abspath(path)
    return (os.path.relpath(full, base) if base else full).replace(os.sep, "/")


def _files(root: str, base: str, dialects: Sequence[Dialect]) -> Iterator[Found]:
    if root == STDIN:
        data = sys.stdin.buffer.read(FILE_BYTES_MAX + 1) if sys.stdin is not None else b""
        why = "" if len(data) <= FILE_BYTES_MAX else _too_large(len(data))
        why = why or ("" if data.strip() else "nothing came in; pipe a template into it")
        yield Found(
            STDIN, "stdin", b"" if why else data, why, True, _claimed(STDIN, data, dialects) or dialects[0].name
        )
    elif os.path.isdir(root):
        yield from _directory(root, base, dialects)
    else:
        found = look(root, _shown(root, base), dialects, named=True)
        if found is not None:
            yield found


def _directory(directory: str, base: str, dialects: Sequence[Dialect]) -> Iterator[Found]:
    extensions = frozenset().union(*(one.extensions for one in dialects))
    waiting = [directory]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            why = f"the directory cannot be read: {error.strerror}"
            yield Found(here, _shown(here, base), why=why, dialect=dialects[0].name)
            continue
        inner: list[str] = []
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_DIRECTORIES:
                        inner.append(entry.path)
                    continue
                if os.path.splitext(entry.name)[1].lower() not in extensions or not entry.is_file():
                    continue
            except OSError:
                continue
            found = look(entry.path, _shown(entry.path, base), dialects)
            if found is not None:
                yield found
        waiting += reversed(inner)


def look(path: str, name: str, dialects: Sequence[Dialect], named: bool = False) -> Found | None:
    """The file if a dialect claims it, it was named by the user, or cannot be read; None otherwise."""
    first = dialects[0].name
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Found(path, name, why="not a regular file", named=True, dialect=first) if named else None
            if status.st_size > FILE_BYTES_MAX:
                dialect = _claimed(path, file.read(SNIFFED_BYTES), dialects)
                if named or dialect:
                    return Found(path, name, why=_too_large(status.st_size), named=named, dialect=dialect or first)
                return None
            data = file.read()
    except OSError as error:
        return Found(path, name, why=f"the file cannot be read: {error.strerror}", named=named, dialect=first)
    dialect = _claimed(path, data, dialects)
    if not named and not dialect:
        return None
    return Found(path, name, data, named=named, dialect=dialect or first)


def _claimed(path: str, data: bytes, dialects: Sequence[Dialect]) -> str:
    """The name of the first dialect that claims a file; empty: none."""
    if data[:2] in UTF16_MARKS:
        data = data.replace(b"\0", b"")  # what is plain ASCII becomes readable, and no more is looked for
    for one in dialects:
        if one.claims(path, data):
            return one.name
    return ""


def without(files: Iterable[Found], dialect: str, aside: list[Found]) -> Iterator[Found]:
    """The files but those of `dialect`, which are laid `aside` on the way: one walk serves several readers.

    Of what is laid aside only so many bytes are kept in memory; :func:`again` has the rest.
    """
    held = sum(len(one.data) for one in aside)
    for found in files:
        if found.dialect != dialect:
            yield found
            continue
        held += len(found.data)
        keep = held <= HELD_BYTES_MAX or found.path == STDIN
        aside.append(found if keep else Found(found.path, found.name, b"", found.why, found.named, dialect))


def again(found: Found, dialects: Sequence[Dialect]) -> Found:
    """A file with its bytes, which may have been let go since it was found."""
    if found.data or found.why:
        return found
    return look(found.path, found.name, dialects, named=found.named) or found


def decoded(data: bytes) -> str:
    """The text of a file.  Raises ValueError saying what is wrong with it."""
    if data[:2] in UTF16_MARKS:
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise ValueError("the file begins as UTF-16 text and is not; save it as UTF-8") from None
    if b"\0" in data[:8192]:
        raise ValueError("the file is binary")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"the file is not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def _too_large(size: int) -> str:
    return f"the file has more than {FILE_BYTES_MAX // 1_000_000} MB ({size // 1_000_000} MB); split the template"
