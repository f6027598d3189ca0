"""Functions of lists, sets, maps, tuples and objects.

What is not known may stand among the elements.  A result says as much as is sure: a list of which some elements may be
there or not is an :class:`~koban.model.unknown.OpenList`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from koban.model.unknown import ANY_SHAPE, Maybe, OpenList, Unknown
from koban.sources.terraform.functions.conversion import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Type,
    common_type,
    convert,
    equal,
    equal_known,
    list_type,
    map_type,
    set_type,
    type_of,
    unify,
    unordered,
)
from koban.sources.terraform.functions.function import (
    NotKnown,
    function,
    known,
    nullable,
    whole,
)
from koban.sources.terraform.functions.graphemes import graphemes
from koban.sources.terraform.values import (
    ELEMENTS_MAX,
    EvaluationError,
    List,
    Map,
    Set,
    TooLarge,
    first_unknown,
    held,
    kind_of,
    set_of,
    shown,
)

RANGE_ELEMENTS_MAX = 1024  # Terraform's own limit
SEQUENCE = "a list, set or tuple"


def _refuse(wanted: str, value: Any) -> EvaluationError:
    return EvaluationError(f"{wanted} is needed, and this is {kind_of(value)}")


def _sequence(value: Any, wanted: str = SEQUENCE, sets: bool = True) -> list[Any]:
    if isinstance(value, Unknown):
        raise NotKnown(value)
    if not isinstance(value, list) or (isinstance(value, Set) and not sets):
        raise _refuse(wanted, value)
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, Unknown):
        raise NotKnown(value)
    if not isinstance(value, dict):
        raise _refuse("a map or object", value)
    return value


def _settled(values: list[Any]) -> list[Any]:
    """The elements, where it is sure how many there are and in which order."""
    for one in values:
        if isinstance(one, Maybe):
            raise NotKnown(one)
    if isinstance(values, Set) and len(values) > 1:
        known(values)
    return values


def _like(values: list[Any], elements: Iterable[Any]) -> list[Any]:
    """Elements out of `values`, in a list or tuple as those are."""
    if isinstance(values, OpenList):
        return OpenList(elements)
    return List(elements) if isinstance(values, List | Set) else list(elements)


def gap(unknown: Unknown) -> Maybe:
    """The elements of a list that is not known: none, or some that are not known."""
    if isinstance(unknown, Maybe):
        return unknown
    elements = [unknown._child(f"[{position}]") for position in range(2)]
    inner = tuple(unknown._of(one) if unknown._of is not None else one for one in elements)
    return Maybe(unknown._path, unknown._why, inner, unknown._root, more=True)


def _perhaps(unknown: Unknown) -> Maybe:
    return unknown if isinstance(unknown, Maybe) else Maybe(unknown._path, unknown._why, (unknown,), unknown._root)


def surely_filled(value: Unknown) -> bool:
    """Whether a text that is not known is surely neither empty nor null."""
    return re.fullmatch(value._shape, "") is None


@function(list_type(BOOL), partly=True)
def alltrue(values: Any) -> Any:
    elements = _sequence(values)
    if any(one is False or one is None for one in elements):
        return False
    known(elements)
    return True


@function(list_type(BOOL), partly=True)
def anytrue(values: Any) -> Any:
    elements = _sequence(values)
    if any(one is True for one in elements):
        return True
    known(elements)
    return False


@function(list_type(ANY), NUMBER, partly=True)
def chunklist(values: Any, size: Any) -> Any:
    elements = _settled(_sequence(values))
    width = whole(size, "the size", 0) or max(len(elements), 1)
    return List(List(elements[start : start + width]) for start in range(0, len(elements), width))


@function(rest=nullable(ANY), partly=True)
def coalesce(*values: Any) -> Any:
    common = common_type(values)
    if common is None:
        if all(type_of(one) is not ANY for one in values):
            raise EvaluationError("all arguments must have one type")
        common = ANY  # the type of null is not known either
    for one in values:
        if isinstance(one, Unknown):
            if not surely_filled(one):
                raise NotKnown(one)
            return one
        if one is not None and one != "":
            return convert(one, common)
    raise EvaluationError("no argument is neither null nor an empty string")


@function(rest=nullable(ANY), partly=True)
def coalescelist(*values: Any) -> Any:
    if not values:
        raise EvaluationError("at least one list is needed")
    for one in values:
        if not isinstance(one, Unknown):
            _sequence(one, "a list or tuple", sets=False)
    for one in values:
        elements = _sequence(one)
        if any(not isinstance(inner, Maybe) for inner in elements):
            return one
        _settled(elements)
    raise EvaluationError("all lists are empty")


@function(list_type(STRING), partly=True)
def compact(values: Any) -> Any:
    elements: list[Any] = []
    for one in _sequence(values):
        if isinstance(one, Unknown):
            elements.append(one if surely_filled(one) and not isinstance(one, Maybe) else _perhaps(one))
        elif one:
            elements.append(one)
    return _opened(elements)


def _opened(elements: list[Any]) -> list[Any]:
    return OpenList(elements) if any(isinstance(one, Maybe) for one in elements) else List(elements)


@function(rest=ANY, partly=True)
def concat(*values: Any) -> Any:
    if not values:
        raise EvaluationError("at least one list is needed")
    elements: list[Any] = []
    for one in values:
        if isinstance(one, Unknown):
            elements.append(gap(one))
        else:
            elements += _sequence(one, "a list or tuple", sets=False)
    if any(isinstance(one, Maybe) for one in elements):
        return OpenList(elements)
    if all(isinstance(one, List) for one in values):
        common = common_type(values)
        if common is not None:
            return convert(List(elements), common)
    return elements


@function(ANY, ANY, partly=True)
def contains(values: Any, value: Any) -> Any:
    open_ones: list[Unknown] = []
    for one in _sequence(values):
        answers = [equal(inner, value) for inner in (one._values if isinstance(one, Maybe) else (one,))]
        if isinstance(one, Maybe):
            open_ones += [one] if any(answer is not False for answer in answers) else []
        elif answers[0] is True:
            return True
        elif isinstance(answers[0], Unknown):
            open_ones.append(answers[0])
    if len(open_ones) == 1 and not isinstance(open_ones[0], Maybe):
        return open_ones[0]
    if open_ones:
        raise NotKnown(open_ones[0])
    return False


@function(list_type(ANY), partly=True)
def distinct(values: Any) -> Any:
    elements: list[Any] = []
    given = _sequence(values)
    sure = [one for one in given if first_unknown(one) is None]
    seen = _Seen()
    for one in given:
        if first_unknown(one) is None:
            if seen.add(one):
                elements.append(one)
        elif elements or sure:
            hole = first_unknown(one)
            assert hole is not None
            elements.append(
                _perhaps(one) if isinstance(one, Unknown) else Maybe(hole._path, hole._why, (one,), hole._root)
            )
        else:
            elements.append(one)
    return _opened(elements)


class _Seen:
    """Which values there were already; simple ones are found at once."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self.simple: set[tuple[type, Any]] = set()
        self.compound: dict[str, list[Any]] = {}
        for one in values:
            self.add(one)

    def add(self, value: Any) -> bool:
        """Remembers a value; False where it was there."""
        if value in self:
            return False
        if isinstance(value, list | dict):
            self.compound.setdefault(repr(value), []).append(value)
        else:
            self.simple.add((type(value), value))
        return True

    def __contains__(self, value: Any) -> bool:
        if isinstance(value, list | dict):
            return any(equal_known(one, value) for one in self.compound.get(repr(value), ()))
        return (type(value), value) in self.simple


