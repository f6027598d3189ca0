"""How arguments of a provider's resource become the properties of a document: tables, read the same from
configuration, plan and state.

The body of a resource is a mapping: arguments hold their values, nested blocks a list of bodies.  What is not known is
:class:`Unknown`, at any depth; a block that is there or not stands in an :class:`OpenList` as :class:`Maybe`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from koban.model.document import Path
from koban.model.fix import Element
from koban.model.resource import Resource
from koban.model.unknown import ANY_SHAPE, Maybe, OpenList, Partial, Unknown
from koban.sources.terraform.values import json_with_holes

Body = dict[str, Any]
Setting = tuple[Path, Any]  # a path in a body, and the value that is to be there
Inverse = Callable[[tuple[Any, ...], Any], Mapping[str, Any] | None]
# Hears (path in the document, path in the body, whether it is set) of each property that an argument may set.
Note = Callable[[Path, Path, bool], None]


class _Absent:
    """A property that is left out."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Any = _Absent()


class Entry(ABC):
    """Makes one property of a document out of a body."""

    @abstractmethod
    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        """The property's value, or ABSENT.

        `at` is where `body` stands in the body of the whole resource, `here` the property's path in the document.
        """

    def properties(self) -> dict[str, Entry] | None:
        """The properties inside it, where it declares them one by one; None where it makes its value as a whole."""
        return None

    def arguments(self) -> tuple[str, ...]:
        """The arguments that it looks at, for the reference page."""
        return ()

    def settings(self, path: tuple[Any, ...], value: Any, body: Any) -> list[Setting] | None:
        """The way back: what to set in a body so that the property at `path` below this one is `value`.

        None where no argument does that.  `body` is what there is already.
        """
        return None


EntryLike = str | Entry  # a text is the argument of that name, taken as it is


def entry(given: EntryLike) -> Entry:
    return Argument(given) if isinstance(given, str) else given


def _step(node: Any, name: str) -> Any:
    """What `name` holds in a body, in the first of several, or in one that is not known."""
    if isinstance(node, list):
        node = node[0] if node else None
    if isinstance(node, Unknown):
        return node._at(f"{node._path}.{name}") if not isinstance(node, Maybe) else _perhaps(node)
    return node.get(name) if isinstance(node, Mapping) else None


def _perhaps(gap: Maybe) -> Unknown:
    return Unknown(gap._path, gap._why, root=gap._root)


def argument_at(body: Any, path: str) -> Any:
    """The value at a dotted path of arguments (``metadata_options.http_tokens``), through the first of each block."""
    for name in path.split("."):
        body = _step(body, name)
        if body is None:
            return None
    return body


def _path_of(at: Path, name: str) -> Path:
    first, *rest = name.split(".")
    path: Path = (*at, first)
    for step in rest:
        path = (*path, 0, step)
    return path


@dataclass(frozen=True, slots=True)
class JsonText:
    """A value that an argument takes as a JSON text."""

    value: Any


class Argument(Entry):
    """One argument; `convert` sees values that are known, `unknown` makes something of the others.

    `back` is `convert` the other way round, where that is not the value itself.
    """

    def __init__(
        self,
        name: str,
        convert: Callable[[Any], Any] | None = None,
        default: Any = ABSENT,
        unknown: Callable[[Unknown], Any] | None = None,
        back: Callable[[Any], Any] | None = None,
    ) -> None:
        self.back = back
        self.name = name
        self.convert = convert
        self.default = default
        self.unknown = unknown
        self.dotted = "." in name

    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        if self.dotted or not isinstance(body, dict):
            value = argument_at(body, self.name)
        else:
            value = body.get(self.name)
        if note is not None:
            note(here, _path_of(at, self.name) if self.dotted else (*at, self.name), value is not None)
        if value is None:
            return self.default
        if isinstance(value, Unknown):
            return self.unknown(value) if self.unknown is not None else value
        return self.convert(value) if self.convert is not None else value

    def arguments(self) -> tuple[str, ...]:
        return (self.name,)

    def settings(self, path: tuple[Any, ...], value: Any, body: Any) -> list[Setting] | None:
        if len(path) == 1 and isinstance(path[0], str) and argument_at(body, self.name) is None:
            whole = {path[0]: value}  # a mapping by keys, which is not there yet
            taken = self.convert is None or _says(self.convert, whole, whole)
            return [(_path_of((), self.name), whole)] if taken else None
        if path:
            return None
        said = value if self.back is None else self.back(value)
        if self.convert is not None and self.back is None and not _says(self.convert, said, value):
            return None
        return [(_path_of((), self.name), said)]


