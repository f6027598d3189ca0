"""S3 as a far end on loopback: retries, regions, refusals, and content that says it is packed."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
import pytest
from tests.conftest import CREDENTIALS

from koban.model.digest import Broken, Missing, Ref, Unread
from koban.sources.aws.api import BotoApi
from koban.sources.trails.s3 import Objects

CONTENT = b"content" * 1000
PACKED = gzip.compress(CONTENT)
Answer = tuple[int, dict[str, str], bytes]


def refusal(status: int, code: str, **headers: str) -> Answer:
    more = "<Region>eu-north-1</Region>" if code == "AuthorizationHeaderMalformed" else ""
    return status, headers, f"<Error><Code>{code}</Code>{more}</Error>".encode()


GOOD: Answer = (200, {"Content-Encoding": "gzip", "X-Amz-Meta-Signature": "ab", "x-amz-meta-Other": "c"}, PACKED)


class Far(ThreadingHTTPServer):
    answers: list[Answer]
    heard: list[tuple[str, str]]


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[Objects, Far]]]:
    """`s3(answer, ...)`: objects of a far end that gives these answers in turn."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server: Far

        def do_GET(self) -> None:
            region = self.headers["Authorization"].split("/")[2]
            self.server.heard.append((self.path, region))
            status, headers, body = self.server.answers.pop(0)
            self.send_response(status)
            cut = headers.get("X-Cut")
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:50] if cut else body)
            self.close_connection = bool(cut)

        def log_message(self, *_: object) -> None:
            pass

    far = Far(("127.0.0.1", 0), Handler)
    far.answers, far.heard = [], []
    threading.Thread(target=far.serve_forever, args=(0.01,), daemon=True).start()
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{far.server_port}"}.items():
        monkeypatch.setenv(name, value)

    def make(*answers: Answer) -> tuple[Objects, Far]:
        far.answers[:] = answers
        return Objects(BotoApi(botocore.session.get_session()), "eu-west-1", [], backoff_seconds=0.001), far

    yield make
    far.shutdown()
    far.server_close()


REF = Ref("bucket", "AWSLogs/a+b c=d.gz")


def test_an_object_as_it_lies_there_with_its_metadata(s3: Callable[..., tuple[Objects, Far]]) -> None:
    objects, far = s3(GOOD, GOOD)
    found = objects.digest(REF)
    assert (found.content, found.raw_sha256) == (CONTENT, hashlib.sha256(PACKED).hexdigest())
    assert found.metadata == {"signature": "ab", "other": "c"}
    assert objects.sha256(REF) == hashlib.sha256(CONTENT).hexdigest()
    assert far.heard[0] == ("/bucket/AWSLogs/a%2Bb%20c%3Dd.gz", "eu-west-1")


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(503, "SlowDown"),
        refusal(500, "InternalError"),
        (200, {"X-Cut": "1"}, PACKED),
    ],
)
def test_passing_trouble_is_waited_out(trouble: Answer, s3: Callable[..., tuple[Objects, Far]]) -> None:
    objects, far = s3(trouble, trouble, GOOD)
    assert objects.sha256(REF) == hashlib.sha256(CONTENT).hexdigest()
    assert len(far.heard) == 3
    objects, far = s3(*[trouble] * 4, GOOD)
    with pytest.raises(Unread):
        objects.sha256(REF)


@pytest.mark.parametrize(
    "moved",
    [
        refusal(301, "PermanentRedirect", **{"x-amz-bucket-region": "eu-north-1"}),
        refusal(400, "AuthorizationHeaderMalformed"),
    ],
)
def test_a_bucket_of_another_region_is_asked_there(moved: Answer, s3: Callable[..., tuple[Objects, Far]]) -> None:
    objects, far = s3(moved, GOOD, GOOD)
    objects.sha256(REF)
    objects.sha256(REF)
    assert [region for _, region in far.heard] == ["eu-west-1", "eu-north-1", "eu-north-1"]


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (refusal(404, "NoSuchKey"), Missing, None),
        (refusal(404, "NoSuchBucket"), Unread, "NoSuchBucket s3:GetObject"),
        (refusal(403, "AccessDenied"), Unread, "AccessDenied s3:GetObject"),
        (refusal(403, "InvalidObjectState"), Unread, "InvalidObjectState s3:GetObject"),
        (refusal(400, "KMS.DisabledException"), Unread, "KMS.DisabledException s3:GetObject"),
        ((403, {}, b"no"), Unread, "403 s3:GetObject"),
        ((200, {}, b"no"), Broken, "not gzip"),
        ((200, {}, PACKED + b"x"), Broken, "after the end"),
        ((200, {}, b""), Broken, "cut short"),
    ],
)
def test_what_is_missing_unread_or_broken(
    answer: Answer, error: type[Exception], why: str | None, s3: Callable[..., tuple[Objects, Far]]
) -> None:
    objects, _ = s3(answer, GOOD)
    with pytest.raises(error, match=why):
        objects.sha256(REF)
    assert objects.sha256(REF)  # the connection is of use again
