"""Posture rules for security groups."""

from __future__ import annotations

from koban.model.aws.securitygroup import SecurityGroup, SecurityGroupIngress
from koban.model.aws.vpc import NetworkInterface, PrefixList
from koban.model.rule import rule
from koban.model.unknown import Unknown

SSH, RDP, CIFS = (22,), (3389,), (445, 139)
ADMIN = (22, 3389, 5985, 5986)
WEB = (80, 443)
# Ports that serve what is never meant for the whole internet: administration, databases, caches, consoles.
HIGH_RISK = (
    *(
        20,
        21,
        22,
        23,
        25,
        110,
        135,
        137,
        138,
        139,
        143,
        389,
        445,
        512,
        513,
        514,
        636,
        873,
        1099,
        1433,
        1434,
        1521,
        2049,
    ),
    *(2375, 2376, 2379, 2380, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 5984, 5985, 5986, 6379, 6443, 7000, 7001),
    *(8080, 8088, 8888, 9000, 9042, 9092, 9160, 9200, 9300, 10250, 11211, 15672, 27017, 27018, 27019, 50070, 61621),
)

DENIED = Unknown("SecurityGroupIngress", "AccessDenied ec2:DescribeSecurityGroups")
LIST = PrefixList({"PrefixListId": "pl-1", "Entries": [{"Cidr": "203.0.113.0/24"}]})
OPEN_LIST = PrefixList({"PrefixListId": "pl-1", "Entries": [{"Cidr": "0.0.0.0/0"}]})


def lets(port: int, to: int = -1, *, protocol: str = "tcp", **source: str) -> dict[str, object]:
    """A rule for the tables: a port or a range, from 0.0.0.0/0 unless another source is named."""
    ends = {"FromPort": port, "ToPort": port if to == -1 else to}
    return {"IpProtocol": protocol, **ends, **(source or {"CidrIp": "0.0.0.0/0"})}


def group(*rules: dict[str, object]) -> dict[str, object]:
    return {"GroupId": "sg-1", "SecurityGroupIngress": list(rules)}


EVERYTHING: dict[str, object] = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
FROM_OFFICE = lets(22, CidrIp="198.51.100.0/24")
BESIDE = {"GroupId": "sg-1", **lets(22)}
BY_LIST = lets(22, SourcePrefixListId="pl-1")


@rule(
    "high",
    SecurityGroup,
    "aws-fsbp:EC2.13",
    "cis-aws-7.0:6.3",
    "cis-aws-7.0:6.4",
    "cis-aws-3.0:5.2",
    "cis-aws-3.0:5.3",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.IR-01",
)
def ec2_security_group_ssh_open(group: SecurityGroup) -> bool:
    """The security group lets the whole internet reach SSH (port 22).

    Why: every address on the internet is tried for weak SSH passwords and leaked keys within minutes of being up.
    Fix: allow port 22 only from named ranges, or close it and use Session Manager or EC2 Instance Connect Endpoint.
    """
    return group.open_to_anyone(*SSH)


ec2_security_group_ssh_open.cases(
    bad=[
        group(lets(22)),
        group(lets(0, 65535)),
        group(EVERYTHING),
        group(lets(22, CidrIpv6="::/0")),
        ({"GroupId": "sg-1"}, SecurityGroupIngress(BESIDE)),
        (group(BY_LIST), OPEN_LIST),
    ],
    good=[
        {},
        group(lets(443)),
        group(FROM_OFFICE),
        group(lets(22, SourceSecurityGroupId="sg-2")),
        (group(BY_LIST), LIST),
        group(lets(8, -1, protocol="icmp")),
    ],
    unknown=[
        {"SecurityGroupIngress": DENIED},
        group(lets(22, CidrIp=Unknown("CidrIp", "parameter Range has no default"))),  # type: ignore[arg-type]
        group(BY_LIST),
    ],
)


@rule(
    "high",
    SecurityGroup,
    "aws-fsbp:EC2.14",
    "cis-aws-7.0:6.3",
    "cis-aws-7.0:6.4",
    "cis-aws-3.0:5.2",
    "cis-aws-3.0:5.3",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.IR-01",
)
def ec2_security_group_rdp_open(group: SecurityGroup) -> bool:
    """The security group lets the whole internet reach Remote Desktop (port 3389).

    Why: open Remote Desktop is one of the most common ways in for ransomware.
    Fix: allow port 3389 only from named ranges, or close it and use Fleet Manager or a VPN.
    """
    return group.open_to_anyone(*RDP)


ec2_security_group_rdp_open.cases(
    bad=[group(lets(3389)), group(lets(3000, 4000, CidrIpv6="::/0")), group(lets(3389, protocol="udp"))],
    good=[{}, group(lets(3389, CidrIp="198.51.100.7/32")), group(lets(22))],
    unknown=[{"SecurityGroupIngress": DENIED}],
)


