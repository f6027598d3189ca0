"""How each AWS service speaks: botocore's models, serializers and parsers, made once for all accounts and regions.

A botocore client holds a copy of its service's model and is made anew for each account and region; here nothing is
per account or region but the address and the signature.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import botocore.handlers
import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
import botocore.session
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import DataNotFoundError
from botocore.paginate import Paginator
from botocore.utils import parse_timestamp, percent_encode_sequence

from koban import __version__
from koban.sources.aws.actions import only_reads

# Operations that are asked elsewhere than the rest of their service: the host's first word, and the signing name.
ELSEWHERE = {("s3", "ListDirectoryBuckets"): ("s3express-control", "s3express")}
USER_AGENT = f"koban/{__version__} (read only)"


class Request(NamedTuple):
    """A request before it is signed.  `path` has the query, too; `host_prefix` goes before the host."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    host_prefix: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service of a region answers.  `listed`: botocore knows that it is there; `custom`: the user named it."""

    url: str
    signing_region: str
    signing_name: str
    listed: bool
    custom: bool

    def with_prefix(self, prefix: str) -> str:
        """The address with `prefix` before the host, as some operations want, where the host is a true name."""
        parts = urlsplit(self.url)
        if not prefix or (self.custom and _is_bare(parts.hostname or "")):
            return self.url
        return f"{parts.scheme}://{prefix}{parts.netloc}{parts.path}"


