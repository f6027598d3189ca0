"""Windows event logs: EVTX files, events as XML, and the JSON of those who forward them.

Whatever an event came as, its record is flat, and all its values are text: what stands under System keeps its name
(`EventID`, `Channel`, `Computer`; attributes as `Provider_Name`, `TimeCreated_SystemTime`, `Execution_ProcessID`), and
beside it stand the fields of EventData or UserData (`Image`, `CommandLine`, `TargetUserName`).  Data without a name are
the lines of `Data`.  A field of EventData whose name System has already is called `EventData_...`.  Of ours are, for
events of the Security channel that other sources word otherwise, `_User`, `_IntegrityLevel`, `_TargetObject` and
`_Initiated`.

XML is read without a document type: no entity but XML's own five is known, and nothing outside is ever opened.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.parsers import expat

from koban.sources.logs.format import (
    RECORD_BYTES_MAX,
    Read,
    Record,
    Rejected,
    Sample,
    as_json,
    binary,
    envelope,
    json_records,
)

SYSMON, SYSMON_PROCESS, SYSMON_LINUX = "windows-sysmon", "windows-sysmon-process", "linux-sysmon"
SECURITY, OTHER = "windows-security", "windows-events"
DEPTH_MAX = 32
EVTX_MAGIC, EVTX_HEADER_BYTES, EVTX_CHUNK_BYTES = b"ElfFile\0", 4096, 65536
_CHUNK_MAGIC, _RECORD_MAGIC = b"ElfChnk\0", b"\x2a\x2a\0\0"
_CHUNK_HEADER_BYTES, _RECORD_HEADER_BYTES = 512, 24

_INTEGRITY = {
    "S-1-16-0": "Untrusted",
    "S-1-16-4096": "Low",
    "S-1-16-8192": "Medium",
    "S-1-16-8448": "Medium Plus",
    "S-1-16-12288": "High",
    "S-1-16-16384": "System",
}
_HIVES = (("\\REGISTRY\\MACHINE", "HKLM"), ("\\REGISTRY\\USER", "HKU"))


def source_of(record: dict[str, Any]) -> str:
    """The mapping that a flat record belongs to."""
    channel, provider = record.get("Channel"), record.get("Provider_Name")
    if provider == "Linux-Sysmon" or channel == "Linux-Sysmon/Operational":
        return SYSMON_LINUX
    if provider == "Microsoft-Windows-Sysmon" or channel == "Microsoft-Windows-Sysmon/Operational":
        return SYSMON_PROCESS if str(record.get("EventID")) == "1" else SYSMON
    if channel == "Security" or provider == "Microsoft-Windows-Security-Auditing":
        return SECURITY
    return OTHER


def _plain(value: Any) -> str | None:
    """A value as text; None for what says nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        found = [text for item in value if (text := _plain(item)) is not None]
        return "\n".join(found) or None
    if isinstance(value, dict):
        return _plain(value["#text"]) if "#text" in value else as_json(value)
    return str(value)


def flat(event: dict[str, Any]) -> dict[str, Any]:
    """The flat record of an event in the shape that EVTX tools give as JSON (`#attributes`, `#text`)."""
    fields: dict[str, Any] = {}
    system = event.get("System")
    for key, value in (system if isinstance(system, dict) else {}).items():
        if key == "#attributes":
            continue
        if isinstance(value, dict):
            for name, inner in (value.get("#attributes") or {}).items():
                _put(fields, f"{key}_{name}", inner, key)
            _put(fields, key, value.get("#text"), "System")
        else:
            _put(fields, key, value, "System")
    data = event.get("EventData")
    for key, value in (data if isinstance(data, dict) else {"Data": data}).items():
        if key == "#attributes":
            _put(fields, "EventData_Name", (value or {}).get("Name"), "EventData")
        else:
            _put(fields, "Data" if key == "#text" else key, value, "EventData")
    for part in (key for key in event if key not in ("System", "EventData", "#attributes")):
        _leaves(fields, part, event[part], part)
    fields |= _derived(fields)
    return fields


def _put(fields: dict[str, Any], key: str, value: Any, part: str) -> None:
    text = _plain(value)
    if text is None:
        return
    fields[f"{part}_{key}" if key in fields else key] = text


