"""Reads files of parameter values, in the three forms that people use."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from koban.sources.cloudformation.text import TextError, read_text
from koban.sources.files import FILE_BYTES_MAX, decoded


class ParametersError(ValueError):
    """A file of parameters that cannot be used; the message names the file and what is wrong."""


def read_parameters(files: Sequence[str | os.PathLike[str]]) -> dict[str, Any]:
    """The values in `files` (JSON or YAML), by parameter; a later file wins.  Raises ParametersError.

    A file holds a list of ``{ParameterKey, ParameterValue}`` or of ``"Key=Value"``, a mapping under ``Parameters``, or
    a plain mapping.
    """
    values: dict[str, Any] = {}
    for file in files:
        name = os.fspath(file)
        try:
            with open(file, "rb") as opened:
                data = opened.read(FILE_BYTES_MAX + 1)
        except OSError as error:
            raise ParametersError(f"{name}: the file cannot be read: {error.strerror}") from None
        if len(data) > FILE_BYTES_MAX:
            raise ParametersError(f"{name}: the file has more than {FILE_BYTES_MAX // 1_000_000} MB")
        try:
            values |= _values(read_text(decoded(data)).value)
        except TextError as error:
            raise ParametersError(f"{name} line {error.line or 1}: {error.why}") from None
        except ValueError as error:
            raise ParametersError(f"{name}: {error}") from None
    return values


def _values(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        inner = value.get("Parameters")
        if isinstance(inner, dict | list):
            return _values(inner)
        return value
    if not isinstance(value, list):
        raise ValueError("parameters are a list of ParameterKey and ParameterValue, or a mapping")
    found: dict[str, Any] = {}
    for one in value:
        if isinstance(one, str) and "=" in one:
            key, _, text = one.partition("=")
            found[key.strip()] = text
        elif isinstance(one, dict) and isinstance(one.get("ParameterKey"), str):
            if "ParameterValue" in one:
                found[one["ParameterKey"]] = one["ParameterValue"]
        else:
            raise ValueError("parameters are a list of ParameterKey and ParameterValue, or a mapping")
    return found
