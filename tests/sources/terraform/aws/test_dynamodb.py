from koban.model.aws.dynamodb import DaxCluster, GlobalTable, ScalableTarget, Table
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")
POLICY = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "dynamodb:Scan", "Resource": "*"}]}'


def test_a_table(twins):
    twins(
        "aws_dynamodb_table",
        {
            "name": "orders",
            "billing_mode": "PAY_PER_REQUEST",
            "deletion_protection_enabled": True,
            "point_in_time_recovery": [{"enabled": True}],
            "server_side_encryption": [{"enabled": True, "kms_key_arn": "arn:k"}],
        },
        Table,
        {
            "TableName": "orders",
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": True,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": "arn:k"},
        },
    )
    twins("aws_dynamodb_table", {"name": "orders", "replica": []}, Table, {"TableName": "orders"})


def test_blocks_of_a_table_that_are_not_known(document):
    body = {"point_in_time_recovery": [{"enabled": NOT_KNOWN}], "server_side_encryption": NOT_KNOWN}
    made = Table(document("aws_dynamodb_table", body))
    assert isinstance(made.recoverable, Unknown)
    assert isinstance(made.kms, Unknown)


def test_replicas_of_a_table(document, every_document):
    replicas = [
        {"region_name": "eu-west-1", "point_in_time_recovery": True, "deletion_protection_enabled": True},
        {"region_name": "eu-central-1"},
    ]
    made = document("aws_dynamodb_table", {"name": "orders", "replica": replicas}, GlobalTable)
    right = GlobalTable(
        {
            "Replicas": [
                {
                    "Region": "eu-west-1",
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                    "DeletionProtectionEnabled": True,
                },
                {"Region": "eu-central-1"},
            ]
        }
    )
    assert GlobalTable(made).replicas == right.replicas
    assert not every_document("aws_dynamodb_table", {"name": "orders"}, GlobalTable)
    open_ones = document("aws_dynamodb_table", {"replica": NOT_KNOWN}, GlobalTable)
    assert isinstance(open_ones["Replicas"], Unknown)


def test_a_replica_that_is_a_resource_of_its_own(twins):
    twins(
        "aws_dynamodb_table_replica",
        {"global_table_arn": "arn:t", "point_in_time_recovery": True, "deletion_protection_enabled": True},
        GlobalTable,
        {
            "Replicas": [
                {
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                    "DeletionProtectionEnabled": True,
                }
            ]
        },
    )


def test_a_replica_of_which_nothing_is_said_is_still_one(document):
    (replica,) = GlobalTable(document("aws_dynamodb_table_replica", {"global_table_arn": "arn:t"})).replicas
    assert not replica.recoverable
    assert not replica.deletion_protection


def test_a_policy_of_a_table(document):
    made = document("aws_dynamodb_resource_policy", {"resource_arn": NOT_KNOWN, "policy": POLICY})
    assert Table(made).policy.public


def test_a_policy_of_a_stream_is_not_the_tables(every_document):
    arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    assert every_document("aws_dynamodb_resource_policy", {"resource_arn": arn, "policy": POLICY})
    body = {"resource_arn": f"{arn}/stream/2026-01-01T00:00:00.000", "policy": POLICY}
    assert not every_document("aws_dynamodb_resource_policy", body)


def test_what_scales_a_table(twins, document):
    twins(
        "aws_appautoscaling_target",
        {
            "service_namespace": "dynamodb",
            "scalable_dimension": "dynamodb:table:ReadCapacityUnits",
            "resource_id": "table/orders",
            "min_capacity": 1,
            "max_capacity": 5,
        },
        ScalableTarget,
        {
            "ServiceNamespace": "dynamodb",
            "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
            "ResourceId": "table/orders",
        },
    )
    assert document("aws_appautoscaling_target", {"resource_id": NOT_KNOWN})["ResourceId"] is NOT_KNOWN


def test_a_cache(twins):
    twins(
        "aws_dax_cluster",
        {
            "cluster_name": "c",
            "server_side_encryption": [{"enabled": True}],
            "cluster_endpoint_encryption_type": "TLS",
            "replication_factor": 3,
        },
        DaxCluster,
        {
            "ClusterName": "c",
            "SSESpecification": {"SSEEnabled": True},
            "ClusterEndpointEncryptionType": "TLS",
            "ReplicationFactor": 3,
        },
    )
    twins(
        "aws_dax_cluster",
        {"cluster_name": "c", "replication_factor": 1},
        DaxCluster,
        {"ClusterName": "c", "ReplicationFactor": 1},
    )
