"""Posture rules for Amazon DynamoDB and DynamoDB Accelerator (DAX)."""

from __future__ import annotations

from koban.model.aws.backup import ProtectedResource
from koban.model.aws.dynamodb import DaxCluster, GlobalTable, ScalableTarget, Table
from koban.model.rule import rule
from koban.model.unknown import Unknown

T = {"TableName": "orders"}


def scaled(kind: str) -> ScalableTarget:
    """What scales one of the table's two capacities."""
    dimension = f"dynamodb:table:{kind}CapacityUnits"
    return ScalableTarget(
        {"ServiceNamespace": "dynamodb", "ResourceId": "table/orders", "ScalableDimension": dimension}, uid=kind
    )


@rule("low", Table, "aws-fsbp:DynamoDB.1", "nist-csf-2.0:PR.IR-04")
def dynamodb_table_not_scaling(table: Table) -> bool:
    """The table's capacity does not follow demand.

    Why: a peak, or somebody causing one, makes requests fail for everyone.
    Fix: set BillingMode to PAY_PER_REQUEST, or add auto scaling for reads and writes.
    """
    return not table.scales


dynamodb_table_not_scaling.cases(
    bad=[{}, {"BillingMode": "PROVISIONED"}, (T, scaled("Read"))],
    good=[{"BillingMode": "PAY_PER_REQUEST"}, (T, scaled("Read"), scaled("Write"))],
)


@rule("medium", Table, "aws-fsbp:DynamoDB.2", "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def dynamodb_table_not_recoverable(table: Table) -> bool:
    """The table cannot be restored to a moment in the past.

    Why: what a bug, a mistake or a thief overwrites is lost for good.
    Fix: set PointInTimeRecoveryEnabled to true.
    """
    return not table.recoverable


dynamodb_table_not_recoverable.cases(
    bad=[{}, {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False}}],
    good=[{"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}],
    unknown=[{"PointInTimeRecoverySpecification": Unknown("PointInTimeRecoverySpecification", "AccessDenied")}],
)


@rule("medium", Table, "aws-fsbp:DynamoDB.6", "nist-csf-2.0:PR.DS-11")
def dynamodb_table_deletable(table: Table) -> bool:
    """The table can be deleted with one call.

    Why: a mistake, a wrong script or a thief with the right permission destroys it at once.
    Fix: set DeletionProtectionEnabled to true.
    """
    return not table.deletion_protection


dynamodb_table_deletable.cases(bad=[{}], good=[{"DeletionProtectionEnabled": True}])


@rule("low", Table, "nist-csf-2.0:PR.DS-01")
def dynamodb_table_no_kms_key(table: Table) -> bool:
    """The table is encrypted with a key that AWS owns rather than a KMS key of the account.

    Why: such a key's use is not logged in your account, and you cannot withdraw it.
    Fix: set SSESpecification with SSEEnabled true and a customer managed key.
    """
    return not table.kms


dynamodb_table_no_kms_key.cases(bad=[{}], good=[{"SSESpecification": {"SSEEnabled": True}}])


@rule("critical", Table, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def dynamodb_table_public(table: Table) -> bool:
    """The table's policy lets in anyone.

    Why: every AWS identity in the world can read or change the items that the policy speaks of.
    Fix: name accounts or roles as the principal, or add a condition on the organisation.
    """
    return table.policy.public


OPEN = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "dynamodb:Scan", "Resource": "*"}]}
dynamodb_table_public.cases(
    bad=[{"ResourcePolicy": {"PolicyDocument": OPEN}}],
    good=[{}],
    unknown=[{"ResourcePolicy": Unknown("ResourcePolicy", "AccessDenied dynamodb:GetResourcePolicy")}],
)


@rule("medium", Table, "nist-csf-2.0:PR.AA-05", when=lambda table: bool(table.policy.statements))
def dynamodb_table_cross_account(table: Table) -> bool:
    """The table's policy lets in other AWS accounts.

    Why: whoever controls that account reads or changes the items, outside your own controls.
    Fix: keep only the accounts that need it, and name single roles rather than whole accounts.
    """
    return bool(table.policy.accounts_beside(table.account))


