from __future__ import annotations

import json

from tests.sources.logs.events import events, rejected

from koban.sources.logs.formats.cloudfront import REALTIME

HEADER = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status"
    " cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header"
    " cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol c-port x-edge-detailed-result-type\n"
)
LINE = "\t".join(
    "2026-03-01 10:00:00 FRA50-C1 1045 192.0.2.1 GET d1.cloudfront.net /a/b 403 - Mozilla/5.0%20(X11) x=1&y=2 - Error"
    " REQ== www.example.com https 47 0.001 - TLSv1.3 50000 WAFError".split()
)


def test_a_standard_log() -> None:
    (event,) = events(HEADER + LINE + "\n")
    assert (event["source"], event["class_uid"], event["activity_id"]) == ("aws-cloudfront", 4002, 3)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert (event["src_endpoint_ip"], event["src_endpoint_port"]) == ("192.0.2.1", 50000)
    assert (event["http_response_code"], event["status_id"], event["status_code"]) == (403, 2, "Error")
    assert event["status_detail"] == "WAFError"
    assert event["http_request_user_agent"] == "Mozilla/5.0 (X11)"
    assert event["http_request_url_url_string"] == "https://www.example.com/a/b?x=1&y=2"
    assert event["traffic_bytes"] == 1092
    assert event["tls_sni"] == "www.example.com"
    assert "http_request_referrer" not in event
    record = json.loads(event["record"])
    assert record["cs(User-Agent)"] == "Mozilla/5.0%20(X11)"
    assert "cs(Cookie)" not in record
    assert event["raw_data"] == LINE


def test_json_of_the_second_version() -> None:
    (event,) = events(
        {
            "timestamp(ms)": "1772359200000",
            "x-edge-location": "FRA50-C1",
            "c-ip": "2001:db8::1",
            "cs-method": "POST",
            "cs-uri-stem": "/login",
            "sc-status": "200",
            "c-country": "DE",
            "asn": "64500",
            "DistributionId": "E1",
        }
    )
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert (event["activity_id"], event["status_id"]) == (6, 1)
    assert event["src_endpoint_location_country"] == "DE"
    assert event["src_endpoint_autonomous_system_number"] == 64500
    assert event["resources_uid"] == ["E1"]


def test_a_real_time_log_with_all_fields() -> None:
    values = dict.fromkeys(REALTIME.names[:41], "-") | {
        "timestamp": "1772359200.250",
        "c-ip": "192.0.2.1",
        "s-ip": "198.51.100.7",
        "time-to-first-byte": "0.002",
        "sc-status": "200",
        "sc-bytes": "10",
        "cs-method": "GET",
        "cs-protocol": "https",
        "cs-uri-stem": "/",
        "cs-user-agent": "curl/8",
        "cs-header-names": "host%0Auser-agent",
    }
    line = "\t".join(values.values())
    (event,) = events(line + "\n")
    assert event["source"] == "aws-cloudfront"
    assert event["time"] == "2026-03-01T10:00:00.250000Z"
    assert (event["dst_endpoint_ip"], event["http_request_user_agent"]) == ("198.51.100.7", "curl/8")
    found = rejected(f"{line}\n192.0.2.1\tx\n{line.replace('GET', 'no')}\n".encode())
    assert [(r.line, r.reason) for r in found] == [
        (2, "2 fields where at least 40 are due"),
        (3, "not a real-time log's line"),
    ]


def test_what_is_no_line_is_rejected_with_its_number() -> None:
    found = rejected(f"{HEADER}{LINE}\nodd\n\n{LINE}\tmore\n".encode())
    assert [(r.line, r.reason) for r in found] == [
        (4, "1 fields where the header names 23"),
        (6, "24 fields where the header names 23"),
    ]
    (bad,) = rejected(f"early\n{HEADER}{LINE}\n".encode())
    assert (bad.line, bad.reason) == (1, "a line before the header")
