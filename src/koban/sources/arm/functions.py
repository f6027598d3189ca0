"""What the functions of templates come to that need nothing but their arguments.

Each takes values that are known or :class:`Unknown` and gives the same, or raises EvaluationError.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import math
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from koban.model.unknown import ANY_SHAPE, TEXT_SHAPE, Maybe, OpenList, Partial, Unknown
from koban.sources.arm.text import TextError, read_text
from koban.sources.arm.values import (
    ELEMENTS_MAX,
    TEXT_CHARACTERS_MAX,
    EvaluationError,
    Fault,
    equal,
    first_unknown,
    fits,
    found_key,
    is_text,
    joined,
    key_of,
    kind,
    limited,
    limited_list,
    reached,
    scalar_text,
    short,
    show,
    text_of,
    unknown,
    within,
)

Make = Callable[[list[Any]], Any]

INTEGER_MAX = 2**63
GUID_SHAPE = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
UNIQUE_SHAPE = r"[a-z0-9]{13}"
BASE64_SHAPE = r"[A-Za-z0-9+/=]*"
CIDR_SHAPE = r"[0-9a-fA-F:.]+/[0-9]+"
ADDRESS_SHAPE = r"[0-9a-fA-F:.]+"
PADDED_CHARACTERS_MAX = 10_000
MONTHS_A_YEAR = 12

_HOLE = re.compile(r"\{\{|\}\}|\{([0-9]{1,3})(?:,(-?[0-9]{1,3}))?(?::([^{}]*))?\}")
_DURATION = re.compile(
    r"([-+]?)P(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})(?:\.[0-9]+)?S)?)?"
)


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how many arguments it takes, and what it makes of them.

    Unless it is `total`, it is called only with arguments that are known throughout; for others it gives an Unknown
    of `shape`.
    """

    least: int
    most: int
    make: Make
    shape: str = ANY_SHAPE
    total: bool = False


FUNCTIONS: dict[str, Function] = {}
MANY = 10_000


def call(name: str, shown: str, arguments: list[Any]) -> Any:
    """The value of a function in `FUNCTIONS`."""
    function = FUNCTIONS[name]
    if not function.least <= len(arguments) <= function.most:
        wanted = str(function.least) if function.least == function.most else f"{function.least} or more"
        if function.least < function.most < MANY:
            wanted = f"{function.least} to {function.most}"
        raise Fault(f"{shown} takes {wanted} arguments, and is given {len(arguments)}")
    if not function.total and first_unknown(arguments) is not None:
        return unknown(name, arguments, function.shape)
    try:
        return function.make(arguments)
    except EvaluationError as error:
        raise EvaluationError(f"{shown}: {error}") from None
    except (ValueError, OverflowError, TypeError, UnicodeError, RecursionError, KeyError):
        raise EvaluationError(f"{shown} cannot be applied to what it is given") from None


def _strict(name: str, least: int, most: int, shape: str = ANY_SHAPE) -> Callable[[Make], Make]:
    def declare(make: Make) -> Make:
        FUNCTIONS[name] = Function(least, most, make, shape)
        return make

    return declare


def _total(name: str, least: int, most: int) -> Callable[[Make], Make]:
    def declare(make: Make) -> Make:
        FUNCTIONS[name] = Function(least, most, make, total=True)
        return make

    return declare


# What arguments must be


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise EvaluationError(f"a text is needed, and this is {kind(value)}")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        if isinstance(value, float) and value.is_integer():
            return int(value)
        raise EvaluationError(f"a whole number is needed, and this is {kind(value)}")
    return value


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise EvaluationError(f"an array is needed, and this is {kind(value)}")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EvaluationError(f"an object is needed, and this is {kind(value)}")
    return value


def _bounded(value: int) -> int:
    if not -INTEGER_MAX <= value < INTEGER_MAX:
        raise EvaluationError("the number has more than 64 bits")
    return value


# Arrays and objects


@_total("array", 1, 1)
def _to_array(arguments: list[Any]) -> Any:
    value = arguments[0]
    if isinstance(value, list):
        return value
    return unknown("array", arguments) if isinstance(value, Unknown) and not is_text(value) else [value]


@_total("createarray", 0, MANY)
def _create_array(arguments: list[Any]) -> Any:
    return list(arguments)


