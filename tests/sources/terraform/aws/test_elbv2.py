import pytest

from koban.model.aws.elbv2 import Listener, LoadBalancer, TargetGroup
from koban.model.unknown import Unknown

GAP = Unknown("var.x", "it has no default")


def settings(**named):
    return [{"Key": key.replace("__", "."), "Value": value} for key, value in named.items()]


@pytest.mark.parametrize("source", ["aws_lb", "aws_alb"])
def test_a_load_balancer(twins, source):
    twins(
        source,
        {
            "name": "web",
            "internal": True,
            "load_balancer_type": "application",
            "subnets": ["subnet-1", "subnet-2"],
            "security_groups": ["sg-1"],
            "access_logs": [{"bucket": "logs", "enabled": True}],
            "connection_logs": [{"bucket": "logs", "enabled": False}],
            "enable_deletion_protection": True,
            "enable_cross_zone_load_balancing": False,
            "desync_mitigation_mode": "monitor",
            "drop_invalid_header_fields": True,
            "enable_http2": True,
            "enable_waf_fail_open": False,
        },
        LoadBalancer,
        {
            "Name": "web",
            "Scheme": "internal",
            "Type": "application",
            "Subnets": ["subnet-1", "subnet-2"],
            "SecurityGroups": ["sg-1"],
            "LoadBalancerAttributes": settings(
                access_logs__s3__bucket="logs",
                access_logs__s3__enabled="true",
                connection_logs__s3__bucket="logs",
                connection_logs__s3__enabled="false",
                deletion_protection__enabled="true",
                load_balancing__cross_zone__enabled="false",
                routing__http__desync_mitigation_mode="monitor",
                routing__http__drop_invalid_header_fields__enabled="true",
                routing__http2__enabled="true",
                waf__fail_open__enabled="false",
            ),
        },
    )
    twins(source, {}, LoadBalancer, {})
    twins(
        source,
        {"load_balancer_type": "network", "subnet_mapping": [{"subnet_id": "subnet-1"}], "access_logs": [{}]},
        LoadBalancer,
        {"Type": "network", "SubnetMappings": [{"SubnetId": "subnet-1"}]},
    )


def test_settings_that_are_not_known_stay(document):
    made = document("aws_lb", {"access_logs": GAP, "enable_deletion_protection": GAP})
    found = {one["Key"]: one["Value"] for one in made["LoadBalancerAttributes"]}
    assert isinstance(found["access_logs.s3.enabled"], Unknown)
    assert found["deletion_protection.enabled"] is GAP


REDIRECT = {"type": "redirect", "redirect": [{"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}]}


@pytest.mark.parametrize("source", ["aws_lb_listener", "aws_alb_listener"])
def test_a_listener(twins, source):
    twins(
        source,
        {
            "load_balancer_arn": "arn:lb",
            "port": 443,
            "protocol": "https",
            "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "default_action": [{"type": "forward", "target_group_arn": "arn:tg", "redirect": []}, REDIRECT],
        },
        Listener,
        {
            "LoadBalancerArn": "arn:lb",
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "DefaultActions": [
                {"Type": "forward", "TargetGroupArn": "arn:tg"},
                {
                    "Type": "redirect",
                    "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
                },
            ],
        },
    )
    twins(source, {"load_balancer_arn": "arn:lb"}, Listener, {"LoadBalancerArn": "arn:lb"})


def test_a_listener_that_names_a_port_alone_speaks_http(twins, document):
    action = {"type": "redirect", "redirect": [{"host": "example.com"}]}
    seen = {"Type": "redirect", "RedirectConfig": {"Protocol": "#{protocol}", "Host": "example.com"}}
    body = {"load_balancer_arn": "arn:lb", "port": 80, "default_action": [action]}
    code = {"LoadBalancerArn": "arn:lb", "Protocol": "HTTP", "DefaultActions": [seen]}
    twins("aws_lb_listener", body, Listener, code)
    assert document("aws_lb_listener", {"port": GAP})["Protocol"] == "HTTP"
    assert document("aws_lb_listener", {"port": 80, "protocol": GAP})["Protocol"] is GAP
    assert "Protocol" not in document("aws_lb_listener", {"port": 0, "protocol": ""})


@pytest.mark.parametrize("source", ["aws_lb_target_group", "aws_alb_target_group"])
def test_a_target_group(twins, document, source):
    twins(
        source,
        {
            "name": "web",
            "target_type": "ip",
            "protocol": "https",
            "health_check": [{"protocol": "https", "enabled": False}],
        },
        TargetGroup,
        {
            "Name": "web",
            "TargetType": "ip",
            "Protocol": "HTTPS",
            "HealthCheckProtocol": "HTTPS",
            "HealthCheckEnabled": False,
        },
    )
    twins(source, {}, TargetGroup, {})
    twins(source, {"health_check": [{"path": "/"}]}, TargetGroup, {"HealthCheckProtocol": "HTTP"})
    assert isinstance(document(source, {"health_check": GAP})["HealthCheckProtocol"], Unknown)
