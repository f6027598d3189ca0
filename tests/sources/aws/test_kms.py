import json

from koban.model.aws.kms import Key
from koban.model.unknown import Unknown
from koban.sources.aws.kms import key_from_api

POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}


def test_keys_of_ones_own_with_rotation_policy_and_aliases(aws, collect):
    kms = aws("kms")
    key_id = kms.create_key(Description="data", Policy=json.dumps(POLICY))["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/data", TargetKeyId=key_id)
    kms.enable_key_rotation(KeyId=key_id)
    signing = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=signing)
    found = {one.name: one for one in collect("kms.keys")}
    key = found[key_id]
    assert key.rotation
    assert key.rotatable
    assert key.policy.public
    assert key.uid == f"arn:aws:kms:eu-west-1:123456789012:key/{key_id}"
    assert {"alias/data", key_id, key.uid} <= set(key.names)
    assert found[signing].state == "PendingDeletion"
    assert not found[signing].rotatable
    assert collect.failures == []


def test_a_key_reads_the_same_from_the_api_and_from_a_template():
    metadata = {
        "KeyId": "k",
        "Arn": "arn:aws:kms:eu-west-1:111122223333:key/k",
        "Enabled": True,
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Origin": "AWS_KMS",
        "MultiRegion": False,
        "KeyState": "Enabled",
        "KeyManager": "CUSTOMER",
    }
    rotation = {"KeyRotationEnabled": True, "RotationPeriodInDays": 180}
    live = Key(key_from_api(metadata, [], rotation, json.dumps(POLICY)))
    template = Key({"EnableKeyRotation": True, "RotationPeriodInDays": 180, "KeyPolicy": POLICY})
    for name in ("rotation", "rotation_days", "enabled", "policy", "spec", "usage", "origin", "state", "rotatable"):
        assert getattr(live, name) == getattr(template, name), name


def test_a_rotation_that_may_not_be_asked_is_unknown():
    denied = Unknown("kms:GetKeyRotationStatus", "AccessDenied kms:GetKeyRotationStatus")
    document = key_from_api({"KeyId": "k"}, [], denied, "")
    assert document["EnableKeyRotation"] is denied


def test_keys_of_aws_cost_no_call_each(answered):
    answers = {
        "kms:ListAliases": {
            "Aliases": [{"AliasName": "alias/aws/ebs", "AliasArn": "arn:aws:kms:::alias/aws/ebs", "TargetKeyId": "k"}]
        },
        "kms:ListKeys": {"Keys": [{"KeyId": "k", "KeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k"}]},
    }
    (key,) = answered("kms.keys", answers)  # any other call would be an error
    assert (key.manager, key.rotation, key.rotatable) == ("AWS", True, False)
