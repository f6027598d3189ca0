"""What a function of Terraform's language is, and how one is called."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from koban.model.unknown import Undecided, Unknown, WorldsNeeded
from koban.sources.terraform.functions.conversion import Type, convert, limited, weigh
from koban.sources.terraform.values import (
    TEXT_CHARACTERS_MAX,
    EvaluationError,
    TooLarge,
    first_unknown,
)

DEPTH_MAX = 20  # templates that render templates
SHOWN_CHARACTERS_MAX = 160  # of a call, in the path of what it leaves unknown


def _no_templates(text: str, variables: dict[str, Any], filename: str) -> Any:
    raise EvaluationError("templates are not rendered here")


@dataclass
class Context:
    """Where a call stands.

    Relative paths start at `directory`; nothing outside `root` is read.  `render` gives what a template text is with
    variables, `depth` how many templates it stands in already.
    """

    directory: Path
    root: Path
    render: Callable[[str, dict[str, Any], str], Any] = _no_templates
    depth: int = 0


class NotKnown(Exception):
    """Inside a function: its result depends on this value, which is not known."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown._path)
        self.unknown = unknown


@dataclass(frozen=True)
class Parameter:
    """What a parameter takes; `null` says that it may be null."""

    type: Type
    null: bool = False


@dataclass(frozen=True)
class Function:
    """A function.

    `partly`: it looks at what is not known itself; for the others, anything unknown in an argument leaves the result
    unknown.  `lazy`: its arguments are expressions (`try`, `can`); whoever evaluates expressions runs it.
    """

    name: str
    run: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()
    rest: Parameter | None = None
    partly: bool = False
    in_context: bool = False
    lazy: bool = False


functions: dict[str, Function] = {}

F = TypeVar("F", bound=Callable[..., Any])
Declared = Type | Parameter


def nullable(of: Type) -> Parameter:
    return Parameter(of, null=True)


def function(
    *parameters: Declared,
    rest: Declared | None = None,
    partly: bool = False,
    in_context: bool = False,
    lazy: bool = False,
) -> Callable[[F], F]:
    """Registers a function under its own name, without the underscore that keeps it apart from a word of Python."""

    def register(run: F) -> F:
        name = run.__name__.rstrip("_")
        made = Function(
            name,
            run,
            tuple(map(_parameter, parameters)),
            None if rest is None else _parameter(rest),
            partly,
            in_context,
            lazy,
        )
        functions[name] = functions[f"core::{name}"] = made
        return run

    return register


def _parameter(declared: Declared) -> Parameter:
    return declared if isinstance(declared, Parameter) else Parameter(declared)


def call(name: str, args: list[Any], context: Context) -> Any:
    """What a function gives for values.

    Raises EvaluationError for what Terraform refuses, TooLarge for what nobody could have meant, and nothing else.
    """
    if name.startswith("provider::"):
        return Unknown(name, "provider functions are not run")
    found = functions.get(name)
    if found is None:
        raise EvaluationError(f'there is no function named "{name[:60]}"')
    try:
        given = _arguments(found, args)
        return _checked(_run(found, given, context))
    except EvaluationError as error:
        raise EvaluationError(_named(found.name, error)) from None
    except TooLarge as error:
        raise TooLarge(_named(found.name, error)) from None
    except NotKnown as stop:
        return unknown_result(found.name, args, stop.unknown)
    except (WorldsNeeded, Undecided):  # it asked an unknown value something that nobody can tell
        hole = first_unknown(args)
        assert hole is not None
        return unknown_result(found.name, args, hole)
    except RecursionError:
        raise TooLarge(f"{found.name}: a value is nested too deep") from None
    except Exception as error:  # whatever a library makes of odd values
        raise EvaluationError(f"{found.name}: {_line(str(error)) or type(error).__name__}") from None


def _named(name: str, error: Exception) -> str:
    """The message, which says in which function it happened; in the inmost of nested ones."""
    text = _line(str(error))
    return text if text.partition(":")[0] in functions else f"{name}: {text}"


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _arguments(found: Function, args: list[Any]) -> list[Any]:
    least = len(found.parameters)
    if len(args) < least or (found.rest is None and len(args) > least):
        raise EvaluationError(f"{len(args)} arguments are given, and {least} needed")
    given = []
    for position, value in enumerate(args):
        parameter = found.parameters[position] if position < least else found.rest
        assert parameter is not None
        if value is None and not parameter.null:
            raise EvaluationError(f"argument {position + 1} must not be null")
        given.append(convert(value, parameter.type, f"argument {position + 1}"))
    return given


def _run(found: Function, given: list[Any], context: Context) -> Any:
    if not found.partly:
        hole = first_unknown(given)
        if hole is not None:
            raise NotKnown(hole)
    if found.in_context:
        return found.run(context, *given)
    return found.run(*given)


def _checked(result: Any) -> Any:
    """The result, no larger than values may be, its texts in the one form that Terraform keeps them in."""
    if isinstance(result, str):
        if len(result) > TEXT_CHARACTERS_MAX:
            raise TooLarge(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
        return unicodedata.normalize("NFC", result)
    if isinstance(result, list | dict):
        limited(result)  # type: ignore[arg-type]
        weigh(result)
    return result


def normal(value: Any) -> Any:
    """The value with each text in it composed (NFC), as Terraform keeps texts."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return type(value)((normal(name), normal(one)) for name, one in value.items())
    if isinstance(value, list):
        return type(value)(map(normal, value))
    return value


def unknown_result(name: str, args: list[Any], hole: Unknown) -> Unknown:
    """What a call gives that depends on `hole`: two calls that differ are two unknown values."""
    return Unknown(shown_call(name, args), hole._why, root=hole._root)


def shown_call(name: str, args: list[Any]) -> str:
    """A call in words, shortened with a mark that tells it from others that look the same."""
    text = f"{name}({', '.join(map(_shown, args))})"
    try:
        whole = f"{name}({args!r})"
    except (RecursionError, ValueError):  # nested too deep, or a number of too many digits
        whole = text
    if len(text) > SHOWN_CHARACTERS_MAX or any(isinstance(one, list | dict) for one in args):
        mark = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        text = f"{text[:SHOWN_CHARACTERS_MAX]}#{mark}"
    return text


def _shown(value: Any) -> str:
    if isinstance(value, Unknown):
        return value._path
    if isinstance(value, dict):
        return "{..}"
    if isinstance(value, list):
        return "[..]"
    if isinstance(value, bool | None):
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | Decimal):
        return format(value) if not isinstance(value, int) or abs(value) < 10**100 else "a number"
    return f'"{value[:SHOWN_CHARACTERS_MAX]}"'


def whole(value: Any, what: str, least: int | None = None, most: int | None = None) -> int:
    """A number that must be whole and, where given, within bounds."""
    if isinstance(value, Unknown):
        raise NotKnown(value)
    if not isinstance(value, int):
        raise EvaluationError(f"{what} must be a whole number")
    if not -(2**63) <= value < 2**63 or (least is not None and value < least) or (most is not None and value > most):
        raise EvaluationError(f"{what} is out of range")
    return value


def known(value: Any) -> Any:
    """The value, where all of it is known; else the result of the function is not."""
    hole = first_unknown(value)
    if hole is not None:
        raise NotKnown(hole)
    return value