def _leaves(fields: dict[str, Any], key: str, value: Any, part: str, depth: int = 0) -> None:
    """The leaves of UserData and of what else an event holds, by their own names."""
    if isinstance(value, dict) and depth < DEPTH_MAX:
        for name, inner in value.items():
            if name == "#attributes":
                for attribute, text in (inner or {}).items():
                    if not attribute.startswith("xmlns"):
                        _put(fields, f"{key}_{attribute}", text, part)
            elif name == "#text":
                _put(fields, key, inner, part)
            elif part == "RenderingInfo" and name != "Message":
                _leaves(fields, f"RenderingInfo_{name}", inner, part, depth + 1)
            else:
                _leaves(fields, name, inner, part, depth + 1)
    else:
        _put(fields, key, value, part)


def _derived(fields: dict[str, Any]) -> dict[str, str]:
    """What other sources word otherwise, in their words."""
    if source_of(fields) != SECURITY:
        return {}
    found = {}
    number = fields.get("EventID")
    if number == "4688":
        if level := _INTEGRITY.get(fields.get("MandatoryLabel", "")):
            found["_IntegrityLevel"] = level
        if (user := fields.get("SubjectUserName")) and user != "-":
            domain = fields.get("SubjectDomainName", "-")
            found["_User"] = user if domain == "-" else f"{domain}\\{user}"
    elif number == "4657" and (key := fields.get("ObjectName")):
        for path, hive in _HIVES:
            if key.upper().startswith(path):
                key = hive + key[len(path) :]
        found["_TargetObject"] = f"{key}\\{fields['ObjectValueName']}" if fields.get("ObjectValueName") else key
    elif number in ("5156", "5157") and (direction := fields.get("Direction")) in ("%%14592", "%%14593"):
        found["_Initiated"] = "true" if direction == "%%14593" else "false"
    return found


def record_of(fields: dict[str, Any], line: int, raw: str | None = None) -> Record:
    return Record(source_of(fields), as_json(fields), line, raw)


# XML


class _NoEvent(ValueError):
    pass


def event_of_xml(text: str) -> dict[str, Any]:
    """An Event element as the dict that `flat` takes.  `ValueError` says what is wrong with it."""
    parser = expat.ParserCreate(namespace_separator=None)
    root: list[Any] = ["", {}, [], []]
    stack = [root]

    def refuse(*_: Any) -> None:
        raise _NoEvent("a document type declaration")

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > DEPTH_MAX:
            raise _NoEvent("nested too deeply")
        node: list[Any] = [name.rpartition(":")[2], attributes, [], []]
        stack[-1][3].append(node)
        stack.append(node)

    def end(name: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        stack[-1][2].append(data)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.buffer_text = True
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        raise _NoEvent(expat.errors.messages.get(error.code, str(error))) from None
    if not root[3] or root[3][0][0] != "Event":
        raise _NoEvent("no Event element")
    event: dict[str, Any] = {}
    for node in root[3][0][3]:
        event[node[0]] = _event_data(node) if node[0] == "EventData" else _shaped(node)
    return event


def _text_of(node: list[Any]) -> str:
    text = "".join(node[2])
    return text if text.strip() else ""


def _shaped(node: list[Any]) -> Any:
    attributes = {k: v for k, v in node[1].items() if not k.startswith("xmlns")}
    shaped: dict[str, Any] = {"#attributes": attributes} if attributes else {}
    for child in node[3]:
        value = _shaped(child)
        if child[0] in shaped:
            before = shaped[child[0]]
            shaped[child[0]] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            shaped[child[0]] = value
    text = _text_of(node)
    if not shaped:
        return text
    if text:
        shaped["#text"] = text
    return shaped


def _event_data(node: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"#attributes": node[1]} if node[1] else {}
    for child in node[3]:
        key = child[1].get("Name") or child[0] if child[0] == "Data" else child[0]
        value = _shaped(child) if child[3] else _text_of(child)
        if key in found and key != "#attributes":
            before = found[key]
            found[key] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[key] = value
    return found


def sysmon_of_linux(text: str, line: int) -> Record | None:
    """The record of the event that Sysmon for Linux writes into a syslog message; None where it cannot be read."""
    try:
        return record_of(flat(event_of_xml(text)), line, text)
    except ValueError:
        return None


_BEGIN = re.compile(r"<Event(?=[\s>])")
_END = re.compile(r"</Event\s*>")
_BETWEEN = re.compile(r"(?:\s|\ufeff|<\?xml[^>]*\?>|</?Events(?:\s[^<>]*)?>|<!--.*?-->)*", re.DOTALL)
_XML_HEAD = re.compile(
    r"(?:\s|\ufeff|<\?xml[^>]*\?>|<!--.*?-->|<!DOCTYPE.{0,4096}?>)*(?:\]>\s*)?<Events?[\s>]", re.DOTALL
)
_BLOCK_BYTES = 1 << 20


def _encoding(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF16_LE) or head[:4] == b"<\0E\0" or head[:4] == b"<\0?\0":
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE) or head[:4] == b"\0<\0E" or head[:4] == b"\0<\0?":
        return "utf-16-be"
    return "utf-8"


