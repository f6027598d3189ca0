"""The values of templates, known or not.

| JSON | Python |
|---|---|
| text, number, truth value, null | ``str``, ``int`` or ``float``, ``bool``, ``None`` |
| array | ``list``; :class:`~koban.model.unknown.OpenList` where elements may not be there |
| object | ``dict`` |
| not known | :class:`~koban.model.unknown.Unknown`, also inside the others |

An Unknown with a shape is surely a text.  Values are never changed once they are made: they are shared.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from koban.model.resource import unknown_name
from koban.model.unknown import ANY_SHAPE, TEXT_SHAPE, Maybe, OpenList, Partial, Unknown

TEXT_CHARACTERS_MAX = 1_000_000  # a longer text is not built
ELEMENTS_MAX = 10_000  # a longer array is not built; `range` makes no more either
PATH_CHARACTERS_MAX = 80  # of the name that people see of a value that is computed
SHAPE_CHARACTERS_MAX = 10_000  # a longer shape costs more to match than it tells
CHOICES_MAX = 50  # how many values are weighed where nobody knows which it is
COMPARED_CHARACTERS_MAX = 10_000  # a longer text is not compared with what is known of another one
COMPARISONS_MAX = 1_000_000  # so many ways in which a text may fit a shape are tried


class EvaluationError(Exception):
    """What Azure Resource Manager would refuse; the message says what, in one line, and never a value.

    It may depend on the parameters: what one use of a template refuses, another one takes.
    """


class Fault(EvaluationError):
    """What it would refuse whatever the parameters are: the template itself is wrong."""


def short(path: str) -> str:
    """A path that fits on a line, and still is no other's."""
    if len(path) <= PATH_CHARACTERS_MAX and path.isprintable():
        return path
    digest = hashlib.blake2b(path.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{' '.join(path.split())[:PATH_CHARACTERS_MAX]}... ({digest})"


def show(value: Any) -> str:
    """What tells a value from every other one, in a path."""
    if isinstance(value, Unknown):
        return value._path
    if isinstance(value, list):
        return f"[{', '.join(map(show, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {show(one)}' for key, one in value.items())}}}"
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def first_unknown(value: Any) -> Unknown | None:
    """The first unknown in a value, at any depth; None where all of it is known."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            if isinstance(one, Unknown | dict | list):
                found = first_unknown(one)
                if found is not None:
                    return found
    return None


def unknown(name: str, arguments: Iterable[Any], shape: str = ANY_SHAPE) -> Unknown:
    """What a function gives of arguments that are not all known."""
    given = list(arguments)
    hole = first_unknown(given)
    why = hole._root._why if hole is not None else f"{name} is known only at deployment"
    return Unknown(short(f"{name}({', '.join(map(show, given))})"), why, shape=shape)


def is_text(value: Any) -> bool:
    """Whether a value surely is a text."""
    return isinstance(value, str) or (isinstance(value, Unknown) and value._shape != ANY_SHAPE)


def kind(value: Any) -> str:
    """The kind of a value, in words for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list):
        return "an array"
    return "an object" if isinstance(value, dict) else "not known"


