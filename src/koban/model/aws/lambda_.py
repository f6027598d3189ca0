"""AWS Lambda."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from koban.model.aws.policy import Policy, Statement, policy_fact
from koban.model.aws.secret_names import secret_names
from koban.model.resource import Resource, derived, field, link, links, referring, size
from koban.model.unknown import Unknown

# The day on which AWS stops patching a managed runtime: the Lambda developer guide's list of runtimes, compared in
# November 2026 with what cfn-lint 1.58 took from it; those for container images alone (dotnet5.0, dotnet7) with
# endoflife.date.
RUNTIME_ENDS = {
    "nodejs": "2016-10-31",
    "nodejs4.3": "2020-03-05",
    "nodejs4.3-edge": "2020-03-05",
    "nodejs6.10": "2019-08-12",
    "nodejs8.10": "2020-03-06",
    "nodejs10.x": "2021-07-30",
    "nodejs12.x": "2023-03-31",
    "nodejs14.x": "2023-12-04",
    "nodejs16.x": "2024-06-12",
    "nodejs18.x": "2025-09-01",
    "nodejs20.x": "2026-04-30",
    "nodejs22.x": "2027-04-30",
    "nodejs24.x": "2028-04-30",
    "python2.7": "2021-07-15",
    "python3.6": "2022-07-18",
    "python3.7": "2023-12-04",
    "python3.8": "2024-10-14",
    "python3.9": "2025-12-15",
    "python3.10": "2026-10-31",
    "python3.11": "2027-06-30",
    "python3.12": "2028-10-31",
    "python3.13": "2029-06-30",
    "python3.14": "2029-06-30",
    "java8": "2024-01-08",
    "java8.al2": "2027-06-30",
    "java11": "2027-06-30",
    "java17": "2027-06-30",
    "java21": "2029-06-30",
    "java25": "2029-06-30",
    "dotnetcore1.0": "2019-06-27",
    "dotnetcore2.0": "2019-05-30",
    "dotnetcore2.1": "2022-01-05",
    "dotnetcore3.1": "2023-04-03",
    "dotnet5.0": "2022-05-10",
    "dotnet6": "2024-12-20",
    "dotnet7": "2024-05-14",
    "dotnet8": "2026-11-10",
    "dotnet9": "2026-11-10",
    "dotnet10": "2028-11-14",
    "go1.x": "2024-01-08",
    "ruby2.5": "2021-07-30",
    "ruby2.7": "2023-12-07",
    "ruby3.2": "2026-03-31",
    "ruby3.3": "2027-03-31",
    "ruby3.4": "2028-03-31",
    "ruby4.0": "2029-03-31",
    "provided": "2024-01-08",
    "provided.al2": "2026-07-31",
    "provided.al2023": "2029-06-30",
}

NEVER_DAYS = -36_500.0
S3 = "s3.amazonaws.com"  # a bucket's ARN names no account: the same name may belong to someone else tomorrow


class Function(
    Resource,
    type="AWS::Lambda::Function",
    ids="FunctionName",
    arn="arn:{partition}:lambda:{region}:{account}:function:{FunctionName}",
):
    """A Lambda function."""

    package_type: str = field("PackageType", "Zip", "Zip or Image")
    runtime: str = field("Runtime", "", "The managed runtime, such as python3.13; empty for container images")
    subnet_ids: tuple[str, ...] = field("VpcConfig.SubnetIds", (), "The subnets it runs in; none: outside any VPC")
    subnets: tuple[Any, ...] = links("VpcConfig.SubnetIds", "AWS::EC2::Subnet", "Those subnets themselves")
    dead_letter_target: str = field("DeadLetterConfig.TargetArn", "", "Queue or topic for events that failed")
    tracing: str = field("TracingConfig.Mode", "PassThrough", "Active or PassThrough")
    variables: dict[str, Any] = field("Environment.Variables", {}, "Environment variables; live values are masked")
    key: Any = link("KmsKeyArn", "AWS::KMS::Key", "The key of the environment variables; none: one that AWS owns")
    key_arn: str = field("KmsKeyArn", "", "The key of the environment variables, as written")
    layers: tuple[str, ...] = field("Layers", (), "ARNs of the layer versions it loads")
    role: Any = link("Role", "AWS::IAM::Role", "The role that it runs as")
    policy: Policy = policy_fact("Policy", "The resource policy that the live function has")
    permissions: tuple[Permission, ...] = referring(
        "AWS::Lambda::Permission", "function", "Who may call it, as a template says"
    )
    urls: tuple[Url, ...] = referring("AWS::Lambda::Url", "function", "Its own HTTPS addresses")
    invoke_configs: tuple[EventInvokeConfig, ...] = referring(
        "AWS::Lambda::EventInvokeConfig", "function", "What becomes of asynchronous events"
    )

    @property
    def is_live(self) -> bool:
        """Whether its grants are those of the policy that was read with it, rather than of other resources."""
        return "Policy" in self.document

    @derived
    def public(self) -> bool:
        """Whether anyone on AWS may call it, whatever way it is granted; function URLs stand for themselves."""
        return self.policy.public if self.is_live else any(one.public for one in self.permissions)

    @derived
    def open_to_services(self) -> bool:
        """Whether an AWS service may call it on behalf of any account: no source is named."""
        return _unsourced(self.policy) if self.is_live else any(one.open_to_service for one in self.permissions)

    @derived
    def single_zone(self) -> bool:
        """Whether all its subnets are in one Availability Zone."""
        if size(self.subnet_ids) < 2:
            return True
        zones = tuple(subnet.zone for subnet in self.subnets)
        return not any(not zone or zone != zones[0] for zone in zones[1:])

    @derived
    def secret_variables(self) -> tuple[str, ...]:
        """The names of environment variables that look as if they held a secret in plain text."""
        return secret_names(self.variables.items())

    @derived
    def runtime_past_end_days(self) -> Any:
        """Days since its runtime was last supported; negative: still supported, or no end is known."""
        if isinstance(self.runtime, Unknown):
            return self.runtime._child(" is out of support (days)")
        end = RUNTIME_ENDS.get(self.runtime)
        if not end:
            return NEVER_DAYS
        return (self.now() - datetime.fromisoformat(end).replace(tzinfo=UTC)).total_seconds() / 86400


class Permission(Resource, type="AWS::Lambda::Permission", template_only=True, ids="Id"):
    """One grant to call a function, as a template makes it."""

    function: Any = link("FunctionName", "AWS::Lambda::Function", "The function that may be called")
    principal: str = field("Principal", "", "Who may: a service, an account, an ARN, or *")
    source_arn: str = field("SourceArn", "", "The resource on whose behalf a service calls")
    source_account: str = field("SourceAccount", "", "The account of that resource")
    organization: str = field("PrincipalOrgID", "", "The organisation that the caller must belong to")
    url_auth_type: str = field("FunctionUrlAuthType", "", "NONE or AWS_IAM: the grant is for a function URL")
    via_url: bool = field("InvokedViaFunctionUrl", False, "Whether the grant is for calls by a function URL alone")

    @derived
    def public(self) -> bool:
        """Whether it lets in everyone, other than through a function URL."""
        narrowed = self.source_arn or self.source_account or self.organization or self.url_auth_type or self.via_url
        return self.principal == "*" and not narrowed

    @derived
    def open_to_service(self) -> bool:
        """Whether it lets in a service that may act for any account."""
        if self.principal == S3:
            return not self.source_account
        named = self.source_arn or self.source_account or self.organization
        return bool(self.principal.endswith(".amazonaws.com")) and not named


class Url(Resource, type="AWS::Lambda::Url", ids="FunctionUrl FunctionArn"):
    """The HTTPS address of a function."""

    function: Any = link("TargetFunctionArn", "AWS::Lambda::Function", "The function behind it")
    auth_type: str = field("AuthType", "NONE", "AWS_IAM or NONE: anyone may call")
    allowed_origins: tuple[str, ...] = field("Cors.AllowOrigins", (), "Web origins whose pages may call it; * for all")


class EventInvokeConfig(Resource, type="AWS::Lambda::EventInvokeConfig", ids="FunctionName"):
    """What becomes of events that a function is given asynchronously."""

    function: Any = link("FunctionName", "AWS::Lambda::Function", "The function")
    on_failure: str = field("DestinationConfig.OnFailure.Destination", "", "ARN of where failed events go")


class LayerVersion(Resource, type="AWS::Lambda::LayerVersion", ids="LayerVersionArn LayerName"):
    """A version of a layer: code that functions load."""

    runtimes: tuple[str, ...] = field("CompatibleRuntimes", (), "The runtimes it says that it suits")
    policy: Policy = policy_fact("Policy", "Who may use the live layer")
    permissions: tuple[LayerPermission, ...] = referring(
        "AWS::Lambda::LayerVersionPermission", "layer", "Who may use it, as a template says"
    )

    @derived
    def public(self) -> bool:
        """Whether every AWS account may load it."""
        if "Policy" in self.document:
            return self.policy.public
        return any(p.principal == "*" and not p.organization for p in self.permissions)


class LayerPermission(Resource, type="AWS::Lambda::LayerVersionPermission", template_only=True, ids="Id"):
    """One grant to use a layer version, as a template makes it."""

    layer: Any = link("LayerVersionArn", "AWS::Lambda::LayerVersion", "The layer version")
    principal: str = field("Principal", "", "An account, or * for all")
    organization: str = field("OrganizationId", "", "The organisation that they must belong to")


def _unsourced(granted: Policy) -> bool:
    if isinstance(granted.document, Unknown):
        return bool(granted.document._child(" lets in a service for any account"))
    return any(_for_any_account(one) for one in granted.statements if one.allows)


def _for_any_account(statement: Statement) -> bool:
    if any(who == S3 for who in statement.principals):
        return not _names_account(statement.condition)
    return any(who.endswith(".amazonaws.com") for who in statement.principals) and not statement.narrowed


def _names_account(condition: Any) -> bool:
    if isinstance(condition, Unknown):
        return bool(condition._child(" names the source's account"))
    return any(
        key.lower() in ("aws:sourceaccount", "aws:sourceorgid")
        for keys in condition.values()
        if isinstance(keys, dict)
        for key in keys
    )
