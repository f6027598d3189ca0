from koban.model.aws.securitygroup import SecurityGroup, SecurityGroupIngress
from koban.model.estate import MemoryEstate
from koban.sources.aws.securitygroup import security_group_from_api

RAW = {
    "GroupId": "sg-1",
    "GroupName": "web",
    "Description": "Web",
    "VpcId": "vpc-1",
    "IpPermissions": [
        {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "Customers"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            "PrefixListIds": [{"PrefixListId": "pl-1"}],
            "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "111122223333"}],
        }
    ],
    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
}
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
CODE = {
    "GroupId": "sg-1",
    "GroupName": "web",
    "GroupDescription": "Web",
    "VpcId": "vpc-1",
    "SecurityGroupIngress": [
        {**HTTPS, "CidrIp": "0.0.0.0/0", "Description": "Customers"},
        {**HTTPS, "CidrIpv6": "::/0"},
        {**HTTPS, "SourcePrefixListId": "pl-1"},
        {**HTTPS, "SourceSecurityGroupId": "sg-2", "SourceSecurityGroupOwnerId": "111122223333"},
    ],
    "SecurityGroupEgress": [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}],
    "Tags": [],
}


def test_golden_twins():
    assert security_group_from_api(RAW) == CODE
    assert SecurityGroup(security_group_from_api(RAW)).inline_ingress == SecurityGroup(CODE).inline_ingress


def test_a_group_with_its_rules(aws, collect):
    ec2 = aws("ec2")
    group = ec2.create_security_group(GroupName="web", Description="Web")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    found = {one.name: one for one in collect("securitygroup.security_groups")}
    MemoryEstate(found.values())
    assert found[group].open_to_anyone(22)
    assert not found[group].open_to_anyone(443)
    assert found[group].egress[0].every_port
    assert found[group].uid == f"arn:aws:ec2:eu-west-1:123456789012:security-group/{group}"
    assert collect.failures == []


def test_rules_inside_and_beside_a_group_count_alike():
    beside = SecurityGroupIngress({"GroupId": "sg-1", **HTTPS, "CidrIp": "0.0.0.0/0"}, address="Beside", file="t.yaml")
    inside = {"GroupId": "sg-2", "SecurityGroupIngress": {**HTTPS, "CidrIp": "0.0.0.0/0"}}
    one, two = SecurityGroup({"GroupId": "sg-1"}), SecurityGroup(inside)
    MemoryEstate([one, two, beside])
    assert one.open_to_anyone(443)
    assert two.open_to_anyone(443)
    assert not beside.of_another_template
