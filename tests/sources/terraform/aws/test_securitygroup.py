import pytest

from koban.model.aws.securitygroup import SecurityGroup, SecurityGroupEgress, SecurityGroupIngress
from koban.model.unknown import Unknown

GAP = Unknown("var.cidrs", "it has no default")
WEB = {"from_port": 443, "to_port": 443, "protocol": "tcp"}
SEEN = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


@pytest.mark.parametrize("source", ["aws_security_group", "aws_default_security_group"])
def test_a_group_with_its_rules_inside(twins, source):
    name = "web" if source == "aws_security_group" else "default"
    twins(
        source,
        {
            "name": "web",
            "vpc_id": "vpc-1",
            "ingress": [
                {
                    **WEB,
                    "cidr_blocks": ["10.0.0.0/8", "192.0.2.0/24"],
                    "ipv6_cidr_blocks": ["::/0"],
                    "description": "shop",
                },
                {**WEB, "prefix_list_ids": ["pl-1"], "security_groups": ["sg-2"], "description": ""},
            ],
            "egress": [{"from_port": 0, "to_port": 0, "protocol": "ALL", "cidr_blocks": ["0.0.0.0/0"]}],
        },
        SecurityGroup,
        {
            "GroupName": name,
            "VpcId": "vpc-1",
            "SecurityGroupIngress": [
                {**SEEN, "CidrIp": "10.0.0.0/8", "Description": "shop"},
                {**SEEN, "CidrIp": "192.0.2.0/24", "Description": "shop"},
                {**SEEN, "CidrIpv6": "::/0", "Description": "shop"},
                {**SEEN, "SourcePrefixListId": "pl-1", "Description": ""},
                {**SEEN, "SourceSecurityGroupId": "sg-2", "Description": ""},
            ],
            "SecurityGroupEgress": [{"IpProtocol": "-1", "FromPort": 0, "ToPort": 0, "CidrIp": "0.0.0.0/0"}],
        },
    )


def test_a_group_of_which_little_is_said(twins):
    twins("aws_security_group", {}, SecurityGroup, {})
    twins("aws_default_security_group", {}, SecurityGroup, {"GroupName": "default"})


def test_what_a_state_keeps_of_a_rule(twins):
    """All arguments, those that are not set among them."""
    rule = {
        **WEB,
        "cidr_blocks": ["0.0.0.0/0"],
        "ipv6_cidr_blocks": [],
        "prefix_list_ids": [],
        "security_groups": [],
        "self": False,
        "description": "",
    }
    code = {"SecurityGroupIngress": [{**SEEN, "CidrIp": "0.0.0.0/0", "Description": ""}]}
    twins("aws_security_group", {"ingress": [rule], "egress": []}, SecurityGroup, code)


def test_a_rule_for_the_group_itself_is_a_rule(document):
    made = document("aws_security_group", {"ingress": [{**WEB, "self": True}]})
    assert made["SecurityGroupIngress"] == [SEEN]


def test_ranges_that_are_not_known_stay(document):
    made = document("aws_security_group", {"ingress": [{**WEB, "cidr_blocks": GAP, "ipv6_cidr_blocks": ["::/0", GAP]}]})
    first, second, third = made["SecurityGroupIngress"]
    assert first["CidrIp"] is GAP
    assert second["CidrIpv6"] == "::/0"
    assert third["CidrIpv6"] is GAP
    assert document("aws_security_group", {"ingress": GAP})["SecurityGroupIngress"] is GAP
    assert document("aws_security_group", {"ingress": [GAP]})["SecurityGroupIngress"] == [GAP]
    (one,) = document("aws_security_group", {"ingress": [{**WEB, "self": GAP}]})["SecurityGroupIngress"]
    assert one["IpProtocol"] == "tcp"


def test_rules_beside_their_group(every_document):
    body = {**WEB, "type": "ingress", "security_group_id": "sg-1", "cidr_blocks": ["10.0.0.0/8", "192.0.2.0/24"]}
    assert every_document("aws_security_group_rule", body) == [
        {**SEEN, "GroupId": "sg-1", "CidrIp": "10.0.0.0/8"},
        {**SEEN, "GroupId": "sg-1", "CidrIp": "192.0.2.0/24"},
    ]
    body = {**WEB, "type": "egress", "security_group_id": "sg-1", "source_security_group_id": "sg-2"}
    assert every_document("aws_security_group_rule", body, SecurityGroupIngress) == []
    assert every_document("aws_security_group_rule", body, SecurityGroupEgress) == [
        {**SEEN, "GroupId": "sg-1", "DestinationSecurityGroupId": "sg-2"}
    ]


def test_a_rule_for_its_own_group(every_document):
    body = {**WEB, "type": "ingress", "security_group_id": "sg-1", "self": True}
    assert every_document("aws_security_group_rule", body) == [
        {**SEEN, "GroupId": "sg-1", "SourceSecurityGroupId": "sg-1"}
    ]


def test_a_rule_that_goes_nobody_knows_which_way(every_document):
    body = {**WEB, "type": GAP, "security_group_id": "sg-1", "cidr_blocks": ["0.0.0.0/0"]}
    into, out = every_document("aws_security_group_rule", body)
    assert into == {**SEEN, "GroupId": "sg-1", "CidrIp": GAP, "Description": GAP}
    assert into["CidrIp"] is GAP
    assert out["CidrIp"] is GAP


def test_rules_of_one_peer(twins, document):
    for peer, named, far in [
        ({"cidr_ipv4": "0.0.0.0/0"}, {"CidrIp": "0.0.0.0/0"}, {"CidrIp": "0.0.0.0/0"}),
        ({"cidr_ipv6": "::/0"}, {"CidrIpv6": "::/0"}, {"CidrIpv6": "::/0"}),
        (
            {"referenced_security_group_id": "sg-2"},
            {"SourceSecurityGroupId": "sg-2"},
            {"DestinationSecurityGroupId": "sg-2"},
        ),
    ]:
        body = {**peer, "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
        code = {"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
        twins("aws_vpc_security_group_ingress_rule", body, SecurityGroupIngress, {**code, **named})
        twins("aws_vpc_security_group_egress_rule", body, SecurityGroupEgress, {**code, **far})
    body = {"prefix_list_id": "pl-1"}
    assert document("aws_vpc_security_group_ingress_rule", body) == {"SourcePrefixListId": "pl-1"}
    assert document("aws_vpc_security_group_egress_rule", body) == {"DestinationPrefixListId": "pl-1"}
    body = {"security_group_id": "sg-1", "ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0", "description": "all"}
    code = {"GroupId": "sg-1", "IpProtocol": "-1", "CidrIp": "0.0.0.0/0", "Description": "all"}
    twins("aws_vpc_security_group_ingress_rule", body, SecurityGroupIngress, code)


def test_what_rules_ask(document):
    def group(body):
        return SecurityGroup(document("aws_security_group", body), uid="g")

    everything = {"ingress": [{"from_port": 0, "to_port": 0, "protocol": "all", "cidr_blocks": ["0.0.0.0/0"]}]}
    assert group(everything).open_to_anyone(22)
    assert group({"ingress": [{**WEB, "cidr_blocks": ["0.0.0.0/0"]}]}).open_to_anyone(443)
    assert not group({"ingress": [{**WEB, "cidr_blocks": ["0.0.0.0/0"]}]}).open_to_anyone(22)
    assert not group({"ingress": [{**WEB, "self": True}]}).open_to_anyone(443)
