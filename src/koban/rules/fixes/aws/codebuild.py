"""Fixes for AWS CodeBuild."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("codebuild-project-artifacts-unencrypted", put("Artifacts.EncryptionDisabled", False, was=(True,)))
fixes("codebuild-project-logs-unencrypted", put("LogsConfig.S3Logs.EncryptionDisabled", False))
fixes("codebuild-report-group-export-unencrypted", put("ExportConfig.S3Destination.EncryptionDisabled", False))
fixes("codebuild-project-unlogged", put("LogsConfig.CloudWatchLogs.Status", "ENABLED"))
fixes(
    "codebuild-project-certificate-unchecked",
    put("Source.InsecureSsl", False, was=(True,)),
    note="a source whose certificate nobody vouches for is no longer fetched",
)
