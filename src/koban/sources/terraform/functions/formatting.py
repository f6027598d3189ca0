"""`format` and `formatlist`: the verbs of Go, as Terraform knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, NamedTuple

from koban.model.unknown import Maybe, Unknown
from koban.sources.terraform.functions.conversion import ANY, BOOL, NUMBER, STRING, convert
from koban.sources.terraform.functions.encoding import json_text
from koban.sources.terraform.functions.function import NotKnown, function, known, nullable
from koban.sources.terraform.functions.graphemes import graphemes
from koban.sources.terraform.values import (
    ELEMENTS_MAX,
    TEXT_CHARACTERS_MAX,
    EvaluationError,
    List,
    Set,
    TooLarge,
    first_unknown,
    held,
    joined,
    text_of,
)

PRECISION_MAX = 10_000  # digits behind the point


class Verb(NamedTuple):
    """One verb of a format; `width` and `precision` are None where they are not given."""

    flags: str
    width: int | None
    precision: int | None
    letter: str
    argument: int  # counted from 0


_VERB = re.compile(r"%([-+ 0#]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?(.)", re.DOTALL)


def _parsed(text: str) -> Iterator[str | Verb]:
    """The parts of a format: what stands as it is, and verbs."""
    at = following = 0
    while at < len(text):
        percent = text.find("%", at)
        if percent < 0:
            yield text[at:]
            return
        if percent > at:
            yield text[at:percent]
        if text.startswith("%%", percent):
            yield "%"
            at = percent + 2
            continue
        found = _VERB.match(text, percent)
        if found is None:
            raise EvaluationError("the format ends within a verb")
        flags, width, precision, index, letter = found.groups()
        if letter not in "vtbdoxXeEfgGsq":
            raise EvaluationError(f"the format has no verb {letter!r}")
        if index is not None:
            following = int(index[:6]) - 1
            if following < 0:
                raise EvaluationError("arguments are counted from 1")
        yield Verb(
            flags,
            _bounded(width) if width else None,
            None if precision is None else _bounded(precision or "0"),
            letter,
            following,
        )
        following += 1
        at = found.end()


def _bounded(digits: str) -> int:
    if len(digits) > 8 or int(digits) > TEXT_CHARACTERS_MAX:
        raise TooLarge(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
    return int(digits)


def formatted(text: str, values: tuple[Any, ...]) -> Any:
    """The text, each verb replaced by its value; some of it not known where a value is not."""
    pieces: list[Any] = []
    used = 0
    size = 0
    for part in _parsed(text):
        if isinstance(part, str):
            pieces.append(part)
            continue
        if part.argument >= len(values):
            raise EvaluationError(f"the format wants more than the {len(values)} given")
        used = max(used, part.argument + 1)
        pieces.append(_piece(part, values[part.argument]))
        size += len(pieces[-1]) if isinstance(pieces[-1], str) else 0
        if size > TEXT_CHARACTERS_MAX:
            raise TooLarge(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
    if used < len(values):
        raise EvaluationError(f"the format uses {used} of the {len(values)} arguments")
    shown = "".join(f"${{{one._path}}}" if isinstance(one, Unknown) else one for one in pieces)
    return joined(pieces, shown)


def _piece(verb: Verb, value: Any) -> Any:
    if isinstance(value, Unknown):
        plain = verb.letter in "sv" and verb.width is None and verb.precision is None and verb.flags == ""
        if isinstance(value, Maybe):
            raise NotKnown(value)
        return value if plain else Unknown(f"%{verb.letter} of {value._path}", value._why, root=value._root)
    if verb.letter == "v":
        return _as_it_is(verb, value)
    if value is None:
        raise EvaluationError("an argument is null")
    if verb.letter == "t":
        return "true" if convert(known(value), BOOL) else "false"
    if verb.letter in "sq":
        return _text(verb, convert(known(value), STRING))
    number = convert(known(value), NUMBER)
    if verb.letter in "bdoxX":
        if not isinstance(number, int):
            raise EvaluationError("a whole number is needed")
        return _integer(verb, number)
    return _decimal(verb, number)


def _as_it_is(verb: Verb, value: Any) -> Any:
    if isinstance(value, list | dict):
        hole = first_unknown(value)
        if hole is not None:
            raise NotKnown(hole)
    verb = verb._replace(precision=None)
    if "#" in verb.flags or value is None or isinstance(value, list | dict):
        return _padded(verb, json_text(value))
    if isinstance(value, str | bool):
        return _padded(verb, text_of(value))
    return _decimal(verb._replace(letter="g", flags=verb.flags.replace("+", "")), value)


def _text(verb: Verb, text: str) -> str:
    if verb.precision:
        text = "".join(graphemes(text)[: verb.precision])
    return _padded(verb, json_text(text) if verb.letter == "q" else text)


def _padded(verb: Verb, text: str) -> str:
    missing = (verb.width or 0) - len(graphemes(text) if not text.isascii() else text)
    if missing <= 0:
        return text
    if "-" in verb.flags:
        return text + " " * missing
    return ("0" if "0" in verb.flags else " ") * missing + text


def _signed(verb: Verb, negative: bool, digits: str, zeros: bool) -> str:
    sign = "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    width = verb.width or 0
    if "-" in verb.flags:
        return (sign + digits).ljust(width)
    if zeros and "0" in verb.flags:
        return sign + digits.rjust(width - len(sign), "0")
    return (sign + digits).rjust(width)


def _integer(verb: Verb, number: int) -> str:
    digits = format(abs(number), verb.letter)
    if verb.precision is not None:
        digits = digits.rjust(verb.precision, "0") if verb.precision or number else ""
    if "#" in verb.flags:
        digits = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb.letter, "") + digits
    return _signed(verb, number < 0, digits, verb.precision is None)


def _decimal(verb: Verb, number: int | Decimal) -> str:
    if (verb.precision or 0) > PRECISION_MAX:
        raise TooLarge("a number has too many digits")
    letter, value = verb.letter, Decimal(number)
    if verb.letter in "eEf" or verb.precision is not None:
        value = _binary(value)
    absolute = value.copy_abs()
    precision = verb.precision
    if letter == "f":
        digits = _fixed(absolute, 6 if precision is None else precision)
    elif letter in "eE":
        digits = _scientific(absolute, 6 if precision is None else precision, letter)
    else:
        digits = _shortest(absolute, precision, "E" if letter == "G" else "e")
    return _signed(verb, value < 0, digits, True)


def _binary(value: Decimal) -> Decimal:
    """All digits of the number that Terraform holds for a fraction: which way a half is rounded hangs on them."""
    if value == value.to_integral_value():
        return value
    exact = held(value)
    digits = exact.numerator.bit_length() + exact.denominator.bit_length()
    return Context(prec=digits).divide(Decimal(exact.numerator), Decimal(exact.denominator))


def _fixed(value: Decimal, places: int) -> str:
    exponent = Decimal((0, (1,), -places))
    size = max(value.adjusted(), 0) + places + 10
    return format(value.quantize(exponent, ROUND_HALF_EVEN, Context(prec=size)), "f")


def _scientific(value: Decimal, places: int, letter: str) -> str:
    if value == 0:
        return f"{0:.{places}f}{letter}+00"
    rounded = Context(prec=places + 1, rounding=ROUND_HALF_EVEN).create_decimal(value)
    return _mantissa(rounded.as_tuple().digits, places, rounded.adjusted(), letter)


def _mantissa(digits: tuple[int, ...], places: int, exponent: int, letter: str) -> str:
    text = "".join(map(str, digits)).ljust(places + 1, "0")
    fraction = f".{text[1 : places + 1]}" if places else ""
    return f"{text[0]}{fraction}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _shortest(value: Decimal, precision: int | None, letter: str) -> str:
    """As %g: with an exponent where the number is very small, or larger than its digits show."""
    if value == 0:
        return "0"
    if precision is not None:
        precision = precision or 1
        value = Context(prec=precision, rounding=ROUND_HALF_EVEN).create_decimal(value)
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0")
    exponent = value.adjusted()
    limit = 6 if precision is None else precision
    if precision is not None and precision > len(digits) > exponent:
        limit = len(digits)
    if exponent < -4 or exponent >= limit:
        return _mantissa(tuple(map(int, digits)), len(digits) - 1, exponent, letter)
    return format(value.normalize(Context(prec=max(len(digits), 1))), "f")


@function(STRING, rest=nullable(ANY), partly=True)
def format_(text: Any, *values: Any) -> Any:
    return formatted(known(text), values)


@function(STRING, rest=nullable(ANY), partly=True)
def formatlist(text: Any, *values: Any) -> Any:
    form = known(text)
    count: int | None = None
    for one in values:
        if isinstance(one, Unknown):
            raise NotKnown(one)
        if not isinstance(one, list):
            continue
        for element in one:
            if isinstance(element, Maybe):
                raise NotKnown(element)
        if isinstance(one, Set):
            known(one)
        if count is not None and count != len(one):
            raise EvaluationError("the lists have different lengths")
        count = len(one)
    rows = 1 if count is None else count
    made = List()
    size = 0
    for position in range(rows):
        row = tuple(one[position] if isinstance(one, list) else one for one in values)
        made.append(formatted(form, row))
        size += len(made[-1]) if isinstance(made[-1], str) else 0
        if size > TEXT_CHARACTERS_MAX or rows > ELEMENTS_MAX:
            raise TooLarge(f"a list of texts has more than {TEXT_CHARACTERS_MAX:,} characters")
    return made
