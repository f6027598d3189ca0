"""The functions of Terraform's language, pure and total: the same values in, the same out, wherever they run.

What Terraform refuses raises EvaluationError; what is not known stays so, by name.  A function reads files only inside
the tree of the configuration.
"""

from importlib import import_module
from pkgutil import iter_modules

from koban.sources.terraform.functions.conversion import Type, conditional, convert, equal, type_of, unify
from koban.sources.terraform.functions.function import Context, Function, call, functions

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["Context", "Function", "Type", "call", "conditional", "convert", "equal", "functions", "type_of", "unify"]
