"""A resource: a typed document, where it is, and where what is known of it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol, TypeVar, cast

from koban.model.document import ABSENT, Field, Part, Path, age, as_fact, asked, derived, fact, field, part, parts
from koban.model.unknown import OpenList, Partial, Several, Unknown, matches, size

__all__ = [
    "Estate",
    "Part",
    "Place",
    "Resource",
    "age",
    "as_fact",
    "asked",
    "derived",
    "fact",
    "field",
    "link",
    "links",
    "matches",
    "part",
    "parts",
    "referring",
    "resource_class",
    "size",
]

R = TypeVar("R", bound="Resource")


class Estate(Protocol):
    """Everything that was read in one scan, and what could not be."""

    now: datetime

    def named(self, cls: type[Resource], name: Any, near: Resource) -> Any:
        """The `cls` that `near` calls `name` (an id, name, ARN or template reference), or an Unknown saying why not."""
        ...

    def referring(self, cls: type[Resource], field: str, to: Resource) -> Any:
        """Every `cls` whose link field `field` names `to`."""
        ...

    def every(self, cls: type[Resource], account: str, region: str) -> Any:
        """Every `cls` of an account (`region` empty: of all its regions), with a gap for each part not read."""
        ...

    def owner(self, resource: Resource) -> Any:
        """The account that the resource is in."""
        ...

    def home(self, resource: Resource) -> Any:
        """The region of the account that the resource is in."""
        ...


class Spot(int):
    """A line of another file than the resource's own: of what is written beside it and belongs to it."""

    def __new__(cls, line: int, file: str) -> Spot:
        made = super().__new__(cls, line)
        made.file = file
        return made

    file: str


# What every resource has; a field of that name would hide it.
RESERVED = frozenset(
    "absent account address chain document elsewhere estate file having is_code left_out line lines login name names "
    "now owner path reads region tags type type_name uid".split()
)
_classes: dict[str, type[Resource]] = {}


def resource_class(type_name: str) -> type[Resource]:
    """The class of a CloudFormation type name; a type nobody declared reads as a plain :class:`Resource`."""
    return _classes.get(type_name, Resource)


class Link(Field):
    """A field whose value names other resources."""

    def __init__(self, path: str, of: str, many: bool, doc: str) -> None:
        super().__init__(path, () if many else None, doc, self._follow)
        self.of = of
        self.many = many

    def _follow(self, owner: Part, value: Any, path: Path) -> Any:
        if value is ABSENT or (not isinstance(value, Unknown) and value == ""):
            return () if self.many else None
        origin = owner.owner
        if not isinstance(origin, Resource) or origin.estate is None:
            return Unknown(".".join(map(str, path)), "no estate was read")
        cls = resource_class(self.of)
        if not self.many:
            return origin.estate.named(cls, value, origin)
        if isinstance(value, Unknown) and not value._target:
            return value
        if isinstance(value, OpenList):
            estate = origin.estate
            return value.read(lambda one: estate.named(cls, one, origin))
        values = value if isinstance(value, list | tuple) else [value]
        return tuple(origin.estate.named(cls, one, origin) for one in values)


