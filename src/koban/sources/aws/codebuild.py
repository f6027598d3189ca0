"""Reads AWS CodeBuild."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from koban.model.aws.codebuild import Project, ReportGroup, SourceCredential
from koban.model.aws.secret_names import SECRET, masked
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pascal, pick, tags

PROJECTS_A_CALL = 100
GROUPS_A_CALL = 100
SIGN_IN = re.compile(r"(?<=://)[^/@]*:[^/@]*(?=@)|(?<=://)[^/@]{20,}(?=@)")


def source_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """A source.  A password or token in its address is masked, and the build commands are left out."""
    document = pick(raw, Type="type", InsecureSsl="insecureSsl")
    if raw.get("location"):
        document["Location"] = SIGN_IN.sub(f"{SECRET}:{SECRET}", raw["location"])
    return document


def project_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        Arn="arn",
        Name="name",
        EncryptionKey="encryptionKey",
        ServiceRole="serviceRole",
        Visibility="projectVisibility",
    )
    document["Source"] = source_from_api(raw.get("source") or {})
    if raw.get("secondarySources"):
        document["SecondarySources"] = [source_from_api(one) for one in raw["secondarySources"]]
    document["Artifacts"] = _artifacts_from_api(raw.get("artifacts") or {})
    if raw.get("secondaryArtifacts"):
        document["SecondaryArtifacts"] = [_artifacts_from_api(one) for one in raw["secondaryArtifacts"]]
    environment = raw.get("environment") or {}
    document["Environment"] = pick(environment, PrivilegedMode="privilegedMode", Image="image")
    if environment.get("environmentVariables"):
        document["Environment"]["EnvironmentVariables"] = [
            _variable_from_api(one) for one in environment["environmentVariables"]
        ]
    if raw.get("logsConfig"):
        document["LogsConfig"] = pascal(raw["logsConfig"])
    if raw.get("vpcConfig"):
        document["VpcConfig"] = pick(raw["vpcConfig"], VpcId="vpcId")
    if raw.get("webhook"):
        hook = pick(raw["webhook"], FilterGroups="filterGroups", PullRequestBuildPolicy="pullRequestBuildPolicy")
        document["Triggers"] = {"Webhook": True, **{name: pascal(value) for name, value in hook.items()}}
    return {**document, "Tags": tags(raw.get("tags"))}


def _artifacts_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, Type="type", EncryptionDisabled="encryptionDisabled")


def _variable_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    kind, value = raw.get("type", "PLAINTEXT"), raw.get("value", "")
    return {"Name": raw.get("name", ""), "Type": kind, "Value": masked(value) if kind == "PLAINTEXT" else value}


def report_group_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, Arn="arn", Name="name")
    export = raw.get("exportConfig") or {}
    document["ExportConfig"] = pick(export, ExportConfigType="exportConfigType")
    if export.get("s3Destination"):
        document["ExportConfig"]["S3Destination"] = pascal(export["s3Destination"])
    return {**document, "Tags": tags(raw.get("tags"))}


@reads(Project, "codebuild:BatchGetProjects", "codebuild:ListProjects")
def projects(aws: Reader) -> Iterator[dict[str, Any]]:
    for names in _batches(aws.pages("codebuild:ListProjects", "projects"), PROJECTS_A_CALL):
        yield from map(project_from_api, aws.call("codebuild:BatchGetProjects", names=names).get("projects", ()))


@reads(ReportGroup, "codebuild:BatchGetReportGroups", "codebuild:ListReportGroups")
def report_groups(aws: Reader) -> Iterator[dict[str, Any]]:
    for arns in _batches(aws.pages("codebuild:ListReportGroups", "reportGroups"), GROUPS_A_CALL):
        found = aws.call("codebuild:BatchGetReportGroups", reportGroupArns=arns).get("reportGroups", ())
        yield from map(report_group_from_api, found)


@reads(SourceCredential, "codebuild:ListSourceCredentials")
def source_credentials(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("codebuild:ListSourceCredentials", "sourceCredentialsInfos"):
        yield pick(raw, Arn="arn", AuthType="authType", ServerType="serverType")


def _batches(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    found = list(things)
    for start in range(0, len(found), size):
        yield found[start : start + size]
