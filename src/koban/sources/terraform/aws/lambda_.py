"""AWS Lambda: functions, who may call them, their addresses and layers."""

from __future__ import annotations

from typing import Any

from koban.model.aws.lambda_ import EventInvokeConfig, Function, LayerPermission, LayerVersion, Permission, Url
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import ABSENT, Body, block, made, maps

maps(
    "aws_lambda_function",
    Function,
    FunctionName="function_name",
    PackageType="package_type",
    Runtime="runtime",
    Role="role",
    VpcConfig=block("vpc_config", SubnetIds="subnet_ids", SecurityGroupIds="security_group_ids"),
    DeadLetterConfig=block("dead_letter_config", TargetArn="target_arn"),
    TracingConfig=block("tracing_config", Mode="mode"),
    Environment=block("environment", Variables="variables"),
    KmsKeyArn="kms_key_arn",
    Layers="layers",
)
maps(
    "aws_lambda_permission",
    Permission,
    FunctionName="function_name",
    Action="action",
    Principal="principal",
    SourceArn="source_arn",
    SourceAccount="source_account",
    PrincipalOrgID="principal_org_id",
    FunctionUrlAuthType="function_url_auth_type",
    InvokedViaFunctionUrl="invoked_via_function_url",
)
maps(
    "aws_lambda_function_url",
    Url,
    TargetFunctionArn="function_name",
    FunctionArn="function_arn",
    FunctionUrl="function_url",
    AuthType="authorization_type",
    Cors=block("cors", AllowOrigins="allow_origins"),
)
maps(
    "aws_lambda_function_event_invoke_config",
    EventInvokeConfig,
    FunctionName="function_name",
    DestinationConfig=block("destination_config", OnFailure=block("on_failure", Destination="destination")),
)
maps(
    "aws_lambda_layer_version",
    LayerVersion,
    LayerVersionArn="arn",
    LayerName="layer_name",
    CompatibleRuntimes="compatible_runtimes",
)


def _layer_version(body: Body) -> Any:
    """The ARN of the layer version, or the name of its layer, by which it is found as well."""
    layer, version = body.get("layer_name"), body.get("version_number")
    if layer is None:
        return ABSENT
    if isinstance(layer, Unknown) or isinstance(version, Unknown) or version is None:
        return layer
    return f"{layer}:{version}" if layer.startswith("arn:") else layer


maps(
    "aws_lambda_layer_version_permission",
    LayerPermission,
    LayerVersionArn=made(_layer_version, "layer_name", "version_number", careful=True),
    Principal="principal",
    OrganizationId="organization_id",
)
