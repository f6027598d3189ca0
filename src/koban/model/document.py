"""Typed views of documents: a field names its path, its default and its meaning once.

A document is what the provider's own tools speak: for AWS the properties of the public CloudFormation resource schema.
Rules read only the fields declared here, never the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ClassVar, TypeVar, cast

from koban.model.unknown import ANY_SHAPE, Maybe, OpenList, Several, Unknown, _fits, _world

T = TypeVar("T")
P = TypeVar("P", bound="Part")

Path = tuple[str | int, ...]
ABSENT: Any = object()


class Part:
    """A mapping inside a document, such as one rule of a security group."""

    fields: ClassVar[dict[str, Field]] = {}
    reads: list[Path] | None = None  # where an owner notes what is read of it; None: nobody asks
    absent: dict[Path, Any]  # and what counts for those that are not there

    def __init__(self, document: Any = None, *, path: Path = (), owner: Part | None = None) -> None:
        self.document: Any = {} if document is None else document
        self.path = path
        self.owner: Part = owner if owner is not None else self

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls.fields = {**cls.fields, **own}

    def now(self) -> datetime:
        """The moment as of which ages are counted."""
        return self.owner.now()

    def __bool__(self) -> bool:
        return bool(self.document) if not isinstance(self.document, dict) else len(self.document) > 0

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and bool(self.document == other.document)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.document!r})"


class Field:
    """A descriptor that reads `path` of the owner's document once and keeps what it found.

    `path` is dotted (``VersioningConfiguration.Status``); ``Grants[].URI`` gathers from each element of a list.  The
    value is the document's, `default` where it is absent, or :class:`Unknown`.  The type of `default` sets the
    type read: templates may spell a boolean ``"true"`` and a list of one as its element.
    """

    name = ""
    is_fact = False
    of_part: type[Part] | None = None  # what each mapping at the path is read as

    def __init__(self, path: str, default: Any, doc: str, read: Callable[[Part, Any, Path], Any] | None = None) -> None:
        self.path = path
        self.default = default
        self.doc = doc
        self.read = read
        self.steps = tuple(path.split(".")) if path else ()
        gathers = [position for position, step in enumerate(self.steps) if step.endswith("[]")]
        self.heads = self.steps if not gathers else (*self.steps[: gathers[0]], self.steps[gathers[0]][:-2])
        self.rest = self.steps[gathers[0] + 1 :] if gathers else None
        self.plain = read is None and not gathers
        self.kind = type(default)
        self.absent_is_default = True  # `read` makes the default, too, of a value that is not there

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, part: Part | None, owner: type | None = None) -> Any:
        if part is None:
            return self
        # The short way, for mappings all along the path, which is nearly always.
        if part.owner.reads is None:
            node = part.document
            for step in self.heads:
                if type(node) is not dict:
                    value = self.fetch(part)
                    break
                node = node.get(step)
                if node is None:
                    if self.absent_is_default or self.read is None:
                        value = self.default
                    else:
                        value = self.read(part, ABSENT, part.path + self.heads)
                    break
            else:
                value = node if self.plain and type(node) is self.kind else self._known(part, node)
        else:
            value = self.fetch(part)
        part.__dict__[self.name] = value
        return value

    def _known(self, part: Part, node: Any) -> Any:
        """The value of what stands at the end of `heads`; the same as `fetch` gives."""
        if self.plain and self.kind is tuple and type(node) is list:
            return tuple(node)
        path = part.path + self.heads
        if self.rest is not None:
            node = _gathered(node, self.rest)
            if node is ABSENT:
                return self.fetch(part)
        elif isinstance(node, Unknown):
            return self.fetch(part)
        if self.read is not None:
            return self.read(part, node, path)
        return _coerce(node, self.default, path)

    def fetch(self, part: Part) -> Any:
        value, path = walk(part.document, self.steps, part.path)
        if part.owner.reads is not None:
            part.owner.reads.append(path)
            if value is ABSENT:
                part.owner.absent.setdefault(path, self.default)
        if self.read is not None:
            return self.read(part, value, path)
        if value is ABSENT:
            return self.default
        return _coerce(value, self.default, path)


class _Derived:
    """A value computed from fields; kept unless it was computed inside a possible world.

    Of a part that is unknown as a whole it is one unknown value, not the many that it would be computed from.
    """

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, part: Any, owner: type | None = None) -> Any:
        if part is None:
            return self
        if isinstance(part.document, Unknown):
            return part.document._child(f".{self.name}")
        value = self.compute(part)
        if _world.get() is None:
            part.__dict__[self.name] = value
        return value


def derived(compute: Callable[[Any], T]) -> T:
    """Decorates a method that computes a value from fields; read it like a field."""
    return cast(T, _Derived(compute))


def asked(method: Callable[..., T]) -> Callable[..., T]:
    """Decorates a method with arguments so that it, too, is one question to a part that is unknown as a whole."""

    @wraps(method)
    def ask(part: Any, *args: Any) -> Any:
        if isinstance(part.document, Unknown):
            return getattr(part.document, method.__name__)(*args)
        return method(part, *args)

    return ask


def field(path: str, default: T, doc: str = "") -> T:
    """One property: where it stands in the document, what its absence means, what it says (with units)."""
    return cast(T, Field(path, default, doc))


def fact(path: str, default: T, doc: str = "") -> T:
    """A property that the live API tells and the CloudFormation schema does not have; in templates it is absent."""
    made = Field(path, default, doc)
    made.is_fact = True
    return cast(T, made)


def as_fact(declared: T) -> T:
    """The same field (an `age`, `link`, `parts`, ...) as one that only the live API tells; see :func:`fact`."""
    cast(Field, declared).is_fact = True
    return declared


def parts(path: str, of: type[P], doc: str = "") -> tuple[P, ...]:
    """A list of mappings, each read as an `of`; absent is empty."""

    def read(owner: Part, value: Any, at: Path) -> Any:
        home = owner.owner
        if type(value) is list:
            return tuple([of(one, path=(*at, i), owner=home) for i, one in enumerate(value)])
        if value is ABSENT:
            return ()
        if isinstance(value, Unknown):
            return value._at(dotted(at), of=lambda element: of(element, path=at, owner=home))
        if isinstance(value, dict):
            value = [value]
        if isinstance(value, OpenList):
            return value.read(lambda one: of(one, path=at, owner=home))
        if not isinstance(value, list | tuple):
            return _malformed(at, "a list")
        return tuple([of(one, path=(*at, i), owner=home) for i, one in enumerate(value)])

    made = Field(path, (), doc, read)
    made.of_part = of
    return cast("tuple[P, ...]", made)


def part(path: str, of: type[P], doc: str = "") -> P:
    """One mapping, read as an `of`; absent is an empty one, which is false."""

    def read(owner: Part, value: Any, at: Path) -> Any:
        return of({} if value is ABSENT else value, path=at, owner=owner.owner)

    made = Field(path, None, doc, read)
    made.absent_is_default = False
    made.of_part = of
    return cast(P, made)


def age(path: str, doc: str = "") -> float:
    """Days from the moment at `path` (ISO 8601, or seconds since 1970) to the scan; absent is -1: it never happened."""

    def read(owner: Part, value: Any, at: Path) -> Any:
        if value is ABSENT or value == "":
            return -1.0
        if isinstance(value, Unknown):
            return value._at(dotted(at))
        try:
            moment = moment_of(value)
        except (ValueError, TypeError, OverflowError, OSError):
            return _malformed(at, "a date and time")
        return (owner.now() - moment).total_seconds() / 86400

    return cast(float, Field(path, -1.0, doc, read))


def moment_of(value: Any) -> datetime:
    """The moment that an ISO 8601 text (UTC where it names no zone) or a number of seconds since 1970 names."""

    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def walk(node: Any, steps: tuple[str, ...], path: Path) -> tuple[Any, Path]:
    for position, step in enumerate(steps):
        if isinstance(node, Unknown):
            return node._at(dotted((*path, *steps[position:]))), (*path, *steps[position:])
        if step.endswith("[]"):
            path = (*path, step[:-2])
            node = node.get(step[:-2], ABSENT) if isinstance(node, dict) else ABSENT
            if node is ABSENT or node is None:
                return ABSENT, path
            if isinstance(node, Unknown):
                return node._at(dotted(path)), path
            elements = node if isinstance(node, list | tuple) else [node]
            rest = steps[position + 1 :]
            if isinstance(elements, OpenList):
                return _flat_open(elements, rest, path), path
            found = [walk(element, rest, (*path, i))[0] for i, element in enumerate(elements)]
            return _flat(found), path
        if not isinstance(node, dict):
            return _malformed(path, "a mapping"), path
        path = (*path, step)
        node = node.get(step)
        if node is None:
            return ABSENT, path
    if isinstance(node, Unknown):
        return node._at(dotted(path)), path
    return node, path


def value_at(node: Any, path: Path) -> Any:
    """What stands at a path of a document; None where nothing does."""
    for step in path:
        if isinstance(node, dict):
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return None
    return node


def with_value(node: Any, path: Path, value: Any) -> Any:
    """The same document with another value at a path; as it is where that cannot be."""
    if not path:
        return value
    step = path[0]
    if isinstance(node, dict | None):
        return {**(node or {}), step: with_value((node or {}).get(step), path[1:], value)}
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        inside = with_value(node[step], path[1:], value)
        return type(node)([*node[:step], inside, *node[step + 1 :]])
    return node


def _gathered(elements: Any, rest: tuple[str, ...]) -> Any:
    """What stands at `rest` in each of a list's mappings; ABSENT where that takes more than looking it up."""
    if type(elements) is not list:
        return ABSENT
    flat: list[Any] = []
    for one in elements:
        for step in rest:
            if type(one) is not dict or step.endswith("[]"):
                return ABSENT
            one = one.get(step)
            if one is None:
                break
        else:
            if isinstance(one, Unknown | list | tuple):
                return ABSENT
            flat.append(one)
    return tuple(flat)