def is_event_xml(sample: Sample) -> bool:
    head = sample.head[: sample.head.rfind(b">") + 2] if len(sample.head) % 2 else sample.head
    return _XML_HEAD.match(head.decode(_encoding(sample.head), "replace")) is not None


@binary("windows-xml", is_event_xml)
def event_xml(stream: BinaryIO, sample: Sample) -> Read:
    """Events one after another, in an Events element or without; a record's line is where its event begins."""
    line = 1
    for piece, is_event in _pieces(stream, _encoding(sample.head)):
        begun = line + len(piece) - len(piece.lstrip("\n"))
        line += piece.count("\n")
        if not is_event:
            if not _BETWEEN.fullmatch(piece):
                reason = "a document type declaration" if "<!DOCTYPE" in piece else "no Event element"
                yield Rejected(reason, piece.encode("utf-8", "surrogatepass"), begun)
            continue
        try:
            yield record_of(flat(event_of_xml(piece)), begun, piece)
        except ValueError as error:
            yield Rejected(f"no readable Event element: {error}", piece.encode("utf-8", "surrogatepass"), begun)


def _pieces(stream: BinaryIO, encoding: str) -> Iterator[tuple[str, bool]]:
    """The text cut into events and what stands between them."""
    decoder = codecs.getincrementaldecoder(encoding)("backslashreplace" if encoding == "utf-8" else "replace")
    text, at, searched, inside = "", 0, 0, False
    while True:
        found = (_END if inside else _BEGIN).search(text, searched)
        if found:
            cut = found.end() if inside else found.start()
            if cut > at:
                yield text[at:cut], inside
            at = searched = cut
            inside = not inside
            continue
        text, at = text[at:], 0
        searched = max(0, len(text) - 16)  # a tag may be cut by the end of a block
        if len(text) > RECORD_BYTES_MAX:
            yield text, False
            text, searched, inside = "", 0, False
        block = stream.read(max(_BLOCK_BYTES, len(text)))
        text += decoder.decode(block, not block)
        if not block:
            if text:
                yield text, inside
            return


# EVTX


