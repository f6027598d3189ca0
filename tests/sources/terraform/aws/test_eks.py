from koban.model.aws.eks import Addon, Cluster, Nodegroup
from koban.model.unknown import Unknown, matches
from koban.sources.terraform.values import JsonText

ROLE = "arn:aws:iam::111122223333:role/eks"


def test_a_cluster(twins):
    twins(
        "aws_eks_cluster",
        {
            "name": "c",
            "version": "1.33",
            "role_arn": ROLE,
            "vpc_config": [
                {
                    "endpoint_public_access": True,
                    "endpoint_private_access": True,
                    "public_access_cidrs": ["198.51.100.0/24"],
                    "subnet_ids": ["subnet-1"],
                }
            ],
            "enabled_cluster_log_types": ["api", "audit"],
            "encryption_config": [{"resources": ["secrets"], "provider": [{"key_arn": "k"}]}],
            "access_config": [{"authentication_mode": "API"}],
            "deletion_protection": True,
        },
        Cluster,
        {
            "Version": "1.33",
            "RoleArn": ROLE,
            "ResourcesVpcConfig": {
                "EndpointPublicAccess": True,
                "EndpointPrivateAccess": True,
                "PublicAccessCidrs": ["198.51.100.0/24"],
            },
            "Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}, {"Type": "audit"}]}},
            "EncryptionConfig": [{"Resources": ["secrets"], "Provider": {"KeyArn": "k"}}],
            "AccessConfig": {"AuthenticationMode": "API"},
            "DeletionProtection": True,
        },
    )
    twins("aws_eks_cluster", {"name": "c", "role_arn": ROLE, "vpc_config": [{}]}, Cluster, {"RoleArn": ROLE})


def test_log_types_that_are_not_known(document):
    unknown = Unknown("var.logs", "no default")
    made = document("aws_eks_cluster", {"enabled_cluster_log_types": unknown})
    assert made["Logging"]["ClusterLogging"]["EnabledTypes"] is unknown
    made = document("aws_eks_cluster", {"enabled_cluster_log_types": ["api", unknown]})
    assert made["Logging"]["ClusterLogging"]["EnabledTypes"][1] is unknown


def test_a_node_group(twins):
    twins(
        "aws_eks_node_group",
        {
            "node_group_name": "n",
            "cluster_name": "c",
            "version": "1.33",
            "ami_type": "AL2_x86_64",
            "remote_access": [{"ec2_ssh_key": "ops", "source_security_group_ids": ["sg-1"]}],
            "node_role_arn": ROLE,
        },
        Nodegroup,
        {
            "ClusterName": "c",
            "Version": "1.33",
            "AmiType": "AL2_x86_64",
            "RemoteAccess": {"Ec2SshKey": "ops", "SourceSecurityGroups": ["sg-1"]},
            "NodeRole": ROLE,
        },
    )
    twins("aws_eks_node_group", {"cluster_name": "c"}, Nodegroup, {"ClusterName": "c"})


def test_an_addon(twins):
    settings = '{"enableNetworkPolicy": "true"}'
    twins(
        "aws_eks_addon",
        {
            "addon_name": "vpc-cni",
            "cluster_name": "c",
            "configuration_values": settings,
            "service_account_role_arn": ROLE,
        },
        Addon,
        {
            "AddonName": "vpc-cni",
            "ClusterName": "c",
            "ConfigurationValues": settings,
            "ServiceAccountRoleArn": ROLE,
        },
    )
    twins("aws_eks_addon", {"addon_name": "coredns"}, Addon, {"AddonName": "coredns"})


def test_what_is_known_of_the_settings_of_an_addon_is_found_in_them(document):
    unknown = Unknown("var.env", "no default")
    text = JsonText({"env": unknown, "enableNetworkPolicy": "true"})
    made = document("aws_eks_addon", {"configuration_values": text})["ConfigurationValues"]
    assert matches('enableNetworkPolicy":"true', made) is True
    assert isinstance(matches("WARM_IP_TARGET", made), Unknown)
    made = document("aws_eks_addon", {"configuration_values": unknown})["ConfigurationValues"]
    assert made is unknown
