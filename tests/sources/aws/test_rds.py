from koban.model.aws.rds import DBCluster, DBInstance, DBSubnetGroup
from koban.model.estate import MemoryEstate
from koban.sources.aws.backup import protected_resources
from koban.sources.aws.rds import (
    cluster_from_api,
    instance_from_api,
    instances,
    led_from,
    proxy_from_api,
    restorers_from_api,
)
from koban.sources.aws.reader import Reader

GROUP = "postgres16-tls"


def make_instance(rds, name="orders", **more):
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        EngineVersion="16.3",
        AllocatedStorage=20,
        MasterUsername="orders_owner",
        MasterUserPassword="emulated-only",
        **more,
    )


def test_an_instance(aws, collect):
    make_instance(aws("rds"), StorageEncrypted=True, PubliclyAccessible=True, BackupRetentionPeriod=9)
    (instance,) = collect("rds.instances")
    assert instance.uid == "arn:aws:rds:eu-west-1:123456789012:db:orders"
    assert (instance.encrypted, instance.public, instance.backup_days) == (True, True, 9)
    assert (instance.engine, instance.port, instance.master_user) == ("postgres", 5432, "orders_owner")
    assert collect.failures == []


def test_clusters_of_several_services_come_with_one_call(aws, collect):
    rds = aws("rds")
    for engine in ("aurora-mysql", "neptune"):
        rds.create_db_cluster(
            DBClusterIdentifier=engine,
            Engine=engine,
            MasterUsername="owner",
            MasterUserPassword="emulated-only",
            DeletionProtection=True,
        )
    found = {one.name: one for one in collect("rds.clusters")}
    assert found["aurora-mysql"].type_name == "AWS::RDS::DBCluster"
    assert found["neptune"].type_name == "AWS::Neptune::DBCluster"
    assert all(one.deletion_protection for one in found.values())
    assert collect.failures == []


def test_instances_of_neptune_and_documentdb_are_their_own_types():
    class Api:
        def pages(self, *_):
            yield {"DBInstances": [{"DBInstanceIdentifier": e, "Engine": e} for e in ("docdb", "neptune", "mysql")]}

    found = [
        one.type_name for one in instances(Reader(Api(), "111122223333", "eu-west-1", ("rds:DescribeDBInstances",)))
    ]
    assert found == ["AWS::DocDB::DBInstance", "AWS::Neptune::DBInstance", "AWS::RDS::DBInstance"]


def test_snapshots_and_who_may_restore_them(aws, collect):
    rds = aws("rds")
    make_instance(rds)
    rds.create_db_snapshot(DBSnapshotIdentifier="private", DBInstanceIdentifier="orders")
    rds.create_db_snapshot(DBSnapshotIdentifier="open", DBInstanceIdentifier="orders")
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="open", AttributeName="restore", ValuesToAdd=["all"])
    found = {one.name: one.public for one in collect("rds.snapshots") if one.kind == "manual"}
    assert found == {"private": False, "open": True}
    assert collect.failures == []


def test_cluster_snapshots_by_engine(aws, collect):
    rds = aws("rds")
    for engine in ("aurora-postgresql", "neptune"):
        rds.create_db_cluster(
            DBClusterIdentifier=engine, Engine=engine, MasterUsername="owner", MasterUserPassword="emulated-only"
        )
        rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=f"s-{engine}", DBClusterIdentifier=engine)
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="s-neptune", AttributeName="restore", ValuesToAdd=["444455556666"]
    )
    found = {one.name: one for one in collect("rds.cluster_snapshots") if one.kind == "manual"}
    assert found["s-aurora-postgresql"].accounts == ()
    assert found["s-neptune"].accounts == ("444455556666",)
    assert found["s-neptune"].type_name == "Koban::Neptune::DBClusterSnapshot"


def test_parameter_groups_in_use_with_their_tls_setting(aws, collect):
    rds = aws("rds")
    rds.create_db_parameter_group(DBParameterGroupName=GROUP, DBParameterGroupFamily="postgres16", Description="-")
    rds.create_db_parameter_group(DBParameterGroupName="unused", DBParameterGroupFamily="mysql8.0", Description="-")
    rds.modify_db_parameter_group(
        DBParameterGroupName=GROUP,
        Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}],
    )
    make_instance(rds, DBParameterGroupName=GROUP)
    (group,) = collect("rds.parameter_groups")
    assert (group.name, group.family, group.forces_tls) == (GROUP, "postgres16", False)