def text_of(value: Any) -> str | Unknown:
    """A value as it is written into a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Unknown):
        return value if value._shape != ANY_SHAPE else unknown("string", [value], TEXT_SHAPE)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, dict | list):
        if first_unknown(value) is not None:
            return unknown("string", [value], r"(?s:[\[{].*[\]}])")
        made = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    else:
        made = json.dumps(value)
    return limited(made)


def scalar_text(value: Any) -> str:
    """The text that a value is where a name is wanted.  Raises EvaluationError for arrays and objects."""
    if isinstance(value, dict | list | Unknown):
        raise EvaluationError(f"a text is needed, and this is {kind(value)}")
    return str(text_of(value))


def limited(text: str) -> str:
    if len(text) > TEXT_CHARACTERS_MAX:
        raise EvaluationError(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
    return text


def limited_list(values: list[Any]) -> list[Any]:
    if len(values) > ELEMENTS_MAX:
        raise EvaluationError(f"an array has more than {ELEMENTS_MAX:,} elements")
    return values


def joined(pieces: Iterable[Any]) -> str | Unknown:
    """One text out of pieces that are known or not."""
    flat: list[str | Unknown] = []
    length = 0
    for one in pieces:
        text = text_of(one)
        for piece in text._pieces if isinstance(text, Partial) and not text._own_target else (text,):
            if isinstance(piece, str):
                length += len(piece)
                if length > TEXT_CHARACTERS_MAX:
                    raise EvaluationError(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
                if flat and isinstance(flat[-1], str):
                    flat[-1] += piece
                    continue
            if isinstance(piece, Unknown) or piece:
                flat.append(piece)
    if not flat:
        return ""
    if len(flat) == 1:
        return flat[0]
    shown = "".join(piece if isinstance(piece, str) else f"<{piece._path}>" for piece in flat)
    return Partial(short(shown), tuple(flat))


def name_of(value: Any) -> str:
    """A text that stands for a value in names and addresses: the same for the same value."""
    if isinstance(value, Partial) and not value._own_target:
        return short("".join(one if isinstance(one, str) else _hole(one) for one in value._pieces))
    text = text_of(value)
    return short(_hole(text)) if isinstance(text, Unknown) else text


def _hole(value: Unknown) -> str:
    path = value._path
    return f"<{path[7:-1] if path.startswith('string(') and path.endswith(')') else path}>"


def found_key(container: dict[str, Any], key: str) -> str | None:
    """The key of an object that is meant: in whatever case it is written."""
    if key in container:
        return key
    folded = key.lower()
    for one in container:
        if one.lower() == folded:
            return one
    return None


def get(container: Any, key: str, default: Any = None) -> Any:
    """What stands under a key, in whatever case it is written."""
    if not isinstance(container, dict):
        return default
    found = found_key(container, key)
    return default if found is None else container[found]


def fits(value: Unknown, text: str, any_case: bool = False) -> bool:
    """Whether an unknown value may turn out to be this text; yes where finding out would take too long."""
    shape = value._shape
    if shape == ANY_SHAPE or len(text) > COMPARED_CHARACTERS_MAX:
        return True
    if isinstance(value, Partial) and not _in_order(value._pieces, text, any_case):
        return False
    repeats = shape.count("*") + shape.count("+")
    if repeats > 1 and (len(text) + 1) ** repeats > COMPARISONS_MAX:
        return True
    return re.fullmatch(f"(?i:{shape})" if any_case else shape, text) is not None


def _in_order(pieces: tuple[str | Unknown, ...], text: str, any_case: bool) -> bool:
    """Whether the known pieces of a text come one after another in another one, the first and last at its ends."""
    if any_case:
        text, pieces = text.lower(), tuple(one.lower() if isinstance(one, str) else one for one in pieces)
    at, end = 0, len(text)
    if isinstance(pieces[0], str):
        if not text.startswith(pieces[0]):
            return False
        at, pieces = len(pieces[0]), pieces[1:]
    if pieces and isinstance(pieces[-1], str):
        if not text.endswith(pieces[-1]):
            return False
        end, pieces = end - len(pieces[-1]), pieces[:-1]
    for one in pieces:
        if isinstance(one, str):
            found = text.find(one, at, end)
            if found < 0:
                return False
            at = found + len(one)
    return at <= end


def same(one: Any, other: Any) -> bool:
    """Whether two values are certainly the same, whatever the unknown ones turn out to be."""
    if one is other:
        return True
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return (
            isinstance(one, Unknown)
            and isinstance(other, Unknown)
            and (type(one), one._path, one._shape, unknown_name(one))
            == (type(other), other._path, other._shape, unknown_name(other))
        )
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def equal(one: Any, other: Any) -> bool | None:
    """Whether two values are equal; None where that is open."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        if same(one, other):
            return True
        if not isinstance(one, Unknown):
            one, other = other, one
        if isinstance(other, str):
            return None if fits(one, other) else False
        if isinstance(other, Unknown) or one._shape == ANY_SHAPE:
            return None
        return False  # surely a text, and the other one surely is none
    if isinstance(one, list) and isinstance(other, list):
        if any(isinstance(inner, Maybe) for inner in (*one, *other)):
            return True if same(one, other) else None
        if len(one) != len(other):
            return False
        return _all(equal(left, right) for left, right in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        if len(one) != len(other) or any(key not in other for key in one):
            return False
        return _all(equal(value, other[key]) for key, value in one.items())
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return type(one) is type(other) and bool(one == other)


def _all(answers: Iterable[bool | None]) -> bool | None:
    outcome: bool | None = True
    for one in answers:
        if one is False:
            return False
        if one is None:
            outcome = None
    return outcome


def within(values: list[Any], item: Any) -> bool | None:
    """Whether an array has an element; None where that is open."""
    outcome: bool | None = False
    for one in values:
        if isinstance(one, Maybe):
            if any(equal(inner, item) is not False for inner in one._values):
                outcome = None
            continue
        answer = equal(one, item)
        if answer:
            return True
        if answer is None:
            outcome = None
    return outcome


def key_of(value: Any) -> Any:
    """What two values that are known throughout have in common exactly when they are equal."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return type(value).__name__, value
    if isinstance(value, int | float):
        return "number", value
    if isinstance(value, list):
        return "array", tuple(map(key_of, value))
    return "object", tuple(sorted((key, key_of(one)) for key, one in value.items()))


def either(path: str, why: str, values: list[Any]) -> Any:
    """One of several values, nobody knows which: known where they agree, else with what is certain of any of them."""
    first = values[0]
    if all(same(first, one) for one in values[1:]):
        return first
    if len(values) > CHOICES_MAX:
        return Unknown(path, why)
    if all(type(one) is dict for one in values):
        made: dict[str, Any] = {}
        for key in dict.fromkeys(key for one in values for key in one):
            if all(key in one for one in values):
                made[key] = either(f"{path}.{key}", why, [one[key] for one in values])
            else:
                made[key] = Unknown(short(f"{path}.{key}"), why)
        return made
    if all(type(one) is list and len(one) == len(first) for one in values):
        return [either(f"{path}[{i}]", why, [one[i] for one in values]) for i in range(len(first))]
    shapes = []
    for one in values:
        if isinstance(one, str):
            shapes.append(re.escape(one))
        elif isinstance(one, Unknown) and one._shape != ANY_SHAPE:
            shapes.append(one._shape)
        else:
            return Unknown(path, why)
    if sum(map(len, shapes)) > SHAPE_CHARACTERS_MAX:
        return Unknown(path, why, shape=TEXT_SHAPE)
    targets = {one._target if isinstance(one, Unknown) else "" for one in values}
    target = targets.pop() if len(targets) == 1 else ""
    return Unknown(path, why, shape="(?:" + "|".join(dict.fromkeys(shapes)) + ")", target=target)


def chosen(condition: Unknown, yes: Any, no: Any) -> Any:
    """What ``if`` gives where its condition is open."""
    why = condition._root._why
    if type(yes) is list and type(no) is list and bool(yes) != bool(no):
        path = condition._path if yes else f"not({condition._path})"
        return OpenList([Maybe(path, why, tuple(yes or no))])
    return either(short(f"if({condition._path}, {show(yes)}, {show(no)})"), why, [yes, no])


def reached(of: Any, key: Any, safe: bool = False) -> Any:
    """``of.key`` or ``of[key]``.  Raises EvaluationError where there is none, unless `safe`."""
    if isinstance(of, Unknown):
        target = of._target if type(of) is Unknown else ""
        return Unknown(short(f"{of._path}{_step(key)}"), of._root._why, target=target)
    if safe and of is None:
        return None
    if isinstance(of, dict):
        if isinstance(key, Unknown):
            path = short(f"{show(of)}{_step(key)}")
            choices = [value for name, value in of.items() if fits(key, name, any_case=True)]
            return Unknown(path, key._root._why) if safe or not choices else either(path, key._root._why, choices)
        if not isinstance(key, str):
            raise EvaluationError(f"an object is asked for {kind(key)}, and not for a name")
        found = found_key(of, key)
        if found is not None:
            return of[found]
        if safe:
            return None
        raise EvaluationError(f"the object has no {key}" if len(key) < 100 else "the object has no such name")
    if isinstance(of, list):
        if isinstance(key, Unknown):
            path = short(f"{show(of)}{_step(key)}")
            if safe or not of or isinstance(of, OpenList):
                return Unknown(path, key._root._why)
            return either(path, key._root._why, list(of))
        if isinstance(key, bool) or not isinstance(key, int):
            raise EvaluationError(f"an array is asked for {kind(key)}, and not for a position")
        if isinstance(of, OpenList):
            gap = next((i for i, one in enumerate(of) if isinstance(one, Maybe)), len(of))
            if key >= gap:
                return Unknown(short(f"{show(list(of))}[{key}]"), of[gap]._root._why)
        if 0 <= key < len(of):
            return of[key]
        if safe:
            return None
        raise EvaluationError(f"the array has no element {key}")
    raise EvaluationError(f"{kind(of)} has no parts")


def _step(key: Any) -> str:
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{show(key)}]"
