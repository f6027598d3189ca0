"""Posture rules for Amazon Cognito."""

from __future__ import annotations

from koban.model.aws.cognito import IdentityPool, UserPool, UserPoolClient
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("medium", UserPool, "aws-fsbp:Cognito.5", "nist-csf-2.0:PR.AA-03")
def cognito_user_pool_mfa_off(pool: UserPool) -> bool:
    """Users of this pool cannot use a second factor to sign in.

    Why: passwords are guessed, phished and reused; nothing else then keeps an intruder out of an account.
    Fix: set MfaConfiguration to ON, or to OPTIONAL with risk-based sign-in.
    """
    return pool.mfa == "OFF"


cognito_user_pool_mfa_off.cases(
    bad=[{}, {"MfaConfiguration": "OFF"}],
    good=[{"MfaConfiguration": "ON"}, {"MfaConfiguration": "OPTIONAL"}],
    unknown=[{"MfaConfiguration": Unknown("MfaConfiguration", "parameter Mfa has no default")}],
)


@rule("low", UserPool, "aws-fsbp:Cognito.5", "nist-csf-2.0:PR.AA-03", when=lambda pool: pool.mfa != "OFF")
def cognito_user_pool_mfa_optional(pool: UserPool) -> bool:
    """Users of this pool may sign in without a second factor.

    Why: where it is up to users, most accounts have a password alone.
    Fix: set MfaConfiguration to ON.
    """
    return pool.mfa == "OPTIONAL"


cognito_user_pool_mfa_optional.cases(
    bad=[{"MfaConfiguration": "OPTIONAL"}], good=[{"MfaConfiguration": "ON"}], skipped=[{}]
)


def _passwords(**policy: object) -> dict[str, object]:
    return {"Policies": {"PasswordPolicy": policy}}


MIXED = {"RequireLowercase": True, "RequireUppercase": True, "RequireNumbers": True, "RequireSymbols": True}


@rule("medium", UserPool, "aws-fsbp:Cognito.3", "nist-csf-2.0:PR.AA-01")
def cognito_user_pool_passwords_weak(pool: UserPool, *, length_min: int = 8, temporary_days_max: int = 7) -> bool:
    """This user pool takes weak passwords.

    Why: short passwords of few kinds of characters are guessed quickly.
    Fix: ask for lower and upper case, digits and symbols, a good length, and let first passwords end soon.
    """
    policy = pool.password_policy
    return not policy.mixed or policy.length_min < length_min or policy.temporary_days > temporary_days_max


cognito_user_pool_passwords_weak.cases(
    bad=[
        _passwords(MinimumLength=8),
        _passwords(MinimumLength=6, **MIXED),
        _passwords(MinimumLength=12, TemporaryPasswordValidityDays=30, **MIXED),
    ],
    good=[{}, _passwords(MinimumLength=12, **MIXED)],
    unknown=[_passwords(MinimumLength=Unknown("MinimumLength", "parameter Length has no default"), **MIXED)],
)


@rule("medium", UserPool, "aws-fsbp:Cognito.1", "nist-csf-2.0:PR.AA-03", "nist-csf-2.0:DE.CM-03")
def cognito_user_pool_threats_ignored(pool: UserPool) -> bool:
    """This user pool does not act on suspicious sign-ins and leaked passwords.

    Why: without it a flood of tries with leaked passwords looks like any other sign-in.
    Fix: set AdvancedSecurityMode to ENFORCED (with the plan Plus) and say what to do at each level of risk.
    """
    return pool.threat_protection != "ENFORCED"


