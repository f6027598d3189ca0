"""The baseline as a file: written, read, checked, compared, and turned into templates."""

from koban.app.baseline.check import Advice, check
from koban.app.baseline.compare import compare
from koban.app.baseline.file import BaselineError, load, parse, schema_text, starter
from koban.app.baseline.hardened import hardened, hardened_kinds
from koban.app.baseline.use import Use

__all__ = [
    "Advice",
    "BaselineError",
    "Use",
    "check",
    "compare",
    "hardened",
    "hardened_kinds",
    "load",
    "parse",
    "schema_text",
    "starter",
]
