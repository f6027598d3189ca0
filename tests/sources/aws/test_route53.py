from koban.model.aws.route53 import HostedZone, RecordSet
from koban.sources.aws.reader import Reader
from koban.sources.aws.route53 import domains, record_from_api, zone_from_api


def test_zones_with_query_logs_and_records_that_point_elsewhere(aws, collect):
    dns = aws("route53")
    aws("logs", "us-east-1").create_log_group(logGroupName="/aws/route53/example.com")
    zone = dns.create_hosted_zone(Name="example.com.", CallerReference="1")["HostedZone"]["Id"]
    dns.create_query_logging_config(
        HostedZoneId=zone,
        CloudWatchLogsLogGroupArn="arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com:*",
    )
    record = {
        "Name": "www.example.com",
        "Type": "CNAME",
        "TTL": 60,
        "ResourceRecords": [{"Value": "d1.cloudfront.net"}],
    }
    address = {"Name": "a.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    changes = [{"Action": "CREATE", "ResourceRecordSet": one} for one in (record, address)]
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    (found,) = collect("route53.zones")
    assert found.uid == f"arn:aws:route53:::hostedzone/{zone.rsplit('/', 1)[-1]}"
    assert found.is_public
    assert found.query_log_group.endswith("/aws/route53/example.com:*")
    assert not found.is_signed
    (pointer,) = collect("route53.records")
    assert pointer.distribution_name == "d1.cloudfront.net"
    assert collect.failures == []


def test_where_a_record_leads():
    website = {
        "Name": "Shop.example.com.",
        "Type": "A",
        "AliasTarget": {"DNSName": "s3-website.eu-west-1.amazonaws.com."},
    }
    assert RecordSet(record_from_api("Z1", website)).bucket_name == "shop.example.com"
    for target in ("a.s3.amazonaws.com", "a.s3-website-eu-west-1.amazonaws.com", "a.s3.eu-west-1.amazonaws.com."):
        raw = {"Name": "x", "Type": "CNAME", "ResourceRecords": [{"Value": target}]}
        assert RecordSet(record_from_api("Z1", raw)).bucket_name == "a"
    balancer = {"Name": "x", "Type": "A", "AliasTarget": {"DNSName": "web-1.eu-west-1.elb.amazonaws.com."}}
    assert RecordSet(record_from_api("Z1", balancer)).bucket_name == ""


def test_golden_twins():
    raw = {"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": False}}
    assert zone_from_api(raw) == {"Id": "Z1", "Name": "example.com.", "Private": False}
    live, code = HostedZone(zone_from_api(raw)), HostedZone({"Name": "example.com."})
    assert (live.is_public, live.query_log_group) == (code.is_public, code.query_log_group)
    private = {"Name": "in.example.com", "VPCs": [{"VPCId": "vpc-1", "VPCRegion": "eu-west-1"}]}
    assert not HostedZone(private).is_public


def test_domains():
    class Api:
        def pages(self, service, operation, region, params):
            yield {"Domains": [{"DomainName": "example.com", "AutoRenew": True, "TransferLock": False}]}

    (found,) = domains(Reader(Api(), "111122223333", "us-east-1", ("route53domains:ListDomains",)))
    assert found.uid == "arn:aws:route53domains::111122223333:domain/example.com"
    assert found.auto_renew
    assert not found.transfer_lock