cognito_user_pool_threats_ignored.cases(
    bad=[{}, {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}],
    good=[{"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}],
)


@rule("medium", UserPool, "aws-fsbp:Cognito.4", "nist-csf-2.0:PR.AA-03", when=lambda pool: pool.custom_sign_in)
def cognito_user_pool_custom_sign_in_unwatched(pool: UserPool) -> bool:
    """This user pool does not act on suspicious sign-ins by its custom way.

    Why: intruders take the way that is not watched.
    Fix: set CustomAuthMode of AdvancedSecurityAdditionalFlows to ENFORCED.
    """
    return pool.custom_threat_protection != "ENFORCED"


CUSTOM = {"LambdaConfig": {"DefineAuthChallenge": "arn:aws:lambda:eu-west-1:111122223333:function:challenge"}}

cognito_user_pool_custom_sign_in_unwatched.cases(
    bad=[CUSTOM, {**CUSTOM, "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}],
    good=[{**CUSTOM, "UserPoolAddOns": {"AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "ENFORCED"}}}],
    skipped=[{}],
)


@rule("medium", UserPool, "aws-fsbp:Cognito.6", "nist-csf-2.0:PR.IR-04")
def cognito_user_pool_deletion_unprotected(pool: UserPool) -> bool:
    """This user pool can be deleted, with all its users, by a single call.

    Why: a deleted pool cannot be brought back, and passwords cannot be exported.
    Fix: set DeletionProtection to ACTIVE.
    """
    return pool.deletion_protection != "ACTIVE"


cognito_user_pool_deletion_unprotected.cases(
    bad=[{}, {"DeletionProtection": "INACTIVE"}], good=[{"DeletionProtection": "ACTIVE"}]
)


@rule("low", UserPool, "nist-csf-2.0:PR.AA-01")
def cognito_user_pool_open_to_sign_up(pool: UserPool) -> bool:
    """Anyone on the internet can make an account in this user pool.

    Why: in a pool for employees or partners a stranger's account may pass for one of theirs.
    Fix: set AllowAdminCreateUserOnly to true, unless the application is for everyone.
    """
    return not pool.admin_creates_users


cognito_user_pool_open_to_sign_up.cases(
    bad=[{}, {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False}}],
    good=[{"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}],
)


@rule("low", UserPoolClient, "nist-csf-2.0:PR.AA-03")
def cognito_client_tells_who_has_no_account(client: UserPoolClient) -> bool:
    """This application client tells strangers whether a user name exists.

    Why: lists of valid users are the start of guessing passwords and of phishing.
    Fix: set PreventUserExistenceErrors to ENABLED.
    """
    return client.existence_errors != "ENABLED"


cognito_client_tells_who_has_no_account.cases(
    bad=[{}, {"PreventUserExistenceErrors": "LEGACY"}], good=[{"PreventUserExistenceErrors": "ENABLED"}]
)


@rule("medium", UserPoolClient, "nist-csf-2.0:PR.AA-03")
def cognito_client_tokens_irrevocable(client: UserPoolClient) -> bool:
    """Tokens that this application client got cannot be called back.

    Why: a stolen refresh token then works until it expires, which may take years.
    Fix: set EnableTokenRevocation to true.
    """
    return not client.revocation


cognito_client_tokens_irrevocable.cases(bad=[{"EnableTokenRevocation": False}], good=[{}])


@rule("medium", UserPoolClient, "nist-csf-2.0:PR.AA-03")
def cognito_client_implicit_flow(client: UserPoolClient) -> bool:
    """This application client gets its tokens in the address of a page.

    Why: with the implicit flow tokens end up in browser histories, logs and referrers.
    Fix: use the flow code with PKCE, and take implicit out of AllowedOAuthFlows.
    """
    return any(flow == "implicit" for flow in client.oauth_flows)


cognito_client_implicit_flow.cases(
    bad=[{"AllowedOAuthFlows": ["code", "implicit"]}], good=[{}, {"AllowedOAuthFlows": ["code"]}]
)


@rule("medium", UserPoolClient, "nist-csf-2.0:PR.DS-02")
def cognito_client_callback_in_clear(client: UserPoolClient) -> bool:
    """This application client sends users with their tokens to an address without TLS.

    Why: everyone on the way can read the tokens and act as the user.
    Fix: use https addresses in CallbackURLs; plain http is for localhost alone.
    """
    return any(
        url.startswith("http://") and not url.startswith(("http://localhost", "http://127.0.0.1"))
        for url in client.callbacks
    )


cognito_client_callback_in_clear.cases(
    bad=[{"CallbackURLs": ["http://example.com/in"]}],
    good=[{}, {"CallbackURLs": ["https://example.com/in", "http://localhost:3000"]}],
)


@rule("high", IdentityPool, "aws-fsbp:Cognito.2", "nist-csf-2.0:PR.AA-03", "nist-csf-2.0:PR.AA-05")
def cognito_identity_pool_guests(pool: IdentityPool) -> bool:
    """Anyone on the internet gets AWS credentials from this identity pool, with no sign-in.

    Why: whatever the role of guests may do, everyone may do.
    Fix: set AllowUnauthenticatedIdentities to false.
    """
    return pool.guests


cognito_identity_pool_guests.cases(
    bad=[{"AllowUnauthenticatedIdentities": True}],
    good=[{}, {"AllowUnauthenticatedIdentities": "false"}],
    unknown=[{"AllowUnauthenticatedIdentities": Unknown("AllowUnauthenticatedIdentities", "parameter Guests")}],
)


@rule("low", IdentityPool, "nist-csf-2.0:PR.AA-05")
def cognito_identity_pool_classic_flow(pool: IdentityPool) -> bool:
    """Clients of this identity pool may take any role that trusts the pool.

    Why: in the classic flow the client picks the role and its session policy is not narrowed by Cognito.
    Fix: set AllowClassicFlow to false and use the enhanced flow.
    """
    return pool.classic_flow


cognito_identity_pool_classic_flow.cases(bad=[{"AllowClassicFlow": True}], good=[{}])


@rule("low", UserPoolClient, "nist-csf-2.0:PR.AA-03")
def cognito_client_password_sent(client: UserPoolClient) -> bool:
    """This application client lets users send their passwords as they are.

    Why: the password then passes through the application and its logs; with SRP it never leaves the user's device.
    Fix: use ALLOW_USER_SRP_AUTH and take ALLOW_USER_PASSWORD_AUTH out of ExplicitAuthFlows.
    """
    return any(flow == "ALLOW_USER_PASSWORD_AUTH" or flow == "USER_PASSWORD_AUTH" for flow in client.sign_in_flows)


cognito_client_password_sent.cases(
    bad=[{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}, {"ExplicitAuthFlows": ["USER_PASSWORD_AUTH"]}],
    good=[{}, {"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}],
)
