import pytest

from koban.model.aws.cognito import IdentityPool, UserPool, UserPoolClient


def test_a_user_pool(twins):
    twins(
        "aws_cognito_user_pool",
        {
            "name": "p",
            "mfa_configuration": "ON",
            "password_policy": [
                {
                    "minimum_length": 12,
                    "require_lowercase": True,
                    "require_uppercase": True,
                    "require_numbers": True,
                    "require_symbols": False,
                    "temporary_password_validity_days": 3,
                }
            ],
            "user_pool_add_ons": [
                {
                    "advanced_security_mode": "ENFORCED",
                    "advanced_security_additional_flows": [{"custom_auth_mode": "AUDIT"}],
                }
            ],
            "lambda_config": [{"define_auth_challenge": "arn:aws:lambda:eu-west-1:111122223333:function:f"}],
            "deletion_protection": "ACTIVE",
            "admin_create_user_config": [{"allow_admin_create_user_only": True}],
        },
        UserPool,
        {
            "MfaConfiguration": "ON",
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": 12,
                    "RequireLowercase": True,
                    "RequireUppercase": True,
                    "RequireNumbers": True,
                    "RequireSymbols": False,
                    "TemporaryPasswordValidityDays": 3,
                }
            },
            "UserPoolAddOns": {
                "AdvancedSecurityMode": "ENFORCED",
                "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"},
            },
            "LambdaConfig": {"DefineAuthChallenge": "arn:aws:lambda:eu-west-1:111122223333:function:f"},
            "DeletionProtection": "ACTIVE",
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
        },
    )
    twins("aws_cognito_user_pool", {"name": "p"}, UserPool, {})


@pytest.mark.parametrize("source", ["aws_cognito_user_pool_client", "aws_cognito_managed_user_pool_client"])
def test_a_client(twins, source):
    twins(
        source,
        {
            "name": "c",
            "user_pool_id": "eu-west-1_1",
            "prevent_user_existence_errors": "ENABLED",
            "enable_token_revocation": False,
            "explicit_auth_flows": ["ALLOW_USER_PASSWORD_AUTH"],
            "allowed_oauth_flows": ["implicit"],
            "callback_urls": ["http://example.com/in"],
            "client_secret": "not kept",
        },
        UserPoolClient,
        {
            "UserPoolId": "eu-west-1_1",
            "PreventUserExistenceErrors": "ENABLED",
            "EnableTokenRevocation": False,
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
            "AllowedOAuthFlows": ["implicit"],
            "CallbackURLs": ["http://example.com/in"],
        },
    )
    twins(source, {"user_pool_id": "eu-west-1_1"}, UserPoolClient, {"UserPoolId": "eu-west-1_1"})


def test_an_identity_pool(twins):
    twins(
        "aws_cognito_identity_pool",
        {"identity_pool_name": "i", "allow_unauthenticated_identities": True, "allow_classic_flow": True},
        IdentityPool,
        {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": True},
    )
    twins("aws_cognito_identity_pool", {"identity_pool_name": "i"}, IdentityPool, {})