@rule(
    "high",
    SecurityGroup,
    "aws-fsbp:EC2.53",
    "cis-aws-7.0:6.3",
    "cis-aws-3.0:5.2",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.IR-01",
)
def ec2_security_group_admin_port_open_ipv4(group: SecurityGroup) -> bool:
    """The security group lets all of 0.0.0.0/0 reach a port for remote administration.

    Why: SSH, Remote Desktop and WinRM hand over the whole machine to whoever guesses or steals a credential.
    Fix: replace 0.0.0.0/0 by the ranges that administer, or close the ports and use Session Manager.
    """
    return any(one.anywhere_ipv4 and one.covers_any(ADMIN) for one in group.ingress)


ec2_security_group_admin_port_open_ipv4.cases(
    bad=[group(lets(22)), group(lets(5986)), group(EVERYTHING)],
    good=[{}, group(lets(22, CidrIpv6="::/0")), group(lets(443))],
    unknown=[{"SecurityGroupIngress": DENIED}],
)


@rule(
    "high",
    SecurityGroup,
    "aws-fsbp:EC2.54",
    "cis-aws-7.0:6.4",
    "cis-aws-3.0:5.3",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.IR-01",
)
def ec2_security_group_admin_port_open_ipv6(group: SecurityGroup) -> bool:
    """The security group lets all of ::/0 reach a port for remote administration.

    Why: rules for IPv6 are easily forgotten when IPv4 is closed, and open the same machine.
    Fix: replace ::/0 by the ranges that administer, or close the ports and use Session Manager.
    """
    return any(one.anywhere_ipv6 and one.covers_any(ADMIN) for one in group.ingress)


ec2_security_group_admin_port_open_ipv6.cases(
    bad=[group(lets(3389, CidrIpv6="::/0")), group({"IpProtocol": "-1", "CidrIpv6": "::/0"})],
    good=[{}, group(lets(22)), group(lets(22, CidrIpv6="2001:db8::/32"))],
    unknown=[{"SecurityGroupIngress": DENIED}],
)


