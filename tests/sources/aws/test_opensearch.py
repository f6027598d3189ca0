from koban.model.aws.opensearch import Domain, modern_tls
from koban.model.estate import MemoryEstate
from koban.sources.aws.opensearch import domain_from_api


def test_domains_come_five_a_call(aws, collect):
    client = aws("opensearch")
    for number in range(6):
        client.create_domain(
            DomainName=f"logs-{number}",
            EngineVersion="OpenSearch_1.2",
            EncryptionAtRestOptions={"Enabled": number == 0},
            DomainEndpointOptions={"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"},
        )
    found = sorted(collect("opensearch.domains"), key=lambda one: one.name or "")
    assert [one.encrypted for one in found] == [True, False, False, False, False, False]
    assert found[0].uid == "arn:aws:es:eu-west-1:123456789012:domain/logs-0"
    assert modern_tls(found[0])
    assert found[0].outdated
    assert collect.failures == []


def test_a_domain_is_the_same_from_the_api_and_from_a_template():
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*", "Resource": "*"}
    same = {
        "DomainName": "logs",
        "EngineVersion": "OpenSearch_2.19",
        "ClusterConfig": {"InstanceCount": 3, "ZoneAwarenessEnabled": True},
        "EncryptionAtRestOptions": {"Enabled": True},
        "LogPublishingOptions": {"AUDIT_LOGS": {"CloudWatchLogsLogGroupArn": "arn:g", "Enabled": True}},
        "VPCOptions": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": []},
    }
    live = Domain(
        domain_from_api(
            {
                **same,
                "ARN": "arn:aws:es:eu-west-1:111122223333:domain/logs",
                "AccessPolicies": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},'
                '"Action":"es:*","Resource":"*"}]}',
                "VPCOptions": {**same["VPCOptions"], "VPCId": "vpc-1", "AvailabilityZones": ["eu-west-1a"]},
                "NodeToNodeEncryptionOptions": {"Enabled": False},
            }
        )
    )
    code = Domain({**same, "AccessPolicies": {"Version": "2012-10-17", "Statement": [statement]}})
    MemoryEstate([live, code])
    assert {n: repr(getattr(live, n)) for n in Domain.fields} == {n: repr(getattr(code, n)) for n in Domain.fields}
    assert live.policy.public
    assert live.logs_to_cloudwatch("AUDIT_LOGS")
