import pytest

from koban.model.aws.route53 import Dnssec, Domain, HostedZone, RecordSet
from koban.model.unknown import Maybe, Unknown

GAP = Unknown("var.x", "it has no default")
VPC = {"vpc_id": "vpc-1", "vpc_region": "eu-west-1"}


@pytest.mark.parametrize(
    ("source", "body", "cls", "code"),
    [
        ("aws_route53_zone", {"name": "example.com"}, HostedZone, {"Name": "example.com"}),
        ("aws_route53_zone", {"vpc": []}, HostedZone, {}),
        (
            "aws_route53_zone",
            {"name": "corp", "vpc": [VPC, {"vpc_id": "vpc-2"}]},
            HostedZone,
            {"Name": "corp", "VPCs": [{"VPCId": "vpc-1", "VPCRegion": "eu-west-1"}, {"VPCId": "vpc-2"}]},
        ),
        ("aws_route53_zone", {"vpc_id": "vpc-1"}, HostedZone, {"VPCs": [{"VPCId": "vpc-1"}]}),
        (
            "aws_route53_record",
            {
                "zone_id": "Z1",
                "name": "www.example.com",
                "type": "CNAME",
                "records": ["d1.cloudfront.net"],
                "ttl": 60,
            },
            RecordSet,
            {
                "HostedZoneId": "Z1",
                "Name": "www.example.com",
                "Type": "CNAME",
                "ResourceRecords": ["d1.cloudfront.net"],
            },
        ),
        (
            "aws_route53_record",
            {"name": "www", "fqdn": "www.example.com", "type": "A", "alias": [{"name": "d1.cloudfront.net"}]},
            RecordSet,
            {"Name": "www.example.com", "Type": "A", "AliasTarget": {"DNSName": "d1.cloudfront.net"}},
        ),
        ("aws_route53_record", {}, RecordSet, {}),
    ],
)
def test_twins(twins, source, body, cls, code):
    twins(source, body, cls, code)


def test_pieces_of_a_zone(document):
    assert document("aws_route53_zone_association", {"zone_id": "Z1", "vpc_id": "vpc-1"}) == {
        "VPCs": [{"VPCId": "vpc-1"}]
    }
    body = {"zone_id": "Z1", "cloudwatch_log_group_arn": "arn:logs"}
    assert document("aws_route53_query_log", body) == {"QueryLoggingConfig": {"CloudWatchLogsLogGroupArn": "arn:logs"}}


def test_a_zone_is_signed_unless_it_says_not(every_document):
    source = "aws_route53_hosted_zone_dnssec"
    for body in ({"hosted_zone_id": "Z1"}, {"hosted_zone_id": "Z1", "signing_status": "SIGNING"}):
        assert every_document(source, body, Dnssec) == [{"HostedZoneId": "Z1"}]
    assert every_document(source, {"hosted_zone_id": "Z1", "signing_status": "NOT_SIGNING"}, Dnssec) == []
    open_one = {"hosted_zone_id": "Z1", "signing_status": GAP}
    assert every_document(source, open_one, Dnssec) == []
    (piece,) = every_document(source, open_one, HostedZone)
    assert piece["DnssecStatus"] is GAP


@pytest.mark.parametrize("source", ["aws_route53domains_domain", "aws_route53domains_registered_domain"])
def test_a_domain(twins, document, source):
    body = {
        "domain_name": "example.com",
        "auto_renew": False,
        "transfer_lock": False,
        "expiration_date": "2001-01-01T00:00:00Z",
    }
    made = Domain(document(source, body), uid="d")
    assert (made.auto_renew, made.transfer_lock) == (False, False)
    assert made.past_expiry_days > 8000
    made = Domain(document(source, {"domain_name": "example.com", "expiration_date": ""}), uid="d")
    assert (made.auto_renew, made.transfer_lock) == (True, True)
    assert isinstance(made.past_expiry_days, Unknown)
    assert isinstance(document(source, {})["Expiry"], Unknown)


EXCLUSIVE = {
    "zone_id": "Z1",
    "resource_record_set": [
        {
            "name": "a.example.com",
            "type": "CNAME",
            "ttl": 60,
            "set_identifier": "one",
            "resource_records": [{"value": "b.example.net"}, {"value": "c.example.net"}],
        },
        {"name": "d.example.com", "type": "A", "alias_target": [{"dns_name": "d.example.net", "hosted_zone_id": "Z2"}]},
    ],
}


def test_each_record_of_a_list_of_all_is_one(every_document):
    assert every_document("aws_route53_records_exclusive", EXCLUSIVE) == [
        {
            "HostedZoneId": "Z1",
            "Name": "a.example.com",
            "Type": "CNAME",
            "SetIdentifier": "one",
            "ResourceRecords": ["b.example.net", "c.example.net"],
        },
        {
            "HostedZoneId": "Z1",
            "Name": "d.example.com",
            "Type": "A",
            "AliasTarget": {"DNSName": "d.example.net", "HostedZoneId": "Z2"},
        },
    ]
    assert every_document("aws_route53_records_exclusive", {"zone_id": "Z1"}) == []


def test_records_that_are_not_known_are_a_record_that_is_not(every_document):
    hole = Unknown("var.x", "variable x has no default")
    (one,) = every_document("aws_route53_records_exclusive", {"zone_id": "Z1", "resource_record_set": hole})
    assert one["HostedZoneId"] == "Z1"
    assert all(one[name]._root is hole for name in ("Name", "Type", "ResourceRecords", "AliasTarget"))
    perhaps = Maybe("var.x", "variable x has no default", (EXCLUSIVE["resource_record_set"][1], hole))
    first, second = every_document("aws_route53_records_exclusive", {"zone_id": "Z1", "resource_record_set": [perhaps]})
    assert (first["Name"], second["Name"]._root) == ("d.example.com", hole)
    values = [{"value": "a"}, hole]
    record = {"name": "n", "type": "CNAME", "resource_records": values}
    (one,) = every_document("aws_route53_records_exclusive", {"zone_id": "Z1", "resource_record_set": [record]})
    assert one["ResourceRecords"][0] == "a"
    assert one["ResourceRecords"][1]._root is hole