def _says(convert: Callable[[Any], Any], said: Any, value: Any) -> bool:
    try:
        return bool(convert(said) == value)
    except Exception:  # a converter that has no business with such a value
        return False


def arg(
    name: str,
    convert: Callable[[Any], Any] | None = None,
    default: Any = ABSENT,
    back: Callable[[Any], Any] | None = None,
) -> Entry:
    """An argument: `convert` turns what it says into what the document says, and `back` the other way round; `default`
    is the provider's own default, needed only where the absence of the property would mean something else."""
    return Argument(name, convert, default, back=back)


def choice(name: str, words: Mapping[Any, Any], default: Any = ABSENT) -> Entry:
    """An argument whose few values have other names in the document.

    ``choice("enabled", {True: "Enabled", False: "Suspended"})``; a value that `words` does not have stays as it is.
    """
    texts = [str(word) for word in words.values() if isinstance(word, str)]
    shape = ANY_SHAPE if len(texts) != len(words) else "(?:" + "|".join(texts) + ")"

    def convert(value: Any) -> Any:
        if value in ("true", "false") and True in words:
            value = value == "true"
        try:
            return words.get(value, value)
        except TypeError:
            return value

    def unknown(value: Unknown) -> Any:
        return Unknown(value._path, value._why, shape=shape, root=value._root) if shape != ANY_SHAPE else value

    def back(value: Any) -> Any:
        return next((said for said, word in words.items() if word == value), value)

    return Argument(name, convert, default, unknown, back)


def json(name: str, default: Any = ABSENT) -> Entry:
    """An argument that holds a JSON text (a policy): what the text stands for, with what is not known inside it."""
    return Argument(name, json_with_holes, default, json_with_holes, JsonText)


def json_text(value: Any) -> Any:
    """What a JSON text stands for; for use in functions given to :func:`made`."""
    return json_with_holes(value)


def _settings_of(
    entries: Mapping[str, Entry], path: tuple[Any, ...], value: Any, body: Any, at: Path = ()
) -> list[Setting] | None:
    """What to set in `body`, which stands `at` a path, so that the property at `path` is `value`."""
    if not path:
        if not isinstance(value, dict):
            return None
        made: list[Setting] = []
        for name, one in value.items():
            inner = _settings_of(entries, (name,), one, body, at)
            if inner is None:
                return None
            made += inner
        return made
    entry_of = entries.get(path[0]) if isinstance(path[0], str) else None
    found = entry_of.settings(path[1:], value, body) if entry_of is not None else None
    return None if found is None else [((*at, *where), said) for where, said in found]


class _Group(Entry):
    def __init__(self, entries: Mapping[str, EntryLike]) -> None:
        self.entries = {name: entry(one) for name, one in entries.items()}

    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        return mapped(self.entries, body, at, here, note) or ABSENT

    def properties(self) -> dict[str, Entry] | None:
        return self.entries

    def arguments(self) -> tuple[str, ...]:
        return tuple(name for one in self.entries.values() for name in one.arguments())

    def settings(self, path: tuple[Any, ...], value: Any, body: Any) -> list[Setting] | None:
        return _settings_of(self.entries, path, value, body)


def group(**entries: EntryLike) -> Entry:
    """A mapping in the document whose properties come from arguments beside one another; absent if none is set."""
    return _Group(entries)


class _Block(Entry):
    def __init__(self, name: str, entries: Mapping[str, EntryLike], default: Any) -> None:
        self.name = name
        self.entries = {key: entry(one) for key, one in entries.items()}
        self.default = default

    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        found = argument_at(body, self.name)
        inner = _path_of(at, self.name)
        if isinstance(found, list):
            found = found[0] if found else None
            inner = (*inner, 0)
        if note is not None:
            note(here, inner, found is not None)
        if found is None:
            return self.default
        if isinstance(found, Unknown):
            return _perhaps(found) if isinstance(found, Maybe) else found
        return mapped(self.entries, found, inner, here, note)

    def properties(self) -> dict[str, Entry] | None:
        return self.entries

    def arguments(self) -> tuple[str, ...]:
        return tuple(f"{self.name}.{name}" for one in self.entries.values() for name in one.arguments())

    def settings(self, path: tuple[Any, ...], value: Any, body: Any) -> list[Setting] | None:
        inner = argument_at(body, self.name)
        inner = (inner[0] if inner else None) if isinstance(inner, list) else inner
        return _settings_of(self.entries, path, value, inner, (*_path_of((), self.name), 0))


