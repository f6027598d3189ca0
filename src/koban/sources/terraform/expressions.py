"""Expressions of HCL, and what they come to: total over values that are known, null, or unknown with the reason.

Each kind of expression is a small class with one method, `value(scope)`.  It gives a value (see
:mod:`koban.sources.terraform.values`) or raises EvaluationError for what Terraform itself would refuse.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from decimal import Decimal, DecimalException
from hashlib import blake2b
from itertools import count
from typing import Any, Protocol

from koban.model.unknown import Maybe, Negation, OpenList, Partial, Unknown, _fits
from koban.sources.terraform.functions import Context, call, conditional, convert, equal
from koban.sources.terraform.functions.conversion import NUMBER
from koban.sources.terraform.values import (
    ELEMENTS_MAX,
    PRECISION,
    EvaluationError,
    Set,
    TooLarge,
    elements_of,
    first_unknown,
    joined,
    kind_of,
    number,
    text_of,
)

NUMBER_DIGITS_MAX = 4_000
PATH_CHARACTERS_MAX = 120  # of the name of what is not known
READING = ("file", "templatefile")  # what the names of functions begin with that look at files


class Scope(Protocol):
    """Where names get their meaning: a module, an iteration, a template."""

    context: Context

    def named(self, name: str) -> Any:
        """What a name alone stands for.  Raises EvaluationError where it is not declared."""

    def with_names(self, names: dict[str, Any]) -> Scope:
        """The same, with some names more."""

    def reads(self, function: str, path: str) -> None:
        """Hears that a function looks at a file or, for ``fileset``, at a directory."""

    def step(self) -> None:
        """Counts one piece of work.  Raises TooLarge when it was too much."""


class Lazy(Unknown, ABC):
    """Something that has attributes worked out when they are asked for; as a whole it is not known."""

    __slots__ = ()

    @abstractmethod
    def _attribute(self, name: str) -> Any:
        """One of its attributes."""

    def _index(self, key: Any) -> Any:
        raise EvaluationError(f"{self._path} has no elements: it is there once")


def follows(unknown: Unknown, what: str) -> Unknown:
    """A value called `what` that cannot be known since `unknown` is not.

    Two values that may differ need two names: what is asked of one is answered for all of its name.
    """
    return Unknown(short(what), unknown._why, root=unknown._root)


def short(text: str) -> str:
    """The text, cut to what people read, with a mark that tells it from others that begin the same."""
    if len(text) <= PATH_CHARACTERS_MAX:
        return text
    mark = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{text[:PATH_CHARACTERS_MAX]}#{mark}"


def show(value: Any) -> str:
    """A value as it stands in the name of another."""
    return value._path if isinstance(value, Unknown) else short(repr(value))


def gap_of(values: OpenList) -> Maybe:
    """Why it is not known which elements a list has."""
    return next(one for one in values if isinstance(one, Maybe))


_serials = count()  # so that what two expressions leave open has two names


class Expression(ABC):
    """A piece of syntax that has a value."""

    __slots__ = ()

    @abstractmethod
    def value(self, scope: Scope) -> Any:
        """Its value where names mean what `scope` says."""

    def inner(self) -> Iterator[Expression]:
        """The expressions directly inside this one."""
        return iter(())

    def known_text(self) -> str | None:
        """The text that it is, where it is nothing but that."""
        return None


class Literal(Expression):
    """``1``, ``true``, ``"text"``."""

    __slots__ = ("constant",)

    def __init__(self, constant: Any) -> None:
        self.constant = constant

    def value(self, scope: Scope) -> Any:
        return self.constant

    def known_text(self) -> str | None:
        return self.constant if isinstance(self.constant, str) else None


class Variable(Expression):
    """The name that a reference begins with: ``var``, ``local``, ``aws_s3_bucket``, the name of an iteration."""

    __slots__ = ("line", "name")

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line

    def value(self, scope: Scope) -> Any:
        return scope.named(self.name)


class Parentheses(Expression):
    __slots__ = ("_inner",)

    def __init__(self, inner: Expression) -> None:
        self._inner = inner

    def value(self, scope: Scope) -> Any:
        return self._inner.value(scope)

    def inner(self) -> Iterator[Expression]:
        yield self._inner


class Tuple(Expression):
    """``[a, b]``"""

    __slots__ = ("elements",)

    def __init__(self, elements: list[Expression]) -> None:
        self.elements = elements

    def value(self, scope: Scope) -> Any:
        return [one.value(scope) for one in self.elements]

    def inner(self) -> Iterator[Expression]:
        return iter(self.elements)


class Object(Expression):
    """``{a = 1}``: (key, value, line) of each item."""

    __slots__ = ("items",)

    def __init__(self, items: list[tuple[Expression, Expression, int]]) -> None:
        self.items = items

    def value(self, scope: Scope) -> Any:
        made: dict[str, Any] = {}
        open_key: Unknown | None = None
        for key_expression, value_expression, _ in self.items:
            key = key_expression.value(scope)
            value = value_expression.value(scope)
            if isinstance(key, Unknown):
                open_key = key if open_key is None else open_key
            elif key is None:
                raise EvaluationError("a key of an object is null")
            else:
                made[text_of(key)] = value
        return made if open_key is None else follows(open_key, f"{{{open_key._path} = ..}} in {show(made)}")

    def inner(self) -> Iterator[Expression]:
        for key, value, _ in self.items:
            yield key
            yield value


class GetAttribute(Expression):
    """``a.b``"""

    __slots__ = ("name", "of")

    def __init__(self, of: Expression, name: str) -> None:
        self.of = of
        self.name = name

    def value(self, scope: Scope) -> Any:
        return attribute_of(self.of.value(scope), self.name)

    def inner(self) -> Iterator[Expression]:
        yield self.of


def attribute_of(whole: Any, name: str) -> Any:
    if isinstance(whole, dict):
        try:
            return whole[name]
        except KeyError:
            raise EvaluationError(f"there is no {name!r} in this object") from None
    if isinstance(whole, Lazy):
        return whole._attribute(name)
    if isinstance(whole, Unknown):
        return follows(whole, f"{whole._path}.{name}")
    raise EvaluationError(f".{name} is asked of {kind_of(whole)}")


class Index(Expression):
    """``a[b]``"""

    __slots__ = ("key", "of")

    def __init__(self, of: Expression, key: Expression) -> None:
        self.of = of
        self.key = key

    def value(self, scope: Scope) -> Any:
        return element_of(self.of.value(scope), self.key.value(scope))

    def inner(self) -> Iterator[Expression]:
        yield self.of
        yield self.key


def element_of(whole: Any, key: Any) -> Any:
    if isinstance(key, Unknown):
        if isinstance(whole, list) and len(whole) == 1 and not isinstance(whole, OpenList):
            return whole[0]
        return follows(whole if isinstance(whole, Unknown) else key, f"{show(whole)}[{key._path}]")
    if isinstance(whole, Lazy):
        return whole._index(key)
    if isinstance(whole, Unknown):
        return follows(whole, f"{whole._path}[{key!r}]")
    if isinstance(whole, dict):
        if key is None:
            raise EvaluationError("the index is null")
        text = text_of(key)
        if text not in whole:
            raise EvaluationError(f"there is no {text!r} in this map")
        return whole[text]
    if isinstance(whole, list) and not isinstance(whole, Set):
        position = as_number(key)
        if not isinstance(position, int) or not 0 <= position < len(whole):
            if isinstance(whole, OpenList):
                return follows(gap_of(whole), f"{show(whole)}[{position!r}]")
            raise EvaluationError(f"there is no element {text_of(key)} in a list of {len(whole)}")
        found = whole[position]
        if isinstance(found, Maybe):
            # Whoever asks for it says that it is there.
            if len(whole) == 1 and len(found._values) == 1 and not found._more:
                return found._values[0]
            return follows(found, f"{show(whole)}[{position}]")
        if isinstance(whole, OpenList) and any(isinstance(one, Maybe) for one in whole[:position]):
            return follows(gap_of(whole), f"{show(whole)}[{position}]")
        return found
    if whole is None:
        raise EvaluationError("an element is asked of null")
    raise EvaluationError(f"an element is asked of {kind_of(whole)}")


class _Element(Expression):
    """The element that a splat is at."""

    __slots__ = ()

    def value(self, scope: Scope) -> Any:
        return scope.named("\0element")


_ELEMENT = _Element()


def _names_along(each: Expression) -> list[str]:
    names: list[str] = []
    while isinstance(each, GetAttribute | Index):
        names.append(each.name if isinstance(each, GetAttribute) else "[]")
        each = each.of
    return names[::-1]


class Splat(Expression):
    """``a[*].b``: `each` begins with :meth:`element`."""

    __slots__ = ("each", "full", "of", "suffix")

    def __init__(self, of: Expression, each: Expression, full: bool = False) -> None:
        self.suffix = "".join(f".{name}" for name in _names_along(each))
        self.of = of
        self.each = each
        self.full = full

    @staticmethod
    def element() -> Expression:
        return _ELEMENT

    def value(self, scope: Scope) -> Any:
        whole = self.of.value(scope)
        if whole is None:
            return []
        if isinstance(whole, Lazy) or not isinstance(whole, list | Unknown):
            whole = [whole]
        if isinstance(whole, Unknown):
            return follows(whole, f"{whole._path}[*]{self.suffix}")
        return mapped_list(whole, lambda one: self.each.value(scope.with_names({"\0element": one})), scope)

    def inner(self) -> Iterator[Expression]:
        yield self.of
        yield self.each


def mapped_list(whole: list[Any], each: Callable[[Any], Any], scope: Scope) -> list[Any]:
    made: list[Any] = []
    for one in whole:
        scope.step()
        if isinstance(one, Maybe):
            made.append(one._with(tuple(each(inner) for inner in one._values)))
        else:
            made.append(each(one))
    return OpenList(made) if isinstance(whole, OpenList) else made


class Call(Expression):
    """``name(argument, ...)``; `spread` says that the last is a list of arguments."""

    __slots__ = ("arguments", "line", "name", "spread")

    def __init__(self, name: str, arguments: list[Expression], spread: bool, line: int) -> None:
        self.name = name.removeprefix("core::")
        self.arguments = arguments
        self.spread = spread
        self.line = line

    def value(self, scope: Scope) -> Any:
        scope.step()
        if self.name == "try":
            return self._try(scope)
        if self.name == "can":
            return self._can(scope)
        values = [one.value(scope) for one in self.arguments]
        if self.spread:
            last = values.pop()
            if isinstance(last, Unknown):
                return follows(last, f"{self.name}({last._path}...)")
            if not isinstance(last, list):
                raise EvaluationError(f"... follows {kind_of(last)}, not a list")
            if isinstance(last, OpenList) and self.name not in _TAKES_OPEN:
                return follows(gap_of(last), f"{self.name}({show(last)}...)")
            values += last
        for one in values:
            if isinstance(one, OpenList) and self.name not in _TAKES_OPEN:
                return self._of_open(one, values)
        if self.name.startswith(READING) and values and isinstance(values[0], str):
            scope.reads(self.name, values[0])
        return call(self.name, values, scope.context)

    def _of_open(self, values: OpenList, arguments: list[Any]) -> Any:
        """What comes of a list of which it is not known which elements it has."""
        if self.name == "one" and len(values) == 1 and len(values[0]._values) == 1:
            only = values[0]._values[0]
            if isinstance(only, Unknown) and only._target:
                return Unknown(only._path, values[0]._why, target=only._target, root=values[0]._root)
        return follows(gap_of(values), f"{self.name}({', '.join(map(show, arguments))})")

    def _try(self, scope: Scope) -> Any:
        failure: EvaluationError | None = None
        for one in self.arguments:
            try:
                return one.value(scope)
            except EvaluationError as error:
                failure = error
        raise EvaluationError(f"no argument of try works: {failure}")

    def _can(self, scope: Scope) -> Any:
        if len(self.arguments) != 1:
            raise EvaluationError("can takes one argument")
        try:
            value = self.arguments[0].value(scope)
        except EvaluationError:
            return False
        if isinstance(value, Unknown) and not isinstance(value, Lazy | Partial):
            return follows(value, f"can({value._path})")
        return True

    def inner(self) -> Iterator[Expression]:
        return iter(self.arguments)


_TAKES_OPEN = frozenset(("concat", "flatten", "tolist", "toset", "distinct", "compact", "coalescelist"))


def as_bool(value: Any) -> Any:
    """A bool, or what a text says of one, or unknown.  Raises EvaluationError."""
    if isinstance(value, bool | Unknown):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise EvaluationError(f"true or false is needed, and this is {kind_of(value)}")


def as_number(value: Any) -> Any:
    """A number, or what a text says of one, or unknown.  Raises EvaluationError."""
    if isinstance(value, Unknown) or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        return value
    if value is None:
        raise EvaluationError("a number is needed, and this is null")
    return convert(value, NUMBER)


class Unary(Expression):
    """``-a``, ``!a``"""

    __slots__ = ("of", "operator")

    def __init__(self, operator: str, of: Expression) -> None:
        self.operator = operator
        self.of = of

    def value(self, scope: Scope) -> Any:
        value = self.of.value(scope)
        value = as_bool(value) if self.operator == "!" else as_number(value)
        if isinstance(value, Unknown):
            return follows(value, f"{self.operator}({value._path})")
        return not value if self.operator == "!" else -value

    def inner(self) -> Iterator[Expression]:
        yield self.of


class Binary(Expression):
    """``a + b``, ``a == b``, ``a && b``, ..."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: Expression, right: Expression) -> None:
        self.operator = operator
        self.left = left
        self.right = right

    def value(self, scope: Scope) -> Any:
        operator = self.operator
        if operator in ("&&", "||"):
            return self._logical(scope, decides=operator == "||")
        left, right = self.left.value(scope), self.right.value(scope)
        if operator in ("==", "!="):
            same = _equal(left, right)
            if isinstance(same, Unknown):
                return same if operator == "==" else Negation(same)
            return same if operator == "==" else not same
        left, right = as_number(left), as_number(right)
        for one in (left, right):
            if isinstance(one, Unknown):
                return follows(one, f"({show(left)} {operator} {show(right)})")
        return _computed(operator, left, right)

    def _logical(self, scope: Scope, decides: bool) -> Any:
        left = as_bool(self.left.value(scope))
        if left is decides:
            return decides
        right = as_bool(self.right.value(scope))
        if right is decides:
            return decides
        for one in (left, right):
            if isinstance(one, Unknown):
                if not isinstance(left, Unknown):
                    return right
                if not isinstance(right, Unknown):
                    return left
                return follows(one, f"({left._path} {self.operator} {right._path})")
        return right

    def inner(self) -> Iterator[Expression]:
        yield self.left
        yield self.right


