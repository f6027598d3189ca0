"""The way to AWS: signature, addresses, answers, and every way in which an answer may fail to come."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from typing import Any
from urllib.parse import quote

import botocore.session
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st
from tests.ports import free_port

from koban.sources.aws import api as module
from koban.sources.aws.api import BotoApi
from koban.sources.aws.collector import collectors
from koban.sources.aws.limit import Limiter
from koban.sources.aws.reader import Failure
from koban.sources.aws.session import ORGANISATION_CALLS, SETUP_CALLS
from koban.sources.aws.signature import sign
from koban.sources.aws.wire import Services, moment_text

REGIONS = ("us-east-1", "eu-west-1", "eu-central-2", "cn-north-1", "us-gov-west-1")

# -- the signature --------------------------------------------------------------------------------------------------

STEP = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)
MOMENT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


def botocores(signer: Any, method: str, url: str, headers: dict[str, str], body: bytes, token: str | None) -> str:
    request = AWSRequest(method=method, url=url, headers=headers, data=body)
    signer(Credentials("AKID", "secret", token), "service", "eu-west-1").add_auth(request)
    return str(request.headers["Authorization"])


@given(
    path=st.lists(STEP, max_size=3),
    query=st.dictionaries(STEP, STEP, max_size=3),
    body=st.binary(max_size=20),
    token=st.none() | st.just("a token"),
    as_s3=st.booleans(),
    port=st.sampled_from(["", ":5000"]),
    method=st.sampled_from(["GET", "POST"]),
)
def test_the_signature_is_botocores(
    path: list[str], query: dict[str, str], body: bytes, token: str | None, as_s3: bool, port: str, method: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda *_: MOMENT)
        pairs = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query.items())
        url = f"https://host.example{port}/{'/'.join(quote(one, safe='-_.~') for one in path)}" + (
            pairs and f"?{pairs}"
        )
        headers = {"X-Amz-Target": "Some.Thing", "Content-Type": "application/x-amz-json-1.1"}
        expected = botocores(S3SigV4Auth if as_s3 else SigV4Auth, method, url, headers, body, token)
        credentials = ("AKID", "secret", token)
        made = sign(method, url, headers, body, credentials, "eu-west-1", "service", MOMENT, as_s3)
    assert made["Authorization"] == expected


# -- addresses ------------------------------------------------------------------------------------------------------


def operations_in_use() -> list[tuple[str, list[str]]]:
    """The operations in use of each service that is."""
    calls = {call for one in collectors() for call in one.calls} | {*SETUP_CALLS, *ORGANISATION_CALLS}
    return [
        (service, [call.partition(":")[2] for call in group])
        for service, group in groupby(sorted(calls), lambda call: call.partition(":")[0])
    ]


@pytest.fixture(scope="module")
def plain_session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.set_credentials("AKID", "secret")
    return session


# Where the two differ, and ours is right too: S3 by path in the region itself.
SAME_PLACE = {"https://s3.amazonaws.com": "https://s3.us-east-1.amazonaws.com"}


@pytest.mark.parametrize("region", REGIONS)
def test_addresses_are_those_that_botocore_finds(
    region: str, plain_session: botocore.session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    ours = Services(plain_session)
    wrong = []
    for name, operations in operations_in_use():
        model = ours.get(name).model
        client = plain_session.create_client(name, region_name=region)
        for operation in operations:
            found = ours.address(name, region, operation)
            assert found is not None
            if not found.listed and not region.startswith(("us-east", "eu-")):
                continue  # the partition does not have the service
            resolve = client._ruleset_resolver.construct_endpoint
            shape = model.operation_model(operation).input_shape
            params = {"AccountId": "111122223333", "Bucket": "dotted.name"}
            theirs = resolve(
                model.operation_model(operation), {k: v for k, v in params.items() if shape and k in shape.members}, {}
            )
            url = theirs.url.replace("111122223333.", "").removesuffix("/dotted.name")
            scheme = (theirs.properties.get("authSchemes") or [{}])[0]
            signing = scheme.get("signingRegion", region), scheme.get("signingName", model.signing_name)
            if (SAME_PLACE.get(url, url), *signing) != (found.url, found.signing_region, found.signing_name):
                wrong.append(f"{name}:{operation} {url} {signing}, ours {found}")
    assert wrong == []


# -- answers and their absence ---------------------------------------------------------------------------------------

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def far_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[BotoApi, list[Any]]]]:
    """An HTTP server that gives the answers laid down, the last one for ever; call it for an API that asks it."""
    servers = []

    def start(*answers: Answer | Callable[[Any], Answer]) -> tuple[BotoApi, list[Any]]:
        asked: list[Any] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked.append((self.path, dict(self.headers.items())))
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = answers[min(len(asked), len(answers)) - 1]
                status, headers, body = answer(self) if callable(answer) else answer
                self.send_response_only(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        return api(), asked

    monkeypatch.setattr(module, "BACKOFF_SECONDS", 0.001)
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def api() -> BotoApi:
    session = botocore.session.Session()
    session.set_credentials("AKID", "secret", "token")
    return BotoApi(session, rate_max=1000)


def refused(code: str, status: int = 400, **headers: str) -> Answer:
    return status, headers, json.dumps({"__type": code, "message": "no"}).encode()


FINE: Answer = (200, {}, b'{"TableNames": ["t"]}')


def tables(asked: BotoApi) -> Any:
    return asked.call("dynamodb", "ListTables", "eu-west-1", {})["TableNames"]


def failure(asked: BotoApi) -> Failure:
    with pytest.raises(Failure) as found:
        tables(asked)
    return found.value


def test_an_answer(far_end: Any) -> None:
    client, asked = far_end(FINE)
    assert tables(client) == ["t"]
    ((path, headers),) = asked
    assert (path, headers["X-Amz-Target"]) == ("/", "DynamoDB_20120810.ListTables")
    assert headers["User-Agent"].startswith("koban/")
    assert "/eu-west-1/dynamodb/aws4_request" in headers["Authorization"]
    assert headers["X-Amz-Security-Token"] == "token"


def test_denied_is_asked_once_and_lasts(far_end: Any) -> None:
    client, asked = far_end(refused("AccessDeniedException"))
    found = failure(client)
    assert (found.why, found.lasting, len(asked)) == ("AccessDenied dynamodb:ListTables", True, 1)


@pytest.mark.parametrize("passing", [refused("ThrottlingException"), refused("InternalFailure", 500)])
def test_throttled_and_broken_are_asked_again(far_end: Any, passing: Answer) -> None:
    client, asked = far_end(passing, passing, FINE)
    assert tables(client) == ["t"]
    assert len(asked) == 3


def test_throttled_to_the_end_is_a_passing_failure_and_slows_down(far_end: Any) -> None:
    client, asked = far_end(refused("ThrottlingException"))
    found = failure(client)
    assert (found.code, found.lasting, len(asked)) == ("ThrottlingException", False, module.ATTEMPTS_MAX)
    assert client.limiters.of("dynamodb", "eu-west-1").rate < 200


def test_an_expired_session_is_found_out_once(far_end: Any) -> None:
    client, asked = far_end(refused("ExpiredTokenException"))
    assert failure(client).lasting is False
    for _ in range(100):
        assert failure(client).code == "ExpiredTokenException"
    assert len(asked) == 1


def test_a_clock_that_is_off_is_set_by_the_answer(far_end: Any) -> None:
    def only_in_2030(request: Any) -> Answer:
        if request.headers["X-Amz-Date"].startswith("20300101"):
            return FINE
        return refused("InvalidSignatureException", 403, Date="Tue, 01 Jan 2030 12:00:00 GMT")

    client, asked = far_end(only_in_2030)
    assert tables(client) == ["t"]
    assert tables(client) == ["t"]
    assert len(asked) == 3


def test_a_wrong_secret_is_not_taken_for_a_wrong_clock(far_end: Any) -> None:
    def now(_: Any) -> Answer:
        stamp = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return refused("InvalidSignatureException", 403, Date=stamp)

    client, asked = far_end(now)
    assert failure(client).code == "InvalidSignatureException"
    assert len(asked) == 1


def test_a_page_instead_of_an_answer(far_end: Any) -> None:
    client, _ = far_end((403, {"Content-Type": "text/html"}, b"<html>the proxy says no</html>"))
    assert "dynamodb:ListTables" in failure(client).why


def test_a_bucket_elsewhere_is_asked_there_from_then_on(far_end: Any) -> None:
    body = b"<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>"
    moved = (301, {"x-amz-bucket-region": "eu-north-1"}, body)
    fine = (200, {}, b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
    client, asked = far_end(moved, fine)
    for _ in range(2):
        assert client.call("s3", "GetBucketVersioning", "us-east-1", {"Bucket": "b"})["Status"] == "Enabled"
    assert ["/eu-north-1/s3/" in headers["Authorization"] for _, headers in asked] == [False, True, True]
    assert asked[0][0] == "/b?versioning"


def test_an_end_that_hangs_is_given_up_and_then_not_waited_for(far_end: Any) -> None:
    def hang(_: Any) -> Answer:
        time.sleep(1)
        return FINE

    client, asked = far_end(hang)
    client.shared.transport.timeout = client.shared.transport.timeout.clone()
    client.shared.transport.timeout._read = 0.1
    found = failure(client)
    assert (found.code, found.lasting) == ("ReadTimeoutError", False)
    assert "gave no answer within 0.1 s" in found.why
    failure(client)
    before = len(asked)
    started = time.monotonic()
    for _ in range(50):
        assert failure(client).code == "ReadTimeoutError"
    assert len(asked) == before
    assert time.monotonic() - started < 1


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    assert failure(api()).why == (f"EndpointConnectionError dynamodb:ListTables (127.0.0.1:{port} takes no connection)")


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert failure(api()).code == "ProxyConnectionError"


def test_a_service_that_the_region_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    import urllib3.connection
    from urllib3.exceptions import NameResolutionError

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

    def no_address(connection: Any) -> Any:
        raise NameResolutionError(connection.host, connection, socket.gaierror())

    monkeypatch.setattr(urllib3.connection.HTTPConnection, "_new_conn", no_address)
    with pytest.raises(Failure) as found:
        api().call("macie2", "GetMacieSession", "eu-west-99", {})
    assert found.value.code == "NotOfferedInRegion"
    assert failure(api()).code == "EndpointConnectionError"


def test_pages_follow_the_token(far_end: Any) -> None:
    first = (200, {}, b'{"TableNames": ["a"], "LastEvaluatedTableName": "a"}')
    client, asked = far_end(first, FINE)
    found = [name for page in client.pages("dynamodb", "ListTables", "eu-west-1", {}) for name in page["TableNames"]]
    assert found == ["a", "t"]
    assert len(asked) == 2


def test_moments_are_text_with_their_zone_however_they_are_spelled() -> None:
    spelled = (
        "2026-03-01T12:00:05Z",
        "2026-03-01T12:00:05.000Z",
        1772366405,
        1772366405.0,
        "Sun, 01 Mar 2026 12:00:05 GMT",
    )
    assert {moment_text(one) for one in spelled} == {"2026-03-01T12:00:05+00:00"}


# -- the pace -------------------------------------------------------------------------------------------------------


def test_a_limiter_never_lets_more_through_than_its_rate() -> None:
    now = [0.0]
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    limiter = Limiter(20, clock=lambda: now[0], sleep=sleep)
    for _ in range(240):
        limiter.wait()
    assert now[0] == pytest.approx((240 - 1) / 20, abs=0.2)


def test_a_limiter_lets_a_burst_through_after_a_rest_and_slows_down_when_told() -> None:
    now = [100.0]
    waits: list[float] = []
    limiter = Limiter(20, clock=lambda: now[0], sleep=waits.append)
    for _ in range(40):
        limiter.wait()
    assert waits == []
    for _ in range(3):
        limiter.throttled()
    assert limiter.rate == pytest.approx(20 * 0.6**3)
    for _ in range(100):
        now[0] += 1.5
        limiter.wait()
    assert limiter.rate == 20