@function(ANY, NUMBER, partly=True)
def element(values: Any, index: Any) -> Any:
    elements = _settled(_sequence(values, "a list or tuple", sets=False))
    position = whole(index, "the index", 0)
    if not elements:
        raise EvaluationError("an empty list has no elements")
    return elements[position % len(elements)]


@function(ANY, partly=True)
def flatten(values: Any) -> Any:
    elements: list[Any] = []
    for one in _flat([_sequence(values)]):
        elements.append(one)
        if len(elements) > ELEMENTS_MAX:
            raise TooLarge(f"a collection has more than {ELEMENTS_MAX:,} elements")
    return OpenList(elements) if any(isinstance(one, Maybe) for one in elements) else elements


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for one in values:
        if isinstance(one, Maybe):
            yield one._with(tuple(_flat(one._values)))
        elif isinstance(one, Unknown):
            yield one if _surely_text(one) else gap(one)  # it may be a list itself
        elif isinstance(one, list):
            yield from _flat(unordered(one) if isinstance(one, Set) else one)
        else:
            yield one


def _surely_text(value: Unknown) -> bool:
    return value._shape != ANY_SHAPE


@function(ANY, ANY, partly=True)
def index(values: Any, value: Any) -> Any:
    for position, one in enumerate(_sequence(values, "a list or tuple", sets=False)):
        if isinstance(one, Maybe):
            raise NotKnown(one)
        answer = equal(one, value)
        if isinstance(answer, Unknown):
            raise NotKnown(answer)
        if answer:
            return position
    raise EvaluationError("the list has no such element")