@rule("high", SecurityGroup, "cis-aws-7.0:6.1.2", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def ec2_security_group_cifs_open(group: SecurityGroup) -> bool:
    """The security group lets the whole internet reach Windows file shares (ports 445 and 139).

    Why: file sharing was never made for the internet; worms have spread through it more than once.
    Fix: allow the ports only from the networks that use the share; reach it from outside through a VPN.
    """
    return group.open_to_anyone(*CIFS)


ec2_security_group_cifs_open.cases(
    bad=[group(lets(445)), group(lets(135, 445, CidrIpv6="::/0"))],
    good=[{}, group(lets(445, CidrIp="10.0.0.0/8")), group(lets(443))],
    unknown=[{"SecurityGroupIngress": DENIED}],
)


@rule("critical", SecurityGroup, "aws-fsbp:EC2.19", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def ec2_security_group_high_risk_port_open(group: SecurityGroup) -> bool:
    """The security group lets the whole internet reach a port of high risk, such as a database's.

    Why: administration, databases, caches and consoles often trust whoever reaches them.
    Fix: allow such ports only from the security groups and ranges that need them.
    """
    return group.open_to_anyone(*HIGH_RISK)


ec2_security_group_high_risk_port_open.cases(
    bad=[group(lets(3306)), group(lets(1024, 65535)), group(lets(9200, CidrIpv6="::/0"))],
    good=[{}, group(lets(443), lets(80)), group(lets(3306, SourceSecurityGroupId="sg-2"))],
    unknown=[{"SecurityGroupIngress": DENIED}],
)


@rule("high", SecurityGroup, "aws-fsbp:EC2.18", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def ec2_security_group_unauthorized_port_open(group: SecurityGroup, *, ports: tuple[int, ...] = WEB) -> bool:
    """The security group lets the whole internet reach a port other than the few that are meant for it.

    Why: what is open to everyone should be a short list that somebody decided on, not whatever was once opened.
    Fix: close the port to the internet, or add it to the threshold `ports` of the baseline.
    """
    return any(one.anywhere and not one.only(ports) for one in group.ingress)


ec2_security_group_unauthorized_port_open.cases(
    bad=[group(lets(8443)), group(lets(80, 443)), group(EVERYTHING)],
    good=[{}, group(lets(443), lets(80)), group(FROM_OFFICE)],
    unknown=[{"SecurityGroupIngress": DENIED}],
)


@rule("critical", SecurityGroup, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def ec2_security_group_all_ports_open(group: SecurityGroup) -> bool:
    """The security group lets the whole internet reach every port.

    Why: it is as if there were no firewall at all: whatever listens now or ever will is exposed.
    Fix: replace the rule by one for each port and source that is needed.
    """
    return any(one.anywhere and one.every_port for one in group.ingress)


ec2_security_group_all_ports_open.cases(
    bad=[group(EVERYTHING), group(lets(0, 65535)), group({"IpProtocol": "-1", "CidrIpv6": "::/0"})],
    good=[{}, group(lets(443)), group({"IpProtocol": "-1", "SourceSecurityGroupId": "sg-1"})],
    unknown=[{"SecurityGroupIngress": DENIED}],
)


@rule("medium", SecurityGroup, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def ec2_security_group_vast_range(group: SecurityGroup) -> bool:
    """The security group lets in a vast public range that is not 0.0.0.0/0.

    Why: a /1 to /8 holds millions of strangers; two halves of the internet pass checks that look for 0.0.0.0/0 alone.
    Fix: replace the range by the addresses that really need to come in.
    """
    return any(one.vast for one in group.ingress)


ec2_security_group_vast_range.cases(
    bad=[group(lets(443, CidrIp="0.0.0.0/1"), lets(443, CidrIp="128.0.0.0/1"))],
    good=[{}, group(lets(443)), group(lets(443, CidrIp="10.0.0.0/8")), group(lets(443, CidrIp="198.51.100.0/24"))],
    unknown=[{"SecurityGroupIngress": DENIED}],
)


@rule(
    "medium",
    SecurityGroup,
    "aws-fsbp:EC2.2",
    "cis-aws-7.0:6.5",
    "cis-aws-3.0:5.4",
    "nist-csf-2.0:PR.IR-01",
    when=lambda group: group.group_name == "default",
)
def ec2_security_group_default_has_rules(group: SecurityGroup) -> bool:
    """The network's default security group lets traffic in or out.

    Why: what is started with no group named gets this one, and with it openings that nobody decided on.
    Fix: remove all of its rules and give each resource a group of its own.
    """
    return bool(group.ingress) or bool(group.egress)


ec2_security_group_default_has_rules.cases(
    bad=[
        {"GroupName": "default", "SecurityGroupIngress": [EVERYTHING]},
        {"GroupName": "default", "SecurityGroupEgress": [EVERYTHING]},
    ],
    good=[{"GroupName": "default"}],
    unknown=[{"GroupName": "default", "SecurityGroupIngress": DENIED}],
    skipped=[{"GroupName": "web", "SecurityGroupIngress": [EVERYTHING]}],
)


@rule(
    "low",
    SecurityGroup,
    "aws-fsbp:EC2.22",
    "nist-csf-2.0:ID.AM-08",
    "nist-csf-2.0:PR.PS-01",
    when=lambda group: group.group_name != "default",
    only="live",
)
def ec2_security_group_unused(group: SecurityGroup) -> bool:
    """No network interface wears this security group.

    Why: a forgotten group keeps openings that nobody reviews, ready to be attached by mistake.
    Fix: delete it, unless a launch template or an automation still needs it.
    """
    return not group.interfaces


ec2_security_group_unused.cases(
    bad=[{"GroupId": "sg-1", "GroupName": "web"}],
    good=[({"GroupId": "sg-1", "GroupName": "web"}, NetworkInterface({"Id": "eni-1", "GroupSet": ["sg-1"]}))],
    skipped=[{"GroupName": "default"}],
)


@rule("info", SecurityGroup, "nist-csf-2.0:ID.AM-03")
def ec2_security_group_rule_without_description(group: SecurityGroup) -> bool:
    """A rule that lets traffic in does not say what it is for.

    Why: nobody dares to remove an opening whose purpose is not written down, so openings pile up.
    Fix: write in the description of each rule who needs it and why.
    """
    return any(not one.description for one in group.ingress)


ec2_security_group_rule_without_description.cases(
    bad=[group(lets(443))],
    good=[{}, group({**lets(443), "Description": "Customers reach the shop"})],
    unknown=[{"SecurityGroupIngress": DENIED}],
)


@rule(
    "high",
    SecurityGroupIngress,
    "aws-fsbp:EC2.53",
    "aws-fsbp:EC2.54",
    "cis-aws-7.0:6.3",
    "cis-aws-7.0:6.4",
    "cis-aws-3.0:5.2",
    "cis-aws-3.0:5.3",
    "nist-csf-2.0:PR.IR-01",
    when=lambda ingress: ingress.of_another_template,
    only="code",
)
def ec2_security_group_ingress_admin_port_open(ingress: SecurityGroupIngress) -> bool:
    """The rule lets the whole internet reach an administration port of a group declared elsewhere.

    Why: a rule added from another template opens the group as surely as one written in it, and is seen less.
    Fix: name the ranges that administer in CidrIp or CidrIpv6, or use Session Manager and drop the rule.
    """
    return ingress.anywhere and ingress.covers_any(ADMIN)


ec2_security_group_ingress_admin_port_open.cases(
    bad=[BESIDE, {"GroupId": "sg-1", **EVERYTHING}],
    good=[{"GroupId": "sg-1", **lets(443)}, {"GroupId": "sg-1", **FROM_OFFICE}],
    unknown=[{"GroupId": "sg-1", **lets(22), "CidrIp": Unknown("CidrIp", "parameter Range has no default")}],
    skipped=[(BESIDE, SecurityGroup({"GroupId": "sg-1"}))],
)
