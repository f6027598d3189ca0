from koban.model.aws.autoscaling import AutoScalingGroup, LaunchConfiguration
from koban.model.estate import MemoryEstate
from koban.sources.aws.autoscaling import group_from_api, launch_configuration_from_api


def test_groups_and_launch_configurations(aws, collect):
    ec2, scaling = aws("ec2"), aws("autoscaling")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    scaling.create_launch_configuration(
        LaunchConfigurationName="web-1",
        ImageId=image,
        InstanceType="t3.small",
        AssociatePublicIpAddress=True,
        UserData="export DB_PASSWORD=correcthorsebattery",
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="web-1",
        MinSize=0,
        MaxSize=1,
        AvailabilityZones=["eu-west-1a", "eu-west-1b"],
    )
    found = [*collect("autoscaling.groups"), *collect("autoscaling.launch_configurations")]
    MemoryEstate(found)
    group, configuration = found
    assert group.places == ("eu-west-1a", "eu-west-1b")
    assert group.health_check == "EC2"
    assert group.launches_from == configuration
    assert group.uid.startswith("arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:")
    assert configuration.public_ip
    assert configuration.user_data_secret
    assert "correcthorse" not in str(configuration.document)
    assert collect.failures == []


def test_golden_twins():
    raw = {
        "AutoScalingGroupName": "web",
        "HealthCheckType": "ELB",
        "VPCZoneIdentifier": "subnet-1,subnet-2",
        "TargetGroupARNs": ["arn:t"],
        "MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"InstanceType": "m7g.large"}]}},
        "Instances": [],
    }
    code = {
        "AutoScalingGroupName": "web",
        "HealthCheckType": "ELB",
        "VPCZoneIdentifier": ["subnet-1", "subnet-2"],
        "TargetGroupARNs": ["arn:t"],
        "MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"InstanceType": "m7g.large"}]}},
        "Tags": [],
    }
    assert group_from_api(raw) == code
    assert AutoScalingGroup(code).places == ("subnet-1", "subnet-2")
    raw = {"LaunchConfigurationName": "web-1", "MetadataOptions": {"HttpTokens": "required"}, "UserData": ""}
    live = LaunchConfiguration(launch_configuration_from_api(raw))
    assert live.metadata == LaunchConfiguration({"MetadataOptions": {"HttpTokens": "required"}}).metadata