@binary("windows-evtx", lambda sample: sample.head.startswith(EVTX_MAGIC))
def evtx(stream: BinaryIO, sample: Sample) -> Read:
    """The records of an EVTX file; a record's line is its place among the file's records.

    What is corrupt is rejected, chunk by chunk or record by record, and the rest is read.
    """
    import shutil
    import tempfile

    from evtx import PyEvtxParser

    after, upto = sample.numbers or (0, 1 << 64)
    with tempfile.TemporaryFile() as copy:
        if after:
            _copy_chunks(stream, copy, after)
        else:
            shutil.copyfileobj(stream, copy, 1 << 20)  # it must be read back and forth
        size = copy.tell()
        copy.seek(0)
        chunks = int.from_bytes(sample.head[42:44], "little")
        try:
            found: Any = PyEvtxParser(copy, number_of_threads=1).records_json()
        except (RuntimeError, OSError) as error:
            yield Rejected(f"no readable EVTX file: {error}", sample.head[:EVTX_HEADER_BYTES], 1)
            return
        line = 0
        while True:
            line += 1
            try:
                item = next(found)
                if sample.numbers and not after < item["event_record_id"] <= upto:
                    continue
                event = json.loads(item["data"])["Event"]
                if not isinstance(event, dict):
                    raise ValueError("no event in it")
                record = record_of(flat(event), line)
            except StopIteration:
                break
            except (RuntimeError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
                yield Rejected(f"corrupt EVTX: {error}", b"", line)
                continue
            yield record
        whole, rest = divmod(size - EVTX_HEADER_BYTES, EVTX_CHUNK_BYTES)
        if after:
            return
        if rest:
            yield Rejected("the EVTX file ends within a chunk", b"", line)
        elif whole < chunks:
            yield Rejected(f"the EVTX file ends early: {chunks - whole} of its {chunks} chunks are missing", b"", line)


def records_of_chunk(chunk: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a chunk with their numbers, as far as they are sound."""
    if not chunk.startswith(_CHUNK_MAGIC) or len(chunk) < _CHUNK_HEADER_BYTES:
        return
    at, end = _CHUNK_HEADER_BYTES, min(int.from_bytes(chunk[48:52], "little"), len(chunk))
    while at + _RECORD_HEADER_BYTES <= end and chunk[at : at + 4] == _RECORD_MAGIC:
        size = int.from_bytes(chunk[at + 4 : at + 8], "little")
        if size < _RECORD_HEADER_BYTES or at + size > end:
            return
        yield int.from_bytes(chunk[at + 8 : at + 16], "little"), chunk[at : at + size]
        at += size


def _copy_chunks(stream: BinaryIO, copy: BinaryIO, after: int) -> None:
    """An EVTX file without the chunks all of whose records are known; names and templates are of their own chunk."""
    copy.write(stream.read(EVTX_HEADER_BYTES))
    while chunk := stream.read(EVTX_CHUNK_BYTES):
        if not (numbers := [n for n, _ in records_of_chunk(chunk)]) or max(numbers) > after:
            copy.write(chunk)


# JSON


def _is_flat(record: dict[str, Any]) -> bool:
    return "EventID" in record and ("Channel" in record or "Provider_Name" in record)


def _is_of(source: str) -> Any:
    return lambda record: _is_flat(record) and source_of(record) == source


for _source in (SYSMON, SYSMON_PROCESS, SYSMON_LINUX, SECURITY, OTHER):
    json_records(_source)(_is_of(_source))


@envelope(
    "windows-evtx-json", lambda r: isinstance(r.get("Event"), dict) and isinstance(r["Event"].get("System"), dict)
)
def evtx_json(record: dict[str, Any]) -> Any:
    """What EVTX tools write as JSON."""
    fields = flat(record["Event"])
    # one that names neither is still of no other source
    return (fields if _is_flat(fields) else {"EventID": None, "Channel": None} | fields,)


_WINLOG = {
    "event_id": "EventID",
    "channel": "Channel",
    "provider_name": "Provider_Name",
    "provider_guid": "Provider_Guid",
    "computer_name": "Computer",
    "record_id": "EventRecordID",
    "activity_id": "Correlation_ActivityID",
    "version": "Version",
}


@envelope("winlogbeat", lambda r: isinstance(r.get("winlog"), dict) and "event_id" in r["winlog"])
def winlogbeat(record: dict[str, Any]) -> Any:
    """Winlogbeat and Elastic's agent; what they add of their own stays beside the fields."""
    winlog = dict(record["winlog"])
    fields: dict[str, Any] = {"Channel": None}
    for name, own in _WINLOG.items():
        if (text := _plain(winlog.pop(name, None))) is not None:
            fields[own] = text
    if isinstance(record.get("@timestamp"), str):
        fields["TimeCreated_SystemTime"] = record["@timestamp"]
    for part, label in (("event_data", "EventData"), ("user_data", "UserData")):
        data = winlog.pop(part, None)
        for key, value in (data if isinstance(data, dict) else {}).items():
            # unnamed data come as param1, param2, ...
            _put(fields, key, value, label)
    if isinstance(record.get("message"), str):
        fields["Message"] = record["message"]
    fields |= _derived(fields)
    return (fields | {k: v for k, v in record.items() if k not in ("winlog", "message")} | {"winlog": winlog},)


@envelope(
    "windows-nxlog", lambda r: "EventID" in r and "SourceName" in r and "Provider_Name" not in r and "Channel" in r
)
def nxlog(record: dict[str, Any]) -> Any:
    """NXLog's JSON: Windows' names but for the provider and the computer."""
    fields = record | {"Provider_Name": record["SourceName"], "EventID": str(record["EventID"])}
    if "Computer" not in fields and "Hostname" in fields:
        fields["Computer"] = fields["Hostname"]
    return (fields | _derived(fields),)


@envelope("azure-securityevent", lambda r: r.get("Type") == "SecurityEvent" and "EventID" in r and "Channel" not in r)
def security_event(record: dict[str, Any]) -> Any:
    """Azure Monitor's SecurityEvent table, where it is exported without its channel."""
    provider = record.get("EventSourceName") or "Microsoft-Windows-Security-Auditing"
    fields = record | {"Channel": "Security", "Provider_Name": provider, "EventID": str(record["EventID"])}
    return (fields | _derived(fields),)
