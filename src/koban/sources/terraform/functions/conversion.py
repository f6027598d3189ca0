"""Terraform's types: what a value may become, and the one type that several values share.

A type is written as Terraform writes it: ``string``, ``number``, ``bool``, ``any``, ``list(any)``,
``object({name = string, size = optional(number, 1)})``, ``tuple([string, number])``.  What is not known has any type:
it stays as it is whatever it is converted to, and decides nothing about the type of what stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from koban.model.unknown import ANY_SHAPE, Maybe, OpenList, Unknown
from koban.sources.terraform.values import (
    ELEMENTS_MAX,
    EvaluationError,
    JsonText,
    List,
    Map,
    Set,
    TooLarge,
    first_unknown,
    kind_of,
    number,
    same,
    set_of,
    text_of,
)

NODES_MAX = 1_000_000  # of one value, each place where a shared part stands counted
NESTING_MAX = 100
NUMBER_DIGITS_MAX = 4_000  # a number with more digits, or zeros before or behind its digits, is not read


@dataclass(frozen=True)
class Attribute:
    """An attribute of an object type; where it is optional and absent or null, it is `default`."""

    type: Type
    optional: bool = False
    default: Any = None


@dataclass(frozen=True)
class Type:
    """A type; `of` is the type of the elements of a list, set or map."""

    kind: str  # "string", "number", "bool", "any", "list", "set", "map", "object", "tuple"
    of: Type | None = None
    elements: tuple[Type, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.of is not None:
            return f"{self.kind}({self.of})"
        if self.kind == "tuple":
            return f"tuple([{', '.join(map(str, self.elements))}])"
        if self.kind == "object":
            return f"object({{{', '.join(f'{name} = {one.type}' for name, one in self.attributes.items())}}})"
        return self.kind


STRING, NUMBER, BOOL, ANY = Type("string"), Type("number"), Type("bool"), Type("any")


def list_type(of: Type) -> Type:
    return Type("list", of)


def set_type(of: Type) -> Type:
    return Type("set", of)


def map_type(of: Type) -> Type:
    return Type("map", of)


def tuple_type(elements: Iterable[Type]) -> Type:
    return Type("tuple", elements=tuple(elements))


def object_type(attributes: Mapping[str, Type | Attribute]) -> Type:
    return Type(
        "object",
        attributes={
            name: one if isinstance(one, Attribute) else Attribute(one) for name, one in sorted(attributes.items())
        },
    )


def optional(of: Type, default: Any = None) -> Attribute:
    """An attribute that may be left out of an object."""
    return Attribute(of, True, default)


def weigh(value: Any) -> int:
    """How many values a value is made of.  Raises TooLarge where nobody could have meant so many, or nested so deep.

    A part that is shared is counted wherever it stands: a few lines can nest lists into more than any machine holds.
    """
    known: dict[int, tuple[int, int]] = {}

    def of(one: Any) -> tuple[int, int]:
        found = known.get(id(one))
        if found is None:
            size, height = 1, 0
            for inner in one.values() if isinstance(one, dict) else one:
                if isinstance(inner, list | dict):
                    inside, above = of(inner)
                    size, height = size + inside, max(height, above)
                else:
                    size += 1
            if size > NODES_MAX:
                raise TooLarge(f"a value holds more than {NODES_MAX:,} values")
            if height >= NESTING_MAX:
                raise TooLarge(f"a value is nested more than {NESTING_MAX} times")
            found = known[id(one)] = size, height + 1
        return found

    if not isinstance(value, list | dict):
        return 1
    try:
        return of(value)[0]
    except RecursionError:
        raise TooLarge(f"a value is nested more than {NESTING_MAX} times") from None


def type_of(value: Any) -> Type:
    """The type of a value; ``any`` for null and for what is not known."""
    known: dict[int, Type] = {}

    def of(one: Any) -> Type:
        if not isinstance(one, list | dict):
            return _simple_type(one)
        found = known.get(id(one))
        if found is None:
            found = known[id(one)] = compound(one)
        return found

    def compound(one: Any) -> Type:
        if isinstance(one, Map):
            return map_type(_common(map(of, one.values())))
        if isinstance(one, dict):
            return object_type({name: of(inner) for name, inner in one.items()})
        if isinstance(one, List | Set | OpenList):
            return Type("set" if isinstance(one, Set) else "list", _common(map(of, one)))
        return tuple_type(map(of, one))

    return of(value)


def _simple_type(value: Any) -> Type:
    if isinstance(value, JsonText):
        return STRING
    if value is None or isinstance(value, Unknown):
        return ANY
    if isinstance(value, bool):
        return BOOL
    return STRING if isinstance(value, str) else NUMBER


def _common(types: Iterable[Type]) -> Type:
    """The type of the elements of a list, set or map: they have one, but where a part is empty, null or not known."""
    found: Type | None = None
    for one in types:
        if found is None or found is ANY:
            found = one
        elif one is not found and one is not ANY and one != found:
            found = unify((found, one)) or found
    return ANY if found is None else found


def unify(types: Sequence[Type]) -> Type | None:
    """The one type that values of all these types become, as in a list or a conditional; None where there is none."""
    known = [one for one in types if one is not ANY]
    if not known:
        return ANY
    first = known[0]
    if all(one is first or one == first for one in known):
        return first
    kinds = {one.kind for one in known}
    if kinds in ({"list"}, {"set"}, {"map"}):
        return _collection(first.kind, _inner(known))
    if kinds == {"object"}:
        names = first.attributes.keys()
        if all(one.attributes.keys() == names for one in known):
            return _object([unify([one.attributes[name].type for one in known]) for name in names], list(names))
        return _collection("map", _inner(known))
    if kinds == {"tuple"}:
        if len({len(one.elements) for one in known}) == 1:
            columns = [unify(column) for column in zip(*(one.elements for one in known), strict=True)]
            return tuple_type(one for one in columns if one is not None) if None not in columns else None
        return _collection("list", _inner(known))
    if kinds == {"map", "object"}:
        return _collection("map", _inner(known))
    if kinds == {"list", "tuple"}:
        return _collection("list", _inner(known))
    for kind in ("string", "list", "set"):
        for candidate in known:
            if candidate.kind == kind and all(_convertible(one, candidate) for one in known):
                return candidate
    return None


def _inner(types: Iterable[Type]) -> list[Type]:
    inner: list[Type] = []
    for one in types:
        if one.of is not None:
            inner.append(one.of)
        inner += one.elements
        inner += [attribute.type for attribute in one.attributes.values()]
    return inner


def _collection(kind: str, inner: Sequence[Type]) -> Type | None:
    of = unify(inner)
    return None if of is None else Type(kind, of)


def _object(types: Sequence[Type | None], names: Sequence[str]) -> Type | None:
    found = {name: one for name, one in zip(names, types, strict=True) if one is not None}
    return object_type(found) if len(found) == len(names) else None


def _convertible(one: Type, to: Type) -> bool:
    """Whether values of a type may become another; a text may still turn out to be no number."""
    if one is ANY or to is ANY or one == to:
        return True
    if to.kind == "string":
        return one.kind in ("number", "bool")
    if to.kind in ("number", "bool"):
        return one.kind == "string"
    if to.of is not None:
        fits = ("map", "object") if to.kind == "map" else ("list", "set", "tuple")
        inner = _inner([one])
        return one.kind in fits and all(_convertible(part, to.of) for part in inner) and unify(inner) is not None
    if to.kind == one.kind == "tuple":
        return len(one.elements) == len(to.elements) and all(map(_convertible, one.elements, to.elements))
    return to.kind == one.kind == "object" and all(
        name in one.attributes and _convertible(one.attributes[name].type, attribute.type)
        for name, attribute in to.attributes.items()
    )


def convert(value: Any, type_: Type, path: str = "") -> Any:
    """The value as a value of the type, as Terraform converts arguments and variables.

    Raises EvaluationError that says where (`path`, the name of the argument or variable, and the place inside it).
    """
    weigh(value)
    return _converted(value, type_, path)


def _converted(value: Any, to: Type, path: str) -> Any:
    if value is None or to is ANY:
        return value
    if isinstance(value, Maybe):
        inner = tuple(_converted(one, to, path) for one in value._values)
        return value._with(inner)
    if isinstance(value, Unknown):
        return value
    found = _CONVERSIONS[to.kind](value, to, path)
    return found


def _to_string(value: Any, to: Type, path: str) -> Any:
    if isinstance(value, list | dict):
        raise _refusal("a string", value, path)
    return text_of(value)


def _to_number(value: Any, to: Type, path: str) -> Any:
    if isinstance(value, str):
        found = parse_number(value)
        if found is None:
            raise EvaluationError(f"{_place(path)}a number is needed, and this text is none")
        return found
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _refusal("a number", value, path)
    return value


def _to_bool(value: Any, to: Type, path: str) -> Any:
    if isinstance(value, bool):
        return value
    found = {"true": True, "1": True, "false": False, "0": False}.get(value) if isinstance(value, str) else None
    if found is None:
        raise _refusal("a bool (true or false)", value, path)
    return found


def _to_sequence(value: Any, to: Type, path: str) -> Any:
    if not isinstance(value, list):
        raise _refusal(f"a {to.kind}", value, path)
    of = to.of or ANY
    if isinstance(value, Set) and to.kind == "list":
        value = unordered(value)
    same_type = of is ANY and isinstance(value, List | Set)
    elements = value if same_type else _elements(list(value), of, path)
    if to.kind == "set":
        return _open(elements) if any(isinstance(one, Maybe) for one in elements) else set_of(elements)
    return _open(elements) if isinstance(value, OpenList) else List(elements)


def unordered(values: Set) -> list[Any]:
    """The elements of a set as a list; where one is not known, nobody knows which is first, nor how many they are."""
    if len(values) < 2 or first_unknown(values) is None:
        return values
    holes = [(one, first_unknown(one)) for one in values]
    gaps = [Maybe(hole._path, hole._why, (one,), hole._root) for one, hole in holes if hole is not None]
    return OpenList([*gaps, *(one for one, hole in holes if hole is None)])


def _open(elements: Iterable[Any]) -> OpenList:
    return OpenList(elements)


def _elements(values: list[Any], of: Type, path: str) -> list[Any]:
    """Values that become elements of one type."""
    if of is not ANY:
        if of is STRING and all(type(one) is str for one in values):
            return values
        values = [_converted(one, of, f"{path}[{n}]") for n, one in enumerate(values)]
    if has_any(of):
        common = common_type(values)
        if common is None:
            raise EvaluationError(f"{_place(path)}all elements must have one type")
        values = [_converted(one, common, f"{path}[{n}]") for n, one in enumerate(values)]
    return values


def common_type(values: Sequence[Any]) -> Type | None:
    """The one type of values.  A text that is not known might make texts of numbers and bools beside it."""
    common = unify([type_of(one) for one in _spread(values)])
    if common is None and first_unknown(values) is not None:
        return ANY
    return common


def _spread(values: Iterable[Any]) -> Iterator[Any]:
    for one in values:
        if isinstance(one, Maybe):
            yield from one._values
        else:
            yield one


def has_any(one: Type) -> bool:
    """Whether a type leaves open what some of it is."""
    return one is ANY or any(map(has_any, _inner([one])))


def _to_map(value: Any, to: Type, path: str) -> Any:
    if not isinstance(value, dict):
        raise _refusal("a map", value, path)
    of = to.of or ANY
    if of is ANY and isinstance(value, Map):
        return value
    names = list(value)
    elements = [_converted(value[name], of, f"{path}[{_quoted(name)}]") for name in names]
    if has_any(of):
        common = common_type(elements)
        if common is None:
            raise EvaluationError(f"{_place(path)}all values of a map must have one type")
        elements = [
            _converted(one, common, f"{path}[{_quoted(name)}]") for name, one in zip(names, elements, strict=True)
        ]
    return Map(zip(names, elements, strict=True))


def _to_object(value: Any, to: Type, path: str) -> Any:
    if not isinstance(value, dict):
        raise _refusal("an object", value, path)
    made: dict[str, Any] = {}
    for name, attribute in to.attributes.items():
        inner = f"{path}.{name}" if path else name
        if name not in value and not attribute.optional:
            raise EvaluationError(f'{_place(path)}attribute "{name}" is required')
        given = value.get(name)
        if given is None and attribute.optional:
            given = attribute.default
        made[name] = _converted(given, attribute.type, inner)
    return made


def _to_tuple(value: Any, to: Type, path: str) -> Any:
    if not isinstance(value, list) or isinstance(value, List | Set):
        raise _refusal("a tuple", value, path)
    if len(value) != len(to.elements):
        raise EvaluationError(f"{_place(path)}a tuple of {len(to.elements)} elements is needed")
    return [_converted(one, of, f"{path}[{n}]") for n, (one, of) in enumerate(zip(value, to.elements, strict=True))]


_CONVERSIONS: dict[str, Callable[[Any, Type, str], Any]] = {
    "string": _to_string,
    "number": _to_number,
    "bool": _to_bool,
    "list": _to_sequence,
    "set": _to_sequence,
    "map": _to_map,
    "object": _to_object,
    "tuple": _to_tuple,
}


def _place(path: str) -> str:
    return f"{path}: " if path else ""


def _refusal(wanted: str, value: Any, path: str) -> EvaluationError:
    return EvaluationError(f"{_place(path)}{wanted} is needed, and this is {kind_of(value)}")


def _quoted(text: str) -> str:
    return f'"{text[:60]}"'


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?", re.ASCII)


def parse_number(text: str) -> int | Decimal | None:
    """The number that a text writes, None where it writes none."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    if len(text) > NUMBER_DIGITS_MAX or len(found[1] or "") > 6 or abs(int(found[1] or 0)) > NUMBER_DIGITS_MAX:
        raise TooLarge(f"a number has more than {NUMBER_DIGITS_MAX:,} digits")
    return number(Decimal(text))


