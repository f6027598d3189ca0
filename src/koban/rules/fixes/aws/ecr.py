"""Fixes for Amazon ECR."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("ecr-repository-unscanned", put("ImageScanningConfiguration.ScanOnPush", True))
fixes(
    "ecr-repository-tags-mutable",
    put("ImageTagMutability", "IMMUTABLE"),
    note="an image under a tag that is there already (such as latest) is refused",
)
