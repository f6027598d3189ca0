"""Posture rules for Amazon Inspector."""

from __future__ import annotations

from typing import Any

from koban.model.aws.inspector import InspectorStatus
from koban.model.aws.lambda_ import Function
from koban.model.estate import Region
from koban.model.rule import rule
from koban.model.unknown import Unknown

USED = Function({"FunctionName": "f"})
DENIED = Unknown("Status", "ACCESS_DENIED inspector2:BatchGetAccountStatus")
ON = ("ENABLED", "ENABLING")


@rule(
    "high",
    Region,
    "aws-fsbp:Inspector.1",
    "aws-fsbp:Inspector.2",
    "aws-fsbp:Inspector.4",
    "nist-csf-2.0:ID.RA-01",
    only="live",
    when=lambda region: region.in_use,
)
def inspector_off(region: Region) -> bool:
    """Inspector does not scan this region for vulnerabilities, though the account uses it.

    Why: servers, images and functions run software with published holes, and nobody is told.
    Fix: turn on Inspector for EC2, ECR and Lambda in every region in use.
    """
    return not any(one.enabled for one in region.every(InspectorStatus))


inspector_off.cases(
    bad=[({}, USED), ({}, USED, InspectorStatus({"Status": "DISABLED"}))],
    good=[({}, USED, InspectorStatus({"Status": "ENABLED"}))],
    unknown=[({}, USED, InspectorStatus({"Status": DENIED}))],
    skipped=[{}],
)


def enabled(status: InspectorStatus) -> Any:
    return status.enabled


@rule("high", InspectorStatus, "aws-fsbp:Inspector.1", "nist-csf-2.0:ID.RA-01", only="live", when=enabled)
def inspector_ec2_off(status: InspectorStatus) -> bool:
    """Inspector is on and does not scan servers.

    Why: unpatched servers are how many intruders come in.
    Fix: turn on EC2 scanning of Inspector.
    """
    return status.ec2 not in ON


@rule("high", InspectorStatus, "aws-fsbp:Inspector.2", "nist-csf-2.0:ID.RA-01", only="live", when=enabled)
def inspector_ecr_off(status: InspectorStatus) -> bool:
    """Inspector is on and does not scan container images.

    Why: an image carries the holes of its base for as long as nobody builds it anew.
    Fix: turn on ECR scanning of Inspector.
    """
    return status.ecr not in ON


@rule("medium", InspectorStatus, "aws-fsbp:Inspector.4", "nist-csf-2.0:ID.RA-01", only="live", when=enabled)
def inspector_lambda_off(status: InspectorStatus) -> bool:
    """Inspector is on and does not scan the packages of Lambda functions.

    Why: a function is deployed once and its libraries age unseen.
    Fix: turn on Lambda standard scanning of Inspector.
    """
    return status.functions not in ON


@rule("medium", InspectorStatus, "aws-fsbp:Inspector.3", "nist-csf-2.0:ID.RA-01", only="live", when=enabled)
def inspector_lambda_code_off(status: InspectorStatus) -> bool:
    """Inspector is on and does not scan the code of Lambda functions.

    Why: injection, weak encryption and secrets in your own code are in no list of vulnerable packages.
    Fix: turn on Lambda code scanning of Inspector, or scan the code before it is deployed.
    """
    return status.function_code not in ON


for made, name in (
    (inspector_ec2_off, "Ec2"),
    (inspector_ecr_off, "Ecr"),
    (inspector_lambda_off, "Lambda"),
    (inspector_lambda_code_off, "LambdaCode"),
):
    made.cases(
        bad=[{"Status": "ENABLED"}, {"Status": "ENABLED", name: "DISABLED"}],
        good=[{"Status": "ENABLED", name: "ENABLED"}, {"Status": "ENABLING", name: "ENABLING"}],
        unknown=[{"Status": "ENABLED", name: DENIED}],
        skipped=[{"Status": "DISABLED"}],
    )
