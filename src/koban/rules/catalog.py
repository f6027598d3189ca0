"""Finds the rules: those that come with Koban and those that a user drops into a directory."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from koban.model.rule import Rule, declared_rules


class RuleFileError(Exception):
    """A user's rule file that cannot be used; the message names the file and what is wrong."""


def catalog(directories: Iterable[Path] = ()) -> list[Rule]:
    """Every rule by id: Koban's own, then the Python files in `directories`.  Raises RuleFileError."""
    import koban.rules.aws as package

    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    for directory in directories:
        if not directory.is_dir():
            raise RuleFileError(f"{directory} is not a directory of rules")
        for file in sorted(directory.glob("*.py")):
            _import(file)
    return declared_rules()


def _import(file: Path) -> None:
    name = f"koban_user_rules.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RuleFileError(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise RuleFileError(f"{file}: {type(error).__name__}: {error}") from error
