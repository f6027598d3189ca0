"""The configurations of one scan: found, read once each, and told apart into roots and the modules that they call."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from koban.sources.files import SKIPPED_DIRECTORIES, STDIN
from koban.sources.reading import Problem
from koban.sources.terraform.configuration import (
    ENDINGS,
    Configuration,
    File,
    is_configuration,
    is_local,
    load,
    read_file,
)
from koban.sources.terraform.values import EvaluationError

if TYPE_CHECKING:
    from koban.sources.terraform.module import Module

VENDORED = ("vendor/modules", "vendor", ".modules")  # where modules are kept beside a root that are not downloaded
VALUES_FILES = (".auto.tfvars", ".auto.tfvars.json")
DIRECTORIES_MAX = 200_000
_SCHEME = re.compile(r"^(?:[a-z]+::)?(?:[a-z+]+://)?")


@dataclass
class Options:
    """What the user says of the variables: `values` by name as texts, `files` in order, the workspace.

    With `defaults_open` a default of a root's variable is not relied on: who applied it may have given another value.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    workspace: str = ""
    vendored: Sequence[str] = ()
    defaults_open: bool = False


class Library:
    """Every configuration under some paths."""

    def __init__(self, bases: Iterable[tuple[str, str]], options: Options | None = None) -> None:
        """`bases` are (path, what names are shown relative to) of each directory or file to read."""
        self.options = options or Options()
        self.found: dict[str, list[str]] = {}  # directory, its files
        self.only: dict[str, set[str]] = {}  # directory of which only some files are asked about
        self.shown: dict[str, str] = {}
        self.root_of: dict[str, str] = {}  # directory, the path that it was found under
        self.problems: list[Problem] = []
        self._loaded: dict[str, Configuration] = {}
        self._manifests: dict[str, dict[str, str]] = {}
        for path, base in bases:
            self._find(path, base)

    def _find(self, path: str, base: str) -> None:
        full = os.path.abspath(path)
        if os.path.isdir(full):
            self._walk(full, base)
        elif is_configuration(os.path.basename(full)) and os.path.isfile(full):
            directory = os.path.dirname(full)
            if directory not in self.found or directory in self.only:
                self._add(directory, self._configurations(directory), base, directory)
                self.only.setdefault(directory, set()).add(os.path.basename(full))

    def _configurations(self, directory: str) -> list[str]:
        try:
            with os.scandir(directory) as listing:
                return sorted(one.name for one in listing if is_configuration(one.name) and one.is_file())
        except OSError:
            return []

    def _walk(self, top: str, base: str) -> None:
        waiting = [top]
        while waiting:
            here = waiting.pop()
            try:
                with os.scandir(here) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError:
                continue  # said by the search for templates
            names: list[str] = []
            inner: list[str] = []
            for entry in entries:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in SKIPPED_DIRECTORIES:
                            inner.append(entry.path)
                    elif is_configuration(entry.name) and entry.is_file():
                        names.append(entry.name)
                except OSError:
                    continue
            if names:
                self._add(here, names, base, top)
                self.only.pop(here, None)
            waiting += reversed(inner)
            if len(self.found) > DIRECTORIES_MAX:
                self.problems.append(Problem(top, None, f"more than {DIRECTORIES_MAX:,} directories; scan part of it"))
                return

    def _add(self, directory: str, names: list[str], base: str, top: str) -> None:
        self.found.setdefault(directory, names)
        self.root_of.setdefault(directory, top)
        self.shown.setdefault(directory, shown(directory, base))

    def asks_about(self, file: str) -> bool:
        """Whether the user named a file of this name, or a directory that it is in."""
        directory, _, name = file.rpartition("/")
        directory = directory or "."
        return any(
            here == directory and (full not in self.only or name in self.only[full])
            for full, here in self.shown.items()
        )

    # Configurations

    def configuration(self, directory: str, beside: str = "") -> Configuration:
        """The configuration of a directory, read once."""
        real = os.path.realpath(directory)
        made = self._loaded.get(real)
        if made is None:
            name = self.shown.get(directory)
            if name is None:
                name = shown(directory, _base_of(beside, self.shown.get(beside, "")))
            made = self._loaded[real] = load(directory, name, self.found.get(directory))
        return made

    def roots(self) -> Iterator[Configuration]:
        """The configurations that nothing else here calls, in order; those that only call one another, too."""
        every = {directory: self.configuration(directory) for directory in self.found}
        called: dict[str, set[str]] = {}
        for directory, one in every.items():
            for name, call in one.calls.items():
                source = call.text_of("source")
                target = self.place_of(one, name, source, self._downloaded(one.directory), name) if source else None
                if target is not None and target != directory:
                    called.setdefault(os.path.realpath(target), set()).add(directory)
        chosen = [
            directory
            for directory, one in every.items()
            if os.path.realpath(directory) not in called or one.is_root or self._has_values(directory)
        ]
        reached: set[str] = set()
        waiting = list(chosen)
        callees: dict[str, list[str]] = {}
        for target, callers in called.items():
            for caller in callers:
                callees.setdefault(os.path.realpath(caller), []).append(target)
        while waiting:
            here = os.path.realpath(waiting.pop())
            if here not in reached:
                reached.add(here)
                waiting += callees.get(here, ())
        for directory, one in every.items():
            if directory in chosen or os.path.realpath(directory) not in reached:
                yield one

    def _has_values(self, directory: str) -> bool:
        return os.path.exists(os.path.join(directory, "terraform.tfvars"))

    @property
    def loaded(self) -> list[Configuration]:
        return list(self._loaded.values())

    # Modules

    def place_of(
        self, caller: Configuration, name: str, source: str, manifest: Mapping[str, str], key: str
    ) -> str | None:
        """The directory that a module call means; None where it is not here."""
        if is_local(source):
            found = os.path.normpath(os.path.join(caller.directory, source.replace("\\", "/")))
            return found if os.path.isdir(found) else None
        found = manifest.get(key, "")
        if found and os.path.isdir(found):
            return found
        package, _, inside = _SCHEME.sub("", source).partition("//")
        package = package.split("?", 1)[0].rstrip("/")
        last = package.rsplit("/", 1)[-1].removesuffix(".git")
        tops = [*self.options.vendored, *(os.path.join(caller.directory, one) for one in VENDORED)]
        for top in tops:
            for candidate in (package, name, last):
                found = os.path.normpath(os.path.join(top, candidate, inside.split("?", 1)[0]))
                if not _inside(found, top) or not os.path.isdir(found):
                    continue
                if any(is_configuration(one) for one in os.listdir(found)):
                    return found
        return None

    def _downloaded(self, root: str) -> dict[str, str]:
        """The modules that ``terraform init`` has downloaded for a root: directory by key (``net.subnets``)."""
        made = self._manifests.get(root)
        if made is None:
            made = self._manifests[root] = {}
            try:
                with open(os.path.join(root, ".terraform/modules/modules.json"), encoding="utf-8") as stream:
                    listed = json.load(stream).get("Modules", [])
                for one in listed:
                    made[str(one["Key"])] = os.path.normpath(os.path.join(root, str(one["Dir"])))
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                pass
        return made

    def callee(self, caller: Configuration, root: str, name: str, source: str, key: str) -> Configuration | None:
        """The configuration that a call means; None where it is not here."""
        place = self.place_of(caller, name, source, self._downloaded(root), key)
        return None if place is None else self.configuration(place, caller.directory)

    def find(self, module: Module, name: str, source: str) -> Configuration | str:
        """The configuration that a call means, or why it is not here."""
        key = ".".join((*module.key, name))
        root = module.tree.directory
        self._note_places(module, source)
        place = self.place_of(module.configuration, name, source, self._downloaded(root), key)
        if place is None:
            if is_local(source):
                return f"its directory {source} is not there"
            return f"its source {source} is not here (terraform init fetches it)"
        if is_local(source) and not self._may_read(place, root):
            return f"its directory {source} is outside of what is scanned"
        made = self.configuration(place, module.configuration.directory)
        if not made.files and not made.problems:
            return f"there are no Terraform files in {made.name}"
        return made

    def _note_places(self, module: Module, source: str) -> None:
        """Remember where a module is looked for: what is not there now may have been, or come."""
        inputs, here = module.tree.inputs, module.configuration.directory
        if is_local(source):
            inputs.directories.setdefault(os.path.normpath(os.path.join(here, source.replace("\\", "/"))), ENDINGS)
        else:
            inputs.trees.update(os.path.abspath(one) for one in self.options.vendored)
            inputs.trees.update(os.path.join(here, one) for one in VENDORED)

    def _may_read(self, place: str, root: str) -> bool:
        """Whether a module lies in what is scanned, or in the repository around it."""
        top = self.root_of.get(root, root)
        real = os.path.realpath(place)
        if _inside(real, os.path.realpath(top)) or real in map(os.path.realpath, self.found):
            return True
        around = top
        while around != os.path.dirname(around):
            if os.path.exists(os.path.join(around, ".git")):
                return _inside(real, os.path.realpath(around))
            around = os.path.dirname(around)
        return False

    # Values

    def values_files(self, root: str) -> Iterator[File | Problem]:
        """The files with values for the variables of a root, in the order in which later ones win."""
        try:
            names = sorted(os.listdir(root))
        except OSError:
            names = []
        ordered: list[str] = [one for one in ("terraform.tfvars", "terraform.tfvars.json") if one in names]
        ordered += [one for one in names if one.endswith(VALUES_FILES)]
        for name in ordered:
            yield read_file(os.path.join(root, name), f"{self.shown.get(root, root)}/{name}".removeprefix("./"))
        for path in self.options.files:
            yield read_file(path, path)


def values_of(file: File, names: Any) -> Iterator[tuple[str, Any, int, str]]:
    """(name, value, line, what is wrong with it) of each value in a file of values."""
    for name, attribute in file.body.attributes.items():
        try:
            yield name, attribute.value.value(names), attribute.line, ""
        except EvaluationError as error:
            yield name, None, attribute.line, str(error)


def shown(path: str, base: str) -> str:
    return (os.path.relpath(path, base) if base else path).replace(os.sep, "/")


def _base_of(directory: str, name: str) -> str:
    """What the name that people see of a directory is relative to; empty: nothing."""
    if not name or os.path.isabs(name):
        return ""
    return os.path.normpath(os.path.join(directory, os.path.relpath(".", name)))


def _inside(path: str, top: str) -> bool:
    return path == top or path.startswith(top.rstrip(os.sep) + os.sep)


def is_terraform_path(path: str) -> bool:
    """Whether a path given by the user may hold configurations: a directory, or a file of theirs."""
    return path != STDIN and (os.path.isdir(path) or is_configuration(os.path.basename(path)))