@_total("createobject", 0, MANY)
def _create_object(arguments: list[Any]) -> Any:
    if len(arguments) % 2:
        raise EvaluationError("a key has no value")
    keys = arguments[::2]
    if any(isinstance(one, Unknown) for one in keys):
        return unknown("createObject", arguments)
    made: dict[str, Any] = {}
    for key, value in zip(keys, arguments[1::2], strict=True):
        made[_text(key)] = value
    return made


@_total("concat", 0, MANY)
def _concat(arguments: list[Any]) -> Any:
    if any(isinstance(one, list) for one in arguments):
        if any(isinstance(one, Unknown) for one in arguments):
            if any(is_text(one) for one in arguments):
                raise EvaluationError("texts and arrays do not go together")
            return unknown("concat", arguments)
        return _list_of([inner for one in arguments for inner in _array(one)])
    if arguments and all(isinstance(one, Unknown) and one._shape == ANY_SHAPE for one in arguments):
        return arguments[0] if len(arguments) == 1 else unknown("concat", arguments)
    if any(isinstance(one, dict) for one in arguments):
        raise EvaluationError("an object is no text and no array")
    return joined(arguments)


def _list_of(values: list[Any]) -> list[Any]:
    limited_list(values)
    return OpenList(values) if any(isinstance(one, Maybe) for one in values) else values


@_total("contains", 2, 2)
def _contains(arguments: list[Any]) -> Any:
    container, item = arguments
    if isinstance(container, Unknown):
        if isinstance(container, Partial) and isinstance(item, str):
            if any(isinstance(piece, str) and item in piece for piece in container._pieces):
                return True
        return unknown("contains", arguments)
    if isinstance(container, list):
        answer = within(container, item)
    elif isinstance(item, Unknown):
        if isinstance(container, dict) and not any(fits(item, key, any_case=True) for key in container):
            return False
        return unknown("contains", arguments)
    elif isinstance(container, dict):
        answer = found_key(container, scalar_text(item)) is not None
    elif container is None:
        raise EvaluationError("null contains nothing")
    else:
        answer = scalar_text(item) in _text(container)
    return unknown("contains", arguments) if answer is None else answer


@_total("empty", 1, 1)
def _empty(arguments: list[Any]) -> Any:
    value = arguments[0]
    if isinstance(value, Unknown):
        if isinstance(value, Partial) and any(isinstance(piece, str) for piece in value._pieces):
            return False
        if value._shape != ANY_SHAPE and not fits(value, ""):
            return False
        return unknown("empty", arguments)
    if isinstance(value, OpenList):
        return False if any(not isinstance(one, Maybe) for one in value) else unknown("empty", [list(value)])
    if isinstance(value, bool | int | float):
        raise EvaluationError(f"{kind(value)} is neither empty nor full")
    return value is None or len(value) == 0


@_total("length", 1, 1)
def _length(arguments: list[Any]) -> Any:
    value = arguments[0]
    if isinstance(value, Unknown | OpenList):
        return unknown("length", arguments)
    if not isinstance(value, str | list | dict):
        raise EvaluationError(f"{kind(value)} has no length")
    return len(value)


@_total("first", 1, 1)
def _first(arguments: list[Any]) -> Any:
    value = arguments[0]
    if isinstance(value, Partial) and isinstance(value._pieces[0], str):
        return value._pieces[0][0]
    if isinstance(value, Unknown):
        return reached_by("first", value)
    if isinstance(value, str):
        return value[:1]
    return reached(value, 0, safe=True) if _array(value) else None


@_total("last", 1, 1)
def _last(arguments: list[Any]) -> Any:
    value = arguments[0]
    if isinstance(value, Partial) and isinstance(value._pieces[-1], str):
        return value._pieces[-1][-1]
    if isinstance(value, Unknown):
        return reached_by("last", value)
    if isinstance(value, str):
        return value[-1:]
    if not _array(value):
        return None
    return unknown("last", [list(value)]) if isinstance(value[-1], Maybe) else value[-1]


def reached_by(name: str, value: Unknown) -> Unknown:
    """A part of what is not known: of a text it is a text."""
    return unknown(name, [value], TEXT_SHAPE if value._shape != ANY_SHAPE else ANY_SHAPE)


