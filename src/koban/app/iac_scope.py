"""What changed since a revision of git, and which templates and configurations depend on it.

The rule is coarse on purpose: where any file that a template, or a root of Terraform, comes from has changed, all that
is found in it is reported.  What a removed line leaves behind elsewhere in the same root (a bucket whose policy is
gone) depends on nothing that is still there, so anything finer would miss it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from koban.sources.arm.files import ARM
from koban.sources.cloudformation.files import CLOUDFORMATION
from koban.sources.files import FILE_BYTES_MAX, STDIN
from koban.sources.inputs import Inputs
from koban.sources.terraform.configuration import is_configuration
from koban.sources.terraform.library import VENDORED

SECONDS_MAX = 60  # for one question to git
EARLIER_TEXTS_MAX = 5_000  # changed files whose earlier text is looked at; beyond them everything counts as changed
OWN_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE")
DOWNLOADED = ".terraform"  # what terraform init fetches: which version it is stands in the files beside it

# A name written out: in quotes, or what has no space.
_NAME = re.compile(rb"\"([^\"\n]{1,1000})\"|'([^'\n]{1,1000})'|([\w.@/\\+-]{1,1000})")


class ScopeError(ValueError):
    """A revision that nothing can be compared with; the message says why."""


@dataclass
class Scope:
    """What changed in some repositories, and what depends on it.

    `changed` are paths, there or not; `followed` all that git knows; `moved` directories that came as a whole (a
    submodule, a link).  `named` are paths that changed files named before: what nothing calls any more is judged by
    itself, and so are modules under `vendored` where `modules` says that such a file called some.  `exports` says that
    a template may have ceased to export something.
    """

    revision: str
    changed: set[str] = field(default_factory=set)
    followed: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    vendored: tuple[str, ...] = ()
    modules: bool = False
    exports: bool = False
    everything: bool = False
    seen: int = 0
    covered: int = 0
    not_followed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names: dict[str, list[str]] = {}
        self._exporting: bool | None = None

    def add(self, path: str) -> None:
        self.changed.add(path)
        self._names.setdefault(os.path.dirname(path), []).append(os.path.basename(path))

    def covers(self, inputs: Inputs | None, templates: Iterable[str] = ()) -> bool:
        """Whether something depends on what changed; `templates` are all that it may import from."""
        self.seen += 1
        holds = self.everything or inputs is None or self._reaches(inputs, templates)
        self.covered += holds
        return holds

    def _reaches(self, inputs: Inputs, templates: Iterable[str]) -> bool:
        if _canonical(inputs.start) in self.named or os.path.realpath(inputs.start) in self.named:
            return True
        if self.modules and self._is_vendored(inputs.start):
            return True
        if inputs.imports:
            if self._exporting is None:
                self._exporting = self.exports or any(map(self._differs, templates))
            if self._exporting:
                return True
        if any(self._listing_differs(*one) for one in inputs.directories.items()):
            return True
        if any(self._tree_differs(one) for one in inputs.trees):
            return True
        return any([self._differs(one) for one in sorted(inputs.files)])  # noqa: C419  each is looked at, for the notes

    def _listing_differs(self, directory: str, endings: tuple[str, ...]) -> bool:
        """Whether a file that counts in a directory changed, came or went, or the directory itself did."""
        for path in {_canonical(directory), os.path.realpath(directory)}:
            if path in self.changed or self._in_moved(path):
                return True
            if any(one.endswith(endings) for one in self._names.get(path, ())):
                return True
        return False

    def _tree_differs(self, tree: str) -> bool:
        top = os.path.realpath(tree)
        return self._in_moved(top) or any(_is_in(one, top) for one in self.changed)

    def _differs(self, path: str) -> bool:
        """Whether a file is another one than before; one that git does not follow may be."""
        here, real = _canonical(path), os.path.realpath(path)
        if here in self.changed or real in self.changed or self._in_moved(real):
            return True
        if (real in self.followed and (here == real or here in self.followed)) or not os.path.lexists(real):
            return False
        if DOWNLOADED in real.split(os.sep):
            return False
        if path not in self.not_followed:
            self.not_followed.append(path)
        return True

    def _is_vendored(self, start: str) -> bool:
        path = f"{_canonical(start)}/".replace(os.sep, "/")
        if any(f"/{one}/" in path for one in VENDORED):
            return True
        return any(_is_in(os.path.realpath(start), os.path.realpath(one)) for one in self.vendored)

    def _in_moved(self, path: str) -> bool:
        return any(_is_in(path, one) for one in self.moved)

    def notes(self) -> Iterator[str]:
        """What to tell the user when all is read."""
        for path in self.not_followed[:5]:
            yield f"{os.path.relpath(path)} is not followed by git, so it counts as changed"
        if len(self.not_followed) > 5:
            yield f"{len(self.not_followed) - 5:,} more files are not followed by git, so they count as changed"
        depend = f"{self.covered:,} of {self.seen:,} templates and configurations depend"
        yield f"{depend} on what changed since {self.revision}"


def _canonical(path: str) -> str:
    """A path whose directory is the real one; the last name may be a link."""
    full = os.path.abspath(path)
    return os.path.join(os.path.realpath(os.path.dirname(full)), os.path.basename(full))


def _is_in(path: str, top: str) -> bool:
    return path == top or path.startswith(top.rstrip(os.sep) + os.sep)


def changed_since(revision: str, paths: Iterable[str]) -> Scope:
    """What changed in the repositories around `paths`, up to what is not committed.  Raises ScopeError.

    Compared is with the last commit that the present one has in common with `revision`.
    """
    if not revision or revision.startswith("-") or not revision.isprintable():
        raise ScopeError(f"--changed-since {revision!r}: that is no revision")
    scope = Scope(revision)
    tops: list[str] = []
    for path in paths:
        if path == STDIN:
            continue
        directory = path if os.path.isdir(path) else os.path.dirname(path) or "."
        top = _top(directory, path)
        if top not in tops:
            tops.append(top)
            _compare(scope, top, revision)
    if not tops:
        raise ScopeError("--changed-since asks for files in a repository of git, and there are none among the paths")
    return scope


def _top(directory: str, path: str) -> str:
    asked = _git(directory, "rev-parse", "--show-toplevel")
    if asked.returncode:
        why = _said(asked)
        if "not a git repository" in why or "must be run in a work tree" in why:
            raise ScopeError(f"--changed-since: {path} is in no repository of git")
        raise ScopeError(f"--changed-since: git says of {path}: {why}")
    return os.path.realpath(os.fsdecode(asked.stdout.rstrip(b"\r\n")))


def _compare(scope: Scope, top: str, revision: str) -> None:
    known = _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if known.returncode:
        raise ScopeError(f"--changed-since: git knows no revision {revision!r} in {top}")
    base = _git(top, "merge-base", known.stdout.decode().strip(), "HEAD")
    if base.returncode:
        why = "has nothing in common with what is checked out; in a shallow clone, fetch more of the history"
        raise ScopeError(f"--changed-since: {revision} {why}")
    start = base.stdout.decode().strip()
    compared = ("--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "-z")
    differing = _paths(top, "diff", *compared, start, "--")
    for name in (*differing, *_paths(top, "ls-files", "--others", "--exclude-standard", "-z")):
        path = os.path.normpath(os.path.join(top, name))
        scope.add(path)
        if os.path.isdir(path):  # a submodule, a link to a directory, or a repository within the repository
            scope.moved.add(os.path.realpath(path))
    for name in _paths(top, "ls-files", "--cached", "--recurse-submodules", "-z"):
        scope.followed.add(os.path.normpath(os.path.join(top, name)))
    _look_back(scope, top, start, differing)


def _look_back(scope: Scope, top: str, start: str, names: Sequence[str]) -> None:
    """Notes what changed files named before, and whether they exported anything."""
    asked = [one for one in names if is_configuration(os.path.basename(one)) or _may_be_template(one)]
    if not asked:
        return
    if len(asked) > EARLIER_TEXTS_MAX or any("\n" in one for one in asked):
        scope.everything = True
        return
    text = b"".join(os.fsencode(f"{start}:{one}\n") for one in asked)
    found = _git(top, "cat-file", "--batch", given=text)
    if found.returncode:
        raise ScopeError(f"--changed-since: git says: {_said(found)}")
    for name, blob in zip(asked, _blobs(found.stdout), strict=False):
        directory = os.path.join(top, os.path.dirname(name))
        scope.exports = scope.exports or b"Export" in blob
        scope.modules = scope.modules or (is_configuration(os.path.basename(name)) and b"module" in blob)
        for found_name in set(_NAME.findall(blob[:FILE_BYTES_MAX])):
            one = os.fsdecode(b"".join(found_name)).replace("\\", "/")
            if "\0" not in one:
                scope.named.add(os.path.normpath(os.path.join(directory, one)))


def _may_be_template(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in ARM.extensions | CLOUDFORMATION.extensions


def _blobs(data: bytes) -> Iterator[bytes]:
    """What ``git cat-file --batch`` answers, in order; empty for what is not there."""
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        words = data[at:end].split(b" ")
        at = end + 1
        if words[-1] in (b"missing", b"ambiguous") or not words[-1].isdigit():
            yield b""
            continue
        size = int(words[-1])
        yield data[at : at + size] if words[-2] == b"blob" else b""
        at += size + 1


# Git


def _paths(top: str, *words: str) -> list[str]:
    done = _git(top, *words)
    if done.returncode:
        raise ScopeError(f"--changed-since: git says: {_said(done)}")
    return [os.fsdecode(one) for one in done.stdout.split(b"\0") if one]


def _git(directory: str, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """One question to git, in a directory: no shell, no prompt, no pager, nothing written."""
    kept = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
    environment = {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_PAGER": "cat"}
    line = ["git", "-C", directory, "-c", "core.fsmonitor=false", "-c", "core.quotepath=false", *words]
    try:
        return subprocess.run(  # noqa: S603  a list of words, and no shell
            line, input=given, capture_output=True, env=environment, timeout=SECONDS_MAX, check=False
        )
    except FileNotFoundError:
        raise ScopeError("--changed-since asks git, which is not installed here") from None
    except subprocess.TimeoutExpired:
        raise ScopeError(f"--changed-since: git {words[0]} took longer than {SECONDS_MAX} seconds") from None
    except OSError as error:
        raise ScopeError(f"--changed-since: git cannot be run: {error.strerror or error}") from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """The first line that git complains with."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ")[:300] if lines else f"exit code {done.returncode}"
