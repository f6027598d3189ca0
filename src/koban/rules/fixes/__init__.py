"""How findings are mended in templates: a file a service, beside the rules that find them."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from koban.model.fix import Fix, declared_fixes


def every_fix() -> dict[str, Fix]:
    """Every fix, by the id of its rule."""
    import koban.rules.fixes.aws as package

    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return declared_fixes()