def conditional(left: Any, right: Any, chosen: bool) -> Any:
    """What `condition ? left : right` gives: one of the two (`left` where `chosen`), as the type that both share."""
    weigh(left)
    weigh(right)
    common = common_type([left, right])
    if common is None:
        types = (type_of(left), type_of(right))
        if {one.kind for one in types} == {"map", "object"} and any(one.of is ANY for one in types):
            common = ANY  # nobody knows of which type the values of the empty map are
    if common is None:
        raise EvaluationError(
            f"both results of a conditional must have one type: one is {kind_of(left)}, the other {kind_of(right)}"
        )
    return _converted(left if chosen else right, common, "")


def equal(left: Any, right: Any) -> Any:
    """Whether two values are equal and of one type: True, False, or an :class:`Unknown` that knows the question."""
    weigh(left)
    weigh(right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _open_question(left, right)
    if first_unknown(left) is None and first_unknown(right) is None:
        return _alike(left, right) and same(left, right)
    return _equal_parts(left, right)


def _open_question(left: Any, right: Any) -> Any:
    subject, other = (left, right) if isinstance(left, Unknown) else (right, left)
    if subject._shape != ANY_SHAPE and not isinstance(other, str | Unknown):
        return False  # it is surely a text
    return subject == other


def _equal_parts(left: Any, right: Any) -> Any:
    """Equality where something inside is not known: a part that surely differs decides."""
    pairs: Iterable[tuple[Any, Any]]
    if isinstance(left, OpenList) or isinstance(right, OpenList):
        return _undecided(left, right)
    if not isinstance(left, list | dict) or not isinstance(right, list | dict) or _kind(left) != _kind(right):
        return False
    if isinstance(left, Set):
        return _undecided(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        pairs = [(left[name], right[name]) for name in sorted(left)]
    else:
        if len(left) != len(right):
            return False
        pairs = zip(left, right, strict=True)
    answers = [equal(*pair) for pair in pairs]
    if any(one is False for one in answers):
        return False
    open_ones = [one for one in answers if isinstance(one, Unknown)]
    if len(open_ones) == 1:
        return open_ones[0]
    return _undecided(left, right) if open_ones else True


def _undecided(left: Any, right: Any) -> Unknown:
    hole = first_unknown([left, right])
    assert hole is not None
    return Unknown(f"{_show(left)} == {_show(right)}", hole._why, root=hole._root)


def _show(value: Any) -> str:
    return value._path if isinstance(value, Unknown) else repr(value)


def _kind(value: Any) -> str:
    return type(value).__name__ if isinstance(value, list | dict) else ""


def _alike(left: Any, right: Any) -> bool:
    """Whether the kinds of two known values are the same, at every depth."""
    if not isinstance(left, list | dict) or not isinstance(right, list | dict):
        return True  # `same` tells simple values apart
    if _kind(left) != _kind(right) or len(left) != len(right):
        return False
    if isinstance(left, dict):
        return all(name in right and _alike(value, right[name]) for name, value in left.items())
    return all(map(_alike, left, right))


def equal_known(left: Any, right: Any) -> bool:
    """Whether two values known throughout are equal and of one type."""
    return _alike(left, right) and same(left, right)


def limited(elements: Sequence[Any]) -> Sequence[Any]:
    """The elements, if they are not more than a list, set or map may have."""
    if len(elements) > ELEMENTS_MAX:
        raise TooLarge(f"a collection has more than {ELEMENTS_MAX:,} elements")
    return elements