def block(name: str, /, _default: Any = ABSENT, **entries: EntryLike) -> Entry:
    """A nested block that is there once at most, as a mapping; `_default` where it is not there."""
    return _Block(name, entries, _default)


class _Blocks(Entry):
    def __init__(
        self, name: str, entries: Mapping[str, EntryLike], each: Callable[[Body], Iterable[Body]] | None
    ) -> None:
        self.name = name
        self.entries = {key: entry(one) for key, one in entries.items()}
        self.each = each

    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        found = argument_at(body, self.name)
        inner = _path_of(at, self.name)
        there = found is not None and not (isinstance(found, list) and not found)
        if note is not None:
            note(here, inner, there)
        if not there or isinstance(found, Unknown):
            return found if there else ABSENT
        made: list[Any] = []
        for position, one in enumerate(found if isinstance(found, list) else [found]):
            if isinstance(one, Maybe):
                values = [v for inside in one._values for v in self._one(inside, (*inner, position), here, made, None)]
                made.append(one._with(tuple(values)))
            else:
                made += self._one(one, (*inner, position), here, made, note)
        return OpenList(made) if any(isinstance(one, Maybe) for one in made) else made

    def _one(self, body: Any, at: Path, here: Path, made: Sequence[Any], note: Note | None) -> list[Any]:
        if isinstance(body, Unknown):
            return [body]
        values: list[Any] = []
        for one in self.each(body) if self.each is not None else (body,):
            place = (*here, len(made) + len(values))
            if note is not None:
                note(place, at, True)
            values.append(one if isinstance(one, Unknown) else mapped(self.entries, one, at, place, note))
        return values

    def properties(self) -> dict[str, Entry] | None:
        return self.entries

    def arguments(self) -> tuple[str, ...]:
        return tuple(f"{self.name}.{name}" for one in self.entries.values() for name in one.arguments())

    def settings(self, path: tuple[Any, ...], value: Any, body: Any) -> list[Setting] | None:
        if self.each is not None:
            return None
        at = _path_of((), self.name)
        found = argument_at(body, self.name)
        bodies = found if isinstance(found, list) else [] if found is None else [found]
        if not path:
            made: list[Setting] = []
            for position, one in enumerate(value if isinstance(value, list) and not bodies else ()):
                inner = _settings_of(self.entries, (), one, None, (*at, position))
                if inner is None:
                    return None
                made += inner
            return made or None
        if isinstance(path[0], Element):
            return self._of_element(path[0], path[1:], value, bodies, at)
        if not isinstance(path[0], int) or path[0] > len(bodies):
            return None
        body = bodies[path[0]] if path[0] < len(bodies) else None
        return _settings_of(self.entries, path[1:], value, body, (*at, path[0]))

    def _of_element(
        self, element: Element, path: tuple[Any, ...], value: Any, bodies: list[Any], at: Path
    ) -> list[Setting] | None:
        keyed = self.entries.get(element.key)
        for position, one in enumerate(bodies):
            if keyed is not None and str(keyed.read(one, (), (), None)) == element.value:
                return _settings_of(self.entries, path, value, one, (*at, position))
        named = _settings_of(self.entries, (element.key,), element.value, None, (*at, len(bodies)))
        rest = _settings_of(self.entries, path, value, None, (*at, len(bodies)))
        return None if named is None or rest is None else [*named, *rest]


def blocks(name: str, /, _each: Callable[[Body], Iterable[Body]] | None = None, **entries: EntryLike) -> Entry:
    """Nested blocks (or a list of objects) as a list of mappings.

    `_each` may make several bodies of one (an ``ingress`` block with two ranges is two rules), or none.
    """
    return _Blocks(name, entries, _each)


