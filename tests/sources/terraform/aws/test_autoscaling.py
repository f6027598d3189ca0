from koban.model.aws.autoscaling import AutoScalingGroup, LaunchConfiguration
from koban.model.unknown import Maybe, OpenList, Unknown

GAP = Unknown("var.x", "it has no default")


def test_a_group(twins, document):
    twins(
        "aws_autoscaling_group",
        {
            "name": "web",
            "health_check_type": "ELB",
            "availability_zones": ["eu-west-1a"],
            "vpc_zone_identifier": ["subnet-1", "subnet-2"],
            "load_balancers": ["classic"],
            "target_group_arns": ["arn:a"],
            "traffic_source": [
                {"identifier": "arn:b", "type": "elbv2"},
                {"identifier": "arn:c"},
                {"identifier": "old", "type": "elb"},
                {"identifier": "arn:lattice", "type": "vpc-lattice"},
            ],
            "launch_configuration": "lc-1",
            "mixed_instances_policy": [
                {
                    "launch_template": [
                        {
                            "override": [
                                {"instance_type": "m7g.large", "instance_requirements": []},
                                {"instance_type": "", "instance_requirements": [{"vcpu_count": [{"min": 2}]}]},
                            ]
                        }
                    ]
                }
            ],
        },
        AutoScalingGroup,
        {
            "AutoScalingGroupName": "web",
            "HealthCheckType": "ELB",
            "AvailabilityZones": ["eu-west-1a"],
            "VPCZoneIdentifier": ["subnet-1", "subnet-2"],
            "LoadBalancerNames": ["classic", "old"],
            "TargetGroupARNs": ["arn:a", "arn:b", "arn:c"],
            "LaunchConfigurationName": "lc-1",
            "MixedInstancesPolicy": {
                "LaunchTemplate": {
                    "Overrides": [
                        {"InstanceType": "m7g.large"},
                        {"InstanceRequirements": {"VCpuCount": {"Min": 2}}},
                    ]
                }
            },
        },
    )
    twins("aws_autoscaling_group", {}, AutoScalingGroup, {})
    twins("aws_autoscaling_group", {"launch_configuration": "", "load_balancers": []}, AutoScalingGroup, {})
    tagged = document("aws_autoscaling_group", {"tag": [{"key": "a", "value": "b", "propagate_at_launch": True}]})
    assert tagged["Tags"] == [{"Key": "a", "Value": "b", "PropagateAtLaunch": True}]


def test_what_is_attached_from_beside(document):
    source = "aws_autoscaling_attachment"
    assert document(source, {"elb": "classic"}) == {"LoadBalancerNames": ["classic"]}
    assert document(source, {"elb": "", "lb_target_group_arn": "arn:a"}) == {"TargetGroupARNs": ["arn:a"]}
    assert document(source, {"alb_target_group_arn": GAP}) == {"TargetGroupARNs": [GAP]}
    source = "aws_autoscaling_traffic_source_attachment"
    assert document(source, {"traffic_source": [{"identifier": "arn:a", "type": "elbv2"}]}) == {
        "TargetGroupARNs": ["arn:a"]
    }
    assert document(source, {"traffic_source": [{"identifier": "c", "type": "elb"}]}) == {"LoadBalancerNames": ["c"]}


def test_traffic_of_a_kind_that_is_not_known_may_be_either(document):
    made = document("aws_autoscaling_group", {"traffic_source": [{"identifier": "x", "type": GAP}]})
    for name in ("LoadBalancerNames", "TargetGroupARNs"):
        assert isinstance(made[name], OpenList)
        (maybe,) = made[name]
        assert isinstance(maybe, Maybe)
        assert maybe._values == ("x",)
    there_or_not = OpenList([Maybe("traffic_source", "why", ({"identifier": "arn:a"},))])
    made = document("aws_autoscaling_group", {"traffic_source": there_or_not})
    assert made["TargetGroupARNs"][0]._values == ("arn:a",)
    assert "LoadBalancerNames" not in made
    (unknown,) = document("aws_autoscaling_group", {"traffic_source": GAP})["TargetGroupARNs"]
    assert unknown._values == (GAP,)
    made = document("aws_autoscaling_group", {"vpc_zone_identifier": GAP, "target_group_arns": GAP})
    assert made["VPCZoneIdentifier"] is GAP
    assert made["TargetGroupARNs"] is GAP


def test_a_launch_configuration(twins):
    twins(
        "aws_launch_configuration",
        {
            "name": "web-1",
            "metadata_options": [{"http_endpoint": "enabled", "http_tokens": "required"}],
            "associate_public_ip_address": True,
            "root_block_device": [{"encrypted": True}],
            "ebs_block_device": [{"device_name": "/dev/sdb"}],
            "user_data_base64": "IyEvYmluL3No",
        },
        LaunchConfiguration,
        {
            "LaunchConfigurationName": "web-1",
            "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "required"},
            "AssociatePublicIpAddress": True,
            "BlockDeviceMappings": [
                {"Ebs": {"Encrypted": True}},
                {"DeviceName": "/dev/sdb", "Ebs": {"Encrypted": False}},
            ],
            "UserData": "IyEvYmluL3No",
        },
    )
    twins("aws_launch_configuration", {}, LaunchConfiguration, {})
