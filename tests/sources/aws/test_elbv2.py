from koban.model.aws.elbv2 import Listener, LoadBalancer
from koban.model.estate import MemoryEstate
from koban.sources.aws.elbv2 import listener_from_api, load_balancer_from_api, target_group_from_api


def test_a_load_balancer_with_its_listeners_and_targets(aws, collect):
    ec2, elb = aws("ec2"), aws("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    arn = elb.create_load_balancer(Name="web", Subnets=subnets, Scheme="internal")["LoadBalancers"][0][
        "LoadBalancerArn"
    ]
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )
    target = elb.create_target_group(Name="app", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    elb.create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target["TargetGroupArn"]}],
    )
    found = [*collect("elbv2.load_balancers"), *collect("elbv2.listeners"), *collect("elbv2.target_groups")]
    MemoryEstate(found)
    balancer, listener, group = found
    assert balancer.uid == arn
    assert balancer.setting("deletion_protection.enabled", "false") == "true"
    assert sorted(balancer.places) == sorted(subnets)
    assert balancer.listeners == (listener,)
    assert listener.actions[0].kind == "forward"
    assert group.name == "app"
    assert group.protocol == "HTTP"
    assert collect.failures == []


def test_golden_twins():
    raw = {
        "LoadBalancerName": "web",
        "LoadBalancerArn": "arn:lb",
        "Type": "application",
        "Scheme": "internet-facing",
        "AvailabilityZones": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
    }
    attributes = [{"Key": "access_logs.s3.enabled", "Value": "true"}]
    live = LoadBalancer(load_balancer_from_api(raw, attributes))
    code = LoadBalancer({"Name": "web", "Subnets": ["subnet-1", "subnet-2"], "LoadBalancerAttributes": attributes})
    assert (live.kind, live.scheme, live.places, live.attributes) == (
        code.kind,
        code.scheme,
        code.places,
        code.attributes,
    )
    raw = {
        "ListenerArn": "arn:l",
        "Protocol": "HTTP",
        "DefaultActions": [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443"}}],
    }
    listener = {
        "Protocol": "HTTP",
        "DefaultActions": [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443"}}],
    }
    assert Listener(listener_from_api(raw)).actions == Listener(listener).actions
    assert target_group_from_api({"TargetGroupName": "app", "TargetGroupArn": "arn:t", "Targets": 1}) == {
        "Name": "app",
        "TargetGroupArn": "arn:t",
    }
