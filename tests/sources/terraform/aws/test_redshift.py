import pytest

from koban.model.aws.redshift import Cluster, ClusterParameterGroup, ClusterSubnetGroup, Namespace, Workgroup
from koban.model.unknown import Maybe, OpenList, Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")
DECIDED = {"publicly_accessible": False, "encrypted": True}
POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "redshift:*"}]}'


def test_a_cluster(twins):
    twins(
        "aws_redshift_cluster",
        {
            "cluster_identifier": "c",
            "publicly_accessible": True,
            "encrypted": False,
            "kms_key_id": "k",
            "automated_snapshot_retention_period": 7,
            "allow_version_upgrade": False,
            "enhanced_vpc_routing": True,
            "master_username": "bi_owner",
            "database_name": "sales",
            "multi_az": True,
            "port": 5440,
            "node_type": "ra3.4xlarge",
            "logging": [{"enable": True, "bucket_name": "audit", "s3_key_prefix": "r/"}],
            "cluster_parameter_group_name": "strict",
            "cluster_subnet_group_name": "data",
            "vpc_security_group_ids": ["sg-1"],
        },
        Cluster,
        {
            "ClusterIdentifier": "c",
            "PubliclyAccessible": True,
            "Encrypted": False,
            "KmsKeyId": "k",
            "AutomatedSnapshotRetentionPeriod": 7,
            "AllowVersionUpgrade": False,
            "EnhancedVpcRouting": True,
            "MasterUsername": "bi_owner",
            "DBName": "sales",
            "MultiAZ": True,
            "Port": 5440,
            "NodeType": "ra3.4xlarge",
            "LoggingProperties": {"BucketName": "audit", "S3KeyPrefix": "r/"},
            "ClusterParameterGroupName": "strict",
            "ClusterSubnetGroupName": "data",
            "VpcSecurityGroupIds": ["sg-1"],
        },
    )
    twins(
        "aws_redshift_cluster",
        {**DECIDED, "node_type": "dc2.large"},
        Cluster,
        {"PubliclyAccessible": False, "Encrypted": True, "NodeType": "dc2.large"},
    )


def test_what_depends_on_the_version_of_the_provider_is_not_known(document):
    made = document("aws_redshift_cluster", {"cluster_identifier": "c"})
    assert isinstance(made["Encrypted"], Unknown)
    assert isinstance(made["PubliclyAccessible"], Unknown)


@pytest.mark.parametrize("logging", [[], [{"enable": False, "bucket_name": "audit"}], [{"enable": "false"}]])
def test_logging_that_is_off(document, logging):
    assert "LoggingProperties" not in document("aws_redshift_cluster", {**DECIDED, "logging": logging})


@pytest.mark.parametrize(
    "logging",
    [
        NOT_KNOWN,
        [{"enable": NOT_KNOWN, "bucket_name": "audit"}],
        OpenList([Maybe("logging", "var.log has no default", ({"enable": True, "bucket_name": "audit"},))]),
    ],
)
def test_logging_that_may_be_on(document, logging):
    made = document("aws_redshift_cluster", {**DECIDED, "logging": logging})
    assert isinstance(Cluster(made).log_bucket, Unknown)


def test_logging_to_a_bucket_that_is_not_known(document):
    made = document("aws_redshift_cluster", {**DECIDED, "logging": [{"enable": True, "bucket_name": NOT_KNOWN}]})
    assert made["LoggingProperties"] == {"BucketName": NOT_KNOWN}
    made = document("aws_redshift_cluster", {**DECIDED, "logging": [{"enable": True}]})
    assert made["LoggingProperties"] == {"LogDestinationType": "s3"}


@pytest.mark.parametrize("source", ["snapshot_identifier", "snapshot_arn"])
def test_a_restored_cluster_has_the_database_of_the_snapshot(document, source):
    assert isinstance(document("aws_redshift_cluster", {**DECIDED, source: "s"})["DBName"], Unknown)
    body = {**DECIDED, source: "s", "database_name": "sales"}
    assert document("aws_redshift_cluster", body)["DBName"] == "sales"


