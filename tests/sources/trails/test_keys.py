"""Public keys: from every form in which people keep them, and asked of CloudTrail."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from benchmarks.trails import key, key_list
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from koban.engines.rsa import fingerprint_of, public_key
from koban.sources.aws.reader import Failure
from koban.sources.trails.keys import KeyFileError, KeysOfCloudTrail, KeysOfFiles

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FORMS: dict[str, Callable[[], bytes]] = {
    "der": lambda: key().der,
    "der with its algorithm": lambda: (
        key().private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ),
    "pem": lambda: key().private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "base64": lambda: base64.b64encode(key().der) + b"\n",
    "what the API answers": lambda: json.dumps(key_list(key("other"), key())).encode(),
    "its list alone": lambda: json.dumps(key_list(key())["PublicKeyList"], indent=2).encode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("in_directory", [True, False])
def test_a_key_in_a_file(form: str, in_directory: bool, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(FORMS[form]())
    keys = KeysOfFiles([tmp_path if in_directory else tmp_path / "one"], fingerprint_of)
    found = keys.find("eu-west-1", key().fingerprint, NOW)
    assert ([public_key(one) for one in found.found], found.why) == ([public_key(key().der)], "")
    assert keys.find("eu-west-1", "00", NOW).why


@pytest.mark.parametrize("raw", [b"", b"key", b"\x30\x82", b"{}", b'{"PublicKeyList": [{"Value": "AAAA"}]}', b"[1]"])
def test_a_file_without_keys_says_so(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(raw)
    with pytest.raises(KeyFileError, match="one"):
        KeysOfFiles([tmp_path / "one"], fingerprint_of)


def test_an_empty_directory_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="no public keys"):
        KeysOfFiles([tmp_path], fingerprint_of)


class Api:
    """CloudTrail's side: a key a page."""

    def __init__(self, fails: bool = False) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.fails = fails

    def call(self, service: str, operation: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((region, params))
        if self.fails:
            raise Failure(f"{service}:{operation}", "AccessDeniedException")
        if "NextToken" not in params:
            return {"PublicKeyList": [{"Fingerprint": "AA", "Value": b"a"}], "NextToken": "2"}
        return {"PublicKeyList": [{"Fingerprint": "BB", "Value": b"b"}]}

    def pages(self, *_: Any) -> Any:
        raise NotImplementedError


def test_each_region_is_asked_once_for_all_its_pages() -> None:
    api = Api()
    keys = KeysOfCloudTrail(api)
    assert keys.find("eu-west-1", "aa", NOW) == ((b"a",), "")
    assert keys.find("eu-west-1", "bb", NOW) == ((b"b",), "")
    assert keys.find("eu-west-1", "cc", NOW) == ((), "")
    assert [region for region, _ in api.asked] == ["eu-west-1"] * 2
    keys.find("us-east-1", "aa", NOW)
    assert len(api.asked) == 4


def test_a_key_of_another_time_is_asked_for() -> None:
    api, later = Api(), NOW + timedelta(days=9)
    keys = KeysOfCloudTrail(api)
    assert keys.find("eu-west-1", "cc", later) == ((), "")
    assert len(api.asked) == 2
    assert keys.find("eu-west-1", "bb", later + timedelta(days=9)) == ((b"b",), "")  # known, whatever the time
    assert len(api.asked) == 2
    keys.find("eu-west-1", "dd", NOW)
    assert api.asked[-1][1] == {
        "StartTime": NOW - timedelta(hours=1),
        "EndTime": later + timedelta(days=9, hours=2),
        "NextToken": "2",
    }


def test_denied_is_said() -> None:
    found = KeysOfCloudTrail(Api(fails=True)).find("eu-west-1", "aa", NOW)
    assert found == ((), "its public key is not known: AccessDenied cloudtrail:ListPublicKeys")
