from koban.model.aws.eks import Cluster
from koban.sources.aws.eks import addon_from_api, cluster_from_api, nodegroup_from_api

ROLE = "arn:aws:iam::123456789012:role/eks"


def test_a_cluster_with_a_node_group(aws, collect):
    client = aws("eks")
    client.create_cluster(
        name="main",
        version="1.24",
        roleArn=ROLE,
        resourcesVpcConfig={"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]},
        logging={"clusterLogging": [{"types": ["audit"], "enabled": True}, {"types": ["api"], "enabled": False}]},
    )
    client.create_nodegroup(
        clusterName="main", nodegroupName="workers", nodeRole=ROLE, subnets=["subnet-1"], amiType="AL2_x86_64"
    )
    (cluster,) = collect("eks.clusters")
    assert cluster.uid == "arn:aws:eks:eu-west-1:123456789012:cluster/main"
    assert cluster.open_to_all
    assert cluster.log_types == ("audit",)
    assert cluster.version_past_end_days > 0
    (group,) = collect("eks.nodegroups")
    assert group.ami_type == "AL2_x86_64"
    assert collect.failures == []


def test_a_live_cluster_and_its_template_are_twins():
    live = Cluster(
        cluster_from_api(
            {
                "name": "main",
                "arn": "arn:aws:eks:eu-west-1:123456789012:cluster/main",
                "version": "1.33",
                "resourcesVpcConfig": {
                    "vpcId": "vpc-1",
                    "subnetIds": ["subnet-1"],
                    "endpointPublicAccess": True,
                    "endpointPrivateAccess": True,
                    "publicAccessCidrs": ["198.51.100.0/24"],
                },
                "logging": {"clusterLogging": [{"types": ["api", "audit"], "enabled": True}]},
                "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:::key/k"}}],
                "accessConfig": {"authenticationMode": "API"},
                "deletionProtection": True,
            }
        )
    )
    template = Cluster(
        {
            "Name": "main",
            "Version": "1.33",
            "ResourcesVpcConfig": {
                "SubnetIds": ["subnet-1"],
                "EndpointPublicAccess": "true",
                "EndpointPrivateAccess": True,
                "PublicAccessCidrs": ["198.51.100.0/24"],
            },
            "Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}, {"Type": "audit"}]}},
            "EncryptionConfig": [{"Resources": ["secrets"], "Provider": {"KeyArn": "arn:aws:kms:::key/k"}}],
            "AccessConfig": {"AuthenticationMode": "API"},
            "DeletionProtection": True,
        }
    )
    for name in Cluster.fields:
        if name != "role":
            assert getattr(live, name) == getattr(template, name), name


def test_node_groups_and_add_ons():
    group = nodegroup_from_api({"nodegroupName": "n", "remoteAccess": {"ec2SshKey": "ops"}, "clusterName": "main"})
    assert group["RemoteAccess"] == {"Ec2SshKey": "ops"}
    addon = addon_from_api({"addonName": "vpc-cni", "clusterName": "main", "configurationValues": "{}"})
    assert addon["ConfigurationValues"] == "{}"