@_total("take", 2, 2)
def _take(arguments: list[Any]) -> Any:
    value, count = arguments
    if isinstance(count, Unknown) or isinstance(value, OpenList):
        return unknown("take", arguments, TEXT_SHAPE if is_text(value) else ANY_SHAPE)
    count = max(0, _whole(count))
    if isinstance(value, Unknown):
        if isinstance(value, Partial) and isinstance(value._pieces[0], str) and len(value._pieces[0]) >= count:
            return value._pieces[0][:count]
        return unknown("take", arguments, TEXT_SHAPE if is_text(value) else ANY_SHAPE)
    return value[:count] if isinstance(value, str) else _array(value)[:count]


@_total("skip", 2, 2)
def _skip(arguments: list[Any]) -> Any:
    value, count = arguments
    if isinstance(count, Unknown | OpenList) or isinstance(value, Unknown | OpenList):
        return unknown("skip", arguments, TEXT_SHAPE if is_text(value) else ANY_SHAPE)
    count = max(0, _whole(count))
    return value[count:] if isinstance(value, str) else _array(value)[count:]


@_total("indexfromend", 2, 2)
def _index_from_end(arguments: list[Any]) -> Any:
    values, position = arguments
    if isinstance(values, Unknown | OpenList) or isinstance(position, Unknown):
        return unknown("indexFromEnd", arguments)
    if not 1 <= _whole(position) <= len(_array(values)):
        raise EvaluationError("the array has no such element")
    return values[-position]


@_total("tryindexfromend", 2, 2)
def _try_index_from_end(arguments: list[Any]) -> Any:
    values, position = arguments
    if isinstance(values, Unknown | OpenList) or isinstance(position, Unknown):
        return unknown("tryIndexFromEnd", arguments)
    return values[-position] if isinstance(values, list) and 1 <= _whole(position) <= len(values) else None


@_total("tryget", 2, MANY)
def _try_get(arguments: list[Any]) -> Any:
    value = arguments[0]
    for key in arguments[1:]:
        if not isinstance(value, dict | list | Unknown) and value is not None:
            return None
        if isinstance(key, str) and isinstance(value, list):
            return None
        value = reached(value, key, safe=True)
    return value


@_total("union", 1, MANY)
def _union(arguments: list[Any]) -> Any:
    if any(isinstance(one, Unknown) for one in arguments):
        return unknown("union", arguments)
    if all(isinstance(one, dict) for one in arguments):
        made: dict[str, Any] = {}
        for one in arguments:
            made = merged(made, one)
        return made
    if any(isinstance(_array(one), OpenList) for one in arguments):
        return unknown("union", arguments)
    values = [inner for one in arguments for inner in one]
    limited_list(values)
    return _distinct_values("union", arguments, values)


def _distinct_values(name: str, arguments: list[Any], values: list[Any]) -> Any:
    """The values without those that are there before; unknown ones may be any of them."""
    if first_unknown(values) is None:
        return _kept(values)
    kept: list[Any] = []
    for one in values:
        answer = within(kept, one)
        if answer is None and len(kept) > 200:
            return unknown(name, arguments)
        if answer is None:
            kept.append(Maybe(short(f"{name} has {show(one)}"), _why(one, kept), (one,)))
        elif not answer:
            kept.append(one)
    return _list_of(kept)


def _why(one: Any, kept: list[Any]) -> str:
    hole = first_unknown([one, *kept])
    return hole._root._why if hole is not None else ""


def _kept(values: list[Any]) -> list[Any]:
    seen: set[Any] = set()
    made = []
    for one in values:
        key = key_of(one)
        if key not in seen:
            seen.add(key)
            made.append(one)
    return made


def merged(one: dict[str, Any], other: dict[str, Any], deep: bool = True) -> dict[str, Any]:
    """The keys of both; where both have one, of two objects what both have, else that of the other."""
    made = dict(one)
    for key, value in other.items():
        own = found_key(made, key)
        if own is None:
            made[key] = value
        elif deep and isinstance(made[own], dict) and isinstance(value, dict):
            made[own] = merged(made[own], value)
        elif deep and (_open(made[own], value) or _open(value, made[own])):
            made[own] = unknown("union", [made[own], value])
        elif deep and value is None and made[own] is not None:
            path = short(f"union({show(made[own])}, null)")
            made[own] = Unknown(path, "whether null takes a value's place is decided at deployment")
        else:
            made[own] = value
    return made