def _equal(left: Any, right: Any) -> Any:
    """Whether two values are equal; unknown where that hangs on what is not known."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Unknown):
            if isinstance(other, str) and not _fits(one._shape, other):
                return False
            if other is None and (isinstance(one, Lazy | Partial) or one._target):
                return False  # a resource, or what AWS names, is never null
            if isinstance(other, list | dict) or other is None:
                return follows(one, f"({show(left)} == {show(right)})")
            return one == other
    if first_unknown(left) is None and first_unknown(right) is None:
        return equal(left, right)
    if left is None or right is None:
        return False
    hole = first_unknown([left, right])
    if isinstance(left, list) and isinstance(right, list):
        if not isinstance(left, OpenList) and not isinstance(right, OpenList) and len(left) != len(right):
            return False
    assert hole is not None
    return follows(hole, f"({show(left)} == {show(right)})")


def _computed(operator: str, left: Any, right: Any) -> Any:
    try:
        if operator == "<":
            return left < right
        if operator == ">":
            return left > right
        if operator == "<=":
            return left <= right
        if operator == ">=":
            return left >= right
        if operator in ("/", "%"):
            if right == 0:
                if operator == "%":
                    return left  # as Terraform has it
                raise EvaluationError("a division by zero")
            exact, by = Decimal(left), Decimal(right)
            made = PRECISION.divide(exact, by) if operator == "/" else PRECISION.remainder(exact, by)
            return number(made)
        if isinstance(left, int) and isinstance(right, int):
            found = left + right if operator == "+" else left - right if operator == "-" else left * right
            if abs(found) >= 10**NUMBER_DIGITS_MAX:
                raise TooLarge(f"a number has more than {NUMBER_DIGITS_MAX:,} digits")
            return found
        exact, by = Decimal(left), Decimal(right)
        operation = {"+": PRECISION.add, "-": PRECISION.subtract, "*": PRECISION.multiply}[operator]
        return number(operation(exact, by))
    except DecimalException as error:
        raise EvaluationError(f"{operator} cannot be computed of these numbers: {type(error).__name__}") from None


class Conditional(Expression):
    """``condition ? then : otherwise``"""

    __slots__ = ("condition", "otherwise", "serial", "then")

    def __init__(self, condition: Expression, then: Expression, otherwise: Expression) -> None:
        self.serial = next(_serials)
        self.condition = condition
        self.then = then
        self.otherwise = otherwise

    def value(self, scope: Scope) -> Any:
        condition = as_bool(self.condition.value(scope))
        if isinstance(condition, Unknown):
            return self._open(condition, scope)
        chosen, other = (self.then, self.otherwise) if condition else (self.otherwise, self.then)
        value = chosen.value(scope)
        if value is None or isinstance(value, str | Unknown):
            if not isinstance(other, Literal) or other.constant is None or isinstance(other.constant, str):
                return value  # a text stays a text, whatever the other side is
        try:
            # Terraform gives both sides one type, so the other one may change how this one is written.
            beside = other.value(scope)
        except (EvaluationError, TooLarge):
            return value
        try:
            return conditional(value, beside, True)
        except EvaluationError:
            return value  # two sides that Terraform gives no common type: where it is null, it takes them all the same

    def _open(self, condition: Unknown, scope: Scope) -> Any:
        """Either side, nobody can tell which."""
        try:
            then, otherwise = self.then.value(scope), self.otherwise.value(scope)
        except EvaluationError as error:
            return follows(condition, f"({condition._path} ? .. : ..) {self.serial} {error}")
        if first_unknown(then) is None and first_unknown(otherwise) is None:
            if equal(then, otherwise):
                return then
        return either(condition, then, otherwise)

    def inner(self) -> Iterator[Expression]:
        yield self.condition
        yield self.then
        yield self.otherwise


def either(condition: Unknown, then: Any, otherwise: Any) -> Any:
    """One of two values; what is the same in both, or sure of both, is kept."""
    if isinstance(then, str | Unknown) and isinstance(otherwise, str | Unknown):
        shapes = [one._shape if isinstance(one, Unknown) else _literal_shape(one) for one in (then, otherwise)]
        if isinstance(then, Unknown) and isinstance(otherwise, Unknown) and then._path == otherwise._path:
            return then
        path = short(f"({condition._path} ? {show(then)} : {show(otherwise)})")
        return Unknown(path, condition._why, shape=f"(?:{shapes[0]}|{shapes[1]})", root=condition._root)
    if isinstance(then, list) and isinstance(otherwise, list) and not isinstance(then, Set):
        longer, shorter = (then, otherwise) if len(then) >= len(otherwise) else (otherwise, then)
        if not shorter and longer:
            # There or not: each element is kept, as one that may not be there.
            path = condition._path if longer is then else f"not {condition._path}"
            if not isinstance(longer, OpenList):
                return OpenList([Maybe(path, condition._why, tuple(longer), condition._root)])
    if isinstance(then, dict) and isinstance(otherwise, dict) and then.keys() == otherwise.keys():
        made = {}
        for key, value in then.items():
            other = otherwise[key]
            if first_unknown(value) is None and first_unknown(other) is None and equal(value, other):
                made[key] = value
            else:
                made[key] = either(condition, value, other)
        return made
    return follows(condition, f"({condition._path} ? {show(then)} : {show(otherwise)})")


def _literal_shape(text: str) -> str:
    from re import escape

    return escape(text)


class ForTuple(Expression):
    """``[for k, v in collection : value if condition]``"""

    __slots__ = ("collection", "condition", "each", "names")

    def __init__(
        self, names: tuple[str, ...], collection: Expression, each: Expression, condition: Expression | None
    ) -> None:
        self.names = names
        self.collection = collection
        self.each = each
        self.condition = condition

    def value(self, scope: Scope) -> Any:
        collection = self.collection.value(scope)
        made: list[Any] = []
        open_ = False
        for key, one, gap in iterated(collection):
            scope.step()
            inner = scope.with_names(_bound(self.names, key, one))
            kept = True if self.condition is None else as_bool(self.condition.value(inner))
            if isinstance(kept, Unknown):
                path = kept._path if gap is None else f"{kept._path} and {gap._path}"
                gap = Maybe(short(path), kept._why, (), kept._root, gap is not None and gap._more)
            elif not kept:
                continue
            value = self.each.value(inner)
            open_ = open_ or gap is not None
            made.append(value if gap is None else gap._with((value,)))
            if len(made) > ELEMENTS_MAX:
                raise TooLarge(f"a list has more than {ELEMENTS_MAX:,} elements")
        return OpenList(made) if open_ else made

    def inner(self) -> Iterator[Expression]:
        yield self.collection
        yield self.each
        if self.condition is not None:
            yield self.condition


class ForObject(Expression):
    """``{for k, v in collection : key => value if condition}``; `grouped` with ``...`` behind the value."""

    __slots__ = ("collection", "condition", "each", "grouped", "key", "names", "serial")

    def __init__(
        self,
        names: tuple[str, ...],
        collection: Expression,
        key: Expression,
        each: Expression,
        condition: Expression | None,
        grouped: bool,
    ) -> None:
        self.serial = next(_serials)
        self.names = names
        self.collection = collection
        self.key = key
        self.each = each
        self.condition = condition
        self.grouped = grouped

    def value(self, scope: Scope) -> Any:
        collection = self.collection.value(scope)
        made: dict[str, Any] = {}
        for key_here, one, gap in iterated(collection):
            scope.step()
            if gap is not None:
                return self._open(gap, collection)
            inner = scope.with_names(_bound(self.names, key_here, one))
            if self.condition is not None:
                kept = as_bool(self.condition.value(inner))
                if isinstance(kept, Unknown):
                    return self._open(kept, collection)
                if not kept:
                    continue
            key = self.key.value(inner)
            if isinstance(key, Unknown):
                return self._open(key, collection)
            if key is None:
                raise EvaluationError("a key of an object is null")
            text = text_of(key)
            value = self.each.value(inner)
            if self.grouped:
                made.setdefault(text, []).append(value)
            elif text in made:
                raise EvaluationError(f"two elements of a for expression have the key {text!r}")
            else:
                made[text] = value
            if len(made) > ELEMENTS_MAX:
                raise TooLarge(f"an object has more than {ELEMENTS_MAX:,} items")
        return made

    def _open(self, hole: Unknown, collection: Any) -> Unknown:
        return follows(hole, f"{{for {hole._path} in {show(collection)}}} {self.serial}")

    def inner(self) -> Iterator[Expression]:
        yield self.collection
        yield self.key
        yield self.each
        if self.condition is not None:
            yield self.condition


def _bound(names: tuple[str, ...], key: Any, value: Any) -> dict[str, Any]:
    return {names[0]: key, names[1]: value} if len(names) == 2 else {names[0]: value}


def iterated(collection: Any) -> Iterator[tuple[Any, Any, Maybe | None]]:
    """(key, value, None) of each element; of one that may not be there, what says so in place of None.

    A collection that is not known has two such elements, which stand for any number of them.

    Raises EvaluationError for what has no elements.
    """
    if isinstance(collection, OpenList):
        position = 0
        before: Maybe | None = None  # what leaves the positions of those behind it open
        for one in collection:
            before = one if isinstance(one, Maybe) else before
            for value in one._values if isinstance(one, Maybe) else (one,):
                key = (
                    position if before is None else follows(before, f"position of {show(value)} in {show(collection)}")
                )
                yield key, value, one if isinstance(one, Maybe) else None
                position += 1
    elif isinstance(collection, Set):
        for one in elements_of(collection):
            for value in one._values if isinstance(one, Maybe) else (one,):
                yield value, value, one if isinstance(one, Maybe) else None
    elif isinstance(collection, list):
        for position, one in enumerate(collection):
            yield position, one, None
    elif isinstance(collection, dict):
        for key in sorted(collection):
            yield key, collection[key], None
    elif isinstance(collection, Lazy):
        raise EvaluationError(f"{collection._path} is there once: it has no elements to go through")
    elif isinstance(collection, Unknown):
        path = collection._path
        gap = Maybe(path, collection._why, (), collection._root, more=True)
        for position in range(2):
            made = collection._child(f"[{position}]")
            value = collection._of(made) if collection._of is not None else made
            yield follows(collection, f"key {position} of {path}"), value, gap
    else:
        raise EvaluationError(f"{kind_of(collection)} has no elements to go through")


class Template(Expression):
    """A text with expressions in it; one that is nothing but one expression is that expression's value."""

    __slots__ = ("heredoc", "line", "parts")

    def __init__(self, parts: list[Any], line: int, heredoc: bool = False) -> None:
        self.parts = parts
        self.line = line
        self.heredoc = heredoc

    def value(self, scope: Scope) -> Any:
        parts = self.parts
        if len(parts) == 1 and isinstance(parts[0], Expression) and not self.heredoc:
            if not isinstance(parts[0], IfDirective | ForDirective):
                return parts[0].value(scope)
        pieces: list[Any] = []
        for one in parts:
            value = one if isinstance(one, str) else one.value(scope)
            if value is None:
                raise EvaluationError("null cannot stand in a text")
            pieces.append(value)
        return joined(pieces, name_of(pieces))

    def known_text(self) -> str | None:
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None

    def inner(self) -> Iterator[Expression]:
        return (one for one in self.parts if isinstance(one, Expression))


