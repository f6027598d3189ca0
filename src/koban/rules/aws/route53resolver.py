"""Posture rules for the DNS queries that come from networks."""

from __future__ import annotations

from koban.model.aws.route53resolver import FirewallRuleGroupAssociation, QueryLoggingAssociation
from koban.model.aws.vpc import NetworkInterface, Vpc
from koban.model.rule import rule
from koban.model.unknown import Unknown

VPC = {"VpcId": "vpc-1"}


def logs(status: str = "ACTIVE", vpc: object = "vpc-1") -> QueryLoggingAssociation:
    return QueryLoggingAssociation({"Id": "a", "ResourceId": vpc, "Status": status})


@rule("medium", Vpc, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-01")
def route53resolver_query_logs_missing(vpc: Vpc) -> bool:
    """The DNS queries that come from this network are not logged.

    Why: the names that a machine looks up are the first and often the only trace of malware calling home.
    Fix: associate the network with a Route 53 Resolver query logging configuration.
    """
    return not any(one.status != "FAILED" for one in vpc.query_logging)


route53resolver_query_logs_missing.cases(
    bad=[VPC, (VPC, logs("FAILED"))],
    good=[(VPC, logs()), (VPC, QueryLoggingAssociation({"ResourceId": "vpc-1"}))],
)


@rule("medium", QueryLoggingAssociation, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-01", only="live")
def route53resolver_query_log_failing(association: QueryLoggingAssociation) -> bool:
    """AWS cannot write the DNS query log of this network.

    Why: the log looks switched on and records nothing.
    Fix: mend the policy of the destination that the queries are logged to.
    """
    return association.status == "FAILED" or association.status == "ACTION_NEEDED"


route53resolver_query_log_failing.cases(
    bad=[{"Status": "FAILED"}, {"Status": "ACTION_NEEDED"}], good=[{"Status": "ACTIVE"}]
)


@rule("low", Vpc, "nist-csf-2.0:PR.IR-01", "nist-csf-2.0:PR.DS-10", when=lambda vpc: vpc.interfaces, only="live")
def route53resolver_dns_firewall_missing(vpc: Vpc) -> bool:
    """No DNS firewall bounds what machines of this network may look up.

    Why: names of known malware resolve, and data can leave inside the queries themselves.
    Fix: associate a Route 53 Resolver DNS Firewall rule group that uses AWS's managed domain lists.
    """
    return not vpc.dns_firewall


route53resolver_dns_firewall_missing.cases(
    bad=[(VPC, NetworkInterface({"Id": "eni-1", "VpcId": "vpc-1"}))],
    good=[
        (
            VPC,
            NetworkInterface({"Id": "eni-1", "VpcId": "vpc-1"}),
            FirewallRuleGroupAssociation({"Id": "a", "VpcId": "vpc-1"}),
        )
    ],
    skipped=[VPC],
)


@rule("low", FirewallRuleGroupAssociation, "nist-csf-2.0:PR.IR-01")
def route53resolver_dns_firewall_unprotected(association: FirewallRuleGroupAssociation) -> bool:
    """The DNS firewall can be taken off the network with one call.

    Why: an intruder who may change it removes it before anything else.
    Fix: set MutationProtection to ENABLED.
    """
    return association.protected != "ENABLED"


route53resolver_dns_firewall_unprotected.cases(
    bad=[{}, {"MutationProtection": "DISABLED"}],
    good=[{"MutationProtection": "ENABLED"}],
    unknown=[{"MutationProtection": Unknown("MutationProtection", "parameter P has no default")}],
)
