import pytest

from koban.model.aws.kms import Key, ReplicaKey
from koban.model.unknown import Unknown

OPEN = Unknown("var.x", "variable x has no default")
TEXT, POLICY = '{"Statement": []}', {"Statement": []}


def test_a_key(twins):
    twins(
        "aws_kms_key",
        {
            "enable_key_rotation": True,
            "rotation_period_in_days": 90,
            "is_enabled": False,
            "policy": TEXT,
            "customer_master_key_spec": "RSA_2048",
            "key_usage": "SIGN_VERIFY",
            "multi_region": True,
        },
        Key,
        {
            "EnableKeyRotation": True,
            "RotationPeriodInDays": 90,
            "Enabled": False,
            "KeyPolicy": POLICY,
            "KeySpec": "RSA_2048",
            "KeyUsage": "SIGN_VERIFY",
            "MultiRegion": True,
        },
    )
    twins("aws_kms_key", {}, Key, {})


@pytest.mark.parametrize(
    ("store", "origin"),
    [
        ({"custom_key_store_id": "cks-1"}, "AWS_CLOUDHSM"),
        ({"custom_key_store_id": "cks-1", "xks_key_id": "k"}, "EXTERNAL_KEY_STORE"),
        ({"custom_key_store_id": ""}, "AWS_KMS"),
        ({"custom_key_store_id": OPEN}, OPEN),
    ],
)
def test_a_key_in_a_store_of_ones_own(document, store, origin):
    assert document("aws_kms_key", store).get("Origin", "AWS_KMS") is origin


def test_a_key_with_material_from_outside(twins):
    twins("aws_kms_external_key", {}, Key, {"Origin": "EXTERNAL"})
    body = {"enabled": True, "policy": TEXT, "multi_region": True}
    code = {"Origin": "EXTERNAL", "Enabled": True, "KeyPolicy": POLICY, "MultiRegion": True}
    twins("aws_kms_external_key", body, Key, code)


@pytest.mark.parametrize("source", ["aws_kms_replica_key", "aws_kms_replica_external_key"])
def test_a_replica(twins, source):
    twins(source, {"primary_key_arn": "k", "policy": TEXT}, ReplicaKey, {"KeyPolicy": POLICY})
    twins(source, {"primary_key_arn": "k"}, ReplicaKey, {})


def test_what_is_set_apart_from_a_key(document):
    for cls in (Key, ReplicaKey):
        assert document("aws_kms_key_policy", {"key_id": "k", "policy": TEXT}, cls) == {"KeyPolicy": POLICY}
    assert document("aws_kms_alias", {"target_key_id": "k", "name": "alias/x"}) == {"Aliases": ["alias/x"]}
