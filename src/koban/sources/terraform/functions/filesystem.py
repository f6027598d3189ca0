"""Functions of files.  They read inside the tree of the configuration alone, and say so of anything else."""

from __future__ import annotations

import base64
import os
import posixpath
import re
import stat
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from koban.model.unknown import Unknown
from koban.sources.terraform.functions.conversion import ANY, STRING, convert
from koban.sources.terraform.functions.encoding import utf8
from koban.sources.terraform.functions.function import DEPTH_MAX, Context, NotKnown, function
from koban.sources.terraform.functions.hashing import digest
from koban.sources.terraform.values import ELEMENTS_MAX, EvaluationError, TooLarge, kind_of, set_of

BYTES_MAX = 10_000_000  # a larger file is not read


def _not_read(path: str, why: str) -> NotKnown:
    return NotKnown(Unknown(f'file "{path[:200]}"', why))


def _inside(context: Context, path: str) -> Path:
    """The place of a path, links followed.  What is outside the tree of the configuration stays unknown."""
    if path.startswith("~"):
        raise _not_read(path, "it is in somebody's home directory")
    try:
        found = (context.directory / path).resolve()
        root = context.root.resolve()
    except (OSError, ValueError, RuntimeError):
        raise EvaluationError("there is no such file") from None
    if found != root and root not in found.parents:
        raise _not_read(path, "it is outside the directory that is scanned, so it is not read")
    return found


def content(context: Context, path: str) -> bytes:
    """The bytes of a file."""
    place = _inside(context, path)
    try:
        kind = place.stat()
        if stat.S_ISDIR(kind.st_mode):
            raise EvaluationError("a directory is no file")
        if not stat.S_ISREG(kind.st_mode):
            raise _not_read(path, "it is no regular file")
        if kind.st_size > BYTES_MAX:
            raise _not_read(path, f"it is larger than {BYTES_MAX:,} bytes")
        with place.open("rb") as file:
            found = file.read(BYTES_MAX + 1)
    except PermissionError:
        raise _not_read(path, "it may not be read") from None
    except (OSError, ValueError):
        raise EvaluationError(f'there is no file "{path[:200]}"') from None
    if len(found) > BYTES_MAX:
        raise _not_read(path, f"it is larger than {BYTES_MAX:,} bytes")
    return found


@function(STRING, in_context=True)
def file(context: Context, path: Any) -> Any:
    return utf8(content(context, path))


@function(STRING, in_context=True)
def filebase64(context: Context, path: Any) -> Any:
    return base64.b64encode(content(context, path)).decode()


@function(STRING, in_context=True)
def filemd5(context: Context, path: Any) -> Any:
    return digest("md5", content(context, path)).hex()


@function(STRING, in_context=True)
def filesha1(context: Context, path: Any) -> Any:
    return digest("sha1", content(context, path)).hex()


@function(STRING, in_context=True)
def filesha256(context: Context, path: Any) -> Any:
    return digest("sha256", content(context, path)).hex()


@function(STRING, in_context=True)
def filesha512(context: Context, path: Any) -> Any:
    return digest("sha512", content(context, path)).hex()


@function(STRING, in_context=True)
def filebase64sha256(context: Context, path: Any) -> Any:
    return base64.b64encode(digest("sha256", content(context, path))).decode()


@function(STRING, in_context=True)
def filebase64sha512(context: Context, path: Any) -> Any:
    return base64.b64encode(digest("sha512", content(context, path))).decode()


@function(STRING, in_context=True)
def fileexists(context: Context, path: Any) -> Any:
    place = _inside(context, path)
    try:
        mode = place.stat().st_mode
    except PermissionError:
        raise _not_read(path, "it may not be read") from None
    except (OSError, ValueError):
        return False
    if not stat.S_ISREG(mode):
        raise EvaluationError("this is no regular file")
    return True


@function(STRING, STRING, in_context=True)
def fileset(context: Context, path: Any, pattern: Any) -> Any:
    whole = _clean(f"{path}/{pattern}") if path else _clean(pattern)
    parts = [one for one, _ in groupby(whole.split("/")) if one not in ("", ".")]
    steps = [None if one == "**" else _component(one) for one in parts]
    start = _inside(context, "/" if whole.startswith("/") else ".")
    base = _clean(path or ".")
    found = set()
    walk = _Walk(context)
    for place in walk.files(start, [*zip(parts, steps, strict=True)], ()):
        found.add(os.path.relpath(posixpath.join("/" if whole.startswith("/") else "", *place), base))
    return set_of(found)


