"""Events: what the lake keeps of a log record, under OCSF's names.

A column is an attribute of the Open Cybersecurity Schema Framework with its dots written as underscores:
`actor.user.name` is `actor_user_name`.  The record itself is kept whole beside the columns, so that a rule may ask for
any field under the name that the source gave it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

OCSF_VERSION = "1.5.0"
_QUOTED_KEY = re.compile(r'"(?:[^"\\]|\\.)*"')

CLASSES: dict[str, int] = {
    "base_event": 0,
    "file_activity": 1001,
    "kernel_extension_activity": 1002,
    "kernel_activity": 1003,
    "memory_activity": 1004,
    "module_activity": 1005,
    "scheduled_job_activity": 1006,
    "process_activity": 1007,
    "event_log_actvity": 1008,
    "script_activity": 1009,
    "vulnerability_finding": 2002,
    "compliance_finding": 2003,
    "detection_finding": 2004,
    "incident_finding": 2005,
    "data_security_finding": 2006,
    "account_change": 3001,
    "authentication": 3002,
    "authorize_session": 3003,
    "entity_management": 3004,
    "user_access": 3005,
    "group_management": 3006,
    "network_activity": 4001,
    "http_activity": 4002,
    "dns_activity": 4003,
    "dhcp_activity": 4004,
    "rdp_activity": 4005,
    "smb_activity": 4006,
    "ssh_activity": 4007,
    "ftp_activity": 4008,
    "email_activity": 4009,
    "ntp_activity": 4013,
    "inventory_info": 5001,
    "config_state": 5002,
    "web_resources_activity": 6001,
    "application_lifecycle": 6002,
    "api_activity": 6003,
    "datastore_activity": 6005,
    "file_hosting": 6006,
    "registry_key_activity": 201001,
    "registry_value_activity": 201002,
    "windows_service_activity": 201004,
}
"""The OCSF classes that mappings may name, with their `class_uid`."""

CLASS_NAMES: dict[int, str] = {uid: name for name, uid in CLASSES.items()}

SQL_TYPES = {
    "text": "VARCHAR",
    "integer": "INTEGER",
    "long": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "time": "TIMESTAMPTZ",
    "date": "DATE",
    "texts": "VARCHAR[]",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the events table: an OCSF attribute, its type, what it means, and what kind of observable it is."""

    ocsf: str
    type: str = "text"
    meaning: str = ""
    observable: str = ""

    @property
    def name(self) -> str:
        return self.ocsf.replace(".", "_")

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.type]


def _columns(*rows: tuple[str, ...]) -> dict[str, Column]:
    return {column.name: column for column in (Column(*row) for row in rows)}


