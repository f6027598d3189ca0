"""Posture rules for AWS KMS.  Policies that decrypt with every key are among the rules for IAM."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from koban.model.aws.kms import Key, ReplicaKey
from koban.model.rule import rule
from koban.model.unknown import Unknown

CUSTOMER = "CUSTOMER"
SOON = (datetime.now(UTC) + timedelta(days=9)).isoformat()


def opened_to(principal: object, **more: object) -> dict[str, object]:
    """A key policy for tables."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*", **more}
    return {"KeyId": "k", "KeyPolicy": {"Statement": [statement]}}


OWN = {"AWS": "arn:aws:iam::111122223333:root"}


@rule(
    "medium",
    Key,
    "cis-aws-7.0:4.6",
    "cis-aws-3.0:3.6",
    "aws-fsbp:KMS.4",
    "nist-csf-2.0:PR.DS-01",
    when=lambda key: key.rotatable,
)
def kms_key_rotation_off(key: Key) -> bool:
    """A symmetric key of the customer's own is never rotated.

    Why: the more data one key has encrypted, the more is lost with it.
    Fix: turn on automatic rotation; old data stays readable and nothing else changes.
    """
    return not key.rotation


kms_key_rotation_off.cases(
    bad=[{}, {"EnableKeyRotation": False}],
    good=[{"EnableKeyRotation": True}],
    unknown=[{"EnableKeyRotation": Unknown("EnableKeyRotation", "AccessDenied kms:GetKeyRotationStatus")}],
    skipped=[
        {"KeyManager": "AWS"},
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"Origin": "EXTERNAL"},
        {"Enabled": False},
    ],
)


@rule("low", Key, "nist-csf-2.0:PR.DS-01", when=lambda key: key.rotatable and key.rotation)
def kms_key_rotation_slow(key: Key, *, rotation_days_max: int = 365) -> bool:
    """A key is rotated less often than once a year.

    Why: the more data one key has encrypted, the more is lost with it.
    Fix: set the rotation period to 365 days or less.
    """
    return key.rotation_days > rotation_days_max


kms_key_rotation_slow.cases(
    bad=[{"EnableKeyRotation": True, "RotationPeriodInDays": 730}],
    good=[{"EnableKeyRotation": True}, {"EnableKeyRotation": True, "RotationPeriodInDays": 90}],
    skipped=[{}],
)


@rule("high", Key, "aws-fsbp:KMS.3", "nist-csf-2.0:PR.DS-01", only="live", when=lambda key: key.manager == CUSTOMER)
def kms_key_deletion_scheduled(key: Key) -> bool:
    """A key is about to be deleted.

    Why: what it encrypted can never be read again, and deleting keys is how some attackers hold data to ransom.
    Fix: cancel the deletion unless you know that nothing needs the key; disable it instead.
    """
    return key.state == "PendingDeletion" or key.state == "PendingReplicaDeletion"


kms_key_deletion_scheduled.cases(
    bad=[{"KeyState": "PendingDeletion"}, {"KeyState": "PendingReplicaDeletion"}],
    good=[{"KeyState": "Enabled"}, {"KeyState": "Disabled"}],
    skipped=[{"KeyState": "Enabled", "KeyManager": "AWS"}],
)


@rule("low", Key, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:ID.AM-08", when=lambda key: key.manager == CUSTOMER)
def kms_key_disabled(key: Key) -> bool:
    """A key is disabled.

    Why: what it encrypted cannot be read while it is; forgotten keys are also charged each month.
    Fix: enable it if something needs it; else schedule its deletion with the longest waiting period.
    """
    return not key.enabled and (key.state == "Disabled" or key.state == "Enabled")


kms_key_disabled.cases(
    bad=[{"Enabled": False, "KeyState": "Disabled"}, {"Enabled": False}],
    good=[
        {},
        {"Enabled": False, "KeyState": "PendingDeletion"},
        {"Enabled": False, "KeyState": "PendingImport"},
        {"Enabled": False, "KeyState": "PendingReplicaDeletion"},
    ],
    skipped=[{"Enabled": False, "KeyManager": "AWS"}],
)


@rule(
    "critical",
    (Key, ReplicaKey),
    "cis-aws-7.0:2.21",
    "aws-fsbp:KMS.5",
    "nist-csf-2.0:PR.DS-01",
    "nist-csf-2.0:PR.AA-05",
)
def kms_key_public(key: Key | ReplicaKey) -> bool:
    """Anyone with an AWS account can use this key.

    Why: a wildcard principal without a condition lets every account decrypt what the key protects.
    Fix: name the accounts and roles in the key policy, or add a condition on kms:CallerAccount or aws:PrincipalOrgID.
    """
    return key.policy.public


kms_key_public.cases(
    bad=[opened_to("*"), opened_to({"AWS": "*"}), ReplicaKey(opened_to("*"))],
    good=[
        {"KeyId": "k"},
        opened_to(OWN),
        opened_to("*", Condition={"StringEquals": {"kms:CallerAccount": "111122223333"}}),
        opened_to("*", Effect="Deny"),
    ],
    unknown=[{"KeyId": "k", "KeyPolicy": Unknown("KeyPolicy", "AccessDenied kms:GetKeyPolicy")}],
)


@rule("low", Key, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:GV.SC-07", only="live")
def kms_key_shared(key: Key) -> bool:
    """Another account can use this key.

    Why: whoever runs that account can read what the key protects, and you cannot see who did there.
    Fix: check that the account is yours or a partner's, and limit it to the roles and actions it needs.
    """
    return bool(key.policy.accounts_beside(key.account))


kms_key_shared.cases(
    bad=[opened_to({"AWS": "arn:aws:iam::999988887777:root"})],
    good=[opened_to(OWN), {"KeyId": "k"}],
)


@rule("medium", Key, "nist-csf-2.0:PR.DS-01", only="live", when=lambda key: key.origin == "EXTERNAL")
def kms_key_material_expiring(key: Key, *, days_left_min: int = 30) -> bool:
    """The imported material of a key expires soon.

    Why: KMS deletes expired material at once, and what the key encrypted cannot be read until it is imported again.
    Fix: import the same material again with a later date, or none.
    """
    return key.material_expired_days > -days_left_min and key.material_expired_days != -1


kms_key_material_expiring.cases(
    bad=[{"Origin": "EXTERNAL", "ValidTo": SOON}],
    good=[{"Origin": "EXTERNAL", "ValidTo": "2099-01-01T00:00:00+00:00"}, {"Origin": "EXTERNAL"}],
    skipped=[{}],
)