class _Listed(Entry):
    def __init__(self, inner: Entry) -> None:
        self.inner = inner

    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        value = self.inner.read(body, at, (*here, 0), note)
        return ABSENT if value is ABSENT else [value]

    def properties(self) -> dict[str, Entry] | None:
        return self.inner.properties()

    def arguments(self) -> tuple[str, ...]:
        return self.inner.arguments()

    def settings(self, path: tuple[Any, ...], value: Any, body: Any) -> list[Setting] | None:
        if not path and isinstance(value, list) and len(value) == 1:
            return self.inner.settings((), value[0], body)
        if path and isinstance(path[0], Element):
            own = self.inner.read(body, (), (), None)
            is_it = isinstance(own, dict) and own.get(path[0].key) == path[0].value
            return self.inner.settings(path[1:], value, body) if is_it else None
        return self.inner.settings(path[1:], value, body) if path[:1] == (0,) else None


def listed(inner: EntryLike) -> Entry:
    """What the provider takes once, where the document has a list."""
    return _Listed(entry(inner))


class _First(Entry):
    def __init__(self, entries: Sequence[EntryLike]) -> None:
        self.entries = [entry(one) for one in entries]

    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        for one in self.entries:
            value = one.read(body, at, here, note)
            if value is not ABSENT:
                return value
        return ABSENT

    def properties(self) -> dict[str, Entry] | None:
        inner = [one.properties() for one in self.entries]
        return None if any(one is None for one in inner) else {k: v for one in inner for k, v in (one or {}).items()}

    def arguments(self) -> tuple[str, ...]:
        return tuple(name for one in self.entries for name in one.arguments())

    def settings(self, path: tuple[Any, ...], value: Any, body: Any) -> list[Setting] | None:
        used = [one for one in self.entries if one.read(body or {}, (), (), None) is not ABSENT]
        made = (one.settings(path, value, body) for one in (used[:1] or self.entries))
        return next((one for one in made if one is not None), None)


def first(*entries: EntryLike) -> Entry:
    """The first of several that is set."""
    return _First(entries)


class _Together(Entry):
    def __init__(self, entries: Sequence[EntryLike]) -> None:
        self.entries = [entry(one) for one in entries]

    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        found: list[Any] = []
        for one in self.entries:
            value = one.read(body, at, here, _moved(note, here, len(found)))
            if isinstance(value, Unknown):
                return value
            if value is not ABSENT:
                found += value if isinstance(value, list) else [value]
        if not found:
            return ABSENT
        return OpenList(found) if any(isinstance(one, Maybe) for one in found) else found

    def properties(self) -> dict[str, Entry] | None:
        return _First(self.entries).properties()

    def arguments(self) -> tuple[str, ...]:
        return _First(self.entries).arguments()

    def settings(self, path: tuple[Any, ...], value: Any, body: Any) -> list[Setting] | None:
        position = path[0] if path and isinstance(path[0], int) else None
        before = 0
        for one in self.entries if position is not None else ():
            there = one.read(body or {}, (), (), None)
            count = len(there) if isinstance(there, list) else 0 if there is ABSENT else 1
            if position is not None and position < before + count:
                return one.settings((position - before, *path[1:]), value, body)
            before += count
        return None


def _moved(note: Note | None, here: Path, by: int) -> Note | None:
    """A note of elements of the list at `here` that come behind `by` others."""
    if note is None or not by:
        return note

    def moved(place: Path, at: Path, there: bool) -> None:
        position = place[len(here)] if len(place) > len(here) else None
        if isinstance(position, int):
            place = (*here, position + by, *place[len(here) + 1 :])
        note(place, at, there)

    return moved


def together(*entries: EntryLike) -> Entry:
    """The lists that several entries make, as one list; not known if one of them is not."""
    return _Together(entries)


class _Constant(Entry):
    def __init__(self, value: Any) -> None:
        self.value = value

    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        return self.value


def constant(value: Any) -> Entry:
    """What every resource of the type is, whatever its arguments say."""
    return _Constant(value)