COLUMNS: dict[str, Column] = _columns(
    ("class_uid", "integer", "OCSF class of the event; the table is partitioned by it"),
    ("day", "date", "day of `time` in UTC; the table is partitioned by it"),
    ("time", "time", "when it happened, UTC"),
    ("source", "text", "which mapping read it, such as aws-cloudtrail"),
    ("activity_id", "integer", "what was done, as the class numbers it; 0 unknown, 99 other"),
    ("severity_id", "integer", "1 informational, 2 low, 3 medium, 4 high, 5 critical, 6 fatal"),
    ("status_id", "integer", "1 success, 2 failure"),
    ("status_code", "text", "the source's own code of the outcome"),
    ("status_detail", "text", "the source's own words about the outcome"),
    ("message", "text", "what happened, in the source's words"),
    ("metadata.uid", "text", "the event's identity in its source"),
    ("metadata.tenant_uid", "text", "tenant, directory or organisation of the source's account"),
    ("cloud.provider", "text", "AWS, Azure, GCP, ..."),
    ("cloud.account.uid", "text", "AWS account, Azure subscription, Google Cloud project"),
    ("cloud.region", "text", "the provider's region"),
    ("actor.user.name", "text", "who acted, by name", "user"),
    ("actor.user.uid", "text", "who acted, by ARN, object id or SID", "user"),
    ("actor.user.type", "text", "the source's own type of the actor"),
    ("actor.user.email_addr", "text", "who acted, by e-mail address", "user"),
    ("actor.user.account.uid", "text", "the account that the actor belongs to"),
    ("actor.user.credential_uid", "text", "access key, key id or certificate that was used", "credential"),
    ("actor.session.uid", "text", "the session's identity: role session name, logon id", "session"),
    ("actor.session.issuer", "text", "the role or identity provider that issued the session"),
    ("actor.session.is_mfa", "boolean", "whether the session was made with a second factor"),
    ("actor.session.created_time", "time", "when the session began"),
    ("actor.invoked_by", "text", "the service that acted on the actor's behalf"),
    ("actor.process.name", "text", "the process that acted"),
    ("actor.process.pid", "long", "process id of the process that acted"),
    ("actor.process.cmd_line", "text", "command line of the process that acted"),
    ("actor.process.file.path", "text", "program file of the process that acted"),
    ("user.name", "text", "whom it was done to, by name", "user"),
    ("user.uid", "text", "whom it was done to, by ARN, object id or SID", "user"),
    ("user.type", "text", "the source's own type of that user"),
    ("group.name", "text", "the group that was changed"),
    ("src_endpoint.ip", "text", "where it came from", "ip"),
    ("src_endpoint.port", "integer", "port that it came from"),
    ("src_endpoint.hostname", "text", "name of where it came from", "hostname"),
    ("src_endpoint.instance_uid", "text", "instance that it came from"),
    ("src_endpoint.interface_uid", "text", "network interface that it came from"),
    ("src_endpoint.vpc_uid", "text", "virtual network that it came from"),
    ("src_endpoint.location.country", "text", "two-letter country that the source itself names"),
    ("src_endpoint.autonomous_system.number", "long", "autonomous system that the source itself names"),
    ("dst_endpoint.ip", "text", "where it went", "ip"),
    ("dst_endpoint.port", "integer", "port that it went to"),
    ("dst_endpoint.hostname", "text", "name of where it went", "hostname"),
    ("dst_endpoint.svc_name", "text", "service that it went to"),
    ("connection_info.direction_id", "integer", "1 inbound, 2 outbound"),
    ("connection_info.protocol_num", "integer", "IP protocol number: 6 TCP, 17 UDP, 1 ICMP"),
    ("connection_info.uid", "text", "the connection's identity"),
    ("traffic.bytes", "long", "bytes in all"),
    ("traffic.packets", "long", "packets in all"),
    ("traffic.bytes_in", "long", "bytes towards the source endpoint"),
    ("traffic.bytes_out", "long", "bytes from the source endpoint"),
    ("tls.sni", "text", "server name asked for in the TLS handshake", "hostname"),
    ("tls.ja3_hash.value", "text", "JA3 fingerprint of the client", "fingerprint"),
    ("tls.ja4_fingerprint.value", "text", "JA4 fingerprint of the client", "fingerprint"),
    ("api.operation", "text", "the operation called"),
    ("api.service.name", "text", "the service called"),
    ("api.request.uid", "text", "the request's identity"),
    ("api.response.error", "text", "the error's code"),
    ("api.response.error_message", "text", "the error in words"),
    ("http_request.user_agent", "text", "what the client calls itself"),
    ("http_request.http_method", "text", "GET, POST, ..."),
    ("http_request.url.url_string", "text", "the URL asked for, as far as the source tells it", "url"),
    ("http_request.url.hostname", "text", "the host asked for", "hostname"),
    ("http_request.url.path", "text", "the path asked for"),
    ("http_request.referrer", "text", "the page that led there"),
    ("http_response.code", "integer", "HTTP status"),
    ("query.hostname", "text", "the name asked for", "hostname"),
    ("query.type", "text", "A, AAAA, TXT, ..."),
    ("answers", "texts", "what the name resolved to"),
    ("rcode", "text", "NOERROR, NXDOMAIN, ..."),
    ("process.name", "text", "the process it was done to, or that began"),
    ("process.pid", "long", "its process id"),
    ("process.cmd_line", "text", "its command line"),
    ("process.file.path", "text", "its program file"),
    ("process.file.hashes", "texts", "hashes of its program file", "hash"),
    ("file.path", "text", "the file it was done to"),
    ("file.hashes", "texts", "that file's hashes", "hash"),
    ("reg_key.path", "text", "the registry key it was done to"),
    ("device.hostname", "text", "the host that says so", "hostname"),
    ("device.ip", "text", "that host's address", "ip"),
    ("device.uid", "text", "that host's identity", "device"),
    ("finding_info.uid", "text", "the finding's identity in its product"),
    ("finding_info.title", "text", "the finding's title"),
    ("finding_info.types", "texts", "the product's own types of the finding"),
    ("vulnerabilities_cve_uid", "texts", "CVE ids of the vulnerabilities found", "vulnerability"),
    ("resources_uid", "texts", "ARNs or ids of the things concerned", "resource"),
    ("observables", "texts", "addresses, names, hashes, users and resources of the event, to find it by"),
    ("origin", "text", "the file, object or listener that it came from"),
    ("origin_line", "long", "line or position in it, from 1"),
    ("ingested_time", "time", "when it came into the lake"),
    ("raw_data", "text", "the record as it was, where that was no JSON"),
    ("record", "text", "the whole record as JSON, under the source's own names"),
)
"""Every column of the events table, by name, in order."""

PARTITIONS = ("class_uid", "day")


@dataclass(frozen=True, slots=True)
class LogSource:
    """A Sigma logsource that a mapping serves, with the condition that narrows it and the fields it renames.

    `fields` gives a field of Sigma's rules the path of the source's field, or, where there is no one such field, SQL
    over `{paths}` with one value (see `is_sql`); a path inside it stands for its first value.
    """

    product: str = ""
    category: str = ""
    service: str = ""
    when: str = ""
    fields: Map[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassRule:
    """An OCSF class, and the SQL condition over `{fields}` under which a record belongs to it ('' always)."""

    name: str
    when: str = ""


@dataclass(frozen=True)
class Mapping:
    """How the records of one source become events: a table, kept as data.

    `columns` gives a column either the bare path of a field, whose value is then the column's, word for word (or cast
    to its type), or an SQL expression over `{paths}`.
    """

    source: str
    title: str
    vendor: str
    product: str
    logsources: tuple[LogSource, ...]
    classes: tuple[ClassRule, ...]
    columns: Map[str, str]
    notes: str = ""
    ids: Map[str, Any] = field(default_factory=dict)

    def verbatim(self) -> dict[str, str]:
        """Field path -> the text column that holds its value word for word."""
        return {
            expression: name
            for name, expression in self.columns.items()
            if is_path(expression) and COLUMNS[name].type == "text"
        }


def is_path(expression: str) -> bool:
    """Whether an entry of a mapping is the bare path of a field rather than an expression; a number is none.

    A key in double quotes may hold anything: `"Threat Name"`.
    """
    return not expression.isdecimal() and not any(c in _QUOTED_KEY.sub("", expression) for c in "{}()' ")


def is_sql(expression: str) -> bool:
    """Whether an entry of a logsource's `fields` is SQL; names of fields may have spaces and parentheses."""
    return "{" in expression or "'" in expression
