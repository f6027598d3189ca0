from koban.model.aws.cognito import UserPool
from koban.sources.aws.cognito import client_from_api, user_pool_from_api


def test_a_user_pool_and_its_client(aws, collect):
    client = aws("cognito-idp")
    pool = client.create_user_pool(
        PoolName="users",
        MfaConfiguration="OPTIONAL",
        Policies={"PasswordPolicy": {"MinimumLength": 6, "RequireLowercase": True}},
    )["UserPool"]
    client.create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="web", GenerateSecret=True, PreventUserExistenceErrors="ENABLED"
    )
    (made,) = collect("cognito.user_pools")
    assert made.uid == pool["Arn"]
    assert made.name == "users"
    assert made.mfa == "OPTIONAL"
    assert made.password_policy.length_min == 6
    assert not made.password_policy.mixed
    (web,) = collect("cognito.user_pool_clients")
    assert web.existence_errors == "ENABLED"
    assert "ClientSecret" not in web.document
    assert collect.failures == []


def test_an_identity_pool(aws, collect):
    aws("cognito-identity").create_identity_pool(IdentityPoolName="app", AllowUnauthenticatedIdentities=True)
    (pool,) = collect("cognito.identity_pools")
    assert pool.guests
    assert pool.uid.startswith("arn:aws:cognito-identity:eu-west-1:123456789012:identitypool/eu-west-1:")
    assert collect.failures == []


def test_a_live_user_pool_and_its_template_are_twins():
    live = user_pool_from_api(
        {
            "Id": "eu-west-1_a",
            "Name": "users",
            "MfaConfiguration": "ON",
            "DeletionProtection": "ACTIVE",
            "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"},
            "Policies": {"PasswordPolicy": {"MinimumLength": 12}},
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 7},
        }
    )
    assert UserPool(live) == UserPool(
        {
            "UserPoolId": "eu-west-1_a",
            "UserPoolName": "users",
            "MfaConfiguration": "ON",
            "DeletionProtection": "ACTIVE",
            "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"},
            "Policies": {"PasswordPolicy": {"MinimumLength": 12}},
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
            "Tags": [],
        }
    )


def test_an_old_client_cannot_revoke():
    assert client_from_api({"ClientId": "c", "ClientSecret": "s"}) == {"ClientId": "c", "EnableTokenRevocation": False}
