"""Finds templates among other files."""

from __future__ import annotations

import glob
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

FILE_BYTES_MAX = 10_000_000  # CloudFormation itself takes 1 MB
SNIFFED_BYTES = 1_000_000  # how much of a larger file is looked at
EXTENSIONS = frozenset((".yaml", ".yml", ".json", ".template", ".jsn", ".cfn", ".txt", ""))
SKIPPED_DIRECTORIES = frozenset(
    (".git", ".hg", ".svn", "node_modules", ".venv", "venv", ".terraform", ".aws-sam", "__pycache__", ".tox")
)
STDIN = "-"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")  # what an editor of Windows may write first
TRANSFORMS = (b"AWS::Serverless-2016", b"AWS::LanguageExtensions")

_TYPE = re.compile(rb"""[\s"'{,]Type["']?\s*:\s*["']?(?:AWS|Custom|Alexa)::""")


class PathError(ValueError):
    """A path given to a scan that leads nowhere; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that looks like a template: its path, the name that people see, and its bytes.

    `why` is set instead where it could not be read.  `named` says that the user named this very file.
    """

    path: str
    name: str
    data: bytes = b""
    why: str = ""
    named: bool = False


def find(paths: Sequence[str | os.PathLike[str]]) -> Iterator[Found]:
    """The templates in directories, under globs, in files and on standard input (``-``), each once, in order.

    Directories are searched in order of name.  Links to directories are not followed, so no loop is entered.  Raises
    PathError, before the first file, for a path or glob that leads to nothing.
    """
    return search(starts(paths))


def starts(paths: Sequence[str | os.PathLike[str]]) -> list[tuple[str, str]]:
    """(path, what names are shown relative to) of each place to search; raises PathError."""
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


def search(roots: Iterable[tuple[str, str]]) -> Iterator[Found]:
    """The templates in places that :func:`starts` found, each once."""
    seen: set[str] = set()
    for root, base in roots:
        for found in _files(root, base):
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


def _files(root: str, base: str) -> Iterator[Found]:
    if root == STDIN:
        data = sys.stdin.buffer.read(FILE_BYTES_MAX + 1) if sys.stdin is not None else b""
        why = "" if len(data) <= FILE_BYTES_MAX else _too_large(len(data))
        why = why or ("" if data.strip() else "nothing came in; pipe a template into it")
        yield Found(STDIN, "stdin", b"" if why else data, why, True)
    elif os.path.isdir(root):
        yield from _directory(root, base)
    else:
        found = look(root, _shown(root, base), named=True)
        if found is not None:
            yield found


def _directory(directory: str, base: str) -> Iterator[Found]:
    waiting = [directory]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Found(here, _shown(here, base), why=f"the directory cannot be read: {error.strerror}")
            continue
        inner: list[str] = []
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_DIRECTORIES:
                        inner.append(entry.path)
                    continue
                if os.path.splitext(entry.name)[1].lower() not in EXTENSIONS or not entry.is_file():
                    continue
            except OSError:
                continue
            found = look(entry.path, _shown(entry.path, base))
            if found is not None:
                yield found
        waiting += reversed(inner)


def look(path: str, name: str, named: bool = False) -> Found | None:
    """The file if it looks like a template, was named by the user, or cannot be read; None otherwise."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Found(path, name, why="not a regular file", named=True) if named else None
            if status.st_size > FILE_BYTES_MAX:
                if named or looks_like_template(file.read(SNIFFED_BYTES)):
                    return Found(path, name, why=_too_large(status.st_size), named=named)
                return None
            data = file.read()
    except OSError as error:
        return Found(path, name, why=f"the file cannot be read: {error.strerror}", named=named)
    if not named and not looks_like_template(data):
        return None
    return Found(path, name, data, named=named)


def looks_like_template(data: bytes) -> bool:
    """Whether bytes are worth parsing: cheap, and wrong only in that it may say yes too often."""
    if data[:2] in UTF16_MARKS:
        data = data.replace(b"\0", b"")  # what is plain ASCII becomes readable, and no more is looked for
    if b"AWSTemplateFormatVersion" in data:
        return True
    return b"Resources" in data and (_TYPE.search(data) is not None or any(name in data for name in TRANSFORMS))


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
