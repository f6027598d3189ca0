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

    modules = set()
    for module in iter_modules(package.__path__):
        modules.add(f"{package.__name__}.{module.name}")
        import_module(f"{package.__name__}.{module.name}")
    for number, directory in enumerate(directories):
        if not directory.is_dir():
            raise RuleFileError(f"{directory} is not a directory of rules")
        own = {_import(file, f"koban_user_rules.{number}.{file.stem}") for file in sorted(directory.glob("*.py"))}
        if not any(rule.module in own for rule in declared_rules()):
            if any(directory.rglob("*.yml")):
                continue  # detections, which are no business of this catalog
            raise RuleFileError(
                f"{directory} declares no rule: put a Python file with an @rule function there, or Sigma rules (.yml)"
            )
        modules |= own
    return [rule for rule in declared_rules() if rule.module in modules]


def _import(file: Path, name: str) -> str:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RuleFileError(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        text = " ".join(str(error).split())
        raise RuleFileError(f"{file}: {type(error).__name__}: {text}".removesuffix(": ")) from error
    return name
