from koban.model.aws.elb import STRONG, ClassicLoadBalancer
from koban.model.unknown import Unknown
from koban.sources.terraform.aws import tables_of
from koban.sources.terraform.mapping import merge_elements

GAP = Unknown("var.x", "it has no default")
HTTPS = {"lb_protocol": "https", "lb_port": 443, "instance_protocol": "http", "instance_port": 80}
SECURE = {"Protocol": "https", "LoadBalancerPort": 443, "InstanceProtocol": "http", "InstancePort": 80}


def test_a_load_balancer(twins):
    twins(
        "aws_elb",
        {
            "name": "web",
            "internal": True,
            "listener": [{**HTTPS, "ssl_certificate_id": "arn:cert"}],
            "access_logs": [{"bucket": "logs"}],
            "connection_draining": True,
            "cross_zone_load_balancing": False,
            "availability_zones": ["eu-west-1a"],
            "subnets": ["subnet-1"],
        },
        ClassicLoadBalancer,
        {
            "LoadBalancerName": "web",
            "Scheme": "internal",
            "Listeners": [{**SECURE, "SSLCertificateId": "arn:cert"}],
            "AccessLoggingPolicy": {"Enabled": True, "S3BucketName": "logs"},
            "ConnectionDrainingPolicy": {"Enabled": True},
            "CrossZone": False,
            "AvailabilityZones": ["eu-west-1a"],
            "Subnets": ["subnet-1"],
        },
    )


def test_a_load_balancer_of_which_little_is_said(twins):
    twins("aws_elb", {}, ClassicLoadBalancer, {"CrossZone": True})
    off = {"access_logs": [{"bucket": "logs", "enabled": False}], "internal": False}
    code = {"CrossZone": True, "AccessLoggingPolicy": {"Enabled": False}, "Scheme": "internet-facing"}
    twins("aws_elb", off, ClassicLoadBalancer, code)


def test_desync_is_a_fact(document):
    assert document("aws_elb", {"desync_mitigation_mode": "monitor"})["DesyncMitigationMode"] == "monitor"


ATTRIBUTES = [{"Name": "Reference-Security-Policy", "Value": STRONG}]
GIVEN = [{"name": "Reference-Security-Policy", "value": STRONG}]


def test_policies_and_the_listeners_that_get_them(document, every_document):
    body = {
        "load_balancer_name": "web",
        "policy_name": "p",
        "policy_type_name": "SSLNegotiationPolicyType",
        "policy_attribute": GIVEN,
    }
    policy = {"PolicyName": "p", "PolicyType": "SSLNegotiationPolicyType", "Attributes": ATTRIBUTES}
    assert document("aws_load_balancer_policy", body) == {"Policies": [policy]}
    body = {"load_balancer_name": "web", "load_balancer_port": 443, "policy_names": ["p"]}
    assert document("aws_load_balancer_listener_policy", body) == {
        "Listeners": [{"LoadBalancerPort": 443, "PolicyNames": ["p"]}]
    }
    body = {"load_balancer": "web", "name": "p", "lb_port": 443, "attribute": GIVEN}
    assert every_document("aws_lb_ssl_negotiation_policy", body) == [
        {"Policies": [policy]},
        {"Listeners": [{"LoadBalancerPort": 443, "PolicyNames": ["p"]}]},
    ]
    merged = [one.on for one in tables_of()["aws_lb_ssl_negotiation_policy"]]
    assert merged == ["", "LoadBalancerPort"]


def test_a_listener_with_its_policy_is_strong(document):
    whole = document("aws_elb", {"listener": [HTTPS]})
    assert ClassicLoadBalancer(whole, uid="b").weak_tls
    body = {"load_balancer": "web", "name": "p", "lb_port": "443", "attribute": GIVEN}
    policies, listeners = (table.document(body) for table in tables_of()["aws_lb_ssl_negotiation_policy"])
    whole |= policies
    whole["Listeners"] = merge_elements(whole["Listeners"], listeners["Listeners"], "LoadBalancerPort")
    assert not ClassicLoadBalancer(whole, uid="b").weak_tls
