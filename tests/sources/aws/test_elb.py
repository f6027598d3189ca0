from koban.model.aws.elb import STRONG, ClassicLoadBalancer
from koban.sources.aws.elb import load_balancer_from_api


def test_a_classic_load_balancer(aws, collect):
    elb = aws("elb")
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}
    zones = ["eu-west-1a", "eu-west-1b"]
    elb.create_load_balancer(LoadBalancerName="web", Listeners=[listener], AvailabilityZones=zones)
    (balancer,) = collect("elb.load_balancers")
    assert balancer.uid == "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/web"
    assert [one.protocol for one in balancer.listeners] == ["HTTP"]
    assert not balancer.access_logs
    assert balancer.places
    assert collect.failures == []


def test_golden_twins():
    raw = {
        "LoadBalancerName": "web",
        "Scheme": "internal",
        "Subnets": ["subnet-1", "subnet-2"],
        "ListenerDescriptions": [
            {"Listener": {"Protocol": "HTTPS", "SSLCertificateId": "arn:aws:acm:::c"}, "PolicyNames": ["tls"]}
        ],
    }
    attributes = {
        "AccessLog": {"Enabled": True, "S3BucketName": "logs"},
        "ConnectionDraining": {"Enabled": True, "Timeout": 300},
        "CrossZoneLoadBalancing": {"Enabled": True},
        "AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "strictest"}],
    }
    policies = [
        {
            "PolicyName": "tls",
            "PolicyTypeName": "SSLNegotiationPolicyType",
            "PolicyAttributeDescriptions": [{"AttributeName": "Reference-Security-Policy", "AttributeValue": STRONG}],
        }
    ]
    code = {
        "LoadBalancerName": "web",
        "Scheme": "internal",
        "Subnets": ["subnet-1", "subnet-2"],
        "Listeners": [{"Protocol": "HTTPS", "SSLCertificateId": "arn:aws:acm:::c", "PolicyNames": ["tls"]}],
        "Policies": [
            {
                "PolicyName": "tls",
                "PolicyType": "SSLNegotiationPolicyType",
                "Attributes": [{"Name": "Reference-Security-Policy", "Value": STRONG}],
            }
        ],
        "AccessLoggingPolicy": {"Enabled": True, "S3BucketName": "logs"},
        "ConnectionDrainingPolicy": {"Enabled": True, "Timeout": 300},
        "CrossZone": True,
    }
    live = load_balancer_from_api(raw, attributes, policies)
    assert live == {**code, "DesyncMitigationMode": "strictest"}
    assert not ClassicLoadBalancer(live).weak_tls