def test_logging_as_a_resource_of_its_own(document):
    body = {"cluster_identifier": "c", "log_destination_type": "cloudwatch", "log_exports": ["userlog"]}
    assert document("aws_redshift_logging", body) == {
        "LoggingProperties": {"LogDestinationType": "cloudwatch", "LogExports": ["userlog"]}
    }
    assert document("aws_redshift_logging", {"cluster_identifier": "c", "bucket_name": "audit"}) == {
        "LoggingProperties": {"BucketName": "audit"}
    }


def test_a_parameter_group(twins):
    twins(
        "aws_redshift_parameter_group",
        {
            "name": "strict",
            "family": "redshift-1.0",
            "parameter": [{"name": "require_ssl", "value": "true"}, {"name": "other", "value": NOT_KNOWN}],
        },
        ClusterParameterGroup,
        {
            "ParameterGroupName": "strict",
            "ParameterGroupFamily": "redshift-1.0",
            "Parameters": [
                {"ParameterName": "require_ssl", "ParameterValue": "true"},
                {"ParameterName": "other", "ParameterValue": NOT_KNOWN},
            ],
        },
    )
    twins("aws_redshift_parameter_group", {"name": "g"}, ClusterParameterGroup, {"ParameterGroupName": "g"})


def test_a_subnet_group(twins):
    twins(
        "aws_redshift_subnet_group",
        {"name": "data", "subnet_ids": ["subnet-1"]},
        ClusterSubnetGroup,
        {"ClusterSubnetGroupName": "data", "SubnetIds": ["subnet-1"]},
    )


def test_a_namespace(twins):
    twins(
        "aws_redshiftserverless_namespace",
        {
            "namespace_name": "n",
            "kms_key_id": "arn:k",
            "admin_username": "bi_owner",
            "db_name": "sales",
            "log_exports": ["userlog"],
            "manage_admin_password": True,
        },
        Namespace,
        {
            "NamespaceName": "n",
            "KmsKeyId": "arn:k",
            "AdminUsername": "bi_owner",
            "DbName": "sales",
            "LogExports": ["userlog"],
            "ManageAdminPassword": True,
        },
    )
    twins("aws_redshiftserverless_namespace", {"namespace_name": "n"}, Namespace, {"NamespaceName": "n"})
    twins("aws_redshiftserverless_namespace", {"kms_key_id": "AWS_OWNED_KMS_KEY"}, Namespace, {})


@pytest.mark.parametrize("source", ["aws_redshift_resource_policy", "aws_redshiftserverless_resource_policy"])
def test_a_policy_of_a_namespace(document, source):
    made = document(source, {"resource_arn": "arn:n", "policy": POLICY})
    assert Namespace(made).policy.public
    assert isinstance(
        document(source, {"resource_arn": "arn:n", "policy": NOT_KNOWN})["NamespaceResourcePolicy"], Unknown
    )


def test_a_workgroup(twins):
    twins(
        "aws_redshiftserverless_workgroup",
        {
            "workgroup_name": "w",
            "namespace_name": "n",
            "publicly_accessible": True,
            "enhanced_vpc_routing": True,
            "config_parameter": [{"parameter_key": "require_ssl", "parameter_value": False}],
        },
        Workgroup,
        {
            "WorkgroupName": "w",
            "PubliclyAccessible": True,
            "EnhancedVpcRouting": True,
            "ConfigParameters": [{"ParameterKey": "require_ssl", "ParameterValue": False}],
        },
    )
    twins("aws_redshiftserverless_workgroup", {"workgroup_name": "w"}, Workgroup, {"WorkgroupName": "w"})


def test_settings_of_a_workgroup_that_are_not_known(document):
    made = document("aws_redshiftserverless_workgroup", {"config_parameter": NOT_KNOWN})
    assert isinstance(made["ConfigParameters"], Unknown)
