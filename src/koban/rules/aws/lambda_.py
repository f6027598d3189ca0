"""Posture rules for AWS Lambda."""

from __future__ import annotations

from koban.model.aws.iam import InlinePolicy, ManagedPolicy, Role
from koban.model.aws.lambda_ import (
    EventInvokeConfig,
    Function,
    LayerPermission,
    LayerVersion,
    Permission,
    Url,
)
from koban.model.aws.vpc import Subnet
from koban.model.rule import rule
from koban.model.unknown import Unknown

DENIED = Unknown("Policy", "AccessDenied lambda:GetPolicy")
NAMED = {"FunctionName": "f"}


def _granted(principal: object, **condition: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": "*"}
    return {"Policy": {"Statement": [{**statement, **({"Condition": condition} if condition else {})}]}}


@rule("critical", Function, "aws-fsbp:Lambda.1", "nist-csf-2.0:PR.AA-05")
def lambda_function_public(function: Function) -> bool:
    """Anyone with an AWS account can call this function.

    Why: a grant to everyone lets strangers run the function with its role and read or change what it reaches.
    Fix: remove the grant to "*", or bind it to an account, an organisation or a source ARN by a condition.
    """
    return function.public


lambda_function_public.cases(
    bad=[
        _granted("*"),
        _granted({"AWS": "*"}),
        (NAMED, Permission({"FunctionName": "f", "Principal": "*"})),
    ],
    good=[
        {},
        _granted({"AWS": "arn:aws:iam::111122223333:root"}),
        _granted("*", StringEquals={"aws:PrincipalOrgID": "o-1"}),
        _granted("*", StringEquals={"lambda:FunctionUrlAuthType": "NONE"}),
        (NAMED, Permission({"FunctionName": "f", "Principal": "*", "PrincipalOrgID": "o-1"})),
        (NAMED, Permission({"FunctionName": "f", "Principal": "*", "FunctionUrlAuthType": "NONE"})),
    ],
    unknown=[
        {"Policy": DENIED},
        (NAMED, Permission({"FunctionName": "f", "Principal": Unknown("Principal", "parameter Who has no default")})),
    ],
)


@rule("medium", Function, "aws-fsbp:Lambda.1", "nist-csf-2.0:PR.AA-05")
def lambda_function_caller_unbound(function: Function) -> bool:
    """An AWS service can call this function on behalf of any account.

    Why: with no source named, someone else's bucket, topic or rule can make the service call your function.
    Fix: name the source in the grant (SourceArn), and for S3 also the account that owns the bucket (SourceAccount).
    """
    return function.open_to_services


lambda_function_caller_unbound.cases(
    bad=[
        _granted({"Service": "s3.amazonaws.com"}),
        _granted({"Service": "s3.amazonaws.com"}, ArnLike={"AWS:SourceArn": "arn:aws:s3:::b"}),
        (NAMED, Permission({"FunctionName": "f", "Principal": "events.amazonaws.com"})),
        (NAMED, Permission({"FunctionName": "f", "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::b"})),
    ],
    good=[
        {},
        _granted({"Service": "s3.amazonaws.com"}, StringEquals={"AWS:SourceAccount": "111122223333"}),
        _granted({"Service": "sns.amazonaws.com"}, ArnLike={"AWS:SourceArn": "arn:aws:sns:eu-west-1:1:t"}),
        (NAMED, Permission({"FunctionName": "f", "Principal": "s3.amazonaws.com", "SourceAccount": "111122223333"})),
        (NAMED, Permission({"FunctionName": "f", "Principal": "111122223333"})),
    ],
    unknown=[{"Policy": DENIED}],
)


@rule("high", Url, "aws-fsbp:Lambda.1", "nist-csf-2.0:PR.AA-05")
def lambda_url_public(url: Url) -> bool:
    """This function URL answers anyone on the internet, with no sign-in.

    Why: without IAM authorisation the function's own code is all that stands between strangers and its role.
    Fix: set AuthType to AWS_IAM, or put the function behind CloudFront or API Gateway with an authoriser.
    """
    return url.auth_type == "NONE"


lambda_url_public.cases(
    bad=[{"AuthType": "NONE"}, {}],
    good=[{"AuthType": "AWS_IAM"}],
    unknown=[{"AuthType": Unknown("AuthType", "parameter Auth has no default")}],
)


@rule("medium", Url, "nist-csf-2.0:PR.AA-05")
def lambda_url_cors_any_origin(url: Url) -> bool:
    """Pages of every web site may call this function URL.

    Why: a wildcard origin lets any page that a signed-in user visits send requests to the function and read the answer.
    Fix: list the origins that need the URL in Cors.AllowOrigins.
    """
    return any(origin == "*" for origin in url.allowed_origins)


lambda_url_cors_any_origin.cases(
    bad=[{"Cors": {"AllowOrigins": ["*"]}}],
    good=[{}, {"Cors": {"AllowOrigins": ["https://example.com"]}}],
)


@rule("medium", Function, "aws-fsbp:Lambda.2", "nist-csf-2.0:PR.PS-02", "nist-csf-2.0:ID.AM-08")
def lambda_function_runtime_unsupported(function: Function, *, warning_days_min: int = 0) -> bool:
    """This function runs on a runtime that AWS no longer patches.

    Why: a runtime past its end gets no security fixes, and functions on it can at some point not be updated any more.
    Fix: move the function to a supported version of its runtime and test it there.
    """
    return bool(function.runtime_past_end_days >= -warning_days_min)


lambda_function_runtime_unsupported.cases(
    bad=[{"Runtime": "python2.7"}, {"Runtime": "nodejs16.x"}, {"Runtime": "go1.x"}],
    good=[{"Runtime": "python3.14"}, {"PackageType": "Image"}],
    unknown=[{"Runtime": Unknown("Runtime", "parameter Runtime has no default")}],
)


@rule("low", Function, "aws-fsbp:Lambda.3", "nist-csf-2.0:PR.IR-01")
def lambda_function_outside_vpc(function: Function) -> bool:
    """This function runs outside any VPC of yours.

    Why: there no security group, flow log or endpoint policy limits or records what the function connects to.
    Fix: give the function subnets and a security group (VpcConfig), unless it needs no private resource and no limits.
    """
    return not function.subnet_ids


lambda_function_outside_vpc.cases(
    bad=[{}, {"VpcConfig": {"SubnetIds": []}}],
    good=[{"VpcConfig": {"SubnetIds": ["subnet-1"]}}],
    unknown=[{"VpcConfig": Unknown("VpcConfig", "condition InVpc depends on a parameter")}],
)


@rule("medium", Function, "aws-fsbp:Lambda.5", "nist-csf-2.0:PR.IR-04", when=lambda function: function.subnet_ids)
def lambda_function_single_zone(function: Function) -> bool:
    """This function runs in one Availability Zone only.

    Why: when that zone fails, the function cannot run at all, and what depends on it stops with it.
    Fix: give the function subnets in at least two Availability Zones.
    """
    return function.single_zone


def _subnets(*ids: str) -> dict[str, object]:
    return {"VpcConfig": {"SubnetIds": list(ids)}}


ZONE_A = Subnet({"SubnetId": "a", "AvailabilityZone": "eu-west-1a"})
ALSO_A = Subnet({"SubnetId": "a2", "AvailabilityZone": "eu-west-1a"})
ZONE_B = Subnet({"SubnetId": "b", "AvailabilityZone": "eu-west-1b"})

lambda_function_single_zone.cases(
    bad=[_subnets("a"), (_subnets("a", "a2"), ZONE_A, ALSO_A)],
    good=[(_subnets("a", "b"), ZONE_A, ZONE_B), (_subnets("a", "a2", "b"), ZONE_A, ALSO_A, ZONE_B)],
    unknown=[
        {"VpcConfig": {"SubnetIds": Unknown("SubnetIds", "parameter Subnets has no default")}},
        (_subnets("a", "elsewhere"), ZONE_A),
    ],
    skipped=[{}],
)


@rule("high", Function, "nist-csf-2.0:PR.AA-05")
def lambda_function_role_administrator(function: Function) -> bool:
    """This function has the rights of an administrator.

    Why: whoever gets their own input or code to run in it controls the whole account.
    Fix: give the function a role of its own with the few actions that it needs.
    """
    role = function.role
    return bool(role) and (
        role.has_aws_policy("AdministratorAccess") or any(document.admin for document in role.all_documents)
    )


ROLE_ARN = "arn:aws:iam::111122223333:role/worker"
ADMIN_ARN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN_ARN, READ_ARN = "arn:aws:iam::111122223333:policy/own", "arn:aws:iam::aws:policy/ReadOnlyAccess"
HELD = {"RoleName": "worker", "Arn": ROLE_ARN, "ManagedPolicyArns": [READ_ARN, OWN_ARN]}
ALL_ON_ALL = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}

