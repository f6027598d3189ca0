from koban.model.aws.redshift import Cluster, Namespace, Workgroup
from koban.model.estate import MemoryEstate
from koban.sources.aws.redshift import cluster_from_api, logging_from_api, namespace_from_api, workgroup_from_api


def test_a_cluster_with_its_settings(aws, collect):
    redshift = aws("redshift")
    redshift.create_cluster_parameter_group(
        ParameterGroupName="strict", ParameterGroupFamily="redshift-1.0", Description="-"
    )
    redshift.create_cluster(
        ClusterIdentifier="sales",
        NodeType="ra3.xlplus",
        MasterUsername="bi_owner",
        MasterUserPassword="Emulated0nly",
        PubliclyAccessible=True,
        Encrypted=False,
        ClusterParameterGroupName="strict",
    )
    (cluster,) = collect("redshift.clusters")
    assert cluster.uid == "arn:aws:redshift:eu-west-1:123456789012:cluster:sales"
    assert (cluster.public, cluster.encrypted, cluster.logs) == (True, False, False)
    assert collect.failures == []


def test_subnet_groups(aws, collect):
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    aws("redshift").create_cluster_subnet_group(ClusterSubnetGroupName="data", Description="-", SubnetIds=[subnet])
    (group,) = collect("redshift.subnet_groups")
    assert group.subnet_ids == (subnet,)


def test_logging_that_is_off_is_absent():
    assert logging_from_api({"LoggingEnabled": False}) is None
    assert logging_from_api({"LoggingEnabled": True, "LogDestinationType": "cloudwatch"}) == {
        "LogDestinationType": "cloudwatch"
    }


def test_a_cluster_is_the_same_from_the_api_and_from_a_template():
    live = Cluster(
        cluster_from_api(
            {
                "ClusterIdentifier": "sales",
                "PubliclyAccessible": False,
                "Encrypted": True,
                "AutomatedSnapshotRetentionPeriod": 7,
                "AllowVersionUpgrade": True,
                "EnhancedVpcRouting": True,
                "MasterUsername": "bi_owner",
                "DBName": "sales",
                "NodeType": "ra3.xlplus",
                "MultiAZ": "disabled",
                "ClusterParameterGroups": [{"ParameterGroupName": "strict"}],
            }
        )
    )
    code = Cluster(
        {
            "ClusterIdentifier": "sales",
            "AutomatedSnapshotRetentionPeriod": "7",
            "EnhancedVpcRouting": True,
            "MasterUsername": "bi_owner",
            "DBName": "sales",
            "NodeType": "ra3.xlplus",
            "ClusterParameterGroupName": "strict",
        }
    )
    MemoryEstate([live, code])
    assert {n: repr(getattr(live, n)) for n in Cluster.fields} == {n: repr(getattr(code, n)) for n in Cluster.fields}


def test_serverless():
    namespace = Namespace(
        namespace_from_api(
            {
                "namespaceName": "n",
                "namespaceArn": "arn:n",
                "kmsKeyId": "AWS_OWNED_KMS_KEY",
                "adminUsername": "admin",
                "logExports": ["userlog"],
            }
        )
    )
    assert (namespace.uid, namespace.key_name, list(namespace.log_exports)) == ("arn:n", "", ["userlog"])
    workgroup = Workgroup(
        workgroup_from_api(
            {
                "workgroupName": "w",
                "workgroupArn": "arn:w",
                "publiclyAccessible": True,
                "configParameters": [{"parameterKey": "require_ssl", "parameterValue": "false"}],
            }
        )
    )
    assert (workgroup.public, workgroup.requires_tls) == (True, False)
