"""Posture rules for EC2 Auto Scaling."""

from __future__ import annotations

from koban.model.aws.autoscaling import AutoScalingGroup, LaunchConfiguration
from koban.model.aws.secret_names import PLAIN, SECRET
from koban.model.rule import rule
from koban.model.unknown import Unknown, size

PARAMETER = "parameter P has no default"
TWO_ZONES = {"AvailabilityZones": ["eu-west-1a", "eu-west-1b"]}


def mixed(*types: str) -> dict[str, object]:
    return {"MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"InstanceType": one} for one in types]}}}


@rule(
    "low",
    AutoScalingGroup,
    "aws-fsbp:AutoScaling.1",
    "nist-csf-2.0:PR.IR-04",
    when=lambda group: group.load_balancers or group.target_groups,
)
def autoscaling_group_ignores_load_balancer_health(group: AutoScalingGroup) -> bool:
    """The group serves a load balancer and does not replace machines that it finds unhealthy.

    Why: a machine that runs but answers nobody stays in the group.
    Fix: set HealthCheckType to ELB.
    """
    return "ELB" not in group.health_check


SERVES = {"TargetGroupARNs": ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/t/1"]}
autoscaling_group_ignores_load_balancer_health.cases(
    bad=[SERVES, {**SERVES, "HealthCheckType": "EC2"}],
    good=[{**SERVES, "HealthCheckType": "ELB"}, {"LoadBalancerNames": ["web"], "HealthCheckType": "EBS,ELB"}],
    unknown=[{**SERVES, "HealthCheckType": Unknown("HealthCheckType", PARAMETER)}],
    skipped=[{}],
)


@rule("medium", AutoScalingGroup, "aws-fsbp:AutoScaling.2", "nist-csf-2.0:PR.IR-04")
def autoscaling_group_in_one_zone(group: AutoScalingGroup) -> bool:
    """The group runs in one availability zone only.

    Why: when that zone fails, so does everything that the group serves.
    Fix: give the group subnets in two zones or more.
    """
    return bool(size(group.places) < 2)


autoscaling_group_in_one_zone.cases(
    bad=[{"AvailabilityZones": ["eu-west-1a"]}, {"VPCZoneIdentifier": ["subnet-1"]}],
    good=[TWO_ZONES, {"VPCZoneIdentifier": ["subnet-1", "subnet-2"]}],
    unknown=[{"VPCZoneIdentifier": Unknown("VPCZoneIdentifier", PARAMETER)}],
)


@rule("low", AutoScalingGroup, "aws-fsbp:AutoScaling.6", "nist-csf-2.0:PR.IR-04")
def autoscaling_group_one_instance_type(group: AutoScalingGroup) -> bool:
    """The group cannot choose among several instance types in several zones.

    Why: when AWS runs short of the one type, the group cannot grow or heal.
    Fix: use a mixed instances policy with two types or more, in two zones or more.
    """
    several = bool(group.mixed_requirements) or size(group.mixed_types) > 1
    return bool(not several or size(group.places) < 2)


autoscaling_group_one_instance_type.cases(
    bad=[TWO_ZONES, {**TWO_ZONES, **mixed("m7g.large")}, mixed("m7g.large", "m6g.large")],
    good=[
        {**TWO_ZONES, **mixed("m7g.large", "m6g.large")},
        {
            **TWO_ZONES,
            "MixedInstancesPolicy": {
                "LaunchTemplate": {"Overrides": [{"InstanceRequirements": {"VCpuCount": {"Min": 2}}}]}
            },
        },
    ],
    unknown=[{**TWO_ZONES, "MixedInstancesPolicy": Unknown("MixedInstancesPolicy", PARAMETER)}],
)


@rule("medium", AutoScalingGroup, "aws-fsbp:AutoScaling.9", "nist-csf-2.0:PR.PS-01")
def autoscaling_group_uses_launch_configuration(group: AutoScalingGroup) -> bool:
    """The group starts its machines from a launch configuration, not a launch template.

    Why: launch configurations have no versions and get none of the newer security settings.
    Fix: make a launch template of it and point the group there.
    """
    return bool(group.launch_configuration)


autoscaling_group_uses_launch_configuration.cases(
    bad=[{"LaunchConfigurationName": "web-1"}],
    good=[{}, mixed("m7g.large")],
    unknown=[{"LaunchConfigurationName": Unknown("LaunchConfigurationName", PARAMETER)}],
)


@rule(
    "high",
    LaunchConfiguration,
    "aws-fsbp:AutoScaling.3",
    "cis-aws-7.0:6.7",
    "cis-aws-3.0:5.6",
    "nist-csf-2.0:PR.PS-01",
    "nist-csf-2.0:PR.AA-05",
)
def autoscaling_launch_configuration_imdsv1(configuration: LaunchConfiguration) -> bool:
    """Machines of this launch configuration answer metadata requests without a token (IMDSv1).

    Why: one flaw that makes a machine fetch a URL is then enough to steal the credentials of its role.
    Fix: set HttpTokens to required, best in a launch template that takes its place.
    """
    return configuration.metadata.version_1


autoscaling_launch_configuration_imdsv1.cases(
    bad=[{}, {"MetadataOptions": {"HttpTokens": "optional"}}],
    good=[{"MetadataOptions": {"HttpTokens": "required"}}, {"MetadataOptions": {"HttpEndpoint": "disabled"}}],
    unknown=[{"MetadataOptions": Unknown("MetadataOptions", PARAMETER)}],
)


@rule("low", LaunchConfiguration, "nist-csf-2.0:PR.PS-01")
def autoscaling_launch_configuration_hop_limit(configuration: LaunchConfiguration, *, hops_max: int = 1) -> bool:
    """Metadata tokens of machines of this launch configuration travel further than the machine itself.

    Why: what stands behind the machine, a container or a proxy, can ask for its credentials.
    Fix: set HttpPutResponseHopLimit to 1.
    """
    return configuration.metadata.hop_limit > hops_max


autoscaling_launch_configuration_hop_limit.cases(
    bad=[{"MetadataOptions": {"HttpPutResponseHopLimit": 3}}],
    good=[{}, {"MetadataOptions": {"HttpPutResponseHopLimit": 1}}],
    unknown=[{"MetadataOptions": Unknown("MetadataOptions", PARAMETER)}],
)


@rule("high", LaunchConfiguration, "aws-fsbp:AutoScaling.5", "nist-csf-2.0:PR.IR-01", "nist-csf-2.0:PR.AA-05")
def autoscaling_launch_configuration_public_ip(configuration: LaunchConfiguration) -> bool:
    """Machines of this launch configuration get a public IPv4 address.

    Why: a whole fleet can then be reached from the internet past its load balancer.
    Fix: set AssociatePublicIpAddress to false and let the load balancer face the internet.
    """
    return configuration.public_ip


autoscaling_launch_configuration_public_ip.cases(
    bad=[{"AssociatePublicIpAddress": True}],
    good=[{}, {"AssociatePublicIpAddress": False}],
    unknown=[{"AssociatePublicIpAddress": Unknown("AssociatePublicIpAddress", PARAMETER)}],
)


@rule("medium", LaunchConfiguration, "nist-csf-2.0:PR.DS-01")
def autoscaling_launch_configuration_unencrypted(configuration: LaunchConfiguration) -> bool:
    """A disk of this launch configuration is not set to be encrypted.

    Why: whether the data is encrypted then hangs on the account's default in each region.
    Fix: set Encrypted to true for every EBS volume.
    """
    return any(disk.is_volume and not disk.encrypted for disk in configuration.disks)


autoscaling_launch_configuration_unencrypted.cases(
    bad=[{"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}]}],
    good=[{}, {"BlockDeviceMappings": [{"Ebs": {"Encrypted": True}}]}],
    unknown=[{"BlockDeviceMappings": Unknown("BlockDeviceMappings", PARAMETER)}],
)


@rule("high", LaunchConfiguration, "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:PR.DS-01")
def autoscaling_launch_configuration_user_data_secret(configuration: LaunchConfiguration) -> bool:
    """A secret seems to stand in the launch configuration's user data.

    Why: whoever may describe it, and every program on its machines, can read it in plain text.
    Fix: keep the secret in Secrets Manager or Parameter Store, fetch it at start, and replace the one that was shown.
    """
    return configuration.user_data_secret


autoscaling_launch_configuration_user_data_secret.cases(
    bad=[{"UserData": SECRET}, {"UserData": "export API_KEY=0123456789abcdef0123"}],
    good=[{}, {"UserData": PLAIN}, {"UserData": "#!/bin/sh\nyum update -y"}],
    unknown=[{"UserData": Unknown("UserData", PARAMETER)}],
)
