"""Reads AWS App Runner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.apprunner import Service
from koban.model.aws.secret_names import masked
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick


def service_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """A service.  The values of environment variables are masked, and commands left out."""
    document = pick(
        raw,
        "ServiceArn",
        "ServiceId",
        "ServiceName",
        "NetworkConfiguration",
        "EncryptionConfiguration",
        "ObservabilityConfiguration",
        Arn="ServiceArn",
    )
    if (raw.get("InstanceConfiguration") or {}).get("InstanceRoleArn"):
        document["InstanceConfiguration"] = pick(raw["InstanceConfiguration"], "InstanceRoleArn")
    source = raw.get("SourceConfiguration") or {}
    made: dict[str, Any] = {}
    image = source.get("ImageRepository")
    if image:
        variables = (image.get("ImageConfiguration") or {}).get("RuntimeEnvironmentVariables")
        made["ImageRepository"] = pick(image, "ImageIdentifier", "ImageRepositoryType")
        if variables:
            made["ImageRepository"]["ImageConfiguration"] = {"RuntimeEnvironmentVariables": _masked(variables)}
    values = ((source.get("CodeRepository") or {}).get("CodeConfiguration") or {}).get("CodeConfigurationValues") or {}
    if values.get("RuntimeEnvironmentVariables"):
        kept = {"RuntimeEnvironmentVariables": _masked(values["RuntimeEnvironmentVariables"])}
        made["CodeRepository"] = {"CodeConfiguration": {"CodeConfigurationValues": kept}}
    return {**document, "SourceConfiguration": made}


def _masked(variables: dict[str, str]) -> list[dict[str, Any]]:
    return [{"Name": name, "Value": masked(value)} for name, value in sorted(variables.items())]


@reads(Service, "apprunner:DescribeService", "apprunner:ListServices")
def services(aws: Reader) -> Iterator[dict[str, Any]]:
    def listed() -> Iterator[str]:
        token: dict[str, str] = {}
        while True:
            page = aws.call("apprunner:ListServices", **token)
            yield from (one["ServiceArn"] for one in page.get("ServiceSummaryList", ()) if one["Status"] != "DELETED")
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def detail(arn: str) -> dict[str, Any]:
        return service_from_api(aws.call("apprunner:DescribeService", ServiceArn=arn)["Service"])

    yield from aws.each(listed(), detail)