lambda_function_role_administrator.cases(
    bad=[
        ({"Role": ROLE_ARN}, Role({"RoleName": "worker", "Arn": ROLE_ARN, "ManagedPolicyArns": [ADMIN_ARN]})),
        (
            {"Role": ROLE_ARN},
            Role({"RoleName": "worker", "Arn": ROLE_ARN, "Policies": [{"PolicyDocument": ALL_ON_ALL}]}),
        ),
        (
            {"Role": ROLE_ARN},
            Role({"RoleName": "worker", "Arn": ROLE_ARN}),
            InlinePolicy({"Roles": ["worker"], "PolicyDocument": ALL_ON_ALL}),
        ),
        ({"Role": ROLE_ARN}, Role(HELD), ManagedPolicy({"PolicyArn": OWN_ARN, "PolicyDocument": ALL_ON_ALL})),
    ],
    good=[
        ({"Role": ROLE_ARN}, Role({"RoleName": "worker", "Arn": ROLE_ARN})),
        ({"Role": ROLE_ARN}, Role(HELD), ManagedPolicy({"PolicyArn": OWN_ARN, "PolicyDocument": {"Statement": []}})),
    ],
    unknown=[{"Role": ROLE_ARN}, ({"Role": ROLE_ARN}, Role(HELD))],
)