@function(ANY, partly=True)
def keys(values: Any) -> Any:
    names = sorted(_mapping(values), key=lambda name: name.encode("utf-8", "surrogatepass"))
    return List(names) if isinstance(values, Map) else names


@function(ANY, partly=True)
def values_(values: Any) -> Any:
    mapping = _mapping(values)
    names = sorted(mapping, key=lambda name: name.encode("utf-8", "surrogatepass"))
    found = (mapping[name] for name in names)
    return List(found) if isinstance(values, Map) else list(found)


@function(ANY, partly=True)
def length(value: Any) -> Any:
    if isinstance(value, str):
        return len(graphemes(value))
    if isinstance(value, dict):
        return len(value)
    if isinstance(value, Set | list):
        return len(_settled(value))
    if isinstance(value, Unknown):
        raise NotKnown(value)
    raise _refuse("a list, set, tuple, map, object or string", value)


@function(ANY, STRING, rest=nullable(ANY), partly=True)
def lookup(mapping: Any, key: Any, *default: Any) -> Any:
    if len(default) > 1:
        raise EvaluationError("a map, a key and one default are all it takes")
    found = _mapping(mapping)
    if default and isinstance(found, Map):
        of = type_of(found).of or ANY
        default = (convert(default[0], of),)
    if isinstance(key, Unknown):
        raise NotKnown(key)
    if key in found:
        return found[key]
    if default:
        return default[0]
    raise EvaluationError("there is no such key, and no default")


@function(list_type(ANY), list_type(ANY), list_type(ANY), partly=True)
def matchkeys(values: Any, keys: Any, wanted: Any) -> Any:
    elements = _settled(_sequence(values))
    names, searched = known(_sequence(keys)), known(_sequence(wanted))
    if len(elements) != len(names):
        raise EvaluationError("as many keys as values are needed")
    common = common_type([names, searched])
    if common is None:
        raise EvaluationError("the keys and what is searched for must have one type")
    search = _Seen(convert(searched, common))
    return List(one for one, name in zip(elements, convert(names, common), strict=True) if name in search)


@function(rest=nullable(ANY), partly=True)
def merge(*values: Any) -> Any:
    given = [_mapping(one) for one in values if one is not None and not isinstance(one, Unknown)]
    for one in values:
        if isinstance(one, Unknown):
            raise NotKnown(one)
    made: dict[str, Any] = {}
    for mapping in given:
        made.update(mapping)
    if given and all(isinstance(one, Map) for one in given):
        types = [type_of(one) for one in given]
        if all(_agree(types[0], one) for one in types):
            return Map(made)
    return made


def _agree(one: Type, other: Type) -> bool:
    return one == other or (unify((one, other)) in (one, other) and (one.of is ANY or other.of is ANY))


@function(ANY, partly=True)
def one(values: Any) -> Any:
    elements = _sequence(values)
    for inner in elements:
        if isinstance(inner, Maybe):
            raise NotKnown(inner)
    if len(elements) > 1:
        if isinstance(elements, Set):
            known(elements)
        raise EvaluationError("a list of one element, or none, is needed")
    return elements[0] if elements else None


@function(rest=NUMBER)
def range_(*bounds: Any) -> Any:
    if len(bounds) not in (1, 2, 3):
        raise EvaluationError("one, two or three numbers are needed")
    start, end = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2] if len(bounds) == 3 else (1 if start <= end else -1)
    if step == 0 or (step < 0 < end - start) or (step > 0 > end - start):
        raise EvaluationError("the step never leads to the end")
    elements: list[Any] = []
    value = start
    while value < end if step > 0 else value > end:
        if len(elements) >= RANGE_ELEMENTS_MAX:
            raise EvaluationError(f"more than {RANGE_ELEMENTS_MAX} numbers")
        elements.append(value)
        value = shown(held(value) + held(step))
    return List(elements)


@function(ANY, partly=True)
def reverse(values: Any) -> Any:
    elements = _sequence(values)
    if isinstance(elements, Set):
        _settled(elements)
    return _like(elements, reversed(elements))


def _sets(values: Sequence[Any]) -> list[list[Any]]:
    """Sets of one type of elements."""
    common = common_type(values)
    if common is None:
        raise EvaluationError("the sets must have one type of elements")
    return [list(convert(one, common)) for one in values]