def shared_with(account: str) -> dict[str, object]:
    """A table whose policy lets one account read it."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "dynamodb:GetItem", "Resource": "*"}
    return {"ResourcePolicy": {"PolicyDocument": {"Statement": [statement]}}}


dynamodb_table_cross_account.cases(
    bad=[shared_with("arn:aws:iam::444455556666:root")], good=[shared_with("111122223333")], skipped=[{}]
)


@rule("medium", GlobalTable, "aws-fsbp:DynamoDB.2", "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03", only="code")
def dynamodb_global_table_not_recoverable(table: GlobalTable) -> bool:
    """A replica of the global table cannot be restored to a moment in the past.

    Why: replicas copy damage to each other at once, so they are no backup.
    Fix: set PointInTimeRecoveryEnabled to true for each replica.
    """
    return any(not one.recoverable for one in table.replicas)


dynamodb_global_table_not_recoverable.cases(
    bad=[{"Replicas": [{"Region": "eu-west-1"}]}],
    good=[{"Replicas": [{"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}]}],
)


@rule("medium", GlobalTable, "aws-fsbp:DynamoDB.6", "nist-csf-2.0:PR.DS-11", only="code")
def dynamodb_global_table_deletable(table: GlobalTable) -> bool:
    """A replica of the global table can be deleted with one call.

    Why: a mistake, a wrong script or a thief with the right permission destroys it at once.
    Fix: set DeletionProtectionEnabled to true for each replica.
    """
    return any(not one.deletion_protection for one in table.replicas)


dynamodb_global_table_deletable.cases(
    bad=[{"Replicas": [{"Region": "eu-west-1"}]}], good=[{"Replicas": [{"DeletionProtectionEnabled": True}]}]
)


@rule("medium", DaxCluster, "aws-fsbp:DynamoDB.3", "nist-csf-2.0:PR.DS-01")
def dax_cluster_unencrypted(cluster: DaxCluster) -> bool:
    """The DAX cluster's storage is not encrypted.

    Why: items that the cache writes to disk can be read by whoever gets hold of the disk.
    Fix: create the cluster anew with SSESpecification.SSEEnabled true.
    """
    return not cluster.encrypted


dax_cluster_unencrypted.cases(
    bad=[{}, {"SSESpecification": {"SSEEnabled": False}}], good=[{"SSESpecification": {"SSEEnabled": True}}]
)


@rule("medium", DaxCluster, "aws-fsbp:DynamoDB.7", "nist-csf-2.0:PR.DS-02")
def dax_cluster_no_tls(cluster: DaxCluster) -> bool:
    """The DAX cluster is used without TLS.

    Why: items cross the network in plain text between the application and the cache.
    Fix: create the cluster anew with ClusterEndpointEncryptionType TLS.
    """
    return cluster.endpoint_encryption != "TLS"


dax_cluster_no_tls.cases(bad=[{}], good=[{"ClusterEndpointEncryptionType": "TLS"}])


@rule(
    "low",
    Table,
    "aws-fsbp:DynamoDB.4",
    "nist-csf-2.0:PR.DS-11",
    "nist-csf-2.0:RC.RP-03",
    only="live",
)
def dynamodb_table_no_backup_plan(table: Table, *, backup_age_days_max: int = 35) -> bool:
    """AWS Backup has no recent backup of the table.

    Why: backups that only the service itself keeps go when the table or the account does.
    Fix: add the table to a backup plan, with copies in a locked vault of another account.
    """
    return not any(one.backup_age_days <= backup_age_days_max for one in table.protections)


dynamodb_table_no_backup_plan.cases(
    bad=[
        {"Arn": "arn:it"},
        (
            {"Arn": "arn:it"},
            ProtectedResource({"ResourceArn": "arn:it", "LastBackupTime": "2020-01-01T00:00:00+00:00"}, uid="p"),
        ),
    ],
    good=[
        (
            {"Arn": "arn:it"},
            ProtectedResource({"ResourceArn": "arn:it", "LastBackupTime": "2999-01-01T00:00:00+00:00"}, uid="p"),
        )
    ],
)