def _is_bare(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def keep_reading(name: str, raw: dict[str, Any], calls: Collection[str] = ()) -> None:
    """Drop from a service's model, in place, what writes and what nobody asks for: most of its memory.

    `calls` are the operations that will be asked (``service:Operation``); where empty, all that only read stay.

    So a writing operation cannot even be spelled here; the one that stays takes on a role.
    """
    reading = {
        one: found
        for one, found in raw["operations"].items()
        if (only_reads(f"{name}:{one}") or (name, one) == ("sts", "AssumeRole"))
        and (not calls or f"{name}:{one}" in calls)
    }
    shapes, kept = raw["shapes"], dict[str, Any]()
    waiting: list[dict[str, Any]] = []
    for operation in reading.values():
        operation.pop("documentation", None)
        operation.pop("errors", None)
        waiting += [operation[side] for side in ("input", "output") if side in operation]
    while waiting:
        used = waiting.pop()
        used.pop("documentation", None)
        shape = shapes[used["shape"]]
        if used["shape"] not in kept:
            kept[used["shape"]] = shape
            shape.pop("documentation", None)
            waiting += [*shape.get("members", {}).values(), *(shape[key] for key in _INNER if key in shape)]
    raw["operations"], raw["shapes"] = reading, kept


_INNER = ("member", "key", "value")


class Service:
    """One service's model with what writes its requests and reads its answers."""

    def __init__(self, name: str, loader: Any, calls: Collection[str] = ()) -> None:
        self.name = name
        raw = loader.load_service_model(name, "service-2")
        keep_reading(name, raw, calls)
        self.model = botocore.model.ServiceModel(raw, name)
        protocol = self.model.resolved_protocol
        self.serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
        factory = botocore.parsers.ResponseParserFactory()
        factory.set_parser_defaults(timestamp_parser=moment_text)
        self.parser = factory.create_parser(protocol)
        self.as_s3 = str(self.model.signature_version).startswith("s3")
        try:
            self.pagination = loader.load_service_model(name, "paginators-1")["pagination"]
        except DataNotFoundError:
            self.pagination = {}
        self._operations: dict[str, Any] = {}

    def operation(self, name: str) -> Any:
        found = self._operations.get(name)
        if found is None:
            found = self._operations[name] = self.model.operation_model(name)
        return found

    def request(self, operation: str, params: dict[str, Any]) -> Request:
        model = self.operation(operation)
        if self.name == "route53":
            params = dict(params)
            botocore.handlers.fix_route53_ids(params, model)
        made = self.serializer.serialize_to_request(params, model)
        headers = {**made["headers"], "User-Agent": USER_AGENT}
        if self.name == "apigateway":
            headers["Accept"] = "application/json"
        path = made["url_path"]
        if made["query_string"]:
            path += ("&" if "?" in path else "?") + percent_encode_sequence(made["query_string"])
        body = made["body"]
        if isinstance(body, dict):
            body = urlencode([(key.encode(), str(value).encode()) for key, value in body.items()])
        if isinstance(body, str):
            body = body.encode()
        return Request(made["method"], path, headers, body or b"", made.get("host_prefix") or "")

    def answer(self, operation: str, status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """The answer as the model shapes it; an error has ``Error`` with ``Code`` and ``Message``."""
        model = self.operation(operation)
        raw = {"headers": headers, "status_code": status, "body": body, "context": {"operation_name": operation}}
        parsed: dict[str, Any] = self.parser.parse(raw, model.output_shape)
        if status < 300:
            if self.name == "iam":
                botocore.handlers.json_decode_policies(parsed, model)
            elif self.name == "cloudformation" and operation == "GetTemplate":
                botocore.handlers.json_decode_template_body(parsed)
            elif self.name == "s3" and operation == "GetBucketLocation":
                parsed["LocationConstraint"] = _location(body)
        return parsed

    def pages(self, operation: str, ask: Callable[..., dict[str, Any]], params: dict[str, Any]) -> Iterator[Any]:
        """Each page of an answer, asked for with `ask`."""
        rules = self.pagination.get(operation)
        if rules is None:
            yield ask(**params)
            return
        yield from Paginator(ask, rules, self.operation(operation)).paginate(**params)


def _location(body: bytes) -> str | None:
    """The text of the one element of S3's answer, which its model does not describe."""
    from xml.etree import ElementTree

    return ElementTree.fromstring(body).text  # noqa: S314  an answer of AWS over TLS


def moment_text(value: Any) -> str:
    """A moment of an answer as ISO 8601 text with its zone, whichever way the service spells it."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).isoformat()
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = parse_timestamp(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


class Services:
    """The services in use, and their addresses.  Safe to share among threads and accounts."""

    def __init__(self, session: botocore.session.Session, calls: Collection[str] = ()) -> None:
        self.session = session
        self._calls = calls
        self._loader = botocore.loaders.create_loader(session.get_config_variable("data_path"))
        self._made: dict[str, Service] = {}
        self._addresses: dict[tuple[str, str], Address | None] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Service:
        found = self._made.get(name)
        if found is None:
            with self._lock:
                found = self._made.get(name)
                if found is None:
                    found = self._made[name] = Service(name, self._loader, self._calls)
        return found

    def address(self, name: str, region: str, operation: str = "") -> Address | None:
        """Where the service answers for the region; None where its partition does not have it."""
        if (name, operation) in ELSEWHERE:
            usual = self.address(name, region)
            if usual is None or usual.custom:
                return usual
            host, signing_name = ELSEWHERE[name, operation]
            rest = usual.url.partition(".")[2]
            return replace(usual, url=f"https://{host}.{rest}", signing_name=signing_name, listed=False)
        key = name, region
        if key not in self._addresses:
            with self._lock:
                self._addresses[key] = self._resolve(name, region)
        return self._addresses[key]

    def _resolve(self, name: str, region: str) -> Address | None:
        model = self._made[name].model
        prefix = str(model.endpoint_prefix)
        resolver = self.session.get_component("endpoint_resolver")
        variants = {
            "use_dualstack_endpoint": bool(self.session.get_config_variable("use_dualstack_endpoint")),
            "use_fips_endpoint": bool(self.session.get_config_variable("use_fips_endpoint")),
        }
        found = resolver.construct_endpoint(prefix, region, **variants)
        custom = ConfiguredEndpointProvider(
            full_config=self.session.full_config, scoped_config=self.session.get_scoped_config(), client_name=name
        ).provide()
        if found is None and not custom:
            return None
        found = found or {}
        scope = found.get("credentialScope", {})
        listed = region in resolver.get_available_endpoints(prefix, found.get("partition", "aws"), True)
        url = str(custom).rstrip("/") if custom else f"https://{found['hostname']}"
        signing_name = str(model.metadata.get("signingName") or scope.get("service") or prefix)
        return Address(url, scope.get("region", region), signing_name, listed, bool(custom))