class IfDirective(Expression):
    """``%{ if condition }...%{ else }...%{ endif }``"""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(self, condition: Any, then: Template, otherwise: Template) -> None:
        self.condition: Expression = condition
        self.then = then
        self.otherwise = otherwise

    def value(self, scope: Scope) -> Any:
        condition = as_bool(self.condition.value(scope))
        if isinstance(condition, Unknown):
            return either(condition, _text_in(self.then, scope), _text_in(self.otherwise, scope))
        return _text_in(self.then if condition else self.otherwise, scope)

    def inner(self) -> Iterator[Expression]:
        yield self.condition
        yield self.then
        yield self.otherwise


class ForDirective(Expression):
    """``%{ for k, v in collection }...%{ endfor }``"""

    __slots__ = ("collection", "each", "names", "serial")

    def __init__(self, names: tuple[str, ...], collection: Any, each: Template) -> None:
        self.serial = next(_serials)
        self.names = names
        self.collection: Expression = collection
        self.each = each

    def value(self, scope: Scope) -> Any:
        pieces: list[Any] = []
        for key, one, gap in iterated(self.collection.value(scope)):
            scope.step()
            if gap is not None:
                return follows(gap, f"%{{ for {gap._path} }} {self.serial}")
            pieces.append(_text_in(self.each, scope.with_names(_bound(self.names, key, one))))
        return joined(pieces, name_of(pieces))

    def inner(self) -> Iterator[Expression]:
        yield self.collection
        yield self.each


def name_of(pieces: list[Any]) -> str:
    """What a text of pieces is called."""
    if not any(isinstance(one, Unknown) for one in pieces):
        return ""
    return short("".join(f"${{{one._path}}}" if isinstance(one, Unknown) else str(one) for one in pieces))


def _text_in(template: Template, scope: Scope) -> Any:
    value = template.value(scope)
    return value if isinstance(value, Unknown) else text_of(value)


def references(expression: Expression) -> Iterator[tuple[str, ...]]:
    """What an expression refers to: ``("var", "x")``, ``("aws_s3_bucket", "b", "id")``; iterations' own names too."""
    chain: list[str] = []
    node = expression
    while isinstance(node, GetAttribute | Index):
        if isinstance(node, GetAttribute):
            chain.append(node.name)
        else:
            chain.clear() if not isinstance(node.of, Variable) else None
            yield from references(node.key)
        node = node.of
    if isinstance(node, Variable):
        yield (node.name, *reversed(chain))
        return
    for one in node.inner():
        yield from references(one)
