from koban.model.aws.emr import Cluster, SecurityConfiguration
from koban.model.unknown import Unknown
from koban.sources.aws.emr import cluster_from_api, security_configuration_from_api


def test_a_cluster_that_runs(aws, collect):
    aws("emr").run_job_flow(
        Name="jobs",
        ReleaseLabel="emr-7.1.0",
        LogUri="s3://logs/",
        Instances={"MasterInstanceType": "m5.xlarge", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": True},
        JobFlowRole="EMR_EC2_DefaultRole",
        ServiceRole="EMR_DefaultRole",
    )
    (cluster,) = collect("emr.clusters")
    assert cluster.uid.endswith(f":123456789012:cluster/{cluster.document['Id']}")
    assert cluster.security_name == ""
    assert cluster.log_uri == "s3://logs/"
    assert collect.failures == []


def test_public_and_private_addresses():
    raw = {"Id": "j-1", "Name": "jobs", "MasterPublicDnsName": "ec2-198-51-100-1.compute-1.amazonaws.com"}
    assert Cluster(cluster_from_api(raw)).public
    assert not Cluster(cluster_from_api({**raw, "MasterPublicDnsName": "ip-10-0-0-1.ec2.internal"})).public
    assert not Cluster(cluster_from_api({"Id": "j-1", "Name": "jobs"})).public


def test_a_live_security_configuration_and_its_template_are_twins(answered):
    text = '{"EncryptionConfiguration": {"EnableAtRestEncryption": true, "EnableInTransitEncryption": false}}'
    answers = {
        "emr:ListSecurityConfigurations": {"SecurityConfigurations": [{"Name": "standard"}]},
        "emr:DescribeSecurityConfiguration": {"Name": "standard", "SecurityConfiguration": text},
    }
    (live,) = answered("emr.security_configurations", answers)
    settings = {"EncryptionConfiguration": {"EnableAtRestEncryption": True, "EnableInTransitEncryption": False}}
    assert live == SecurityConfiguration({"Name": "standard", "SecurityConfiguration": settings})
    assert live.at_rest
    assert not live.in_transit
    broken = security_configuration_from_api({"Name": "s", "SecurityConfiguration": "{"})
    assert isinstance(broken["SecurityConfiguration"], Unknown)


def test_the_block_of_public_access(answered):
    ranges = [{"MinRange": 22, "MaxRange": 22}]
    found = {"BlockPublicSecurityGroupRules": True, "PermittedPublicSecurityGroupRuleRanges": ranges}
    answers = {"emr:GetBlockPublicAccessConfiguration": {"BlockPublicAccessConfiguration": found}}
    (settings,) = answered("emr.public_access", answers)
    assert settings.blocked
    assert [(one.first, one.last) for one in settings.permitted] == [(22, 22)]
