"""Fixtures that several rooms use: the emulated AWS, and one collector run against it over HTTP."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings
from tests.databases import database_url, postgresql, template_postgresql, template_sqlite

from koban.model.resource import Resource

__all__ = ["database_url", "postgresql", "template_postgresql", "template_sqlite"]  # fixtures: one server for all rooms

# No property fails for being slow.  CI tries the same examples each time; a developer's runs explore.
settings.register_profile("koban", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("koban")

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
ACCOUNT = "123456789012"


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    from koban.app.emulator.server import Emulator

    with Emulator() as emulator:
        yield emulator.url


@pytest.fixture
def aws(emulator_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """An empty emulated AWS; call it for a boto3 client: ``aws("s3")``, ``aws("ec2", "us-east-1")``."""
    import boto3
    import urllib3

    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": emulator_url}.items():
        monkeypatch.setenv(name, value)
    urllib3.PoolManager().request("POST", f"{emulator_url}/moto-api/reset")
    return lambda service, region="eu-west-1": boto3.client(service, region_name=region)


@pytest.fixture
def collect(aws: Callable[..., Any]) -> Callable[..., list[Resource]]:
    """Run one collector for real against the emulated AWS: ``collect("s3.buckets")``.

    `needs` of the collector are run first.  Returns resources; `collect.failures` holds what was not answered.
    """
    import botocore.session

    from koban.sources.aws.api import BotoApi
    from koban.sources.aws.collector import collectors
    from koban.sources.aws.reader import Reader

    by_name = {one.name: one for one in collectors()}
    failures: list[str] = []

    def run(name: str, region: str = "eu-west-1") -> list[Resource]:
        api = BotoApi(botocore.session.get_session())
        found: dict[str, list[Resource]] = {}

        def read(collector: Any) -> list[Resource]:
            for cls in collector.needs:
                for maker in by_name.values():
                    if cls in maker.types and maker is not collector and cls.type not in found:
                        read(maker)
            regional = collector.scope == "region"
            where = region if regional else "us-east-1"
            reader = Reader(
                api, ACCOUNT, where, collector.calls, already=lambda cls, *_: found.get(cls.type, []), regional=regional
            )
            if not collector.asks(reader):
                return []
            made = [
                one if isinstance(one, Resource) else reader.made(collector.types[0], one)
                for one in collector.read(reader)
            ]
            for one in made:
                found.setdefault(one.type_name, []).append(one)
            failures.extend(failure.why for failure in reader.failures)
            return made

        return read(by_name[name])

    run.failures = failures  # type: ignore[attr-defined]
    return run
