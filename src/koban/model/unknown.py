"""Values that could not be read, and the possible worlds that they leave open.

An :class:`Unknown` stands where a value would stand.  Whatever a rule asks of it (``==``, ``in``, ``not``, ``<``,
``.startswith(...)``) becomes a yes/no question.  Inside a :class:`World` each question has one answer; the posture
engine runs a rule in world after world until the verdict is the same in all of them, or is honestly open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

ELEMENTS_MAX = 2  # an unknown list is tried with none, one and two elements; see Unknown.__iter__
ANY_SHAPE = r"(?s:.*)"
TEXT_SHAPE = r"(?:(?s:.*))"  # any text, but surely a text and not a list
COMPARISONS_MAX = 10_000_000  # ways to tell a text from a shape that are tried
NON_EMPTY_SHAPE = r"(?s:[^*]+)"  # what a provider names itself: never empty and never a wildcard


class WorldsNeeded(Exception):
    """A question was put to an unknown value outside any world: the caller must open worlds."""


class Undecided(Exception):
    """A question that no yes or no answers (a length, a number, a hash): this world has no verdict."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(because(unknown))
        self.unknown = unknown


class World:
    """One way of answering the questions, in the order in which they come up; the rest answer no.

    `script` fixes the first answers.  After a run `asked` holds (question, answer) in order and `roots` what each
    question was about.
    """

    def __init__(self, script: tuple[bool, ...] = ()) -> None:
        self.script = script
        self.asked: dict[str, bool] = {}
        self.roots: dict[str, Unknown] = {}
        self.bound: dict[str, object] = {}

    def answer(self, question: str, unknown: Unknown) -> bool:
        if question in self.asked:
            return self.asked[question]
        position = len(self.asked)
        value = self.script[position] if position < len(self.script) else False
        self.asked[question] = value
        self.roots[question] = unknown._root
        return value


_world: ContextVar[World | None] = ContextVar("world", default=None)