class _Walk:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.root = context.root.resolve()
        self.seen = 0

    def files(
        self, folder: Path, steps: list[tuple[str, re.Pattern[str] | None]], above: tuple[str, ...]
    ) -> Iterator[tuple[str, ...]]:
        if not steps:
            return
        (name, matcher), *rest = steps
        if name == "..":
            outer = folder.parent
            if folder == self.root or (self.root != outer and self.root not in outer.parents):
                raise _not_read(
                    "/".join((*above, "..")), "it is outside the directory that is scanned, so it is not read"
                )
            yield from self.files(outer, rest, (*above, ".."))
            return
        for entry in self.entries(folder):
            here = (*above, entry.name)
            if matcher is None:
                if not rest and self.is_file(entry):
                    yield here
                if self.is_folder(entry) and not entry.is_symlink():
                    yield from self.files(Path(entry.path), steps, here)
            elif matcher.fullmatch(entry.name):
                if not rest and self.is_file(entry):
                    yield here
                elif rest and self.is_folder(entry):
                    yield from self.files(Path(entry.path).resolve(), rest, here)
        if matcher is None and rest:
            yield from self.files(folder, rest, above)

    def entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as listed:
                found = sorted(listed, key=lambda one: one.name)
        except OSError:
            return []
        self.seen += len(found)
        if self.seen > ELEMENTS_MAX:
            raise _not_read("..", f"there are more than {ELEMENTS_MAX:,} files to look at")
        return found

    def is_file(self, entry: os.DirEntry[str]) -> bool:
        return entry.is_file() and self.inside(entry)

    def is_folder(self, entry: os.DirEntry[str]) -> bool:
        return entry.is_dir() and self.inside(entry)

    def inside(self, entry: os.DirEntry[str]) -> bool:
        return not entry.is_symlink() or self.root in Path(entry.path).resolve().parents


def _component(text: str) -> re.Pattern[str]:
    """The part of a pattern between two slashes, as an expression."""
    made: list[str] = []
    depth = at = 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "*":
            if not made or made[-1] != ".*":
                made.append(".*")
        elif character == "?":
            made.append(".")
        elif character == "[":
            inner = re.compile(r"\^?(?:\\.|[^\]\\])+\]").match(text, at)
            if inner is None:
                raise EvaluationError("the pattern is not complete")
            body = inner[0][:-1]
            sign = "^" if body.startswith("^") else ""
            made.append(f"[{sign}{_class(body.removeprefix('^'))}]")
            at = inner.end()
        elif character == "{":
            depth += 1
            made.append("(?:")
        elif character == "}" and depth:
            depth -= 1
            made.append(")")
        elif character == "," and depth:
            made.append("|")
        elif character == "\\":
            if at >= len(text):
                raise EvaluationError("the pattern is not complete")
            made.append(re.escape(text[at]))
            at += 1
        else:
            made.append(re.escape(character))
    if depth:
        raise EvaluationError("the pattern is not complete")
    if made.count(".*") > 6:
        raise TooLarge("a pattern of files has too many stars")
    return re.compile("".join(made), re.DOTALL)


def _class(body: str) -> str:
    pieces: list[str] = []
    for escaped, character in re.findall(r"(\\?)(.)", body, re.DOTALL):
        pieces.append("-" if character == "-" and not escaped else re.escape(character))
    return "".join(pieces)


def _clean(path: str) -> str:
    """A path without `.`, `//` and what `..` takes back."""
    found = posixpath.normpath(path) if path else "."
    return "/" + found.lstrip("/") if found.startswith("/") else found


@function(STRING)
def abspath(path: Any) -> Any:
    if path.startswith("/"):
        return _clean(path)
    return Unknown(
        f'abspath("{path[:200]}")', "where the configuration lies differs from machine to machine", shape=r"(?s:/.*)"
    )


@function(STRING)
def basename(path: Any) -> Any:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


@function(STRING)
def dirname(path: Any) -> Any:
    return _clean(path.rpartition("/")[0] or ("/" if path.startswith("/") else "."))


@function(STRING)
def pathexpand(path: Any) -> Any:
    if not path.startswith("~"):
        return path
    if path not in ("~",) and not path.startswith("~/"):
        raise EvaluationError("the home directory of another user is not expanded")
    return Unknown(f'pathexpand("{path[:200]}")', "home directories differ from machine to machine")


_NAME = re.compile(r"[^\W\d][\w-]*")


def _rendered(context: Context, text: str, variables: Any, filename: str) -> Any:
    if isinstance(variables, Unknown):
        raise NotKnown(variables)
    if not isinstance(variables, dict):
        raise EvaluationError(f"a map or object of variables is needed, and this is {kind_of(variables)}")
    if context.depth >= DEPTH_MAX:
        raise EvaluationError("templates call each other without end")
    for name in variables:
        if not _NAME.fullmatch(name):
            raise EvaluationError(f'"{name[:60]}" is no name of a variable')
    return context.render(text, variables, filename)


@function(STRING, ANY, partly=True, in_context=True)
def templatefile(context: Context, path: Any, variables: Any) -> Any:
    if isinstance(path, Unknown):
        raise NotKnown(path)
    return _rendered(context, utf8(content(context, path)), variables, path)


@function(STRING, ANY, partly=True, in_context=True)
def templatestring(context: Context, text: Any, variables: Any) -> Any:
    if isinstance(text, Unknown):
        raise NotKnown(text)
    return convert(_rendered(context, text, variables, "templatestring"), STRING)