class Resource(Part):
    """A resource of any provider.

    Subclasses are declared with ``type`` (the CloudFormation type), ``ids`` (the document's paths, separated by
    spaces, whose values other resources use to refer to this one; the first is its name) and ``arn`` (a template over
    the document and ``{partition}``, ``{region}``, ``{account}``), unless the document itself has ``Arn``.
    ``elsewhere`` is what is known of those in a region that was not read, where the account itself was: the account's
    own list names all others.
    """

    type: ClassVar[str] = ""
    ids: ClassVar[tuple[str, ...]] = ()
    arn: ClassVar[str] = ""
    # Of code: (path, what counts, whether nothing is there) to a line that says that no one set it, or "".
    left_out: Callable[[Path, Any, bool], str] | None = None
    login: str = ""  # of code: whom it is made as, where others beside it are made as somebody else
    chain: tuple[str, ...] = ()  # how a configuration comes to it, outermost first: a line each module call
    elsewhere: ClassVar[dict[str, Any]] = {}
    template_only: ClassVar[bool] = False  # read from templates alone: no API lists it, or no rule asks for it live
    link_fields: ClassVar[dict[str, Link]] = {}

    def __init_subclass__(
        cls,
        type: str = "",
        ids: str = "",
        arn: str = "",
        elsewhere: dict[str, Any] | None = None,
        template_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if type:
            if type in _classes:
                raise TypeError(f"{type} is declared twice: {_classes[type].__qualname__} and {cls.__qualname__}")
            cls.type = type
            _classes[type] = cls
        cls.template_only = template_only or cls.template_only
        cls.elsewhere = elsewhere or cls.elsewhere
        if ids:
            cls.ids = tuple(ids.split())
        if arn:
            cls.arn = arn
        taken = RESERVED & {name for name, value in vars(cls).items() if isinstance(value, Field)}
        if taken:
            raise TypeError(f"{cls.__qualname__}: a field cannot be called {', '.join(sorted(taken))}")
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Link)}
        cls.link_fields = {**cls.link_fields, **own}

    def __init__(
        self,
        document: Any = None,
        *,
        uid: str = "",
        account: str = "",
        region: str = "",
        address: str = "",
        file: str = "",
        lines: dict[Path, int] | None = None,
        estate: Estate | None = None,
        type_name: str = "",
    ) -> None:
        super().__init__(document)
        self.account = account
        self.region = region
        self.address = address
        self.file = file
        self.lines = lines if lines is not None else {}
        self.estate = estate
        self.uid = uid or self._own_uid()
        self.type_name = type_name or self.type

    def _own_uid(self) -> str:
        if isinstance(self.document, dict):
            own = self.document.get("Arn")
            if isinstance(own, str) and own:
                return own
        if self.address:
            return f"{self.file}#{self.address}"
        name = self.name or ""
        if not self.arn:
            return f"{self.type}/{self.account}/{self.region}/{name}"
        partition = partition_of(self.region)
        values = {k: v for k, v in self.document.items() if isinstance(v, str | int)}
        values |= {"partition": partition, "region": self.region, "account": self.account}
        try:
            return self.arn.format_map(values)
        except KeyError:
            return f"{self.type}/{self.account}/{self.region}/{name}"

    @property
    def name(self) -> str | None:
        """What people call it: the first of its ids, else its address."""
        for path in self.ids:
            value = self.document.get(path) if isinstance(self.document, dict) else None
            if isinstance(value, str) and value:
                return value
        return self.address or None

    @property
    def names(self) -> tuple[str, ...]:
        """Everything by which another resource may refer to this one."""
        found = {self.uid} if self.uid else set()
        for path in (*self.ids, "Arn") if isinstance(self.document, dict) else ():
            value = self.document.get(path)
            if isinstance(value, str):
                if value:
                    found.add(value)
            elif isinstance(value, Unknown):
                found.add(unknown_name(value))
            elif isinstance(value, list | tuple):
                found.update(one for one in value if isinstance(one, str))
        return tuple(sorted(found)) if len(found) > 1 else tuple(found)

    @property
    def tags(self) -> dict[str, str]:
        """The resource's tags that are known, by key."""
        raw = self.document.get("Tags") if isinstance(self.document, dict) else None
        if isinstance(raw, dict):
            return {k: v for k, v in raw.items() if isinstance(v, str)}
        found: dict[str, str] = {}
        for one in raw if isinstance(raw, list | tuple) else ():
            if isinstance(one, dict) and isinstance(one.get("Key"), str) and isinstance(one.get("Value"), str):
                found[one["Key"]] = one["Value"]
        return found

    @property
    def is_code(self) -> bool:
        """Whether it was read from a template rather than from a live account."""
        return bool(self.file)

    @property
    def line(self) -> int | None:
        return self.line_of(())

    def line_of(self, path: Path) -> int | None:
        """The line of `path` in the file, or of the nearest thing around it that is written there."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def now(self) -> datetime:
        return self.estate.now if self.estate is not None else datetime.now(UTC)

    def traced(self) -> Resource:
        """A copy that remembers in `reads` which paths are read of it."""
        copy = self.having(self.document)
        copy.reads = []
        copy.absent = {}
        return copy

    def having(self, document: Any) -> Resource:
        """The same resource with another document."""
        copy = type(self)(
            document,
            uid=self.uid,
            account=self.account,
            region=self.region,
            address=self.address,
            file=self.file,
            lines=self.lines,
            estate=self.estate,
            type_name=self.type_name,
        )
        return copy

    @property
    def in_account(self) -> Any:
        """The account that it is in; for code, an account of which nothing is set."""
        return self.estate.owner(self) if self.estate is not None else Unknown("account", "no estate was read")

    @property
    def in_region(self) -> Any:
        """The region of the account that it is in; for code, a region of which nothing is set."""
        return self.estate.home(self) if self.estate is not None else Unknown("region", "no estate was read")

    def __bool__(self) -> bool:
        return True


class Place(Resource):
    """An account or a region: what rules about a whole place take."""

    def every(self, cls: type[R]) -> tuple[R, ...]:
        """Every `cls` here; parts that could not be read stand in it as unknown."""
        if self.estate is None:
            return cast("tuple[R, ...]", Unknown(cls.type, "no estate was read"))
        return cast("tuple[R, ...]", self.estate.every(cls, self.account, self.region))


class _Referring:
    """The resources whose link field names the owner."""

    def __init__(self, of: str, field: str, doc: str) -> None:
        self.of = of
        self.field = field
        self.doc = doc
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, resource: Any, owner: type | None = None) -> Any:
        if resource is None:
            return self
        if resource.estate is None:
            value: Any = ()
        else:
            value = resource.estate.referring(resource_class(self.of), self.field, resource)
        resource.__dict__[self.name] = value
        return value


def link(path: str, of: str, doc: str = "") -> Any:
    """The one resource of type `of` that `path` names: a resource, None where absent, or Unknown."""
    return Link(path, of, False, doc)


def links(path: str, of: str, doc: str = "") -> Any:
    """The resources of type `of` that the list at `path` names, as a tuple."""
    return Link(path, of, True, doc)


def referring(of: str, field: str, doc: str = "") -> Any:
    """The resources of type `of` whose link field called `field` names this one, as a tuple."""
    return _Referring(of, field, doc)


def unknown_name(name: Unknown) -> str:
    """What stands for a name that is not known: the same for two places that take it from the same parameter."""
    if isinstance(name, Partial) and not name._target:
        return "".join(one if isinstance(one, str) else f"<{unknown_name(one).strip('<>')}>" for one in name._pieces)
    return name._target or f"<{name._path if name._root is name else name._root._path}>"


def partition_of(region: str) -> str:
    """The AWS partition of a region name; of the commercial regions where it is empty."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def known_classes() -> Iterable[type[Resource]]:
    """Every declared resource class, by type name."""
    return (_classes[name] for name in sorted(_classes))


def iterate(things: Any) -> Iterator[Any]:
    """The elements of a tuple, a :class:`Several` or an unknown collection."""
    if isinstance(things, Several | Unknown):
        yield from things
    else:
        yield from tuple(things)
