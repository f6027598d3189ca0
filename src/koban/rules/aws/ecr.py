"""Posture rules for Amazon Elastic Container Registry."""

from __future__ import annotations

from koban.model.aws.ecr import PublicRepository, RegistryPolicy, Repository, Scanning
from koban.model.rule import rule
from koban.model.unknown import Unknown

ANYONE = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}
OWN = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "ecr:BatchGetImage"}
    ]
}


@rule("critical", Repository, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def ecr_repository_public(repository: Repository) -> bool:
    """Every AWS account can use this repository.

    Why: strangers can pull internal images, or push their own in place of yours where the policy allows that.
    Fix: name accounts or your organisation in the repository policy in place of "*".
    """
    return repository.policy.public


ecr_repository_public.cases(
    bad=[{"RepositoryPolicyText": ANYONE}],
    good=[{}, {"RepositoryPolicyText": OWN}],
    unknown=[{"RepositoryPolicyText": Unknown("RepositoryPolicyText", "AccessDenied ecr:GetRepositoryPolicy")}],
)


@rule("high", Repository, "aws-fsbp:ECR.1", "nist-csf-2.0:ID.RA-01")
def ecr_repository_unscanned(repository: Repository) -> bool:
    """Images in this repository are not scanned for known vulnerabilities.

    Why: images with known holes go into production, and nobody learns of them.
    Fix: turn on scanning for the whole registry (Inspector, or basic on push), or ScanOnPush for the repository.
    """
    if repository.scan_on_push:
        return False
    return not any(one.covers(repository.repository) for one in repository.in_region.every(Scanning))


EVERYTHING = [{"ScanFrequency": "SCAN_ON_PUSH", "RepositoryFilters": [{"Filter": "*", "FilterType": "WILDCARD"}]}]
PRODUCTION = [{"ScanFrequency": "CONTINUOUS_SCAN", "RepositoryFilters": [{"Filter": "prod", "FilterType": "WILDCARD"}]}]
MANUAL = [{"ScanFrequency": "MANUAL", "RepositoryFilters": [{"Filter": "*", "FilterType": "WILDCARD"}]}]

ecr_repository_unscanned.cases(
    bad=[
        {},
        {"ImageScanningConfiguration": {"ScanOnPush": False}},
        ({"RepositoryName": "test/app"}, Scanning({"RegistryId": "1", "Rules": PRODUCTION})),
        ({"RepositoryName": "app"}, Scanning({"RegistryId": "1", "Rules": MANUAL})),
    ],
    good=[
        {"ImageScanningConfiguration": {"ScanOnPush": True}},
        ({"RepositoryName": "app"}, Scanning({"RegistryId": "1", "Rules": EVERYTHING})),
        ({"RepositoryName": "prod/app"}, Scanning({"RegistryId": "1", "Rules": PRODUCTION})),
    ],
    unknown=[
        (
            {"RepositoryName": "app"},
            Scanning(
                {"RegistryId": "1", "Rules": Unknown("Rules", "AccessDenied ecr:GetRegistryScanningConfiguration")}
            ),
        )
    ],
)


@rule("medium", Repository, "aws-fsbp:ECR.2", "nist-csf-2.0:PR.PS-01", "nist-csf-2.0:PR.DS-01")
def ecr_repository_tags_mutable(repository: Repository) -> bool:
    """An image tag in this repository can be moved to another image.

    Why: whoever can push can change what runs under a tag that was tested, and the tag no longer says what runs.
    Fix: set ImageTagMutability to IMMUTABLE.
    """
    return not repository.tag_mutability.startswith("IMMUTABLE")


ecr_repository_tags_mutable.cases(
    bad=[{}, {"ImageTagMutability": "MUTABLE"}, {"ImageTagMutability": "MUTABLE_WITH_EXCLUSION"}],
    good=[{"ImageTagMutability": "IMMUTABLE"}, {"ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}],
)


@rule("low", Repository, "aws-fsbp:ECR.3", "nist-csf-2.0:ID.AM-08")
def ecr_repository_lifecycle_missing(repository: Repository) -> bool:
    """Old images in this repository never expire.

    Why: old images keep old vulnerabilities within reach of a deployment, and cost money.
    Fix: add a lifecycle policy that expires untagged images and keeps a number of the newest.
    """
    return not repository.lifecycle


ecr_repository_lifecycle_missing.cases(
    bad=[{}, {"LifecyclePolicy": {"LifecyclePolicyText": ""}}],
    good=[{"LifecyclePolicy": {"LifecyclePolicyText": '{"rules": []}'}}],
    unknown=[{"LifecyclePolicy": {"LifecyclePolicyText": Unknown("LifecyclePolicyText", "AccessDenied")}}],
)


@rule("low", Repository, "aws-fsbp:ECR.5", "nist-csf-2.0:PR.DS-01")
def ecr_repository_key_default(repository: Repository) -> bool:
    """This repository is not encrypted with a KMS key of your own.

    Why: with the default encryption no key policy limits who can read the images, and access cannot be revoked by key.
    Fix: make the repository anew with EncryptionType KMS and a customer managed key: it cannot be changed later.
    """
    return not repository.encryption.startswith("KMS") or not repository.key_arn


KMS_KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"

ecr_repository_key_default.cases(
    bad=[{}, {"EncryptionConfiguration": {"EncryptionType": "KMS"}}],
    good=[{"EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": KMS_KEY}}],
)


@rule("high", RegistryPolicy, "nist-csf-2.0:PR.AA-05")
def ecr_registry_public(registry: RegistryPolicy) -> bool:
    """Every AWS account can use this registry.

    Why: strangers can replicate images into the registry or make repositories in it.
    Fix: name accounts in the registry policy in place of "*".
    """
    return registry.policy.public


ecr_registry_public.cases(
    bad=[{"PolicyText": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:ReplicateImage"}]}}],
    good=[{}, {"PolicyText": OWN}],
    unknown=[{"PolicyText": Unknown("PolicyText", "AccessDenied ecr:GetRegistryPolicy")}],
)


@rule("low", Scanning, "nist-csf-2.0:ID.RA-01")
def ecr_registry_scanning_basic(scanning: Scanning) -> bool:
    """This registry scans images by the basic method only: once, and operating system packages alone.

    Why: a hole found after the push, or in a library of the program's own language, goes unnoticed.
    Fix: set the scan type to ENHANCED, which lets Amazon Inspector scan all the time.
    """
    return scanning.scan_type != "ENHANCED"


ecr_registry_scanning_basic.cases(bad=[{}, {"ScanType": "BASIC"}], good=[{"ScanType": "ENHANCED"}])


@rule("critical", PublicRepository, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def ecr_public_repository_writable_by_all(repository: PublicRepository) -> bool:
    """Everyone can push images to this public repository.

    Why: strangers can replace the images that your users trust and run.
    Fix: name who may push in the repository policy in place of "*".
    """
    return repository.writable_by_all


ecr_public_repository_writable_by_all.cases(
    bad=[
        {"RepositoryPolicyText": {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr-public:PutImage"}}}
    ],
    good=[{}, {"RepositoryPolicyText": OWN}],
)