def test_event_subscriptions(aws, collect):
    aws("rds").create_event_subscription(
        SubscriptionName="failures",
        SnsTopicArn="arn:aws:sns:eu-west-1:123456789012:alarms",
        SourceType="db-instance",
        EventCategories=["failure"],
        Enabled=True,
    )
    assert collect("rds.event_subscriptions") == []  # nothing here that could fail
    make_instance(aws("rds"))
    (subscription,) = collect("rds.event_subscriptions")
    assert subscription.covers("db-instance", "failure")
    assert not subscription.covers("db-cluster", "failure")


def test_an_instance_tells_its_subnet_group(aws, collect):
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    rds = aws("rds")
    for name in ("data", "unused"):
        rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="-", SubnetIds=[subnet])
    for name in ("one", "two"):
        make_instance(rds, name, DBSubnetGroupName="data")
    found = collect("rds.instances")
    MemoryEstate(found)
    (group,) = [one for one in found if isinstance(one, DBSubnetGroup)]
    assert group.document["SubnetIds"] == [subnet]
    assert [one.subnet_group.name for one in found if isinstance(one, DBInstance)] == ["data", "data"]


def test_the_engines_own_parameter_group_is_known_by_its_name(aws, collect):
    rds = aws("rds")
    rds.create_db_parameter_group(DBParameterGroupName="strict", DBParameterGroupFamily="postgres16", Description="-")
    make_instance(rds, "own")
    (own,) = collect("rds.parameter_groups")
    make_instance(rds, "mine", DBParameterGroupName="strict")
    (mine,) = [one for one in collect("rds.parameter_groups") if one.name == "strict"]
    assert (own.name, own.family) == (f"default.{own.family}", own.name.removeprefix("default."))
    assert own.family.startswith("postgres")
    assert mine.family == "postgres16"
    assert collect.failures == []


def test_global_clusters(aws, collect):
    aws("rds", "us-east-1").create_global_cluster(
        GlobalClusterIdentifier="world", Engine="aurora-mysql", StorageEncrypted=True
    )
    (cluster,) = collect("rds.global_clusters", "us-east-1")
    assert cluster.encrypted
    assert not cluster.deletion_protection


def test_a_global_cluster_is_told_by_the_region_of_its_writer():
    members = [
        {"DBClusterArn": "arn:aws:rds:eu-west-1:111122223333:cluster:reader", "IsWriter": False},
        {"DBClusterArn": "arn:aws:rds:eu-central-1:111122223333:cluster:writer", "IsWriter": True},
    ]
    assert led_from({"GlobalClusterMembers": members}) == "eu-central-1"
    assert led_from({"GlobalClusterMembers": []}) == "us-east-1"


def test_a_proxy_from_its_answer():
    document = proxy_from_api(
        {
            "DBProxyName": "p",
            "DBProxyArn": "arn:p",
            "RequireTLS": True,
            "Auth": [{"AuthScheme": "SECRETS", "SecretArn": "arn:s", "IAMAuth": "REQUIRED"}],
        }
    )
    assert document == {
        "Arn": "arn:p",
        "DBProxyArn": "arn:p",
        "DBProxyName": "p",
        "RequireTLS": True,
        "Auth": [{"AuthScheme": "SECRETS", "IAMAuth": "REQUIRED"}],
    }


def test_who_may_restore_is_read_from_the_restore_attribute_alone():
    assert restorers_from_api([{"AttributeName": "restore", "AttributeValues": ["all"]}, {"AttributeName": "x"}]) == [
        "all"
    ]


