"""AWS CodeBuild."""

from __future__ import annotations

from typing import Any

from koban.model.aws.codebuild import Project, ReportGroup, SourceCredential
from koban.sources.terraform.mapping import EntryLike, block, blocks, constant, folds, group, made, maps, over

SOURCE: dict[str, EntryLike] = {"Type": "type", "Location": "location", "InsecureSsl": "insecure_ssl"}
ARTIFACTS: dict[str, EntryLike] = {"Type": "type", "EncryptionDisabled": "encryption_disabled"}

maps(
    "aws_codebuild_project",
    Project,
    Name="name",
    EncryptionKey="encryption_key",
    ServiceRole="service_role",
    Visibility="project_visibility",
    Source=block("source", **SOURCE),
    SecondarySources=blocks("secondary_sources", None, **SOURCE),
    Artifacts=block("artifacts", **ARTIFACTS),
    SecondaryArtifacts=blocks("secondary_artifacts", None, **ARTIFACTS),
    Environment=block(
        "environment",
        PrivilegedMode="privileged_mode",
        EnvironmentVariables=blocks("environment_variable", Name="name", Value="value", Type="type"),
    ),
    LogsConfig=block(
        "logs_config",
        CloudWatchLogs=block("cloudwatch_logs", Status="status"),
        S3Logs=block("s3_logs", Status="status", EncryptionDisabled="encryption_disabled"),
    ),
)

FILTER = {"type": "Type", "pattern": "Pattern", "exclude_matched_pattern": "ExcludeMatchedPattern"}


def _filter(body: Any) -> Any:
    return {FILTER[name]: value for name, value in body.items() if name in FILTER and value is not None}


def _filters(body: Any) -> Any:
    """The filters of a group, of which the document has a list in a list."""
    return over(body.get("filter"), _filter) if isinstance(body, dict) else body


folds(
    "aws_codebuild_webhook",
    Project,
    "project_name",
    Triggers=group(
        Webhook=constant(True),
        FilterGroups=made(lambda body: over(body.get("filter_group"), _filters), "filter_group", careful=True),
        PullRequestBuildPolicy=block("pull_request_build_policy", RequiresCommentApproval="requires_comment_approval"),
    ),
)
maps(
    "aws_codebuild_report_group",
    ReportGroup,
    Name="name",
    Arn="arn",
    ExportConfig=block(
        "export_config",
        ExportConfigType="type",
        S3Destination=block("s3_destination", EncryptionDisabled="encryption_disabled"),
    ),
)
maps("aws_codebuild_source_credential", SourceCredential, Arn="arn", AuthType="auth_type", ServerType="server_type")
