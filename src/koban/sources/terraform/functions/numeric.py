"""Functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from koban.sources.terraform.functions.conversion import ANY, NUMBER, convert
from koban.sources.terraform.functions.function import function, whole
from koban.sources.terraform.values import EvaluationError, held, kind_of, number, shown

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@function(NUMBER)
def abs_(value: Any) -> Any:
    return number(value.copy_abs()) if isinstance(value, Decimal) else abs(value)


@function(NUMBER)
def ceil(value: Any) -> Any:
    return int(value.to_integral_value(ROUND_CEILING)) if isinstance(value, Decimal) else value


@function(NUMBER)
def floor(value: Any) -> Any:
    return int(value.to_integral_value(ROUND_FLOOR)) if isinstance(value, Decimal) else value


@function(NUMBER)
def signum(value: Any) -> Any:
    size = whole(value, "the number")
    return (size > 0) - (size < 0)


@function(rest=NUMBER)
def max_(*values: Any) -> Any:
    if not values:
        raise EvaluationError("at least one number is needed")
    return max(values)


@function(rest=NUMBER)
def min_(*values: Any) -> Any:
    if not values:
        raise EvaluationError("at least one number is needed")
    return min(values)


@function(NUMBER, NUMBER)
def log(value: Any, base: Any) -> Any:
    return _of_floats(lambda: _ln(float(value)) / _ln(float(base)))


def _ln(value: float) -> float:
    return -math.inf if value == 0 else math.log(value)


@function(NUMBER, NUMBER)
def pow_(value: Any, power: Any) -> Any:
    return _of_floats(lambda: math.pow(float(value), float(power)))


def _of_floats(compute: Callable[[], float]) -> Any:
    """Terraform computes these with 64 bits; what is no finite number there is refused."""
    try:
        found = compute()
    except (ValueError, ZeroDivisionError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise EvaluationError("the result is no finite number")
    return number(Decimal(repr(found or 0.0)))


@function(ANY, NUMBER)
def parseint(text: Any, base: Any) -> Any:
    if not isinstance(text, str):
        raise EvaluationError(f"a string is needed, and this is {kind_of(text)}")
    radix = whole(base, "the base", 2, 62)
    sign, digits = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    if radix <= 36:
        digits = digits.lower() if digits.isascii() else digits
    values = [DIGITS.find(one) for one in digits]
    if not values or any(not 0 <= one < radix for one in values):
        raise EvaluationError(f"this text is no whole number of base {radix}")
    if len(values) > 4000:
        raise EvaluationError("a number has too many digits")
    found = 0
    for one in values:
        found = found * radix + one
    return -found if sign == "-" else found


@function(ANY)
def sum_(values: Any) -> Any:
    if not isinstance(values, list):
        raise EvaluationError(f"a list, set or tuple of numbers is needed, and this is {kind_of(values)}")
    if not values:
        raise EvaluationError("a list of at least one number is needed")
    total = Fraction(0)
    for one in values:
        if one is None:
            raise EvaluationError("an element is null")
        total = held(shown(total + held(convert(one, NUMBER))))
    return shown(total)