def _open(one: Any, other: Any) -> bool:
    """Whether it is open if two values are merged: one may be an object, the other is or may be one."""
    return isinstance(one, Unknown) and not is_text(one) and isinstance(other, dict | Unknown) and not is_text(other)


@_total("shallowmerge", 1, 1)
def _shallow_merge(arguments: list[Any]) -> Any:
    if isinstance(arguments[0], Unknown | OpenList) or any(isinstance(one, Unknown) for one in _array(arguments[0])):
        return unknown("shallowMerge", arguments)
    made: dict[str, Any] = {}
    for one in arguments[0]:
        made = merged(made, _object(one), deep=False)
    return made


@_strict("intersection", 1, MANY)
def _intersection(arguments: list[Any]) -> Any:
    first = arguments[0]
    if isinstance(first, dict):
        others = [_object(one) for one in arguments[1:]]
        return {
            key: value for key, value in first.items() if all(key in one and equal(one[key], value) for one in others)
        }
    known = [{key_of(inner) for inner in _array(one)} for one in arguments[1:]]
    return _kept([one for one in _array(first) if all(key_of(one) in keys for keys in known)])


@_total("distinct", 1, 1)
def _distinct(arguments: list[Any]) -> Any:
    if isinstance(arguments[0], Unknown | OpenList):
        return unknown("distinct", arguments)
    return _distinct_values("distinct", arguments, _array(arguments[0]))


@_total("flatten", 1, 1)
def _flatten(arguments: list[Any]) -> Any:
    if isinstance(arguments[0], Unknown | OpenList) or any(isinstance(one, Unknown) for one in _array(arguments[0])):
        return unknown("flatten", arguments)
    return _list_of([inner for one in arguments[0] for inner in _array(one)])


@_total("items", 1, 1)
def _items(arguments: list[Any]) -> Any:
    if isinstance(arguments[0], Unknown):
        return unknown("items", arguments)
    return [{"key": key, "value": value} for key, value in sorted(_object(arguments[0]).items(), key=_by_key)]


def _by_key(item: tuple[str, Any]) -> tuple[str, str]:
    return item[0].lower(), item[0]


@_total("objectkeys", 1, 1)
def _object_keys(arguments: list[Any]) -> Any:
    if isinstance(arguments[0], Unknown):
        return unknown("objectKeys", arguments)
    return [key for key, _ in sorted(_object(arguments[0]).items(), key=_by_key)]


@_strict("range", 2, 2)
def _range(arguments: list[Any]) -> Any:
    start, count = map(_whole, arguments)
    if not 0 <= count <= ELEMENTS_MAX:
        raise EvaluationError(f"a count is 0 to {ELEMENTS_MAX:,}")
    return list(range(start, start + count))


@_strict("indexof", 2, 2)
def _index_of(arguments: list[Any]) -> Any:
    return _position(arguments, 1)


@_strict("lastindexof", 2, 2)
def _last_index_of(arguments: list[Any]) -> Any:
    return _position(arguments, -1)


def _position(arguments: list[Any], step: int) -> int:
    value, item = arguments
    if isinstance(value, str):
        whole, part = value.lower(), _text(item).lower()
        return int(whole.find(part) if step > 0 else whole.rfind(part))
    positions = [i for i, one in enumerate(_array(value)) if equal(one, item)]
    return (positions[0] if step > 0 else positions[-1]) if positions else -1


@_strict("min", 1, MANY)
def _min(arguments: list[Any]) -> Any:
    return min(_numbers(arguments))


@_strict("max", 1, MANY)
def _max(arguments: list[Any]) -> Any:
    return max(_numbers(arguments))


def _numbers(arguments: list[Any]) -> list[int]:
    values = arguments[0] if isinstance(arguments[0], list) else arguments
    return [_whole(one) for one in values]


# Comparison and logic


@_total("equals", 2, 2)
def _equals(arguments: list[Any]) -> Any:
    answer = equal(*arguments)
    return unknown("equals", arguments) if answer is None else answer


