"""Amazon Cognito."""

from __future__ import annotations

from koban.model.aws.cognito import IdentityPool, UserPool, UserPoolClient
from koban.sources.terraform.mapping import block, group, maps

maps(
    "aws_cognito_user_pool",
    UserPool,
    UserPoolName="name",
    UserPoolId="id",
    MfaConfiguration="mfa_configuration",
    Policies=group(
        PasswordPolicy=block(
            "password_policy",
            MinimumLength="minimum_length",
            RequireLowercase="require_lowercase",
            RequireUppercase="require_uppercase",
            RequireNumbers="require_numbers",
            RequireSymbols="require_symbols",
            TemporaryPasswordValidityDays="temporary_password_validity_days",
        )
    ),
    UserPoolAddOns=block(
        "user_pool_add_ons",
        AdvancedSecurityMode="advanced_security_mode",
        AdvancedSecurityAdditionalFlows=block("advanced_security_additional_flows", CustomAuthMode="custom_auth_mode"),
    ),
    LambdaConfig=block("lambda_config", DefineAuthChallenge="define_auth_challenge"),
    DeletionProtection="deletion_protection",
    AdminCreateUserConfig=block("admin_create_user_config", AllowAdminCreateUserOnly="allow_admin_create_user_only"),
)

for type_name in ("aws_cognito_user_pool_client", "aws_cognito_managed_user_pool_client"):
    maps(
        type_name,
        UserPoolClient,
        ClientId="id",
        ClientName="name",
        UserPoolId="user_pool_id",
        PreventUserExistenceErrors="prevent_user_existence_errors",
        EnableTokenRevocation="enable_token_revocation",
        ExplicitAuthFlows="explicit_auth_flows",
        AllowedOAuthFlows="allowed_oauth_flows",
        CallbackURLs="callback_urls",
    )
maps(
    "aws_cognito_identity_pool",
    IdentityPool,
    IdentityPoolName="identity_pool_name",
    Id="id",
    AllowUnauthenticatedIdentities="allow_unauthenticated_identities",
    AllowClassicFlow="allow_classic_flow",
)
