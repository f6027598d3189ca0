"""Fixes for Amazon Cognito."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

fixes("cognito-user-pool-deletion-unprotected", put("DeletionProtection", "ACTIVE"))
fixes("cognito-client-tokens-irrevocable", put("EnableTokenRevocation", True))
fixes(
    "cognito-client-tells-who-has-no-account",
    put("PreventUserExistenceErrors", "ENABLED"),
    note="signing in without an account fails as a wrong password does",
)
fixes(
    "cognito-user-pool-passwords-weak",
    *(put(f"Policies.PasswordPolicy.Require{kind}", True) for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols")),
    put("Policies.PasswordPolicy.MinimumLength", 14),
    put("Policies.PasswordPolicy.TemporaryPasswordValidityDays", Limit("temporary_days_max")),
    note="passwords chosen from now on must be longer and of all kinds of characters",
)
fixes(
    "cognito-identity-pool-classic-flow",
    put("AllowClassicFlow", False),
    note="clients that use the basic (classic) flow get no credentials any more",
)