def _flat_open(elements: OpenList, rest: tuple[str, ...], path: Path) -> Several:
    """What a path finds in a list of which some elements may not be there."""
    sure = [walk(one, rest, path)[0] for one in elements if not isinstance(one, Maybe)]
    gaps = [
        one._with(_flat([walk(inner, rest, path)[0] for inner in one._values]))
        for one in elements
        if isinstance(one, Maybe)
    ]
    return Several(_flat(sure), tuple(gaps))


def _flat(found: list[Any]) -> tuple[Any, ...]:
    flat: list[Any] = []
    for one in found:
        if isinstance(one, list | tuple):
            flat.extend(one)
        elif one is not ABSENT:
            flat.append(one)
    return tuple(flat)


def _coerce(value: Any, default: Any, path: Path) -> Any:
    kind = type(default)
    if type(value) is kind or isinstance(value, Several):
        return value
    if isinstance(value, OpenList) and kind in (tuple, str):
        return value.read() if kind is tuple else _malformed(path, "a text")
    if isinstance(value, Unknown):
        if kind in (bool, int, float) and value._shape != ANY_SHAPE:
            return _of_kind(value, kind)
        # What surely is a text is a list of one where a list is wanted.
        return (value,) if kind is tuple and value._shape != ANY_SHAPE else value
    if kind is bool:
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return _malformed(path, "true or false")
    if kind is int or kind is float:
        try:
            return kind(value)
        except (ValueError, TypeError):
            return _malformed(path, "a number")
    if kind is tuple:
        return tuple(value) if isinstance(value, list) else (value,)
    if kind is str:
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | float) else value
    return value


def _of_kind(value: Unknown, kind: type) -> Any:
    """What is not known but for its shape as a text, where a number, or true or false, is wanted.

    That the text is not empty says neither that it is a yes, nor that the number is not 0.
    """
    texts = {True: ("true", "True"), False: ("false", "False")} if kind is bool else {}
    may = [said for said, spelled in texts.items() if any(_fits(value._shape, text) for text in spelled)]
    return may[0] if len(may) == 1 else Unknown(value._path, value._why, target=value._target, root=value._root)


def _malformed(path: Path, wanted: str) -> Unknown:
    return Unknown(dotted(path), f"the value is not {wanted}")


def dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)


def fields_of(cls: type[Part]) -> Iterator[Field]:
    """The fields declared on `cls` and what it extends, for documentation and schema checks."""
    yield from cls.fields.values()
