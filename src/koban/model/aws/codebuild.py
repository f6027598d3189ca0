"""AWS CodeBuild."""

from __future__ import annotations

from typing import Any

from koban.model.aws.secret_names import holds_secret
from koban.model.resource import Part, Resource, derived, field, link, part, parts
from koban.model.unknown import Unknown

PULL_REQUEST = "PULL_REQUEST"


class Variable(Part):
    """An environment variable; a live value in plain text is masked."""

    name: str = field("Name", "", "Its name")
    value: str = field("Value", "", "Its value, or where it is kept")
    kind: str = field("Type", "PLAINTEXT", "PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER")

    @derived
    def secret(self) -> bool:
        """Whether it looks like a secret in plain text."""
        return self.kind == "PLAINTEXT" and bool(holds_secret(self.name, self.value))


class Source(Part):
    """Where a project's code comes from."""

    kind: str = field("Type", "", "GITHUB, BITBUCKET, CODECOMMIT, S3, ...")
    location: str = field("Location", "", "Its address; user name and password in a live one are masked")
    insecure_tls: bool = field("InsecureSsl", False, "Whether certificates go unchecked")


class Artifacts(Part):
    """Where what a project built goes."""

    kind: str = field("Type", "NO_ARTIFACTS", "S3, CODEPIPELINE or NO_ARTIFACTS")
    unencrypted: bool = field("EncryptionDisabled", False, "Whether CodeBuild does not encrypt it")


class Project(
    Resource,
    type="AWS::CodeBuild::Project",
    ids="Name",
    arn="arn:{partition}:codebuild:{region}:{account}:project/{Name}",
):
    """A build project."""

    source: Source = part("Source", Source, "Where its code comes from")
    more_sources: tuple[Source, ...] = parts("SecondarySources", Source, "Further sources")
    artifacts: Artifacts = part("Artifacts", Artifacts, "Where what it built goes")
    more_artifacts: tuple[Artifacts, ...] = parts("SecondaryArtifacts", Artifacts, "Further places for it")
    privileged: bool = field("Environment.PrivilegedMode", False, "Whether builds have root on the build machine")
    variables: tuple[Variable, ...] = parts("Environment.EnvironmentVariables", Variable, "Environment variables")
    log_group_status: str = field("LogsConfig.CloudWatchLogs.Status", "ENABLED", "ENABLED or DISABLED")
    log_bucket_status: str = field("LogsConfig.S3Logs.Status", "DISABLED", "ENABLED or DISABLED")
    log_bucket_unencrypted: bool = field(
        "LogsConfig.S3Logs.EncryptionDisabled", False, "Whether logs are not encrypted"
    )
    visibility: str = field("Visibility", "PRIVATE", "PUBLIC_READ: everyone may read builds and logs; PRIVATE")
    key: Any = link("EncryptionKey", "AWS::KMS::Key", "The key of what it builds; none: that of S3")
    role: Any = link("ServiceRole", "AWS::IAM::Role", "The role that builds act with")
    webhook: bool = field("Triggers.Webhook", False, "Whether the repository starts builds")
    filter_groups: tuple[Any, ...] = field("Triggers.FilterGroups", (), "Groups of filters on the repository's events")
    comment_approval: str = field(
        "Triggers.PullRequestBuildPolicy.RequiresCommentApproval", "", "DISABLED, FORK_PULL_REQUESTS, ALL_PULL_REQUESTS"
    )

    @derived
    def secret_in_source(self) -> bool:
        """Whether an address of its sources carries a user name, password or token."""
        return any(_signed_in(one.location) for one in (self.source, *self.more_sources))

    @derived
    def strangers_build(self) -> bool:
        """Whether a pull request of anyone starts a build: no approval is asked, and no filter names who may."""
        if not self.webhook or self.comment_approval != "DISABLED":
            return False
        groups = self.filter_groups
        if isinstance(groups, Unknown):
            return bool(groups._child(" lets in pull requests of anyone"))
        return not groups or any(_any_pull_request(group) for group in groups)


class ReportGroup(Resource, type="AWS::CodeBuild::ReportGroup", ids="Name Arn"):
    """A group of test reports."""

    export: str = field("ExportConfig.ExportConfigType", "NO_EXPORT", "S3 or NO_EXPORT")
    unencrypted: bool = field(
        "ExportConfig.S3Destination.EncryptionDisabled", False, "Whether exports are in the clear"
    )


class SourceCredential(Resource, type="AWS::CodeBuild::SourceCredential", ids="Arn"):
    """How CodeBuild signs in to a source provider, for all projects of a region."""

    kind: str = field("AuthType", "", "OAUTH, BASIC_AUTH, PERSONAL_ACCESS_TOKEN, CODECONNECTIONS or SECRETS_MANAGER")
    server: str = field("ServerType", "", "GITHUB, BITBUCKET, GITLAB, ...")


def _signed_in(location: Any) -> bool:
    if isinstance(location, Unknown):
        return bool(location._child(" carries a password or token"))
    user, at, _ = location.partition("://")[2].partition("/")[0].rpartition("@")
    return bool(at) and (":" in user or len(user) > TOKEN_CHARS_MIN)


TOKEN_CHARS_MIN = 19  # a user part this long is a token, not a name


def _any_pull_request(group: Any) -> bool:
    if isinstance(group, Unknown):
        return bool(group._child(" lets in pull requests of anyone"))
    if not isinstance(group, list | tuple):
        return False
    for one in group:
        if isinstance(one, Unknown):
            return bool(one._child(" lets in pull requests of anyone"))
    filters = [one for one in group if isinstance(one, dict) and not _excludes(one)]
    on_pull = any(one.get("Type") == "EVENT" and PULL_REQUEST in one.get("Pattern", "") for one in filters)
    return on_pull and not any(one.get("Type") == "ACTOR_ACCOUNT_ID" for one in filters)


def _excludes(one: dict[str, Any]) -> bool:
    """Whether a filter lets through what does not match it."""
    value = one.get("ExcludeMatchedPattern", False)
    return bool(value.lower() == "true") if isinstance(value, str) else bool(value)
