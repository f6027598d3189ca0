"""What a collector asks AWS through: declared read operations only, failures turned into data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from koban.model.resource import Resource, partition_of
from koban.model.unknown import Unknown

T = TypeVar("T")
IN_FLIGHT_MAX = 8  # detail calls of one collector under way at once


class Failure(Exception):
    """An operation that gave no answer.  `why` is one line for people: ``AccessDenied ec2:DescribeVolumes``.

    `lasting` says that asking again with the same rights would give the same (denied, opted out), so a
    resumed scan need not.
    """

    def __init__(self, operation: str, code: str, message: str = "", lasting: bool = True) -> None:
        self.operation = operation
        self.code = code
        self.message = message
        self.lasting = lasting
        detail = f" ({' '.join(message.split())[:160]})" if message and code not in DENIED else ""
        name = "AccessDenied" if code in DENIED else code
        self.why = f"{name} {operation}{detail}"
        super().__init__(self.why)


DENIED = (
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedAccess",
    "Client.UnauthorizedOperation",
    "NotAuthorized",
    "ForbiddenException",
    "AccessDeniedFault",
)


class Api(Protocol):
    """The network side of a reader: one account, one region."""

    def call(self, service: str, operation: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer of one operation; raises Failure."""
        ...

    def pages(self, service: str, operation: str, region: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The answer page by page, of one page where the operation does not paginate; raises Failure."""
        ...


class Reader:
    """One collector's view of one account and region.

    Operations are named ``service:Operation`` (boto3's service name, the API's operation name) and must have been
    declared by the collector; anything else raises PermissionError, before anything is sent.
    """

    def __init__(
        self,
        api: Api,
        account: str,
        region: str,
        allowed: tuple[str, ...],
        pool: Executor | None = None,
        already: Callable[[type[Resource], str, str], Iterable[Resource]] | None = None,
        regional: bool = True,
    ) -> None:
        self.api = api
        self.account = account
        self.region = region
        self.partition = partition_of(region)
        self.allowed = frozenset(allowed)
        self.pool = pool
        self.already = already
        self.regional = regional
        self.failures: list[Failure] = []

    def _split(self, operation: str) -> tuple[str, str]:
        if operation not in self.allowed:
            raise PermissionError(f"operation {operation} is not declared by this collector")
        service, _, name = operation.partition(":")
        return service, name

    def call(self, operation: str, *, region: str = "", **params: Any) -> dict[str, Any]:
        """The answer of one operation without which the collector cannot go on; raises Failure."""
        service, name = self._split(operation)
        answer: dict[str, Any] = _plain(self.api.call(service, name, region or self.region, params))
        return answer

    def pages(self, operation: str, key: str, *, region: str = "", **params: Any) -> Iterator[Any]:
        """The elements of the list `key` (dotted where it is nested) of every page; raises Failure."""
        service, name = self._split(operation)
        for page in self.api.pages(service, name, region or self.region, params):
            yield from _plain(_dig(page, key) or ())

    def answers(self, operation: str, *, region: str = "", **params: Any) -> Iterator[dict[str, Any]]:
        """Like :meth:`pages`, page by page, for an operation that gives several lists at once; raises Failure."""
        service, name = self._split(operation)
        yield from map(_plain, self.api.pages(service, name, region or self.region, params))

    def pages_by_token(self, operation: str, key: str, *, region: str = "", **params: Any) -> Iterator[Any]:
        """Like :meth:`pages`, for an operation with a ``NextToken`` that botocore does not page; raises Failure."""
        token: dict[str, str] = {}
        while True:
            answer = self.call(operation, region=region, **params, **token)
            yield from _dig(answer, key) or ()
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}

    def ask(
        self,
        operation: str,
        key: str = "",
        *,
        absent: tuple[str, ...] = (),
        otherwise: Any = None,
        region: str = "",
        **params: Any,
    ) -> Any:
        """One fact about a thing: the answer's `key` (all of it where empty), `otherwise` where it is not there or the
        error is one of `absent`, and an Unknown where the question was not answered.
        """
        try:
            found = _dig(self.call(operation, region=region, **params), key)
        except Failure as failure:
            if failure.code in absent:
                return otherwise
            self.failures.append(failure)
            return Unknown(key or operation, failure.why)
        return otherwise if found is None else found

    def ask_all(
        self,
        operation: str,
        key: str,
        *,
        absent: tuple[str, ...] = (),
        region: str = "",
        **params: Any,
    ) -> Any:
        """Like :meth:`ask`, for a list that comes in pages: a list, or Unknown."""
        try:
            return list(self.pages(operation, key, region=region, **params))
        except Failure as failure:
            if failure.code in absent:
                return []
            self.failures.append(failure)
            return Unknown(key, failure.why)

    def each(self, things: Iterable[T], detail: Callable[[T], Any]) -> Iterator[Any]:
        """`detail(thing)` for each, several at once, in order.  `detail` must not call `each` itself."""
        if self.pool is None:
            yield from map(detail, things)
            return
        from collections import deque

        waiting: deque[Any] = deque()
        for thing in things:
            waiting.append(self.pool.submit(detail, thing))
            if len(waiting) >= IN_FLIGHT_MAX:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def read(self, cls: type[Resource]) -> Iterable[Resource]:
        """What a collector that this one `needs` has read, in this account and region."""
        if self.already is None:
            return ()
        return self.already(cls, self.account, self.region if self.regional else "")

    def made(
        self, cls: type[Resource], document: dict[str, Any], *, region: str | None = None, uid: str = ""
    ) -> Resource:
        """A resource of this account; in another region than the reader's where one is named."""
        where = region if region is not None else (self.region if self.regional else "")
        return cls(document, uid=uid, account=self.account, region=where)

    def arn(self, service: str, rest: str) -> str:
        """An ARN of this account and region: ``reader.arn("ec2", "volume/vol-1")``."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"


def pick(raw: dict[str, Any], *same: str, **renamed: str) -> dict[str, Any]:
    """The properties of an API answer that the document has under the `same` name, and those `renamed`.

    ``pick(raw, "VolumeId", "Encrypted", KmsKeyId="KmsKeyArn")``: document name = (dotted) answer name.  What the
    answer does not have, the document does not have.
    """
    found = {name: raw[name] for name in same if raw.get(name) is not None}
    for name, source in renamed.items():
        value = _dig(raw, source)
        if value is not None:
            found[name] = value
    return found


def tags(raw: Any) -> list[dict[str, str]]:
    """Tags in the one shape of the model, [{Key, Value}], from the list or the mapping that an API gives."""
    if isinstance(raw, Unknown):
        return raw  # type: ignore[return-value]
    if isinstance(raw, dict):
        return [{"Key": key, "Value": value} for key, value in sorted(raw.items())]
    pairs = [
        {
            "Key": one.get("Key", one.get("key", one.get("TagKey", ""))),
            "Value": one.get("Value", one.get("value", one.get("TagValue", ""))) or "",
        }
        for one in raw or ()
    ]
    return sorted(pairs, key=lambda pair: pair["Key"])


def pascal(raw: Any, *verbatim: str) -> Any:
    """An answer of an API that spells its members ``clusterName``, spelled as documents are: ``ClusterName``.

    The maps under the members called `verbatim` hold keys of the user's own, which stay as they are.
    """
    if isinstance(raw, dict):
        return {
            name[:1].upper() + name[1:]: value if name in verbatim else pascal(value, *verbatim)
            for name, value in raw.items()
        }
    return [pascal(one, *verbatim) for one in raw] if isinstance(raw, list) else raw


def _dig(answer: Any, key: str) -> Any:
    for step in key.split(".") if key else ():
        if not isinstance(answer, dict):
            return None
        answer = answer.get(step)
    return answer


def _plain(answer: Any) -> Any:
    """Dates as ISO 8601 text and bodies as text, so that every document is plain JSON."""
    if isinstance(answer, dict):
        return {k: _plain(v) for k, v in answer.items() if k != "ResponseMetadata"}
    if isinstance(answer, list | tuple):
        return [_plain(one) for one in answer]
    if isinstance(answer, datetime | date):
        return answer.isoformat()
    if isinstance(answer, bytes):
        return answer.decode("utf-8", "replace")
    return answer
