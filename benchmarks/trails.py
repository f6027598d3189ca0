"""Trails to validate: signed chains of digests with their log files, and a far end on loopback that serves them.

The far end speaks just enough of S3, CloudTrail, STS and Organizations for Koban and for the AWS command line, and
sleeps before each answer if asked to.  ``python -m benchmarks.trails DIR --delay 0.02`` serves what `save` wrote.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import gzip
import hashlib
import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote
from xml.sax.saxutils import escape

ACCOUNT, REGION, TRAIL, BUCKET = "111122223333", "eu-west-1", "main", "trail-bucket"
BEGIN = datetime(2026, 11, 1, 10, tzinfo=UTC)
METADATA = ".metadata.json"
PAGE_KEYS_MAX = 1000
HOUR = timedelta(hours=1)


class Key:
    """A pair of keys with which digests are signed."""

    def __init__(self, bits: int = 2048) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        self.der = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
        self.fingerprint = hashlib.md5(self.der).hexdigest()

    def sign(self, text: bytes) -> str:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        return self.private.sign(text, padding.PKCS1v15(), hashes.SHA256()).hex()


@cache
def key(name: str = "") -> Key:
    """The same key each time for a name: making one is slow."""
    return Key()


@dataclass
class Stored:
    body: bytes
    metadata: dict[str, str] = field(default_factory=dict)


Objects = dict[str, dict[str, Stored]]  # by bucket and key


@dataclass
class Trail:
    """Writes one chain of digests, as CloudTrail does, into `objects`."""

    objects: Objects
    account: str = ACCOUNT
    region: str = REGION
    name: str = TRAIL
    home: str = REGION
    bucket: str = BUCKET
    prefix: str = ""
    organisation: str = ""
    signer: Key = field(default_factory=key)
    begin: datetime = BEGIN
    is_backfill: bool = False
    digests: list[str] = field(default_factory=list)  # keys, the oldest first
    logs: list[list[str]] = field(default_factory=list)  # keys, by digest
    previous: tuple[str, str, str, str] | None = None  # bucket, key, hash, signature
    now: datetime = BEGIN

    def __post_init__(self) -> None:
        self.now = self.begin

    def root(self) -> str:
        return "/".join(filter(None, (self.prefix, "AWSLogs", self.organisation, self.account)))

    def hours(self, count: int, logs: int = 2, events: int = 3) -> Trail:
        """So many digests more, an hour each, with so many log files of so many events."""
        for _ in range(count):
            self.digest(logs, events)
        return self

    def idle(self, hours: int = 5) -> Trail:
        """Validation was off for some hours: the chain begins anew."""
        self.now += hours * HOUR
        self.previous = None
        return self

    def digest(self, logs: int = 2, events: int = 3) -> str:
        start, self.now = self.now, self.now + HOUR
        listed = [self._log(start, number, events) for number in range(logs)]
        stamp = f"{self.now:%Y%m%dT%H%M%SZ}"
        mark = "_backfill" if self.is_backfill else ""
        name = f"{self.account}_CloudTrail-Digest_{self.region}_{self.name}_{self.home}_{stamp}{mark}.json.gz"
        at = f"{self.root()}/CloudTrail-Digest/{self.region}/{self.now:%Y/%m/%d}/{name}"
        before = self.previous or (None, None, None, None)
        document = {
            "awsAccountId": self.account,
            "digestStartTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "digestEndTime": f"{self.now:%Y-%m-%dT%H:%M:%SZ}",
            "digestS3Bucket": self.bucket,
            "digestS3Object": at,
            "digestPublicKeyFingerprint": self.signer.fingerprint,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None,
            "oldestEventTime": None,
            "previousDigestS3Bucket": before[0],
            "previousDigestS3Object": before[1],
            "previousDigestHashValue": before[2],
            "previousDigestHashAlgorithm": None if before[2] is None else "SHA-256",
            "previousDigestSignature": before[3],
            "logFiles": listed,
        }
        self.put_digest(at, json.dumps(document).encode(), before[3])
        self.digests.append(at)
        self.logs.append([one["s3Object"] for one in listed])
        return at

    def put_digest(self, at: str, content: bytes, previous_signature: str | None) -> None:
        """Write a digest's content, signed."""
        said = json.loads(content)
        hashed = hashlib.sha256(content).hexdigest()
        where = f"{said['digestS3Bucket']}/{said['digestS3Object']}"
        text = f"{said['digestEndTime']}\n{where}\n{hashed}\n{previous_signature or 'null'}"
        signature = self.signer.sign(text.encode())
        metadata = {"signature": signature, "signature-algorithm": "SHA256withRSA"}
        if self.is_backfill:
            metadata["backfill-generation-timestamp"] = f"{self.now + HOUR:%Y-%m-%dT%H:%M:%SZ}"
        self.objects.setdefault(self.bucket, {})[at] = Stored(gzip.compress(content, 5, mtime=0), metadata)
        self.previous = (self.bucket, at, hashed, signature)

    def _log(self, start: datetime, number: int, events: int) -> dict[str, Any]:
        moment = start + timedelta(minutes=5 * (number % 12))
        chance = random.Random(f"{self.account}{self.region}{moment}{number}")
        mark = f"{chance.getrandbits(64):016x}"
        name = f"{self.account}_CloudTrail_{self.region}_{moment:%Y%m%dT%H%MZ}_{mark}.json.gz"
        at = f"{self.root()}/CloudTrail/{self.region}/{start:%Y/%m/%d}/{name}"
        content = json.dumps(
            {"Records": [event(chance, self.account, self.region, moment) for _ in range(events)]}
        ).encode()
        self.objects.setdefault(self.bucket, {})[at] = Stored(gzip.compress(content, 5, mtime=0))
        return {
            "s3Bucket": self.bucket,
            "s3Object": at,
            "hashValue": hashlib.sha256(content).hexdigest(),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "oldestEventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        }


def event(chance: random.Random, account: str, region: str, moment: datetime) -> dict[str, Any]:
    """An event of about the size that CloudTrail's have."""
    user = f"role-{chance.randrange(40)}"
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROA{chance.getrandbits(60):015X}:{user}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{user}/session",
            "accountId": account,
            "accessKeyId": f"ASIA{chance.getrandbits(60):015X}",
        },
        "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": chance.choice(["s3", "ec2", "iam", "kms", "sts"]) + ".amazonaws.com",
        "eventName": chance.choice(["DescribeInstances", "GetObject", "AssumeRole", "Decrypt", "ListUsers"]),
        "awsRegion": region,
        "sourceIPAddress": f"203.0.113.{chance.randrange(256)}",
        "userAgent": "aws-sdk-java/2.25 Linux/5.10 OpenJDK_64-Bit_Server_VM/17",
        "requestParameters": {"bucketName": f"bucket-{chance.randrange(99)}", "key": f"{chance.getrandbits(128):032x}"},
        "responseElements": None,
        "requestID": f"{chance.getrandbits(128):032x}",
        "eventID": f"{chance.getrandbits(128):032x}",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }


