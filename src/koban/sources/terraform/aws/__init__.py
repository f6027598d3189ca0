"""How each ``aws_*`` type of Terraform becomes a document, a file a service."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from koban.sources.terraform.mapping import Table, tables


@cache
def tables_of() -> dict[str, list[Table]]:
    """Every table, by Terraform type."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return tables