def _ordered(arguments: list[Any]) -> int:
    one, other = arguments
    if isinstance(one, str) and isinstance(other, str):
        return int(one > other) - int(one < other)
    for value in arguments:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise EvaluationError(f"two numbers or two texts are compared, and this is {kind(value)}")
    return int(one > other) - int(one < other)


for _name, _accepted in {
    "less": (-1,),
    "lessorequals": (-1, 0),
    "greater": (1,),
    "greaterorequals": (0, 1),
}.items():
    FUNCTIONS[_name] = Function(2, 2, lambda given, accepted=_accepted: _ordered(given) in accepted)  # type: ignore[misc]


@_total("not", 1, 1)
def _not(arguments: list[Any]) -> Any:
    value = arguments[0]
    if isinstance(value, Unknown):
        return unknown("not", arguments)
    return not truth(value)


def truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise EvaluationError(f"a truth value is needed, and this is {kind(value)}")


@_strict("bool", 1, 1)
def _bool(arguments: list[Any]) -> Any:
    value = arguments[0]
    if isinstance(value, int | float):
        return bool(value)
    if isinstance(value, str) and value in ("0", "1"):
        return value == "1"
    return truth(value)


FUNCTIONS["true"] = Function(0, 0, lambda _: True)
FUNCTIONS["false"] = Function(0, 0, lambda _: False)
FUNCTIONS["null"] = Function(0, 0, lambda _: None)


# Numbers


@_strict("add", 2, 2)
def _add(arguments: list[Any]) -> Any:
    return _bounded(_whole(arguments[0]) + _whole(arguments[1]))


@_strict("sub", 2, 2)
def _sub(arguments: list[Any]) -> Any:
    return _bounded(_whole(arguments[0]) - _whole(arguments[1]))


@_strict("mul", 2, 2)
def _mul(arguments: list[Any]) -> Any:
    return _bounded(_whole(arguments[0]) * _whole(arguments[1]))


@_strict("div", 2, 2)
def _div(arguments: list[Any]) -> Any:
    one, other = map(_whole, arguments)
    if not other:
        raise EvaluationError("nothing is divided by 0")
    made = abs(one) // abs(other)
    return _bounded(made if (one < 0) == (other < 0) else -made)


@_strict("mod", 2, 2)
def _mod(arguments: list[Any]) -> Any:
    one, other = map(_whole, arguments)
    if not other:
        raise EvaluationError("nothing is divided by 0")
    made = abs(one) % abs(other)
    return -made if one < 0 else made


@_strict("int", 1, 1)
def _int(arguments: list[Any]) -> Any:
    value = arguments[0]
    if isinstance(value, str):
        if not re.fullmatch(r"\s*[-+]?[0-9]{1,19}\s*", value):
            raise EvaluationError("the text is no whole number")
        return _bounded(int(value))
    return int(value) if isinstance(value, float) else _bounded(_whole(value))


@_strict("float", 1, 1)
def _float(arguments: list[Any]) -> Any:
    value = arguments[0]
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 50:
        raise EvaluationError(f"a number is needed, and this is {kind(value)}")
    made = float(value)
    if not math.isfinite(made):
        raise EvaluationError("the text is no number")
    return made


# Texts


@_total("string", 1, 1)
def _string(arguments: list[Any]) -> Any:
    return text_of(arguments[0])


@_total("tolower", 1, 1)
def _to_lower(arguments: list[Any]) -> Any:
    return _cased("toLower", arguments[0], str.lower)


@_total("toupper", 1, 1)
def _to_upper(arguments: list[Any]) -> Any:
    return _cased("toUpper", arguments[0], str.upper)


def _cased(name: str, value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, Partial):
        return joined(change(one) if isinstance(one, str) else _cased(name, one, change) for one in value._pieces)
    if isinstance(value, Unknown):
        shape = TEXT_SHAPE if value._shape == ANY_SHAPE else f"(?i:{value._shape})"
        return Unknown(short(f"{name}({value._path})"), value._root._why, shape=shape, target=value._target)
    return change(_text(value))


@_total("startswith", 2, 2)
def _starts_with(arguments: list[Any]) -> Any:
    value, part = arguments
    if isinstance(part, Unknown) or not isinstance(value, Partial):
        if isinstance(value, Unknown) or isinstance(part, Unknown):
            return unknown("startsWith", arguments)
        return _text(value).lower().startswith(_text(part).lower())
    first, part = value._pieces[0], _text(part).lower()
    if isinstance(first, str) and (len(first) >= len(part) or not part.startswith(first.lower())):
        return first.lower().startswith(part)
    return unknown("startsWith", arguments)


