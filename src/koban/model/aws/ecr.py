"""Amazon Elastic Container Registry."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Part, Resource, asked, derived, field, link, parts
from koban.model.unknown import Unknown

AUTOMATIC = ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")


class Repository(
    Resource,
    type="AWS::ECR::Repository",
    ids="RepositoryName",
    arn="arn:{partition}:ecr:{region}:{account}:repository/{RepositoryName}",
):
    """A private image repository."""

    repository: str = field("RepositoryName", "", "Its name")
    scan_on_push: bool = field("ImageScanningConfiguration.ScanOnPush", False, "Whether it scans each image by itself")
    tag_mutability: str = field("ImageTagMutability", "MUTABLE", "MUTABLE, IMMUTABLE or either with exclusions")
    lifecycle: str = field("LifecyclePolicy.LifecyclePolicyText", "", "When images expire, as JSON text")
    encryption: str = field("EncryptionConfiguration.EncryptionType", "AES256", "AES256, KMS or KMS_DSSE")
    key: Any = link("EncryptionConfiguration.KmsKey", "AWS::KMS::Key", "The key; none: one that AWS manages")
    key_arn: str = field("EncryptionConfiguration.KmsKey", "", "The key, as written")
    policy: Policy = policy("RepositoryPolicyText", "Who may pull, push or delete")


class Filter(Part):
    """Which repositories a scanning rule is for."""

    pattern: str = field("Filter", "", "A name, with * as wildcard")


class ScanRule(Part):
    """When the images of some repositories are scanned."""

    frequency: str = field("ScanFrequency", "", "SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL")
    filters: tuple[Filter, ...] = parts("RepositoryFilters", Filter, "The repositories")

    @asked
    def covers(self, repository: Any) -> bool:
        """Whether it scans the images of `repository` by itself."""
        if not any(self.frequency == one for one in AUTOMATIC):
            return False
        return any(_like(repository, one.pattern) for one in self.filters)


class Scanning(Resource, type="AWS::ECR::RegistryScanningConfiguration", ids="RegistryId"):
    """How a registry, one in each region of an account, scans images."""

    scan_type: str = field("ScanType", "BASIC", "BASIC, or ENHANCED: by Amazon Inspector")
    rules: tuple[ScanRule, ...] = parts("Rules", ScanRule, "Which repositories are scanned when")

    @asked
    def covers(self, repository: Any) -> bool:
        """Whether it scans the images of `repository` by itself."""
        return any(one.covers(repository) for one in self.rules)


class RegistryPolicy(Resource, type="AWS::ECR::RegistryPolicy", ids="RegistryId"):
    """Who may do what with a whole registry."""

    policy: Policy = policy("PolicyText", "Who may replicate to it, or pull through its cache")


class PublicRepository(
    Resource,
    type="AWS::ECR::PublicRepository",
    ids="RepositoryName",
    arn="arn:{partition}:ecr-public::{account}:repository/{RepositoryName}",
):
    """A repository whose images everyone may pull."""

    policy: Policy = policy("RepositoryPolicyText", "Who may push or delete")

    @derived
    def writable_by_all(self) -> bool:
        """Whether everyone may push to it too."""
        return self.policy.public


def _like(name: Any, pattern: Any) -> bool:
    for one in (name, pattern):
        if isinstance(one, Unknown):
            return bool(one._child(" is scanned by the registry"))
    # The service looks for the pattern anywhere in the name unless it holds a wildcard.
    return fnmatchcase(name, pattern if "*" in pattern else f"*{pattern}*")
