"""How each ``aws_*`` type of Terraform becomes a document, a file a service."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from koban.sources.terraform.mapping import Argument, Table, tables


@cache
def tables_of() -> dict[str, list[Table]]:
    """Every table, by Terraform type."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    from koban.sources.terraform import awscc

    return {**awscc.tables(), **tables}


@cache
def names_of(type_name: str) -> frozenset[str]:
    """The arguments of a Terraform type that name what it makes, so that a reference to one is one to the thing."""
    found = set()
    for table in tables_of().get(type_name, ()):
        for name in table.cls.ids if not table.by else ():
            entry = table.entries.get(name)
            if isinstance(entry, Argument):
                found.add(entry.name)
    return frozenset(found)