class _Made(Entry):
    def __init__(
        self, function: Callable[[Body], Any], names: tuple[str, ...], careful: bool, back: Inverse | None
    ) -> None:
        self.function = function
        self.names = names
        self.careful = careful
        self.back = back

    def read(self, body: Any, at: Path, here: Path, note: Note | None) -> Any:
        if isinstance(body, Unknown):
            return body
        for name in self.names if note is not None or not self.careful else ():
            value = argument_at(body, name)
            if isinstance(value, Unknown) and not self.careful:
                return value
            if value is not None and note is not None:
                note(here, _path_of(at, name), True)
                note = None
        if note is not None and self.names:
            note(here, _path_of(at, self.names[0]), False)
        return self.function(body)

    def arguments(self) -> tuple[str, ...]:
        return self.names

    def settings(self, path: tuple[Any, ...], value: Any, body: Any) -> list[Setting] | None:
        if self.back is not None:
            said = self.back(path, value)
            return None if said is None else [(_path_of((), name), one) for name, one in said.items()]
        # Without one: the argument that says it as it is, if setting that is seen to do it.
        for name in self.names if not path else ():
            if "." not in name and _says(self.function, {**(body or {}), name: value}, value):
                return [((name,), value)]
        return None


def made(function: Callable[[Body], Any], *names: str, careful: bool = False, back: Inverse | None = None) -> Entry:
    """A property that `function` makes of the body (or ABSENT); `names` are the arguments that it looks at.

    Where one of those is not known as a whole, the property is not known either and `function` is not called; with
    `careful` it is called all the same and looks after what is not known itself.  `back` gives the arguments, and
    their values, that make the property at a path below it a value, or None.
    """
    return _Made(function, names, careful, back)


def tags_of(body: Body) -> Any:
    """The tags, with those that the provider gives to all, as the document has them."""
    tags = body.get("tags_all")
    tags = body.get("tags") if tags is None else tags
    if isinstance(tags, Unknown) or tags is None:
        return ABSENT if tags is None else tags
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())] if isinstance(tags, dict) else ABSENT


TAGS = made(tags_of, "tags", careful=True)


def elements(value: Any) -> list[Any]:
    """What an argument's list holds; a list that is not known is one element that is not known."""
    if value is None:
        return []
    return [one for one in value if one is not None] if isinstance(value, list) else [value]


def split(name: str) -> Callable[[Body], Iterable[Body]]:
    """An `each`: a body for each element of the list that is the argument `name`."""
    return lambda body: ({**body, name: one} for one in elements(body.get(name)))


def mapped(entries: Mapping[str, Entry], body: Any, at: Path = (), here: Path = (), note: Note | None = None) -> Any:
    """The properties that `entries` make of `body`."""
    document: dict[str, Any] = {}
    for name, one in entries.items():
        value = one.read(body, at, (*here, name), note)
        if value is not ABSENT and value is not None:
            document[name] = value
    return document


def provider_defaults(entries: Mapping[str, Entry], above: str = "") -> Iterator[tuple[str, Any]]:
    """(path of a property, value) of each default that is the provider's own."""
    for name, one in entries.items():
        path = f"{above}{name}"
        default = getattr(one, "default", ABSENT)
        if default is not ABSENT:
            yield path, default
        inner = one.properties()
        if inner:
            yield from provider_defaults(inner, f"{path}.")


@dataclass(frozen=True)
class Table:
    """What resources of a Terraform type, `source`, become.

    `by` is set where they are no resource of their own but set properties of another, `cls`, that the argument `by`
    names; `adds` says that lists are added to what is there already, `on` that their elements are merged: see
    :func:`merge_elements`.  With `gathers` it sets part of the one `cls` that there is of each account and region, or
    of each value of its argument `near`.  `lacks` are properties that rules read and the provider cannot set, each with
    the reason.
    """

    source: str
    cls: type[Resource]
    entries: dict[str, Entry]
    when: Callable[[Body], Any] | None
    each: Callable[[Body], Iterable[Body]] | None
    lacks: dict[str, str]
    by: str = ""
    adds: bool = False
    on: str = ""
    gathers: bool = False
    near: str = ""

    def document(self, body: Body, note: Note | None = None) -> dict[str, Any]:
        """The document of one body."""
        made: dict[str, Any] = mapped(self.entries, body, note=note)
        return made

    def called(self, path: Path) -> str:
        """The argument that alone sets the property at `path`, where that follows from its name; empty else."""
        return ""

    def settings(self, path: tuple[Any, ...], value: Any, body: Body) -> list[Setting] | None:
        """What to set in `body` so that the document's property at `path` is `value`; None where nothing does that."""
        return None if self.each is not None else _settings_of(self.entries, path, value, body)


