"""The network side: botocore clients, built when first needed, and the errors they give as data."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import botocore.exceptions
import botocore.session
from botocore.config import Config

from koban.sources.aws.reader import Failure

CONNECT_SECONDS_MAX = 5
READ_SECONDS_MAX = 30
ATTEMPTS_MAX = 4


class BotoApi:
    """One account's API.  Safe to share among threads."""

    def __init__(self, session: botocore.session.Session, credentials: Any = None) -> None:
        self.session = session
        self.credentials = credentials
        self.config = Config(
            connect_timeout=CONNECT_SECONDS_MAX,
            read_timeout=READ_SECONDS_MAX,
            retries={"mode": "adaptive", "total_max_attempts": ATTEMPTS_MAX},
            parameter_validation=False,
            user_agent_extra="koban",
        )
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str, region: str) -> Any:
        key = service, region
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._client(service, region)
            return self._clients[key]

    def _client(self, service: str, region: str) -> Any:
        session = self.session
        if self.credentials is not None:
            session = botocore.session.Session()
            session._credentials = self.credentials
        return session.create_client(service, region_name=region, config=self.config)

    def call(self, service: str, operation: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        client = self.client(service, region)
        try:
            answer: dict[str, Any] = client._make_api_call(operation, params)
        except botocore.exceptions.BotoCoreError as error:
            raise Failure(f"{service}:{operation}", type(error).__name__, str(error), lasting=False) from None
        except botocore.exceptions.ClientError as error:
            detail = error.response.get("Error", {})
            raise Failure(f"{service}:{operation}", detail.get("Code", "?"), detail.get("Message", "")) from None
        return answer

    def pages(self, service: str, operation: str, region: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        from botocore import xform_name

        client = self.client(service, region)
        method = xform_name(operation)
        if not client.can_paginate(method):
            yield self.call(service, operation, region, params)
            return
        try:
            yield from client.get_paginator(method).paginate(**params)
        except botocore.exceptions.BotoCoreError as error:
            raise Failure(f"{service}:{operation}", type(error).__name__, str(error), lasting=False) from None
        except botocore.exceptions.ClientError as error:
            detail = error.response.get("Error", {})
            raise Failure(f"{service}:{operation}", detail.get("Code", "?"), detail.get("Message", "")) from None