@_total("endswith", 2, 2)
def _ends_with(arguments: list[Any]) -> Any:
    value, part = arguments
    if isinstance(part, Unknown) or not isinstance(value, Partial):
        if isinstance(value, Unknown) or isinstance(part, Unknown):
            return unknown("endsWith", arguments)
        return _text(value).lower().endswith(_text(part).lower())
    last, part = value._pieces[-1], _text(part).lower()
    if isinstance(last, str) and (len(last) >= len(part) or not part.endswith(last.lower())):
        return last.lower().endswith(part)
    return unknown("endsWith", arguments)


@_total("format", 1, MANY)
def _format(arguments: list[Any]) -> Any:
    pattern = arguments[0]
    if isinstance(pattern, Unknown):
        return unknown("format", arguments, TEXT_SHAPE)
    pieces: list[Any] = []
    end = 0
    for hole in _HOLE.finditer(_text(pattern)):
        between = pattern[end : hole.start()]
        if "{" in between or "}" in between:
            raise EvaluationError("a brace stands alone")
        pieces.append(between)
        end = hole.end()
        if hole[1] is None:
            pieces.append(hole[0][0])
            continue
        position = int(hole[1]) + 1
        if position >= len(arguments):
            raise EvaluationError(f"there is no argument for {{{hole[1]}}}")
        pieces.append(_formatted(arguments[position], hole[2] or "", hole[3] or ""))
    rest = pattern[end:]
    if "{" in rest or "}" in rest:
        raise EvaluationError("a brace stands alone")
    return joined([*pieces, rest])


def _formatted(value: Any, width: str, style: str) -> Any:
    if isinstance(value, Unknown) and not width and not style:
        return value
    text: Any = text_of(value)
    number = isinstance(value, int) and not isinstance(value, bool)
    if style and (number or isinstance(value, float | Unknown)):
        text = _numeral(value, style) if number else None
        if text is None:
            return Unknown(
                short(f"format({show(value)}, {style})"), "the format is computed at deployment", shape=TEXT_SHAPE
            )
    if width:
        if isinstance(text, Unknown):
            return unknown("format", [text, width], TEXT_SHAPE)
        text = text.ljust(-int(width)) if width.startswith("-") else text.rjust(int(width))
    return text


def _numeral(value: int, style: str) -> str | None:
    """A whole number in one of the formats of .NET that are plain; None: in another one."""
    plain = re.fullmatch(r"([DdNnXx])([0-9]{0,2})", style)
    sign = "-" if value < 0 else ""
    if plain and plain[1] in "Dd":
        return sign + str(abs(value)).rjust(int(plain[2] or 0), "0")
    if plain and plain[1] in "Nn":
        return f"{value:,.{int(plain[2] or 2)}f}" if abs(value) < 10**15 else None
    if plain and value >= 0:
        return f"{value:{plain[1]}}".rjust(int(plain[2] or 0), "0")
    if re.fullmatch(r"0{1,30}", style):
        return sign + str(abs(value)).rjust(len(style), "0")
    return None


@_total("join", 2, 2)
def _join(arguments: list[Any]) -> Any:
    values, delimiter = arguments
    if isinstance(values, Unknown | OpenList) or isinstance(delimiter, Unknown):
        return unknown("join", arguments, TEXT_SHAPE)
    pieces: list[Any] = []
    for position, one in enumerate(_array(values)):
        pieces += [_text(delimiter), one] if position else [one]
    return joined(pieces)


@_total("split", 2, 2)
def _split(arguments: list[Any]) -> Any:
    value, delimiters = arguments
    if isinstance(value, Unknown) or first_unknown(delimiters) is not None:
        return unknown("split", arguments)
    given = [delimiters] if isinstance(delimiters, str) else _array(delimiters)
    marks = sorted({_text(one) for one in given} - {""}, key=len, reverse=True)
    if not marks:
        return [_text(value)]
    return limited_list(re.split("|".join(map(re.escape, marks)), _text(value)))