@function(set_type(ANY), rest=set_type(ANY))
def setintersection(*values: Any) -> Any:
    first, *others = _sets(values)
    for other in others:
        there = _Seen(other)
        first = [one for one in first if one in there]
    return set_of(first)


@function(set_type(ANY), set_type(ANY))
def setsubtract(left: Any, right: Any) -> Any:
    first, second = _sets((left, right))
    there = _Seen(second)
    return set_of(one for one in first if one not in there)


@function(set_type(ANY), rest=set_type(ANY), partly=True)
def setunion(*values: Any) -> Any:
    for one in values:
        for inner in _sequence(one):
            if isinstance(inner, Maybe):
                raise NotKnown(inner)
    return set_of(inner for one in _sets(values) for inner in one)


@function(rest=ANY, partly=True)
def setproduct(*values: Any) -> Any:
    if len(values) < 2:
        raise EvaluationError("at least two sets or lists are needed")
    given = [_sequence(one) for one in values]
    count = 1
    for one in given:
        for inner in one:
            if isinstance(inner, Maybe):
                raise NotKnown(inner)
        count *= len(one)
    if count * len(given) > ELEMENTS_MAX:
        raise TooLarge(f"a product of sets has more than {ELEMENTS_MAX:,} elements")
    columns = [list(one) if isinstance(one, List | Set) else list(convert(one, list_type(ANY))) for one in given]
    rows: list[list[Any]] = [[]]
    for column in columns:
        rows = [[*row, inner] for row in rows for inner in column]
    return set_of(rows) if any(isinstance(one, Set) for one in given) else List(rows)


@function(ANY, NUMBER, NUMBER, partly=True)
def slice_(values: Any, start: Any, end: Any) -> Any:
    elements = _sequence(values, "a list or tuple", sets=False)
    first, last = whole(start, "the start", 0), whole(end, "the end", 0)
    if first > last:
        raise EvaluationError("the start is behind the end")
    if any(isinstance(one, Maybe) for one in elements[:last]):
        _settled(elements)
    if last > len(elements):
        _settled(elements)
        raise EvaluationError("the end is behind the end of the list")
    return _like(elements, elements[first:last])


@function(list_type(STRING))
def sort(values: Any) -> Any:
    if any(one is None for one in values):
        raise EvaluationError("an element is null")
    return List(sorted(values, key=lambda one: one.encode("utf-8", "surrogatepass")))


@function(map_type(list_type(STRING)))
def transpose(values: Any) -> Any:
    made: dict[str, list[str]] = {}
    for name in sorted(values, key=lambda one: one.encode("utf-8", "surrogatepass")):
        if values[name] is None or any(one is None for one in values[name]):
            raise EvaluationError("a value is null")
        for one in values[name]:
            made.setdefault(one, List()).append(name)
    return Map((name, List(sorted(set(made[name])))) for name in sorted(made))


@function(list_type(STRING), ANY, partly=True)
def zipmap(keys: Any, values: Any) -> Any:
    names = known(_sequence(keys))
    if any(name is None for name in names):
        raise EvaluationError("a key is null")
    if isinstance(values, Unknown) and not isinstance(values, Maybe):
        return {name: values._child(f"[{position}]") for position, name in enumerate(names)}
    elements = _settled(_sequence(values, "a list or tuple", sets=False))
    if len(names) != len(elements):
        raise EvaluationError(f"{len(names)} keys are given, and {len(elements)} values")
    pairs = zip(names, elements, strict=True)
    return Map(pairs) if isinstance(elements, List) else dict(pairs)


@function(nullable(ANY), lazy=True, partly=True)
def can(value: Any) -> Any:
    return True


@function(rest=nullable(ANY), lazy=True, partly=True)
def try_(*values: Any) -> Any:
    if not values:
        raise EvaluationError("at least one expression is needed")
    return values[0]


_TYPES: dict[str, Type] = {
    "tobool": BOOL,
    "tolist": list_type(ANY),
    "tomap": map_type(ANY),
    "tonumber": NUMBER,
    "toset": set_type(ANY),
    "tostring": STRING,
}


def _to(name: str, to: Type) -> Callable[..., Any]:
    def run(value: Any) -> Any:
        return convert(value, to)

    run.__name__ = name
    return function(nullable(ANY), partly=True)(run)


for _name, _type in _TYPES.items():
    _to(_name, _type)
