"""Elastic Load Balancing: access logs of Classic, Application and Network Load Balancers, and ALB's connection logs."""

from __future__ import annotations

import re
from collections.abc import Callable

from koban.sources.logs.format import Lines, Read, Record, Rejected, Sample, text_lines
from koban.sources.logs.layout import Layout, quoted

_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?"

ALB = Layout(
    "type time elb client:port target:port request_processing_time target_processing_time response_processing_time"
    " elb_status_code target_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol"
    " target_group_arn trace_id domain_name chosen_cert_arn matched_rule_priority request_creation_time"
    " actions_executed redirect_url error_reason target:port_list target_status_code_list classification"
    " classification_reason conn_trace_id transformed_host transformed_uri request_transform_status".split(),
    least=17,
)
_ALB_LINE = re.compile(
    rf'(?:https?|h2|grpcs?|wss?) {_TIME} \S+ \S+ \S+ [\d.-]+ [\d.-]+ [\d.-]+ [\d-]+ \S+ [\d-]+ [\d-]+ "'
)

CLASSIC = Layout(
    "timestamp elb client:port backend:port request_processing_time backend_processing_time response_processing_time"
    " elb_status_code backend_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol".split(),
    least=12,
)
_CLASSIC_LINE = re.compile(rf'{_TIME} \S+ \S+:\d+ \S+ [\d.-]+ [\d.-]+ [\d.-]+ (?:\d+|-) (?:\d+|-) \d+ \d+ "')

NLB = Layout(
    "type version time elb listener client:port destination:port connection_time tls_handshake_time received_bytes"
    " sent_bytes incoming_tls_alert chosen_cert_arn chosen_cert_serial tls_cipher tls_protocol_version"
    " tls_named_group domain_name alpn_fe_protocol alpn_be_protocol alpn_client_preference_list"
    " tls_connection_creation_time".split(),
    least=17,
)
_NLB_LINE = re.compile(rf"(?:tls|tcp|udp) \d+\.\d+ {_TIME} net/\S+ \S+ \S+:\d+ \S+ ")

CONNECTION = Layout(
    "timestamp client_ip client_port listener_port tls_protocol tls_cipher tls_handshake_latency"
    " leaf_client_cert_subject leaf_client_cert_validity leaf_client_cert_serial_number tls_verify_status"
    " conn_trace_id tls_keyexchange".split(),
    least=11,
)
_CONNECTION_LINE = re.compile(rf"{_TIME} [0-9A-Fa-f.:]+ \d+ \d+ (?:TLSv[\d.]+|-) \S+ [\d.-]+ \S")


REQUEST = ("_method", "_uri", "_uri_stem", "_uri_query")


def request_parts(request: str) -> tuple[str, str, str, str]:
    """The method of a request, its address without scheme and host, that address's path, and its query.

    All empty where there is no request, as for a listener of TCP.
    """
    method, _, rest = request.partition(" ")
    if method == "-" or not rest:
        return "", "", "", ""
    address = rest.rpartition(" ")[0] or rest
    at = 0 if address.startswith("/") else address.find("/", address.find("://") + 3)
    uri = address[at:] if at >= 0 else "/"
    stem, _, query = uri.partition("?")
    return method, uri, stem, query


def _register(
    source: str, layout: Layout, line_like: re.Pattern[str], is_line: Callable[[list[str]], bool], what: str
) -> Callable[[Lines, Sample], Read]:
    """Registers a log: recognised by whole lines, then told line by line by few of its values, which is faster.

    Where a line holds a request, its method and the parts of its address join the record under names of our own.
    """
    request = layout.names.index("request") if "request" in layout.names else -1
    full = Layout(REQUEST + layout.names) if request >= 0 else layout

    def read(lines: Lines, sample: Sample) -> Read:
        least = layout.least
        for number, line in lines:
            values = quoted(line)
            if len(values) >= least and is_line(values):
                plain = "\\" not in line and line.isprintable()  # its quotes are gone
                if request >= 0:
                    values = [*request_parts(values[request]), *values]
                yield Record(source, full.record(values, plain), number, line)
            elif line.strip():
                reason = layout.lacks(values) or f"not a line of {what}"
                yield Rejected(reason, line.encode(), number)

    return text_lines(source, lambda s: any(map(line_like.match, s.lines[:5])))(read)


def _is_time(value: str) -> bool:
    return value[4:5] == "-" and value[10:11] == "T" and value[:4].isdecimal()


_SCHEMES = frozenset(("http", "https", "h2", "grpc", "grpcs", "ws", "wss"))

alb = _register(
    "aws-alb",
    ALB,
    _ALB_LINE,
    lambda values: values[0] in _SCHEMES and _is_time(values[1]),
    "an Application Load Balancer's access log",
)
classic = _register(
    "aws-elb",
    CLASSIC,
    _CLASSIC_LINE,
    lambda values: _is_time(values[0]) and ":" in values[2],
    "a Classic Load Balancer's access log",
)
nlb = _register(
    "aws-nlb",
    NLB,
    _NLB_LINE,
    lambda values: values[0] in ("tls", "tcp", "udp") and _is_time(values[2]),
    "a Network Load Balancer's access log",
)
connections = _register(
    "aws-alb-connection",
    CONNECTION,
    _CONNECTION_LINE,
    lambda values: _is_time(values[0]) and values[2].isdecimal() and values[3].isdecimal(),
    "an ALB connection log",
)