LIVE_INSTANCE = {
    "DBInstanceIdentifier": "orders",
    "DBInstanceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders",
    "Engine": "mysql",
    "EngineVersion": "8.4.3",
    "MasterUsername": "owner",
    "Endpoint": {"Address": "orders.abc.eu-west-1.rds.amazonaws.com", "Port": 3307},
    "BackupRetentionPeriod": 14,
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
    "DBSecurityGroups": [],
    "DBParameterGroups": [{"DBParameterGroupName": "strict", "ParameterApplyStatus": "in-sync"}],
    "DBSubnetGroup": {"DBSubnetGroupName": "private", "VpcId": "vpc-1"},
    "MultiAZ": True,
    "AutoMinorVersionUpgrade": True,
    "PubliclyAccessible": False,
    "StorageEncrypted": True,
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CopyTagsToSnapshot": True,
    "MonitoringInterval": 60,
    "IAMDatabaseAuthenticationEnabled": True,
    "EnabledCloudwatchLogsExports": ["audit", "error"],
    "PerformanceInsightsEnabled": False,
    "DeletionProtection": True,
    "TagList": [{"Key": "env", "Value": "prod"}],
    "CertificateDetails": {"CAIdentifier": "rds-ca-rsa2048-g1", "ValidTill": "2061-05-18T22:53:38+00:00"},
    "MasterUserSecret": {
        "SecretArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s",
        "SecretStatus": "active",
    },
}
TEMPLATE_INSTANCE = {
    "DBInstanceIdentifier": "orders",
    "Engine": "mysql",
    "EngineVersion": "8.4.3",
    "MasterUsername": "owner",
    "ManageMasterUserPassword": True,
    "Port": "3307",
    "BackupRetentionPeriod": 14,
    "VPCSecurityGroups": ["sg-1"],
    "DBParameterGroupName": "strict",
    "DBSubnetGroupName": "private",
    "MultiAZ": True,
    "StorageEncrypted": True,
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CopyTagsToSnapshot": True,
    "MonitoringInterval": 60,
    "EnableIAMDatabaseAuthentication": True,
    "EnableCloudwatchLogsExports": ["audit", "error"],
    "DeletionProtection": True,
    "Tags": [{"Key": "env", "Value": "prod"}],
}
ONLY_LIVE = ("certificate_end", "certificate_age_days")


def typed(cls, document, file):
    made = cls(document, file=file)
    MemoryEstate([made])
    own = {name: repr(getattr(made, name)) for name in cls.fields if name not in ONLY_LIVE}
    return {**own, "tags": made.tags, "public": made.public}


def test_an_instance_is_the_same_from_the_api_and_from_a_template():
    live = typed(DBInstance, instance_from_api(LIVE_INSTANCE), "")
    code = typed(DBInstance, TEMPLATE_INSTANCE, "")
    assert live == code


def test_a_cluster_is_the_same_from_the_api_and_from_a_template():
    live = cluster_from_api(
        {
            "DBClusterIdentifier": "c",
            "Engine": "aurora-mysql",
            "EngineMode": "provisioned",
            "StorageEncrypted": True,
            "DeletionProtection": False,
            "BackupRetentionPeriod": 1,
            "Port": 3306,
            "MultiAZ": False,
            "TagList": [],
            "IAMDatabaseAuthenticationEnabled": True,
            "EnabledCloudwatchLogsExports": ["audit"],
        }
    )
    code = {
        "DBClusterIdentifier": "c",
        "Engine": "aurora-mysql",
        "StorageEncrypted": True,
        "Port": 3306,
        "EnableIAMDatabaseAuthentication": True,
        "EnableCloudwatchLogsExports": ["audit"],
    }
    assert typed(DBCluster, live, "") == typed(DBCluster, code, "")


def test_a_template_that_leaves_the_address_open_gets_what_rds_would_choose():
    alone = DBInstance({"Engine": "mysql"}, file="t.yaml")
    placed = DBInstance({"Engine": "mysql", "DBSubnetGroupName": "private"}, file="t.yaml")
    assert (alone.public, placed.public) == (True, False)


def test_an_instance_knows_that_aws_backup_has_it(aws, collect):
    class Api:
        def pages(self, *_):
            arn = "arn:aws:rds:eu-west-1:123456789012:db:orders"
            yield {"Results": [{"ResourceArn": arn, "ResourceType": "RDS", "LastBackupTime": "2026-01-01T00:00:00Z"}]}

    make_instance(aws("rds"))
    (instance,) = collect("rds.instances")
    reader = Reader(Api(), "123456789012", "eu-west-1", ("backup:ListProtectedResources",))
    MemoryEstate([instance, *protected_resources(reader)])
    assert [one.document["ResourceType"] for one in instance.protections] == ["RDS"]
