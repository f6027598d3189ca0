"""The values of Terraform's language, as Python holds them.

| Terraform | Python |
|---|---|
| string, bool, null | ``str``, ``bool``, ``None`` |
| number | ``int``; :class:`~decimal.Decimal` where it is no whole number |
| tuple, list | ``list``, :class:`List` |
| object, map | ``dict``, :class:`Map`, both with text keys; read in the order of their keys |
| set | :class:`Set`: each element once, in Terraform's order |
| not known | :class:`~koban.model.unknown.Unknown`, also as an element of what is known otherwise |

Values are never changed once they are made: they are shared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

from koban.model.unknown import Maybe, OpenList, Partial, Unknown

BITS = 512  # of the numbers that Terraform computes with
DIGITS_SURE = 153  # that those bits hold
PRECISION = Context(prec=154)  # digits of a quotient
TEXT_CHARACTERS_MAX = 10_000_000  # a longer text is not built
NUMBER_BITS_MAX = 13_287  # of a whole number that is written as a text: 4,000 digits
ELEMENTS_MAX = 100_000  # a longer list, set or map is not built


class EvaluationError(Exception):
    """What Terraform itself would refuse; the message says what, in one line.  `try` and `can` catch it."""


class TooLarge(Exception):
    """A value or a configuration that stands for more than anybody could have meant; says which limit it met."""


class List(list[Any]):
    """A list whose elements have one type, where a plain ``list`` is a tuple."""


class Map(dict[str, Any]):
    """A map whose values have one type, where a plain ``dict`` is an object."""


class Set(list[Any]):
    """Elements each once, in the order in which Terraform reads them; made by :func:`set_of`."""


class JsonText(Unknown):
    """A JSON text of which parts are not known: `_value` is what it stands for, with :class:`Unknown` inside."""

    __slots__ = ("_value",)

    def __init__(self, value: Any, path: str = "") -> None:
        hole = first_unknown(value)
        assert hole is not None
        super().__init__(path or hole._path, hole._why, shape=r"(?s:.+)", root=hole._root)
        self._value = value

    def _at(self, path: str, of: Any = None) -> Unknown:
        return self


def first_unknown(value: Any) -> Unknown | None:
    """The first unknown in a value, at any depth; None where all of it is known."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return None
    for one in value:
        if isinstance(one, Unknown | list | dict):
            found = first_unknown(one)
            if found is not None:
                return found
    return None


def number(value: Decimal) -> int | Decimal:
    """The number, as an ``int`` where it is whole, without zeros that say nothing."""
    if value == value.to_integral_value():
        return int(value)
    return Context(prec=max(len(value.as_tuple().digits), 1)).normalize(value)


def held(value: int | Decimal) -> Fraction:
    """The number that Terraform holds for a decimal: the nearest of 512 bits."""
    return _rounded(Fraction(value))


def shown(value: Fraction) -> int | Decimal:
    """A result of arithmetic with what is :func:`held`: rounded to 512 bits, as the shortest decimal that means it."""
    exact = _rounded(value)
    if exact.denominator == 1 and abs(exact.numerator) < 1 << BITS:
        return exact.numerator
    for digits in range(DIGITS_SURE, DIGITS_SURE + 4):
        context = Context(prec=digits, rounding=ROUND_HALF_EVEN)
        found = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        if _rounded(Fraction(found)) == exact:
            break
    found = context.normalize(found)
    return int(found) if found == found.to_integral_value() else found


def _rounded(value: Fraction) -> Fraction:
    top, bottom = abs(value.numerator), value.denominator
    if bottom == 1 and top < 1 << BITS:
        return value
    shift = BITS - top.bit_length() + bottom.bit_length()
    if (top << max(shift, 0)) // (bottom << max(-shift, 0)) >= 1 << BITS:
        shift -= 1
    found, rest = divmod(top << max(shift, 0), bottom << max(-shift, 0))
    twice = 2 * rest - (bottom << max(-shift, 0))
    found += twice > 0 or (twice == 0 and found % 2 == 1)
    exact = Fraction(found) / 2**shift if shift > 0 else Fraction(found << -shift)
    return -exact if value < 0 else exact


def text_of(value: Any) -> str:
    """A string, number or bool as Terraform writes it into a text.  Raises EvaluationError for anything else."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        if value.bit_length() > NUMBER_BITS_MAX:
            raise TooLarge("a number has more than 4,000 digits")
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    what = "null" if value is None else kind_of(value)
    raise EvaluationError(f"a string is needed, and this is {what}")


def kind_of(value: Any) -> str:
    """The kind of a value, in words for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a bool"
    if isinstance(value, int | Decimal):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, Unknown):
        return "not known"
    if isinstance(value, Set):
        return "a set"
    if isinstance(value, list):
        return "a list" if isinstance(value, List) else "a tuple"
    return "a map" if isinstance(value, Map) else "an object"


