"""The parameters of templates: what is certain of one, and the files that give values for them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any

from koban.model.unknown import ANY_SHAPE, TEXT_SHAPE, Unknown
from koban.sources.arm.files import kind_of
from koban.sources.arm.text import TextError, read_text
from koban.sources.arm.values import SHAPE_CHARACTERS_MAX, get, is_text, same
from koban.sources.files import FILE_BYTES_MAX, decoded

SECRET = ("securestring", "secureobject")
REFERENCES_MAX = 10  # of one definition to another
DEPTH_MAX = 10  # how deep secrets are looked for inside of objects


def parameter_value(
    prefix: str,
    name: str,
    declared: dict[str, Any],
    definitions: dict[str, Any],
    given: tuple[Any] | None,
    default: Callable[[], tuple[Any] | None],
) -> Any:
    """The value of a parameter: what is given for it, else its default; Unknown where there is neither.

    A secret is never known, whoever gives it, unless it is empty.
    """
    declared = resolved(declared, definitions)
    path = f"{prefix}parameters('{name}')"
    kind = str(get(declared, "type", "")).lower()
    found = given if given is not None and (isinstance(given[0], Unknown) or given[0] is not None) else None
    found = default() or given if found is None else found  # a null that is given is as good as nothing
    if found is not None:
        value = found[0]
        if kind in SECRET:
            if value in ("", None) if not isinstance(value, Unknown) else False:
                return value
            shape = r"(?s:.+)" if isinstance(value, str) else TEXT_SHAPE if kind == SECRET[0] else ANY_SHAPE
            return Unknown(path, f"parameter {name} is a secret", shape=shape)
        return veiled(value, declared, definitions, path)
    if get(declared, "nullable") is True:
        return None
    why = f"parameter {name} is a secret" if kind in SECRET else f"parameter {name} has no default"
    if kind == SECRET[0]:
        return Unknown(path, why, shape=TEXT_SHAPE)
    allowed = get(declared, "allowedValues")
    if isinstance(allowed, list) and allowed and kind not in ("array", "secureobject", "object"):
        if all(same(allowed[0], one) for one in allowed[1:]):
            return allowed[0]
        # Values are allowed in whatever case they are written.
        shape = "(?i:" + "|".join(re.escape(one) for one in allowed if isinstance(one, str)) + ")"
        if all(isinstance(one, str) for one in allowed) and len(shape) <= SHAPE_CHARACTERS_MAX:
            return Unknown(path, why, shape=shape)
    if kind != "string":
        return Unknown(path, why)
    least = get(declared, "minLength")
    return Unknown(path, why, shape=r"(?s:.+)" if isinstance(least, int) and least > 0 else TEXT_SHAPE)


def resolved(declared: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A declaration with the definition that its ``$ref`` leads to."""
    made = declared
    for _ in range(REFERENCES_MAX):
        reference = made.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/definitions/"):
            break
        target = get(definitions, reference[len("#/definitions/") :].replace("~1", "/").replace("~0", "~"))
        if not isinstance(target, dict):
            break
        made = {**target, **{key: value for key, value in made.items() if key != "$ref"}}
    return made


def veiled(value: Any, declared: Any, definitions: dict[str, Any], path: str, depth: int = 0) -> Any:
    """A value without what its type says is secret."""
    if depth > DEPTH_MAX or not isinstance(value, dict | list) or not isinstance(declared, dict):
        return value
    declared = resolved(declared, definitions)
    if not any(key in declared for key in ("properties", "items", "additionalProperties", "prefixItems")):
        return value
    if isinstance(value, list):
        items = declared.get("items")
        if not isinstance(items, dict):
            return value
        inner_list = [_veil(one, items, definitions, f"{path}[{i}]", depth) for i, one in enumerate(value)]
        changed = any(one is not other for one, other in zip(inner_list, value, strict=True))
        return type(value)(inner_list) if changed else value
    properties, others = declared.get("properties"), declared.get("additionalProperties")
    made = {
        key: _veil(one, get(properties, key, others), definitions, f"{path}.{key}", depth) for key, one in value.items()
    }
    return made if any(made[key] is not value[key] for key in value) else value


def _veil(value: Any, declared: Any, definitions: dict[str, Any], path: str, depth: int) -> Any:
    if not isinstance(declared, dict):
        return value
    declared = resolved(declared, definitions)
    if str(get(declared, "type", "")).lower() in SECRET and not (isinstance(value, str) and not value):
        text = is_text(value) or str(get(declared, "type")).lower() == SECRET[0]
        return Unknown(path, f"{path} is a secret", shape=TEXT_SHAPE if text else ANY_SHAPE)
    return veiled(value, declared, definitions, path, depth + 1)


class ParametersError(ValueError):
    """A file of parameters that cannot be used; the message names the file and what is wrong."""


def read_parameters(
    files: Sequence[str | os.PathLike[str]],
) -> tuple[dict[str, Any], list[str | os.PathLike[str]]]:
    """The values that those of `files` give which are for Azure's templates (a later one wins), and the other files.

    Raises ParametersError for one of its own that cannot be read; what is wrong with the others is not its matter.
    """
    values: dict[str, Any] = {}
    others: list[str | os.PathLike[str]] = []
    for file in files:
        name = os.fspath(file)
        try:
            with open(file, "rb") as opened:
                data = opened.read(FILE_BYTES_MAX + 1)
        except OSError:
            data = b""
        if b"deploymentParameters.json" not in data or len(data) > FILE_BYTES_MAX:
            others.append(file)
            continue
        try:
            value = read_text(decoded(data)).value
        except TextError as error:
            raise ParametersError(f"{name} line {error.line or 1}: {error.why}") from None
        except ValueError as error:
            raise ParametersError(f"{name}: {error}") from None
        if kind_of(get(value, "$schema")) != "parameters":
            others.append(file)
            continue
        values |= _values(name, get(value, "parameters"))
    return values, others


def _values(file: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ParametersError(f"{file}: it has no parameters")
    made: dict[str, Any] = {}
    for name, entry in given.items():
        if isinstance(entry, dict) and get(entry, "value", given) is not given:
            made[name] = get(entry, "value")
        elif isinstance(entry, dict) and get(entry, "reference") is not None:
            made[name] = Unknown(f"parameters('{name}')", f"parameter {name} is read from a key vault")
    return made
