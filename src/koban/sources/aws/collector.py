"""The contract of an AWS collector: what it reads, with which operations, and after which other one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

from koban.model.resource import Resource
from koban.sources.aws.reader import Reader

Scope = Literal["region", "global"]
Read = Callable[[Reader], Iterable[Any]]
Where = Callable[[Reader], bool]


@dataclass(frozen=True)
class Collector:
    """Reads one or a few resource types of one account and region.

    `calls` are the operations it may use, as ``service:Operation`` with boto3's service name; nothing else is let
    through.  `provenance` names, by top-level property of the document, the call that it came from; the first of
    `calls` is where the rest came from.  `needs` are types that must have been read before.  `where` says from these
    alone whether there is anything to ask for: a no spares the calls.  Where they could not be read, all is asked.
    """

    name: str
    service: str
    types: tuple[type[Resource], ...]
    calls: tuple[str, ...]
    provenance: dict[str, str]
    scope: Scope
    needs: tuple[type[Resource], ...]
    read: Read
    where: Where | None = None

    def asks(self, reader: Reader, unread: bool = False) -> bool:
        """Whether there is, or may be, something to ask for; `unread`: what it needs was not all read."""
        return self.where is None or unread or self.where(reader)


_registry: dict[str, Collector] = {}


def reads(
    types: type[Resource] | tuple[type[Resource], ...],
    *calls: str,
    scope: Scope = "region",
    needs: tuple[type[Resource], ...] = (),
    where: Where | None = None,
    **provenance: str,
) -> Callable[[Read], Read]:
    """Declare a collector.  The function takes a :class:`Reader` and yields documents (one type) or resources.

    `reads(Bucket, "s3:ListBuckets", Policy="s3:GetBucketPolicy")` may call both operations and says that the
    property ``Policy`` comes from the second.  With `where` it is asked for only where that says so of what it `needs`.
    """
    made_types = types if isinstance(types, tuple) else (types,)
    every_call = tuple(dict.fromkeys((*calls, *provenance.values())))
    if not every_call:
        raise TypeError("a collector declares the operations it calls")

    def make(read: Read) -> Read:
        service = read.__module__.rsplit(".", 1)[-1].rstrip("_")  # lambda_.py: a keyword cannot name a module
        name = f"{service}.{read.__name__}"
        if name in _registry and _registry[name].read.__module__ != read.__module__:
            raise TypeError(f"collector {name} is declared twice")
        _registry[name] = Collector(name, service, made_types, every_call, provenance, scope, needs, read, where)
        return read

    return make


def there(*types: type[Resource]) -> Where:
    """For `where`: only where a resource of one of the types was read."""
    return lambda aws: any(True for cls in types for _ in aws.read(cls))


def collectors() -> list[Collector]:
    """Every collector of this package, sorted so that each comes after what it needs, else by name."""
    import koban.sources.aws as package

    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return sorted_by_need([_registry[name] for name in sorted(_registry)])


def sorted_by_need(chosen: list[Collector]) -> list[Collector]:
    """The same collectors, each after those that read what it needs; raises ValueError for a circle."""
    makers: dict[str, list[Collector]] = {}
    for collector in chosen:
        for cls in collector.types:
            makers.setdefault(cls.type, []).append(collector)
    done: dict[str, None] = {}

    def visit(collector: Collector, waiting: tuple[str, ...]) -> Iterator[Collector]:
        if collector.name in done:
            return
        if collector.name in waiting:
            raise ValueError("collectors need each other in a circle: " + " -> ".join((*waiting, collector.name)))
        for cls in collector.needs:
            for maker in makers.get(cls.type, ()):
                if maker.name != collector.name:
                    yield from visit(maker, (*waiting, collector.name))
        done[collector.name] = None
        yield collector

    return [ready for collector in chosen for ready in visit(collector, ())]