@_strict("replace", 3, 3, TEXT_SHAPE)
def _replace(arguments: list[Any]) -> Any:
    value, old, new = map(_text, arguments)
    if not old:
        raise EvaluationError("nothing is to be replaced")
    if value.count(old) * len(new) > TEXT_CHARACTERS_MAX:
        raise EvaluationError(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
    return limited(value.replace(old, new))


@_strict("substring", 2, 3, TEXT_SHAPE)
def _substring(arguments: list[Any]) -> Any:
    value, start = _text(arguments[0]), _whole(arguments[1])
    length = _whole(arguments[2]) if len(arguments) > 2 else len(value) - start
    if start < 0 or length < 0 or start + length > len(value):
        raise EvaluationError("the text is not that long")
    return value[start : start + length]


@_strict("trim", 1, 1, TEXT_SHAPE)
def _trim(arguments: list[Any]) -> Any:
    return _text(arguments[0]).strip()


@_strict("padleft", 2, 3, TEXT_SHAPE)
def _pad_left(arguments: list[Any]) -> Any:
    value = str(text_of(arguments[0]))
    width, filler = _whole(arguments[1]), _text(arguments[2]) if len(arguments) > 2 else " "
    if len(filler) != 1 or not 0 <= width <= PADDED_CHARACTERS_MAX:
        raise EvaluationError(f"a text is padded with one character to a width of up to {PADDED_CHARACTERS_MAX:,}")
    return value.rjust(width, filler)


@_strict("like", 2, 2)
def _like(arguments: list[Any]) -> Any:
    value, pattern = map(_text, arguments)
    parts = pattern.lower().split("*")
    value = value.lower()
    if len(parts) == 1:
        return value == parts[0]
    if not value.startswith(parts[0]):
        return False
    value = value[len(parts[0]) :]
    for part in parts[1:-1]:
        at = value.find(part)
        if at < 0:
            return False
        value = value[at + len(part) :]
    return value.endswith(parts[-1])


@_strict("json", 1, 1)
def _json(arguments: list[Any]) -> Any:
    try:
        return read_text(_text(arguments[0])).value
    except TextError:
        raise EvaluationError("the text is not JSON") from None


@_strict("base64", 1, 1, BASE64_SHAPE)
def _base64(arguments: list[Any]) -> Any:
    return base64.b64encode(_text(arguments[0]).encode("utf-8", "surrogatepass")).decode()


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise EvaluationError("the text is not base64 of a text") from None


@_strict("base64tostring", 1, 1, TEXT_SHAPE)
def _base64_to_string(arguments: list[Any]) -> Any:
    return _from_base64(_text(arguments[0]))


@_strict("base64tojson", 1, 1)
def _base64_to_json(arguments: list[Any]) -> Any:
    return _json([_from_base64(_text(arguments[0]))])


@_strict("datauri", 1, 1, TEXT_SHAPE)
def _data_uri(arguments: list[Any]) -> Any:
    return f"data:text/plain;charset=utf8;base64,{_base64([str(text_of(arguments[0]))])}"


@_strict("datauritostring", 1, 1, TEXT_SHAPE)
def _data_uri_to_string(arguments: list[Any]) -> Any:
    head, comma, data = _text(arguments[0]).partition(",")
    if not head.lower().startswith("data:") or not comma:
        raise EvaluationError("the text is no data URI")
    return _from_base64(data) if head.lower().endswith(";base64") else urllib.parse.unquote(data)


@_strict("uri", 2, 2, TEXT_SHAPE)
def _uri(arguments: list[Any]) -> Any:
    return urllib.parse.urljoin(_text(arguments[0]), _text(arguments[1]))


@_strict("uricomponent", 1, 1, TEXT_SHAPE)
def _uri_component(arguments: list[Any]) -> Any:
    return urllib.parse.quote(_text(arguments[0]), safe="-_.~", errors="replace")


@_strict("uricomponenttostring", 1, 1, TEXT_SHAPE)
def _uri_component_to_string(arguments: list[Any]) -> Any:
    return urllib.parse.unquote(_text(arguments[0]))


@_total("uniquestring", 1, MANY)
def _unique_string(arguments: list[Any]) -> Any:
    return _computed("uniqueString", arguments, UNIQUE_SHAPE)


@_total("guid", 1, MANY)
def _guid(arguments: list[Any]) -> Any:
    return _computed("guid", arguments, GUID_SHAPE)


def _computed(name: str, arguments: list[Any], shape: str) -> Unknown:
    path = short(f"{name}({', '.join(map(show, arguments))})")
    return Unknown(path, f"{name} is computed at deployment", shape=shape)


@_total("newguid", 0, 0)
def _new_guid(arguments: list[Any]) -> Any:
    return Unknown("newGuid()", "newGuid is made at deployment", shape=GUID_SHAPE)


# Dates


@_total("utcnow", 0, 1)
def _utc_now(arguments: list[Any]) -> Any:
    return Unknown(
        f"utcNow({', '.join(map(show, arguments))})", "the time of deployment is not known", shape=TEXT_SHAPE
    )


@_strict("datetimeadd", 2, 3, TEXT_SHAPE)
def _date_time_add(arguments: list[Any]) -> Any:
    moment = _moment(_text(arguments[0]))
    found = _DURATION.fullmatch(_text(arguments[1]))
    if found is None or not any(found.groups()[1:]):
        raise EvaluationError("the duration is not written as ISO 8601 has it")
    if len(arguments) > 2:
        return Unknown(
            f"dateTimeAdd({', '.join(map(show, arguments))})", "the format is computed at deployment", shape=TEXT_SHAPE
        )
    years, months, weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    month = moment.year * MONTHS_A_YEAR + moment.month - 1 + sign * (years * MONTHS_A_YEAR + months)
    year, month = divmod(month, MONTHS_A_YEAR)
    month += 1
    if not 1 <= year <= 9998:
        raise EvaluationError("the date is out of range")
    last = (datetime(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    moment = moment.replace(year=year, month=month, day=min(moment.day, last))
    moment += sign * timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def _moment(text: str) -> datetime:
    try:
        made = datetime.fromisoformat(text.strip())
    except ValueError:
        raise EvaluationError("the date is not written as ISO 8601 has it") from None
    return made.astimezone(UTC) if made.tzinfo else made.replace(tzinfo=UTC)


@_strict("datetimetoepoch", 1, 1)
def _date_time_to_epoch(arguments: list[Any]) -> Any:
    return int(_moment(_text(arguments[0])).timestamp())


@_strict("datetimefromepoch", 1, 1, TEXT_SHAPE)
def _date_time_from_epoch(arguments: list[Any]) -> Any:
    return datetime.fromtimestamp(_whole(arguments[0]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Addresses of networks


def _network(value: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(_text(value), strict=False)
    except ValueError:
        raise EvaluationError("the text is no block of addresses") from None


@_strict("parsecidr", 1, 1)
def _parse_cidr(arguments: list[Any]) -> Any:
    network = _network(arguments[0])
    first, last = network.network_address, network.broadcast_address
    narrow = network.num_addresses <= 2 or network.version == 6
    made = {
        "network": str(first),
        "netmask": str(network.netmask),
        "broadcast": str(last),
        "firstUsable": str(first if narrow else first + 1),
        "lastUsable": str(last if narrow else last - 1),
        "cidr": network.prefixlen,
    }
    return made if network.version == 4 else {key: one for key, one in made.items() if key != "broadcast"}


@_strict("cidrsubnet", 3, 3, CIDR_SHAPE)
def _cidr_subnet(arguments: list[Any]) -> Any:
    network, prefix, index = _network(arguments[0]), _whole(arguments[1]), _whole(arguments[2])
    if not network.prefixlen <= prefix <= network.max_prefixlen:
        raise EvaluationError("the block has no room for a subnet of that size")
    if not 0 <= index < 1 << (prefix - network.prefixlen):
        raise EvaluationError("the block has no such subnet")
    first = int(network.network_address) + index * (1 << (network.max_prefixlen - prefix))
    return f"{type(network.network_address)(first)}/{prefix}"


@_strict("cidrhost", 2, 2, ADDRESS_SHAPE)
def _cidr_host(arguments: list[Any]) -> Any:
    network, index = _network(arguments[0]), _whole(arguments[1])
    first = int(network.network_address) + (0 if network.num_addresses <= 2 else 1) + index
    if index < 0 or first > int(network.broadcast_address):
        raise EvaluationError("the block has no such host")
    return str(type(network.network_address)(first))
