"""Amazon Elastic Container Registry: private and public repositories, and what holds for a whole registry."""

from __future__ import annotations

from koban.model.aws.ecr import PublicRepository, RegistryPolicy, Repository, Scanning
from koban.sources.terraform.mapping import block, blocks, folds, group, json, maps

maps(
    "aws_ecr_repository",
    Repository,
    RepositoryName="name",
    ImageTagMutability="image_tag_mutability",
    ImageScanningConfiguration=block("image_scanning_configuration", ScanOnPush="scan_on_push"),
    EncryptionConfiguration=block("encryption_configuration", EncryptionType="encryption_type", KmsKey="kms_key"),
)
folds("aws_ecr_repository_policy", Repository, "repository", RepositoryPolicyText=json("policy"))
folds("aws_ecr_lifecycle_policy", Repository, "repository", LifecyclePolicy=group(LifecyclePolicyText="policy"))
maps(
    "aws_ecr_registry_scanning_configuration",
    Scanning,
    RegistryId="registry_id",
    ScanType="scan_type",
    Rules=blocks(
        "rule",
        ScanFrequency="scan_frequency",
        RepositoryFilters=blocks("repository_filter", Filter="filter", FilterType="filter_type"),
    ),
)
maps("aws_ecr_registry_policy", RegistryPolicy, RegistryId="registry_id", PolicyText=json("policy"))
maps("aws_ecrpublic_repository", PublicRepository, RepositoryName="repository_name")
folds("aws_ecrpublic_repository_policy", PublicRepository, "repository_name", RepositoryPolicyText=json("policy"))
