"""Amazon Cognito."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Part, Resource, derived, field, link, part


class PasswordPolicy(Part):
    """What passwords of a user pool must be like.  With no policy at all AWS asks for all four kinds of characters."""

    length_min: int = field("MinimumLength", 8, "Characters, at least")
    lowercase: bool = field("RequireLowercase", False, "Whether a lower-case letter must be in it")
    uppercase: bool = field("RequireUppercase", False, "Whether an upper-case letter must be in it")
    digits: bool = field("RequireNumbers", False, "Whether a digit must be in it")
    symbols: bool = field("RequireSymbols", False, "Whether a symbol must be in it")
    temporary_days: int = field("TemporaryPasswordValidityDays", 7, "Days for which a first password is good")

    @derived
    def mixed(self) -> bool:
        """Whether all four kinds of characters must be in a password."""
        return not self or (self.lowercase and self.uppercase and self.digits and self.symbols)


class UserPool(
    Resource,
    type="AWS::Cognito::UserPool",
    ids="UserPoolName UserPoolId",
    arn="arn:{partition}:cognito-idp:{region}:{account}:userpool/{UserPoolId}",
):
    """A directory of an application's users."""

    mfa: str = field("MfaConfiguration", "OFF", "ON, OPTIONAL or OFF")
    password_policy: PasswordPolicy = part("Policies.PasswordPolicy", PasswordPolicy, "What passwords must be like")
    threat_protection: str = field("UserPoolAddOns.AdvancedSecurityMode", "OFF", "ENFORCED, AUDIT or OFF")
    custom_threat_protection: str = field(
        "UserPoolAddOns.AdvancedSecurityAdditionalFlows.CustomAuthMode",
        "",
        "ENFORCED, AUDIT or empty, for custom sign-in",
    )
    custom_sign_in: str = field("LambdaConfig.DefineAuthChallenge", "", "The function of a custom sign-in; empty: none")
    deletion_protection: str = field("DeletionProtection", "INACTIVE", "ACTIVE or INACTIVE")
    admin_creates_users: bool = field(
        "AdminCreateUserConfig.AllowAdminCreateUserOnly", False, "Whether only administrators make users"
    )


class UserPoolClient(Resource, type="AWS::Cognito::UserPoolClient", ids="ClientId ClientName"):
    """An application that signs users in.  Its secret is never kept."""

    pool: Any = link("UserPoolId", "AWS::Cognito::UserPool", "The user pool")
    existence_errors: str = field(
        "PreventUserExistenceErrors", "LEGACY", "ENABLED, or LEGACY: tells who has no account"
    )
    revocation: bool = field("EnableTokenRevocation", True, "Whether tokens can be called back")
    sign_in_flows: tuple[str, ...] = field(
        "ExplicitAuthFlows", (), "ALLOW_USER_SRP_AUTH, ALLOW_USER_PASSWORD_AUTH, ..."
    )
    oauth_flows: tuple[str, ...] = field("AllowedOAuthFlows", (), "code, implicit or client_credentials")
    callbacks: tuple[str, ...] = field("CallbackURLs", (), "Where users are sent with their tokens")


class IdentityPool(
    Resource,
    type="AWS::Cognito::IdentityPool",
    ids="IdentityPoolName Id",
    arn="arn:{partition}:cognito-identity:{region}:{account}:identitypool/{Id}",
):
    """Gives AWS credentials to an application's users."""

    guests: bool = field("AllowUnauthenticatedIdentities", False, "Whether anyone gets credentials, with no sign-in")
    classic_flow: bool = field("AllowClassicFlow", False, "Whether clients may choose the role that they take")