class open_world:
    """`with open_world(world):` makes every question inside answer from `world`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __enter__(self) -> World:
        self.token = _world.set(self.world)
        return self.world

    def __exit__(self, *_: object) -> None:
        _world.reset(self.token)


def _ask(question: str, unknown: Unknown) -> bool:
    world = _world.get()
    if world is None:
        raise WorldsNeeded(question)
    return world.answer(question, unknown)


class Unknown:
    """A value that is there or not, nobody could tell.

    `path` says which value (``PolicyDocument``), `why` exactly what stood in the way (``AccessDenied
    s3:GetBucketPolicy``, ``parameter Acl has no default``).  `shape` is a regular expression that the value is sure
    to match, where that is known: an account id is twelve digits, so it never equals ``*``.  `target` is the address
    of the resource that the value refers to, inside one template.  `of` makes the elements of an unknown list.
    """

    __slots__ = ("_bound_key", "_of", "_path", "_root", "_shape", "_target", "_why")

    def __init__(
        self,
        path: str,
        why: str,
        *,
        shape: str = ANY_SHAPE,
        target: str = "",
        of: Callable[[Unknown], Any] | None = None,
        root: Unknown | None = None,
    ) -> None:
        self._path = path
        self._why = why
        self._shape = shape
        self._target = target
        self._of = of
        self._root: Unknown = root if root is not None else self
        self._bound_key = path

    # A part of what is unknown is unknown for the same reason.
    def _child(self, suffix: str, of: Callable[[Unknown], Any] | None = None) -> Unknown:
        return Unknown(f"{self._path}{suffix}", self._why, root=self._root, of=of)

    def _at(self, path: str, of: Callable[[Unknown], Any] | None = None) -> Unknown:
        """The same unknown, for the place `path` in a document."""
        if path == self._path and of is None:
            return self
        return Unknown(path, self._why, shape=self._shape, target=self._target, of=of, root=self._root)

    def __getattr__(self, name: str) -> Unknown:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._child(f".{name}")

    def __getitem__(self, key: object) -> Unknown:
        return self._child(f"[{key!r}]" if not isinstance(key, slice) else "[..]")

    def __call__(self, *args: object, **_: object) -> Unknown:
        return self._child(f"({', '.join(_show(arg) for arg in args)})")

    def _bound(self) -> tuple[bool, object]:
        world = _world.get()
        if world is not None and self._path in world.bound:
            return True, world.bound[self._path]
        return False, None

    def __bool__(self) -> bool:
        known, value = self._bound()
        if known:
            return bool(value)
        if self._shape != ANY_SHAPE and not _fits(self._shape, "") and not self._may_be_false():
            return True
        return _ask(f"{self._path}?", self)

    def _may_be_false(self) -> bool:
        """Whether it is one of a few words, of which one is `false`: no text, then, but a yes or no."""
        return _fits(self._shape, "false") and not _fits(self._shape, "any other word")

    def __eq__(self, other: object) -> Any:
        if other is self:
            return True
        known, value = self._bound()
        if known:
            return value == other
        if isinstance(other, str) and not _fits(self._shape, other):
            return False
        return Question(self, "==", other)

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        return Negation(equal) if isinstance(equal, Unknown) else not equal

    def __lt__(self, other: object) -> Any:
        known, value = self._bound()
        return value < other if known else Question(self, "<", other)  # type: ignore[operator]

    def __le__(self, other: object) -> Any:
        known, value = self._bound()
        return value <= other if known else Question(self, "<=", other)  # type: ignore[operator]

    def __gt__(self, other: object) -> Any:
        le = self.__le__(other)
        return Negation(le) if isinstance(le, Unknown) else not le

    def __ge__(self, other: object) -> Any:
        lt = self.__lt__(other)
        return Negation(lt) if isinstance(lt, Unknown) else not lt

    def __contains__(self, item: object) -> bool:
        known, value = self._bound()
        if known:
            return item in value  # type: ignore[operator]
        return _ask(f"{_show(item)} in {self._path}", self)

    def __iter__(self) -> Iterator[Any]:
        """None, one or two elements, each unknown in turn.

        That is all that `any`, `all`, a search or a filter can tell apart; what counts elements uses
        :func:`size`, which leaves the number open.
        """
        for position in range(ELEMENTS_MAX):
            if not _ask(f"{self._path} has element {position}", self):
                return
            element = self._child(f"[{position}]")
            yield self._of(element) if self._of is not None else element

    def __add__(self, other: object) -> Unknown:
        return self._child(f" + {_show(other)}")

    def __radd__(self, other: object) -> Unknown:
        return self._child(f" + {_show(other)}")

    def __sub__(self, other: object) -> Unknown:
        return self._child(f" - {_show(other)}")

    def __rsub__(self, other: object) -> Unknown:
        return self._child(f" subtracted from {_show(other)}")

    def _undecided(self, *_: object) -> Any:
        raise Undecided(self)

    __hash__ = _undecided
    __len__ = _undecided
    __int__ = _undecided
    __float__ = _undecided
    __index__ = _undecided

    def __repr__(self) -> str:
        return f"Unknown({self._path!r}, {self._why!r})"

    def __str__(self) -> str:
        return f"<{self._path}: {self._why}>"


class Question(Unknown):
    """What `unknown == other` and its like give: a truth value that is still open."""

    __slots__ = ("_operator", "_other", "_subject")

    def __init__(self, subject: Unknown, operator: str, other: object) -> None:
        super().__init__(f"{subject._path} {operator} {_show(other)}", subject._why, root=subject._root)
        self._subject = subject
        self._operator = operator
        self._other = other

    def __bool__(self) -> bool:
        known, value = self._subject._bound()
        if known:
            if self._operator == "==":
                return bool(value == self._other)
            return bool(value < self._other) if self._operator == "<" else bool(value <= self._other)  # type: ignore[operator]
        answer = _ask(self._path, self)
        world = _world.get()
        if answer and self._operator == "==" and world is not None and not isinstance(self._other, Unknown):
            world.bound[self._subject._path] = self._other
        return answer


class Negation(Unknown):
    """What `unknown != other` and its like give."""

    __slots__ = ("_positive",)

    def __init__(self, positive: Unknown) -> None:
        super().__init__(f"not ({positive._path})", positive._why, root=positive._root)
        self._positive = positive

    def __bool__(self) -> bool:
        return not self._positive


class Partial(Unknown):
    """A text of which some pieces are known: ``arn:aws:s3:::${Name}/*``.

    What the known pieces settle is settled: it starts with ``arn:aws:s3:::`` and never equals ``*``.
    """

    __slots__ = ("_own_target", "_pieces")

    def __init__(self, path: str, pieces: tuple[str | Unknown, ...], target: str = "") -> None:
        holes = [piece for piece in pieces if isinstance(piece, Unknown)]
        shape = "".join(p._shape if isinstance(p, Unknown) else re.escape(p) for p in pieces)
        self._own_target = target
        if not target:
            target = _only_target(pieces)
        super().__init__(path, holes[0]._why, shape=shape, target=target, root=holes[0]._root)
        self._pieces = pieces

    def _at(self, path: str, of: Callable[[Unknown], Any] | None = None) -> Unknown:
        return Partial(path, self._pieces, self._own_target)

    def startswith(self, prefix: str | tuple[str, ...]) -> Any:
        if isinstance(prefix, tuple):
            return any(self.startswith(one) for one in prefix)
        first = self._pieces[0]
        if isinstance(first, str):
            if len(first) >= len(prefix) or not prefix.startswith(first):
                return first.startswith(prefix)
        return self._child(f".startswith({prefix!r})")

    def endswith(self, suffix: str | tuple[str, ...]) -> Any:
        if isinstance(suffix, tuple):
            return any(self.endswith(one) for one in suffix)
        last = self._pieces[-1]
        if isinstance(last, str):
            if len(last) >= len(suffix) or not suffix.endswith(last):
                return last.endswith(suffix)
        return self._child(f".endswith({suffix!r})")

    def lower(self) -> Unknown:
        return Partial(self._path, tuple(p.lower() if isinstance(p, str) else p for p in self._pieces))

    def __contains__(self, item: object) -> bool:
        if isinstance(item, str) and any(isinstance(piece, str) and item in piece for piece in self._pieces):
            return True
        return super().__contains__(item)


def _only_target(pieces: tuple[str | Unknown, ...]) -> str:
    """The one resource that a text of pieces is about: ``arn:aws:s3:::${Bucket}/*``, and not ``${Bucket}-logs``."""
    holes = [position for position, piece in enumerate(pieces) if isinstance(piece, Unknown) and piece._target]
    if len(holes) != 1:
        return ""
    hole = holes[0]
    before = pieces[hole - 1] if hole else ""
    after = pieces[hole + 1] if hole + 1 < len(pieces) else ""
    if isinstance(before, str) and isinstance(after, str) and (not before or before[-1] in ":/"):
        if not after or after[0] in ":/":
            found = pieces[hole]
            return found._target if isinstance(found, Unknown) else ""
    return ""


class Several:
    """Things that were read, and places where more may be (`gaps`), as one collection to iterate."""

    __slots__ = ("gaps", "items")

    def __init__(self, items: tuple[Any, ...], gaps: tuple[Unknown, ...]) -> None:
        self.items = items
        self.gaps = gaps

    def __iter__(self) -> Iterator[Any]:
        yield from self.items
        for gap in self.gaps:
            yield from gap

    def __bool__(self) -> bool:
        return bool(self.items) or any(_ask(f"{gap._path} has element 0", gap) for gap in self.gaps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Several) and self.items == other.items and len(self.gaps) == len(other.gaps)

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)

    __hash__ = None  # type: ignore[assignment]


class Maybe(Unknown):
    """Elements of a list that are there or not, all together: what a template adds under an open condition.

    With `more` they stand for any number of such elements, out of a list of which nothing is known.
    """

    __slots__ = ("_more", "_values")

    def __init__(
        self, path: str, why: str, values: tuple[Any, ...], root: Unknown | None = None, more: bool = False
    ) -> None:
        super().__init__(path, why, root=root)
        self._values = values
        self._more = more

    def _with(self, values: tuple[Any, ...]) -> Maybe:
        """Other elements that are there or not for the same reason."""
        return Maybe(self._path, self._why, values, self._root, self._more)

    def _at(self, path: str, of: Callable[[Unknown], Any] | None = None) -> Unknown:
        return self

    def __iter__(self) -> Iterator[Any]:
        if _ask(f"{self._path} has element 0", self):
            yield from self._values


class OpenList(list[Any]):
    """A document's list with :class:`Maybe` among its elements."""

    def read(self, of: Callable[[Any], Any] = lambda one: one) -> Several:
        """The elements, each made into something by `of`, in a collection that knows which of them may not be there."""
        sure = tuple(of(one) for one in self if not isinstance(one, Maybe))
        open_ones = [one for one in self if isinstance(one, Maybe)]
        return Several(sure, tuple(gap._with(tuple(map(of, gap._values))) for gap in open_ones))


def size(things: Any) -> Any:
    """How many there are: a number, or an unknown number to compare with.  Rules use it in place of `len`."""
    if isinstance(things, Unknown):
        return things._child(" (how many)")
    if isinstance(things, Several):
        if all(isinstance(gap, Maybe) and not gap._more for gap in things.gaps):
            return len(things.items) + sum(1 for gap in things.gaps for _ in gap)
        return things.gaps[0]._child(f" (how many, beside {len(things.items)})")
    return len(tuple(things))


def matches(pattern: str, text: Any) -> Any:
    """Whether the regular expression `pattern` matches anywhere in `text`, which may be unknown."""
    if isinstance(text, Partial) and not re.search(r"\$|\\[ZbB]|\(\?", pattern):
        # What is found within one known piece is found in the whole, unless the pattern looks at what is around it.
        pieces = text._pieces[:1] if "^" in pattern else text._pieces
        if any(isinstance(piece, str) and re.search(pattern, piece) for piece in pieces):
            return True
    if isinstance(text, Unknown):
        return text._child(f" matches {pattern!r}")
    return re.search(pattern, text) is not None


def because(unknown: Unknown) -> str:
    """One line for people: what is not known, and why."""
    root = unknown._root
    return f"{root._path}: {root._why}" if root._path else root._why


def _show(value: object) -> str:
    return value._path if isinstance(value, Unknown) else repr(value)


def _fits(shape: str, text: str) -> bool:
    if shape == ANY_SHAPE:
        return True
    anything = shape.count("(?s:")  # pieces that take any text: each may end anywhere
    if anything > 2 and (len(text) + 1) ** (anything - 1) > COMPARISONS_MAX:
        return True  # finding out would take too long
    return re.fullmatch(shape, text) is not None
