"""A search line into SQL: `api.operation:Delete* -actor.user.type:AWSService 198.51.100.7`.

    field:value          the field is that value; case does not count; * and ? stand for any text, any character
    field:"two words"    a value with spaces
    field:a,b            one of several
    field:10.0.0.0/8     an address of that network
    field>5  field<=9    numbers and times
    field:*              the field is there
    -term, NOT term      what must not be; OR between two terms; ( ) around several
    word                 somewhere in the record

A field is an OCSF attribute (`actor.user.name`, or the column's `actor_user_name`), or any field under the name that
its source gives it (`requestParameters.bucketName`).
"""

from __future__ import annotations

import ipaddress
import re

from koban.model.event import COLUMNS, Column

_TOKEN = re.compile(
    r"""\s*(?:(?P<paren>[()])|(?P<not>NOT\b|-(?=\S))|(?P<or>OR\b)|(?P<and>AND\b)
    |(?P<term>(?:[^\s"()]|"(?:[^"\\]|\\.)*")+))""",
    re.VERBOSE,
)
_TERM = re.compile(r"(?P<field>[A-Za-z_@][\w.@/\[\]*-]*?)(?P<sign>>=|<=|:|>|<)(?P<value>.*)$", re.DOTALL)


class BadSearch(ValueError):
    """A search line that cannot be understood; the message says where."""


def search_sql(line: str) -> str:
    """The SQL condition of a search line; `true` when the line is empty."""
    tokens = _tokens(line)
    if not tokens:
        return "true"
    parser = _Parser(tokens)
    sql = parser.any()
    if parser.at < len(tokens):
        raise BadSearch(f"there is a ) too many in: {line}")
    return sql


def _tokens(line: str) -> list[tuple[str, str]]:
    found = []
    at = 0
    while at < len(line.rstrip()):
        match = _TOKEN.match(line, at)
        if match is None or match.end() == at:
            raise BadSearch(f'a " is not closed: {line[at:].strip()[:40]}')
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def _kind(self) -> str:
        if self.at >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return text if kind == "paren" else kind

    def any(self) -> str:
        parts = [self.all()]
        while self._kind() == "or":
            self.at += 1
            parts.append(self.all())
        return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"

    def all(self) -> str:
        parts = []
        while self._kind() not in ("", ")", "or"):
            if self._kind() == "and":
                self.at += 1
                continue
            parts.append(self.one())
        if not parts:
            raise BadSearch("something is missing beside OR, NOT or in ( )")
        return parts[0] if len(parts) == 1 else "(" + " AND ".join(parts) + ")"

    def one(self) -> str:
        kind = self._kind()
        if kind == "not":
            self.at += 1
            if self._kind() in ("", ")", "or", "and"):
                raise BadSearch("something is missing after NOT")
            # what is not known is not that value
            return f"NOT coalesce({self.one()}, false)"
        if kind == "(":
            self.at += 1
            sql = self.any()
            if self._kind() != ")":
                raise BadSearch("a ( is not closed")
            self.at += 1
            return sql
        text = self.tokens[self.at][1]
        self.at += 1
        return _term(text)


def _term(text: str) -> str:
    match = None if text.startswith('"') else _TERM.match(text)
    if match is None:
        return _word(_plain(text))
    column = COLUMNS.get(match["field"].replace(".", "_"))
    sign, value = match["sign"], match["value"]
    if sign != ":":
        return _compared(column, match["field"], sign, _plain(value))
    parts = [one for one in _alternatives(value) if one[0] or one[1]]
    if not parts:
        raise BadSearch(f"{match['field']}: says no value; {match['field']}:* finds what has one")
    made = [_equal(column, match["field"], one, quoted) for one, quoted in parts]
    return made[0] if len(made) == 1 else "(" + " OR ".join(made) + ")"


def _alternatives(value: str) -> list[tuple[str, bool]]:
    found = []
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"|([^,]+)', value):
        found.append((_unescaped(match[1]), True) if match[1] is not None else (match[2], False))
    return found