tables: dict[str, list[Table]] = {}
not_made: dict[str, str] = {}


def maps(
    type_name: str,
    cls: type[Resource],
    /,
    *,
    when: Callable[[Body], Any] | None = None,
    each: Callable[[Body], Iterable[Body]] | None = None,
    lacks: Mapping[str, str] | None = None,
    **entries: EntryLike,
) -> None:
    """Declare that Terraform's `type_name` makes a `cls`, and how each property comes about.

    Called several times for one type, each makes a resource of its own.  `when` says for which bodies it is (a body
    whose answer is unknown is taken); `each` may make several resources of one body.  ``Tags`` are mapped by
    themselves.
    """
    every = {name: entry(one) for name, one in entries.items()}
    every.setdefault("Tags", TAGS)
    tables.setdefault(type_name, []).append(Table(type_name, cls, every, when, each, dict(lacks or {})))


def folds(
    type_name: str,
    cls: type[Resource],
    /,
    by: str,
    *,
    adds: bool = False,
    on: str = "",
    when: Callable[[Body], Any] | None = None,
    each: Callable[[Body], Iterable[Body]] | None = None,
    **entries: EntryLike,
) -> None:
    """Declare that Terraform's `type_name` sets properties of the `cls` that its argument `by` names.

    With `adds`, lists are added to those of the resource and of others that fold into it.  With `on`, the elements of
    its lists set properties of those elements that have the same value there: see :func:`merge_elements`.  `by` may
    hold a list of names: it folds into each.
    """
    every = {name: entry(one) for name, one in entries.items()}
    tables.setdefault(type_name, []).append(Table(type_name, cls, every, when, each, {}, by, adds, on))


def gathers(
    type_name: str,
    cls: type[Resource],
    /,
    *,
    near: str = "",
    when: Callable[[Body], Any] | None = None,
    **entries: EntryLike,
) -> None:
    """Declare that Terraform's `type_name` sets part of the one `cls` that there is of each account and region.

    `near` is the argument that names the account, where that may be another than the provider's.  What nothing sets is
    not known: another configuration may.
    """
    every = {name: entry(one) for name, one in entries.items()}
    tables.setdefault(type_name, []).append(Table(type_name, cls, every, when, None, {}, gathers=True, near=near))


def merge_elements(there: Iterable[Any], pieces: Iterable[Any], on: str) -> list[Any]:
    """The list `there`, in which each of `pieces` sets its properties in the elements with the same value at `on`.

    Lists are added to those of the element.  A piece that meets no element is left out.  Where it is not known whether
    the two are the same, the properties are not known either.
    """
    made: list[Any] = [dict(one) if isinstance(one, dict) else one for one in there]
    for piece in pieces:
        if not isinstance(piece, dict):
            continue
        key = piece.get(on)
        for one in made:
            if not isinstance(one, dict):
                continue
            own = one.get(on)
            open_one = next((value for value in (key, own) if isinstance(value, Unknown)), None)
            for name, value in piece.items():
                if name == on:
                    continue
                if open_one is not None:
                    one[name] = Unknown(name, open_one._why, root=open_one._root)
                elif str(own) == str(key):
                    before = one.get(name)
                    one[name] = before + value if isinstance(before, list) and isinstance(value, list) else value
    return made


def makes_no(cls: type[Resource], why: str, /) -> None:
    """Declare that the provider has no resource for `cls`, and why that is so."""
    not_made[cls.type] = why


def over(values: Any, function: Callable[[Any], Any]) -> Any:
    """`function` of each element of a list; what is not known of it, or is there or not, stays so."""
    if isinstance(values, Maybe):
        return values._with(tuple(over(list(values._values), function)))
    if isinstance(values, Unknown) or not isinstance(values, list):
        return values
    made = [over(one, function) if isinstance(one, Unknown) else function(one) for one in values]
    return OpenList(made) if any(isinstance(one, Maybe) for one in made) else made


def is_partial(value: Any) -> bool:
    """Whether a value is a text of which pieces are known."""
    return isinstance(value, Partial)
