from __future__ import annotations

import json

import pytest
from tests.sources.logs.events import events, rejected

from koban.sources.logs.formats.load_balancers import request_parts

ALB = (
    "https 2026-03-01T10:00:00.123456Z app/web/50dc6c495c0c9188 192.0.2.1:50000 198.51.100.7:80 0.086 0.048 0.037 502"
    ' 200 120 57 "GET https://www.example.com:443/a/b?x=1 HTTP/1.1" "curl/8 (say \\"hi\\")"'
    " ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/73e2d6bc"
    ' "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:eu-west-1:111122223333:certificate/1" 1'
    ' 2026-03-01T10:00:00.000000Z "forward" "-" "-" "198.51.100.7:80" "200" "-" "-" TID_1 "-" "-" "-" of-tomorrow'
)
CLASSIC = (
    "2026-03-01T10:00:00.123456Z web [2001:db8::1]:2817 - 0.000086 -1 -1 404 0 7 29"
    ' "GET http://www.example.com:80/ HTTP/1.1" "curl/8" - -'
)
TCP = '2026-03-01T10:00:00Z web 192.0.2.1:2817 198.51.100.7:80 0.001 0.0002 0.0003 - - 82 305 "- - - " "-" - -'
NLB = (
    "tls 2.0 2026-03-01T10:00:00 net/front/c6e77e28c25b2234 g3d4b5e8bb8464cd 192.0.2.1:51341 198.51.100.7:443 5 2 98"
    " 246 - arn:aws:acm:eu-west-1:111122223333:certificate/1 - ECDHE-RSA-AES128-SHA tlsv12 - www.example.com h2 h2"
    ' "h2","http/1.1" 2026-03-01T09:59:59'
)
CONNECTION = (
    "2026-03-01T10:00:00.514108Z 192.0.2.1 36280 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036"
    ' "CN=ana.example.com,O=endEntity" NotBefore=2026-01-01T00:00:00Z;NotAfter=2027-01-01T00:00:00Z FEF257372D5C14D4'
    " Failed:ClientCertUntrusted TID_1"
)


def test_an_application_load_balancer() -> None:
    (event,) = events(ALB)
    assert (event["source"], event["class_uid"], event["activity_id"]) == ("aws-alb", 4002, 3)
    assert event["time"] == "2026-03-01T10:00:00.123456Z"
    assert (event["src_endpoint_ip"], event["src_endpoint_port"]) == ("192.0.2.1", 50000)
    assert (event["dst_endpoint_ip"], event["dst_endpoint_port"]) == ("198.51.100.7", 80)
    assert (event["http_response_code"], event["status_id"]) == (502, 2)
    assert (event["traffic_bytes"], event["traffic_bytes_in"], event["traffic_bytes_out"]) == (177, 57, 120)
    assert event["http_request_http_method"] == "GET"
    assert event["http_request_url_url_string"] == "https://www.example.com:443/a/b?x=1"
    record = json.loads(event["record"])
    assert (record["_method"], record["_uri"]) == ("GET", "/a/b?x=1")
    assert (record["_uri_stem"], record["_uri_query"]) == ("/a/b", "x=1")
    assert (event["http_request_url_hostname"], event["http_request_url_path"]) == ("www.example.com", "/a/b")
    assert event["http_request_user_agent"] == 'curl/8 (say \\"hi\\")'
    assert event["tls_sni"] == "www.example.com"
    assert (event["cloud_account_uid"], event["cloud_region"]) == ("111122223333", "eu-west-1")
    record = json.loads(event["record"])
    assert record["target:port_list"] == "198.51.100.7:80"
    assert record["_more"] == "of-tomorrow"
    assert "redirect_url" not in record
    assert event["raw_data"] == ALB


def test_a_redirect_has_no_target() -> None:
    line = ALB.replace("198.51.100.7:80 0.086 0.048 0.037", "- -1 -1 -1", 1).replace(" 502 200 ", " 301 - ")
    (event,) = events(line)
    assert not {"dst_endpoint_ip", "dst_endpoint_port"} & set(event)
    assert event["status_id"] == 1


def test_logs_of_before_the_later_fields() -> None:
    (event,) = events(ALB.split(' "www.example.com"', maxsplit=1)[0])
    assert "tls_sni" not in event
    assert event["http_response_code"] == 502


def test_a_classic_load_balancer() -> None:
    (event,) = events(CLASSIC)
    assert (event["source"], event["class_uid"], event["status_id"]) == ("aws-elb", 4002, 2)
    assert (event["src_endpoint_ip"], event["src_endpoint_port"]) == ("2001:db8::1", 2817)
    assert event["http_request_url_path"] == "/"
    assert "dst_endpoint_ip" not in event
    assert event["traffic_bytes"] == 36


def test_a_tcp_listener_is_network_activity() -> None:
    (event,) = events(TCP)
    assert (event["class_uid"], event["activity_id"]) == (4001, 6)
    assert not {"http_request_http_method", "http_request_url_url_string", "http_response_code"} & set(event)
    assert (event["dst_endpoint_ip"], event["dst_endpoint_port"]) == ("198.51.100.7", 80)


def test_a_network_load_balancer() -> None:
    (event,) = events(NLB)
    assert (event["source"], event["class_uid"], event["status_id"]) == ("aws-nlb", 4001, 1)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert (event["src_endpoint_ip"], event["dst_endpoint_port"]) == ("192.0.2.1", 443)
    assert (event["tls_sni"], event["cloud_account_uid"]) == ("www.example.com", "111122223333")
    assert event["traffic_bytes"] == 344
    record = json.loads(event["record"])
    assert record["alpn_client_preference_list"] == "h2,http/1.1"
    assert record["tls_connection_creation_time"] == "2026-03-01T09:59:59"


def test_a_connection_log() -> None:
    (event,) = events(CONNECTION)
    assert (event["source"], event["class_uid"], event["status_id"]) == ("aws-alb-connection", 4001, 2)
    assert event["status_code"] == "Failed:ClientCertUntrusted"
    assert (event["src_endpoint_ip"], event["dst_endpoint_port"]) == ("192.0.2.1", 443)
    assert event["actor_user_name"] == "CN=ana.example.com,O=endEntity"


@pytest.mark.parametrize(
    ("request_line", "parts"),
    [
        ("GET https://a.example.com:443/ HTTP/1.1", ("GET", "/", "/", "")),
        ("GET https://a.example.com HTTP/1.1", ("GET", "/", "/", "")),
        ("GET /a b?c?d HTTP/1.1", ("GET", "/a b?c?d", "/a b", "c?d")),
        ("GET /x?u=http://a HTTP/1.1", ("GET", "/x?u=http://a", "/x", "u=http://a")),
        ("- - - ", ("", "", "", "")),
        ("-", ("", "", "", "")),
        ("", ("", "", "", "")),
        ("GET /x", ("GET", "/x", "/x", "")),
    ],
)
def test_request_parts(request_line: str, parts: tuple[str, ...]) -> None:
    assert request_parts(request_line) == parts


@pytest.mark.parametrize("line", [ALB, CLASSIC, TCP, NLB, CONNECTION])
def test_what_is_no_line_is_rejected_with_its_number(line: str) -> None:
    data = f"{line}\n{line[:60]}\n{'x ' * 40}\n\n{line}\n".encode()
    first, second = rejected(data)
    assert (first.line, second.line) == (2, 3)
    assert "are due" in first.reason
    assert second.reason.startswith("not a line of a")
    assert len(events(data.decode())) == 2
