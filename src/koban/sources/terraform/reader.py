"""Reads Terraform and OpenTofu into resources: what `koban scan iac` knows of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from koban.model.result import Gap
from koban.model.unknown import Unknown
from koban.sources.reading import Problem, Read
from koban.sources.suppression import MARK, Suppression, in_comments
from koban.sources.terraform.aws import tables_of
from koban.sources.terraform.configuration import ENDINGS, Configuration, File
from koban.sources.terraform.documents import Thing, open_up, resource
from koban.sources.terraform.documents import made as made_of
from koban.sources.terraform.library import Library, values_of
from koban.sources.terraform.mapping import Table
from koban.sources.terraform.module import Instance, Module, Names, Text, Tree
from koban.sources.terraform.values import TooLarge

FRAMES_MAX = 10_000  # how deep values may refer to one another, in Python's calls


def read(library: Library, wanted: Callable[[str], bool] | None = None) -> Iterator[Read]:
    """Each root with the modules that it calls, as resources.

    `wanted` says of which types of ours resources are needed (None: of all).
    """
    tables = {
        name: [one for one in mine if wanted is None or wanted(one.cls.type)] for name, mine in tables_of().items()
    }
    tables = {name: mine for name, mine in tables.items() if mine}
    for root in library.roots():
        with _frames():
            try:
                made = _read_root(library, root, tables)
            except Exception as crash:  # an odd configuration is one finding, never the end of a run
                made = Read(root.name)
                why = f"Koban itself failed at it: {type(crash).__name__}: {crash}"[:300]
                made.problems.append(Problem(root.name, None, why))
        yield made


@contextmanager
def _frames() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES_MAX))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _read_root(library: Library, root: Configuration, tables: dict[str, list[Table]]) -> Read:
    made = Read(root.name)
    tree = Tree(
        root.directory,
        library.root_of.get(root.directory, root.directory),
        {},
        library.find,
        library.options.workspace,
    )
    tree.inputs.start = root.directory
    tree.inputs.directories[root.directory] = (*ENDINGS, ".tfvars", ".tfvars.json")
    made.inputs = tree.inputs
    tree.given = _given(library, root, tree)
    module = Module(tree, root)
    try:
        instances = list(module.instances(tables.__contains__))
        found = made_of([thing_of(one) for one in instances], tables)
    except (TooLarge, RecursionError) as error:
        why = str(error) if isinstance(error, TooLarge) else "its values refer to one another too deeply"
        made.problems.append(Problem(root.name, None, why))
        return made
    used = {one.configuration.directory: one.configuration for one in tree.modules}
    for address, why in tree.handed.items():
        theirs = [one for one in found if one.thing.address == address or one.thing.address.startswith(f"{address}[")]
        open_up(theirs, tables, why)
    broken = next((one.broken for one in used.values() if one.broken), "")
    if broken:
        open_up(found, tables, broken)
        made.gaps.append(Gap("*", "", "", broken))
    everything = root.directory not in library.only
    for every in found:
        one = resource(every, root.name)
        (made.resources if everything or library.asks_about(one.file) else made.beside).append(one)
    made.resources.sort(key=lambda one: (one.file, one.line or 0, one.address))
    for configuration in used.values():
        made.problems += configuration.problems
        for file in configuration.files:
            made.suppressions += suppressions(file)
    made.problems += tree.problems
    made.problems = list(dict.fromkeys(made.problems))
    made.notes += tree.notes
    return made


def _given(library: Library, root: Configuration, tree: Tree) -> dict[str, Any]:
    """The values of a root's variables, from everywhere that Terraform takes them from."""
    options = library.options
    given: dict[str, Any] = {
        name.removeprefix("TF_VAR_"): Text(value)
        for name, value in options.environment.items()
        if name.startswith("TF_VAR_")
    }
    tree.inputs.files.update(map(os.path.abspath, options.files))
    for file in library.values_files(root.directory):
        if not isinstance(file, File):
            tree.problems.append(file)
            continue
        tree.inputs.files.add(os.path.abspath(file.path))
        for name, value, line, wrong in values_of(file, Names(tree, {})):
            if wrong:
                tree.problem(file, line, f"the value of {name}: {wrong}")
                value = Unknown(f"var.{name}", wrong)
            given[name] = value
    given.update({name: Text(value) for name, value in options.values.items()})
    if options.defaults_open:
        for name in root.variables:
            given.setdefault(name, Unknown(f"var.{name}", f"variable {name} may have another value than its default"))
    return given


def thing_of(instance: Instance) -> Thing:
    """An instance with all of its arguments worked out."""
    block, file = instance.declared.block, instance.declared.file
    return Thing(
        instance.type,
        instance.address,
        instance.body(),
        file.name,
        block.line,
        instance.region,
        instance.provider.name or "aws",
        instance.provider.login,
        instance.module.chain,
        instance.gap,
        module=instance.module,
    )


def suppressions(file: File) -> Iterator[Suppression]:
    """Every ``koban:ignore`` in the comments of a file."""
    if MARK in file.text and not file.name.endswith(".json"):
        yield from in_comments(file.name, file.text.splitlines(), "#", "//")