def same(left: Any, right: Any) -> bool:
    """Whether two values, known throughout, are equal and of one kind."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    return type(left) is type(right) and bool(left == right)


def order(value: Any) -> Any:
    """What to sort the elements of a set by: numbers by size, texts by their bytes, others by a text.

    Terraform has such a text for each compound element, which writes what is inside it.
    """
    if value is None:
        return (9, "")
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int | Decimal):
        return (1, value)
    if isinstance(value, str):
        return (2, value.encode("utf-8", "surrogatepass"))
    if isinstance(value, Unknown):
        return (8, value._path)
    return (3, _mark(value).encode("utf-8", "surrogatepass"))


def _mark(value: Any) -> str:
    if isinstance(value, Unknown):
        return f"?{value._path}"
    if isinstance(value, Map):
        return "{" + "".join(f"{json.dumps(name)}:{_mark(value[name])};" for name in sorted(value)) + "}"
    if isinstance(value, dict):
        return "<" + "".join(f"{_mark(value[name])};" for name in sorted(value)) + ">"
    if isinstance(value, list):
        opening, closing = "[]" if isinstance(value, List | Set) else "<>"
        return opening + "".join(f"{_mark(one)};" for one in value) + closing
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int | Decimal):
        return f"{Decimal(value):.10g}"
    return "~" if value is None else json.dumps(value, ensure_ascii=False)


def set_of(elements: Iterable[Any]) -> Set:
    """A set; elements that are not known all stay, since nobody can tell whether two of them are the same."""
    ordered = sorted(elements, key=order)
    made = Set()
    for one in ordered:
        if not made or first_unknown(one) is not None or not same(made[-1], one):
            made.append(one)
    return made


def joined(pieces: Iterable[Any], path: str) -> str | Unknown:
    """The text of pieces (texts, numbers, bools, unknowns): a Partial where some are not known."""
    flat: list[str | Unknown] = []
    characters = 0
    for piece in pieces:
        inner = piece._pieces if isinstance(piece, Partial) and not isinstance(piece, JsonText) else (piece,)
        for one in inner:
            if isinstance(one, Unknown):
                flat.append(one)
                continue
            text = text_of(one)
            characters += len(text)
            if characters > TEXT_CHARACTERS_MAX:
                raise TooLarge(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
            if flat and isinstance(flat[-1], str):
                flat[-1] += text
            elif text:
                flat.append(text)
    if not flat:
        return ""
    if len(flat) == 1:
        return flat[0]
    return Partial(path, tuple(flat))


def elements_of(values: Set) -> list[Any]:
    """The elements of a set as a list: of those that are not known, nobody can tell whether they are other ones."""
    unknown = [one for one in values if first_unknown(one) is not None]
    if not unknown or len(values) == 1:
        return list(values)
    known = [one for one in values if first_unknown(one) is None]
    sure, open_ones = (known, unknown) if known else (unknown[:1], unknown[1:])
    made: OpenList = OpenList(sure)
    for one in open_ones:
        hole = first_unknown(one)
        assert hole is not None
        made.append(Maybe(f"{hole._path} is another element", hole._why, (one,), hole._root))
    return made


def plain(value: Any) -> Any:
    """The value as documents hold it: whole numbers as ``int``, others as ``float``, lists and mappings plain."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Maybe):
        return value._with(tuple(map(plain, value._values)))
    if isinstance(value, list):
        value = elements_of(value) if isinstance(value, Set) else value
        if type(value) in (list, List):
            return [plain(one) for one in value]
        return type(value)(plain(one) for one in value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value


_OPEN, _CLOSE = "\ue000", "\ue001"  # private characters: no template holds them


def json_with_holes(value: Any) -> Any:
    """What a JSON text stands for, a text of which pieces are not known included; the text itself if it is no JSON.

    A piece that is not known may stand inside a string of the JSON, or in place of a whole value.
    """
    if isinstance(value, JsonText):
        return value._value
    if isinstance(value, Partial):
        holes: list[Any] = []
        text = ""
        quoted = False
        for piece in value._pieces:
            if isinstance(piece, Unknown):
                mark = f"{_OPEN}{len(holes)}{_CLOSE}"
                text += mark if quoted else f'"{mark}"'
                holes.append(piece if quoted or not isinstance(piece, JsonText) else _Json(piece))
                continue
            text += piece
            quoted = _ends_quoted(piece, quoted)
        try:
            return _filled(json.loads(text), holes)
        except (ValueError, RecursionError):
            return value
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


class _Json:
    """A JSON text that stands in place of a value of a JSON text."""

    def __init__(self, text: JsonText) -> None:
        self.text = text


def text_with_holes(value: Unknown) -> Unknown:
    """A JSON text of which parts are not known as a text of which pieces are not known, for what searches in it."""
    if not isinstance(value, JsonText):
        return value
    holes: list[Unknown] = []

    def hole(one: Any) -> Any:
        if isinstance(one, Decimal):
            return float(one)
        holes.append(one)
        return f"{_OPEN}{len(holes) - 1}{_CLOSE}"

    text = json.dumps(value._value, default=hole, separators=(",", ":"), ensure_ascii=False)
    pieces = re.split(f'"{_OPEN}([0-9]+){_CLOSE}"', text)
    return Partial(value._path, tuple(holes[int(one)] if at % 2 else one for at, one in enumerate(pieces)))


def _ends_quoted(piece: str, quoted: bool) -> bool:
    escaped = False
    for character in piece:
        if escaped:
            escaped = False
        elif character == "\\" and quoted:
            escaped = True
        elif character == '"':
            quoted = not quoted
    return quoted


def _filled(node: Any, holes: list[Any]) -> Any:
    if isinstance(node, list):
        return [_filled(one, holes) for one in node]
    if isinstance(node, dict):
        for key in node:
            if _OPEN in key:
                found = holes[int(key.partition(_OPEN)[2].partition(_CLOSE)[0])]
                return found.text if isinstance(found, _Json) else found
        return {key: _filled(one, holes) for key, one in node.items()}
    if not isinstance(node, str) or _OPEN not in node:
        return node
    whole = holes[int(node.rpartition(_OPEN)[2].partition(_CLOSE)[0])]
    if isinstance(whole, _Json):
        return whole.text._value
    pieces: list[Any] = []
    for index, piece in enumerate(node.split(_OPEN)):
        if not index:
            pieces.append(piece)
            continue
        hole, _, rest = piece.partition(_CLOSE)
        pieces += [holes[int(hole)], rest]
    return joined([one for one in pieces if isinstance(one, Unknown) or one], pieces[1]._path)