def save(objects: Objects, directory: Path, with_metadata: bool = True) -> None:
    """Write buckets as directories, each object's metadata beside it."""
    for bucket, kept in objects.items():
        for name, one in kept.items():
            file = directory / bucket / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(one.body)
            if one.metadata and with_metadata:
                Path(f"{file}{METADATA}").write_text(json.dumps({"Metadata": one.metadata}))


def load(directory: Path) -> Objects:
    found: Objects = {}
    for file in directory.rglob("*.gz"):
        bucket, _, name = str(file.relative_to(directory)).partition("/")
        beside = Path(f"{file}{METADATA}")
        metadata = json.loads(beside.read_text())["Metadata"] if beside.exists() else {}
        found.setdefault(bucket, {})[name] = Stored(file.read_bytes(), metadata)
    return found


def key_list(*keys: Key) -> dict[str, Any]:
    """What ListPublicKeys answers."""
    return {
        "PublicKeyList": [
            {
                "Value": base64.b64encode(one.der).decode(),
                "ValidityStartTime": 1_700_000_000,
                "ValidityEndTime": 1_900_000_000,
                "Fingerprint": one.fingerprint,
            }
            for one in keys
        ]
    }


class FarEnd:
    """S3, CloudTrail, STS and Organizations on loopback; a context manager.  `url` is the endpoint of all of them.

    `denied` are keys and operations that are refused, `calls` the requests that came.
    """

    def __init__(self, objects: Objects, keys: dict[str, Any], delay: float = 0.0) -> None:
        self.objects = objects
        self.keys = keys
        self.delay = delay
        self.denied: set[str] = set()
        self.trails: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.url = ""
        self._ready = threading.Event()

    def __enter__(self) -> FarEnd:
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(5)

    async def serve(self, port: int = 0) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        self._listed = {bucket: sorted(kept) for bucket, kept in self.objects.items()} if self.delay else None
        server = await asyncio.start_server(self._connection, "127.0.0.1", port, backlog=512)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        if port == 0 and threading.current_thread() is threading.main_thread():
            print(self.url, flush=True)
        async with server:
            await self._stopped.wait()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.split("\r\n")
                method, target, _ = lines[0].split(" ", 2)
                headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines[1:])}
                body = await reader.readexactly(int(headers.get("content-length") or 0))
                if self.delay:
                    await asyncio.sleep(self.delay)
                status, kind, more, answer = self.answer(method, target, headers, body)
                fields = "".join(f"{name}: {value}\r\n" for name, value in more.items())
                start = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(answer)}\r\n"
                writer.write(f"{start}{fields}\r\n".encode() + answer)
                await writer.drain()
        writer.close()

    def answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, str, dict[str, str], bytes]:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if method == "POST" and not operation:
            operation = parse_qs(body.decode()).get("Action", [""])[0]
        path, _, query_text = target.partition("?")
        bucket, _, name = unquote(path[1:]).partition("/")
        self.calls.append(operation or f"{method} {target}")
        if operation:
            if operation in self.denied:
                return 400, "application/x-amz-json-1.1", {}, b'{"__type":"AccessDeniedException","message":"no"}'
            return self._operation(operation, json.loads(body) if body[:1] == b"{" else {})
        query = {one: values[0] for one, values in parse_qs(query_text, keep_blank_values=True).items()}
        kept = self.objects.get(bucket)
        if kept is None:
            return _refusal(404, "NoSuchBucket")
        if name:
            if name in self.denied:
                return _refusal(403, "AccessDenied")
            found = kept.get(name)
            if found is None:
                return _refusal(404, "NoSuchKey")
            more = {f"x-amz-meta-{one}": value for one, value in found.metadata.items()}
            more |= {"ETag": f'"{hashlib.md5(found.body).hexdigest()}"', "Content-Encoding": "gzip"}
            return 200, "application/json", more, found.body
        if "location" in query:
            return _xml("<LocationConstraint>eu-west-1</LocationConstraint>")
        if "list" in self.denied:
            return _refusal(403, "AccessDenied")
        return _xml(self._list(bucket, query))

    def _operation(self, operation: str, asked: dict[str, Any]) -> tuple[int, str, dict[str, str], bytes]:
        if operation == "GetCallerIdentity":
            who = f"<Arn>arn:aws:iam::{ACCOUNT}:user/bench</Arn><UserId>A</UserId><Account>{ACCOUNT}</Account>"
            result = f"<GetCallerIdentityResult>{who}</GetCallerIdentityResult>"
            return _xml(
                '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                f"{result}</GetCallerIdentityResponse>"
            )
        answers = {
            "ListPublicKeys": self.keys,
            "DescribeTrails": {"trailList": self.trails},
            "DescribeOrganization": {"Organization": {"Id": "o-abc123"}},
        }
        return 200, "application/x-amz-json-1.1", {}, json.dumps(answers[operation]).encode()

    def _list(self, bucket: str, query: dict[str, str]) -> str:
        """ListObjects and ListObjectsV2."""
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        after = query.get("continuation-token") or query.get("start-after") or query.get("marker") or ""
        names = self._listed[bucket] if self._listed is not None else sorted(self.objects[bucket])
        shown, below, last = [], [], ""
        for name in names:
            if name <= after or not name.startswith(prefix) or (last and delimiter and name.startswith(last)):
                continue
            end = name.find(delimiter, len(prefix)) if delimiter else -1
            if len(shown) + len(below) == PAGE_KEYS_MAX:
                break
            if end >= 0:
                last = name[: end + 1]
                if last > after or not after.startswith(last):
                    below.append(last)
                continue
            shown.append(name)
        else:
            names = []
        coded = quote if query.get("encoding-type") == "url" else str
        kept = self.objects[bucket]
        contents = "".join(
            f"<Contents><Key>{escape(coded(one))}</Key><Size>{len(kept[one].body)}</Size>"
            f'<ETag>"{hashlib.md5(kept[one].body).hexdigest()}"</ETag></Contents>'
            for one in shown
        )
        prefixes = "".join(f"<CommonPrefixes><Prefix>{escape(coded(one))}</Prefix></CommonPrefixes>" for one in below)
        following = max([*shown, *below], default="") if names else ""
        token = f"<NextContinuationToken>{escape(following)}</NextContinuationToken>" if following else ""
        return (
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>{str(bool(following)).lower()}'
            f"</IsTruncated><EncodingType>{query.get('encoding-type', '')}</EncodingType>{token}"
            f"<NextMarker>{escape(following)}</NextMarker>{contents}{prefixes}</ListBucketResult>"
        )


def _xml(text: str) -> tuple[int, str, dict[str, str], bytes]:
    return 200, "application/xml", {}, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


def _refusal(status: int, code: str) -> tuple[int, str, dict[str, str], bytes]:
    text = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"
    return status, "application/xml", {}, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


@contextlib.contextmanager
def far_end(directory: Path, delay: float) -> Iterator[str]:
    """What `save` wrote, served by a process of its own; gives the endpoint's URL."""
    command = [sys.executable, "-m", "benchmarks.trails", str(directory), "--delay", str(delay)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("directory", type=Path)
    asked.add_argument("--delay", type=float, default=0.0)
    given = asked.parse_args()
    keys = json.loads((given.directory / "keys.json").read_text())
    asyncio.run(FarEnd(load(given.directory), keys, given.delay).serve())


if __name__ == "__main__":
    main()
