from koban.model.aws.dynamodb import DaxCluster, ScalableTarget, Table
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.sources.aws.dynamodb import dax_cluster_from_api, table_from_api

KEYS = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
}


def test_tables(aws, collect):
    dynamodb = aws("dynamodb")
    dynamodb.create_table(TableName="orders", BillingMode="PAY_PER_REQUEST", DeletionProtectionEnabled=True, **KEYS)
    dynamodb.update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    (table,) = collect("dynamodb.tables")
    assert table.uid == "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
    assert (table.recoverable, table.deletion_protection, table.billing) == (True, True, "PAY_PER_REQUEST")
    assert collect.failures == []


def test_a_table_finds_what_scales_it(aws, collect):
    aws("dynamodb").create_table(
        TableName="orders", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, **KEYS
    )
    for kind in ("Read", "Write"):
        aws("application-autoscaling").register_scalable_target(
            ServiceNamespace="dynamodb",
            ResourceId="table/orders",
            ScalableDimension=f"dynamodb:table:{kind}CapacityUnits",
            MinCapacity=1,
            MaxCapacity=10,
        )
    (table,) = collect("dynamodb.tables")
    assert not table.scales
    (table,) = collect("dynamodb.tables")
    MemoryEstate([table, *collect("dynamodb.scalable_targets")])
    assert table.scales


def test_a_template_says_what_scales_a_table_by_its_logical_id():
    table = Table({}, file="t.yaml", address="Orders")
    ref = Unknown("ResourceId", "a table's name is made when the stack is", target="Orders")
    targets = [
        ScalableTarget(
            {"ResourceId": ref, "ScalableDimension": f"dynamodb:table:{kind}CapacityUnits"}, file="t.yaml", address=kind
        )
        for kind in ("Read", "Write")
    ]
    MemoryEstate([table, *targets])
    assert table.scales


def test_a_table_is_the_same_from_the_api_and_from_a_template():
    live = Table(
        table_from_api(
            {
                "TableName": "orders",
                "TableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
                "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
                "DeletionProtectionEnabled": True,
                "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:k"},
            }
        )
    )
    code = Table(
        {
            "TableName": "orders",
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": True,
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "arn:k"},
        }
    )
    MemoryEstate([live, code])
    assert {n: repr(getattr(live, n)) for n in Table.fields} == {n: repr(getattr(code, n)) for n in Table.fields}


def test_dax_clusters(aws, collect):
    aws("dax").create_cluster(
        ClusterName="cache",
        NodeType="dax.t3.small",
        ReplicationFactor=2,
        IamRoleArn="arn:aws:iam::123456789012:role/dax",
        SSESpecification={"Enabled": True},
        ClusterEndpointEncryptionType="TLS",
    )
    (cluster,) = collect("dynamodb.dax_clusters")
    assert (cluster.encrypted, cluster.endpoint_encryption) == (True, "TLS")
    assert not DaxCluster(
        dax_cluster_from_api({"ClusterName": "c", "SSEDescription": {"Status": "DISABLED"}})
    ).encrypted
