"""Fixes for Amazon SageMaker."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("sagemaker-notebook-root", put("RootAccess", "Disabled"), note="its users can no longer act as root")
fixes(
    "sagemaker-notebook-imdsv1",
    put("InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion", "2"),
    note="software that knows nothing of IMDSv2 gets no credentials any more",
)