@rule("low", Function, "aws-fsbp:Lambda.7", "nist-csf-2.0:DE.CM-09")
def lambda_function_tracing_off(function: Function) -> bool:
    """X-Ray does not trace this function.

    Why: traces show what a function called and how long it took, which logs alone do not when an incident is studied.
    Fix: set TracingConfig.Mode to Active and allow the role to write to X-Ray.
    """
    return function.tracing != "Active"


lambda_function_tracing_off.cases(
    bad=[{}, {"TracingConfig": {"Mode": "PassThrough"}}], good=[{"TracingConfig": {"Mode": "Active"}}]
)


@rule("high", Function, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01")
def lambda_function_secret_in_environment(function: Function) -> bool:
    """An environment variable of this function looks like a secret in plain text.

    Why: everyone who may read the function's configuration, many read-only roles among them, reads the secret too.
    Fix: keep the secret in Secrets Manager or as a SecureString, read it at run time, then rotate it.
    """
    return bool(function.secret_variables)


lambda_function_secret_in_environment.cases(
    bad=[
        {"Environment": {"Variables": {"DB_PASSWORD": "hunter2hunter2"}}},
        {"Environment": {"Variables": {"STRIPE_API_KEY": "(a value)"}}},
        {"Environment": {"Variables": {"URL": "postgres://app:s3cret@db.internal/app"}}},
    ],
    good=[
        {},
        {"Environment": {"Variables": {"STAGE": "prod", "DB_PASSWORD_SECRET_ARN": "arn:aws:secretsmanager:x"}}},
        {"Environment": {"Variables": {"DB_PASSWORD": "arn:aws:secretsmanager:eu-west-1:1:secret:db"}}},
        {"Environment": {"Variables": {"TABLE": Unknown("TABLE", "Ref of a table")}}},
    ],
    unknown=[
        {"Environment": {"Variables": {"DB_PASSWORD": Unknown("DB_PASSWORD", "parameter DbPassword has no default")}}},
        {"Environment": Unknown("Environment", "AccessDeniedException kms:Decrypt")},
    ],
)


@rule("low", Function, "nist-csf-2.0:PR.DS-01", when=lambda function: function.variables)
def lambda_function_environment_key_default(function: Function) -> bool:
    """The environment variables of this function are not encrypted with a key of your own.

    Why: with the key that AWS owns, whoever may read the configuration reads the values; no key policy stands between.
    Fix: set KmsKeyArn to a customer managed key whose policy names who may decrypt.
    """
    return not function.key_arn


lambda_function_environment_key_default.cases(
    bad=[{"Environment": {"Variables": {"A": "1"}}}],
    good=[{"Environment": {"Variables": {"A": "1"}}, "KmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k"}],
    skipped=[{}],
)


@rule("low", Function, "nist-csf-2.0:PR.PS-04")
def lambda_function_failed_events_lost(function: Function) -> bool:
    """Events that this function fails to handle are dropped.

    Why: what cannot be handled after the retries is gone without a trace, security events among it.
    Fix: set a dead-letter queue or an on-failure destination, if the function is called asynchronously.
    """
    return not function.dead_letter_target and not any(one.on_failure for one in function.invoke_configs)


lambda_function_failed_events_lost.cases(
    bad=[{}, (NAMED, EventInvokeConfig({"FunctionName": "f"}))],
    good=[
        {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:111122223333:dead"}},
        (
            NAMED,
            EventInvokeConfig(
                {"FunctionName": "f", "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:::dead"}}}
            ),
        ),
    ],
)


@rule("high", LayerVersion, "nist-csf-2.0:PR.AA-05")
def lambda_layer_public(layer: LayerVersion) -> bool:
    """Every AWS account can load this layer and download its code.

    Why: a layer often carries internal code, certificates or configuration that was never meant to leave the company.
    Fix: remove the grant to "*" from the layer version; grant to named accounts or to your organisation.
    """
    return layer.public


LAYER = {"LayerVersionArn": "arn:aws:lambda:eu-west-1:111122223333:layer:l:1"}

lambda_layer_public.cases(
    bad=[
        {"Policy": {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion"}}},
        (LAYER, LayerPermission({**LAYER, "Principal": "*"})),
    ],
    good=[
        LAYER,
        (LAYER, LayerPermission({**LAYER, "Principal": "*", "OrganizationId": "o-1"})),
        (LAYER, LayerPermission({**LAYER, "Principal": "444455556666"})),
    ],
    unknown=[{"Policy": Unknown("Policy", "AccessDenied lambda:GetLayerVersionPolicy")}],
)
