"""What the OpenAPI document promises: no answer is out of its schema, and nothing that is sent makes the server fail.

Some hundred requests in the suite; KOBAN_SCHEMATHESIS=10000 sends so many.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis.core.failures import Failure, FailureGroup
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.filled import OPS, Filled

REQUESTS = int(os.environ.get("KOBAN_SCHEMATHESIS", "300"))
HOST = {"Host": "127.0.0.1:8400"}
STREAMS = re.compile(r"/events$")  # never ends
OF_THE_CALLER = re.compile(r"/session$|/me/|/users/\{id\}$|/setup$|^/auth/|/tokens/\{id\}$")  # would end the test


@dataclass
class Sending:
    """Sends cases of one operation after the other, as an admin, and each fourth as a viewer."""

    tokens: dict[str, str]
    there: dict[str, Any]  # what a path may name, by the collection
    key: str
    sent: int = 0
    well: set[str] = field(default_factory=set)
    wrong: dict[str, str] = field(default_factory=dict)

    def send(self, operation: Any, case: Any) -> None:
        self.sent += 1
        if self.sent % 2 and case.path_parameters and operation.method.upper() != "DELETE":
            collection = operation.path.split("/")[3]
            known = {"id": self.there.get(collection, 1), "key": self.key, "control": "3.1.4"}
            case.path_parameters = {name: known[name] for name in case.path_parameters}
        role = "viewer" if self.sent % 4 == 0 or OF_THE_CALLER.search(operation.path) else "admin"
        answer = case.call(headers={**HOST, "Authorization": self.tokens[role]})
        if answer.status_code < 300:
            self.well.add(operation.label)
        try:
            assert answer.status_code < 500, answer.text[:500]
            operation.validate_response(answer)
        except (AssertionError, FailureGroup, Failure) as error:
            causes = getattr(error, "exceptions", [error])
            told = f"{case.as_curl_command()}\n{answer.status_code} {answer.text[:300]}\n{causes}"
            self.wrong.setdefault(operation.label, told[:2_000])

    def send_many(self, operation: Any, number: int) -> None:
        @given(case=operation.as_strategy())
        @settings(
            max_examples=number,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        def send(case: Any) -> None:
            self.send(operation, case)

        send()


def test_every_operation_holds_what_it_promises(api: Api, filled: Filled) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", api.app, headers=HOST)
    found = [one.ok() for one in schema.get_all_operations()]
    operations = [one for one in found if not STREAMS.search(one.path)]
    assert len(operations) > 70
    sending = Sending(
        {role: api.token(role).headers["Authorization"] for role in ("viewer", "admin")},
        {"frameworks": "cis-aws-7.0", "accounts": OPS, "findings": filled.ids(verdict=("unknown",))[0]},
        filled.key("bucket-2"),
    )
    for operation in operations:
        sending.send_many(operation, max(2, REQUESTS // len(operations)))
    assert not sending.wrong, f"{len(sending.wrong)} of {len(operations)}\n" + "\n\n".join(sending.wrong.values())
    assert sending.sent >= REQUESTS // 2
    reads = {one.label for one in operations if one.method.upper() == "GET"}
    assert len(sending.well & reads) > len(reads) * 2 / 3, sorted(reads - sending.well)