def _plain(text: str) -> str:
    return _unescaped(text[1:-1]) if len(text) > 1 and text[0] == text[-1] == '"' else text


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def literal(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _word(text: str) -> str:
    pattern = _like(text, any_around=True)
    return f"(record ILIKE {pattern} ESCAPE '\\' OR raw_data ILIKE {pattern} ESCAPE '\\')"


def _like(text: str, *, any_around: bool = False) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", text).replace("*", "%").replace("?", "_")
    return literal(f"%{escaped}%" if any_around else escaped)


def _field(column: Column | None, field: str) -> str:
    if column is not None:
        return column.name
    path = "$" + "".join(f'."{step}"' for step in field.split("."))
    exact = f'$."{field}"'
    extracted = f"json_extract_string(record, {literal(path)})"
    return extracted if "." not in field else f"coalesce({extracted}, json_extract_string(record, {literal(exact)}))"


def _equal(column: Column | None, field: str, value: str, quoted: bool) -> str:
    sql = _field(column, field)
    if value == "*" and not quoted:
        return f"{sql} IS NOT NULL"
    kind = column.type if column else "text"
    if kind == "texts":
        return f"len(list_filter({sql}, lambda x: {_text_equal('x', value, quoted)})) > 0"
    if kind == "time":
        return f"strftime({sql} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') LIKE {literal(value.rstrip('Z') + '%')}"
    if kind == "boolean":
        return f"{sql} = {value.lower() in ('true', '1', 'yes')}"
    if kind in ("integer", "long", "double") and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise BadSearch(f"{field} is a number; {value!r} is none")
    if kind in ("integer", "long", "double"):
        return f"{sql} = {value}"
    return _text_equal(sql, value, quoted)


def _text_equal(sql: str, value: str, quoted: bool) -> str:
    if not quoted and "/" in value:
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            pass
        else:
            return _in_network(sql, network)
    if not quoted and ("*" in value or "?" in value):
        return f"{sql} ILIKE {_like(value)} ESCAPE '\\'"
    return f"lower({sql}) = {literal(value.lower())}"


def _in_network(sql: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    if isinstance(network, ipaddress.IPv6Network):
        groups = network.network_address.exploded.split(":")[: network.prefixlen // 16]
        if network.prefixlen % 16 or not groups or any(int(g, 16) == 0 for g in groups):
            raise BadSearch(f"{network}: a search takes IPv6 networks that end with a group, such as 2001:db8::/32")
        start = "".join(f"{int(g, 16):x}:" for g in groups)
        return f"coalesce(starts_with(lower({sql}), {literal(start)}), false)"
    low, high = int(network.network_address), int(network.broadcast_address)
    parts = f"string_split({sql}, '.')"
    number = " + ".join(f"CAST({parts}[{n + 1}] AS BIGINT) * {256 ** (3 - n)}" for n in range(4))
    guard = f"regexp_full_match({sql}, '\\d{{1,3}}(\\.\\d{{1,3}}){{3}}')"
    return f"coalesce(CASE WHEN {guard} THEN {number} BETWEEN {low} AND {high} END, false)"


def _compared(column: Column | None, field: str, sign: str, value: str) -> str:
    sql = _field(column, field)
    if column is not None and column.type == "time":
        if not re.fullmatch(r"\d{4}-\d\d-\d\d([T ][\d:.]+)?Z?", value):
            raise BadSearch(f"{field}: {value!r} is no time; write 2026-03-01 or 2026-03-01T10:00:00Z")
        whole = value.rstrip("Z") + ("+00" if "T" in value or " " in value else " 00:00:00+00")
        return f"{sql} {sign} TIMESTAMPTZ {literal(whole)}"
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise BadSearch(f"{field}{sign}{value}: {value!r} is no number")
    return f"TRY_CAST({sql} AS DOUBLE) {sign} {value}"
