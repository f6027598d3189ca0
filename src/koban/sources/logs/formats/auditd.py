"""Linux audit: the lines of auditd and of `ausearch`, those of one event joined into one record.

An event's lines share its time and serial number, and may be mixed with those of others.  In the record `type` holds
every type of its lines, and a field that differs from line to line holds every value (`name` of several PATH lines).
Of an event with EXECVE `a0`, `a1`, ... are the arguments, not the pointers of its SYSCALL line.  Values that auditd
wrote in hexadecimal are decoded; `SYSCALL` is the call's name, which auditd writes where `log_format` is enriched, and
which otherwise comes from the architecture's numbers.  Of ours are `_time`, `_serial`, `_action`, `_command_line`,
`_path` (the file concerned, whole), `_address` and `_port` (of a socket), and `_incomplete` where lines are missing.

`ausearch -i` writes the same lines for people: names in place of numbers, no quotes, and the time in its own locale and
zone.  Names stay what they are (`auid` is `ana`; `AUID`, `UID` and `SYSCALL` say so too, as in an enriched log);
the time is taken for UTC, as of every log that says no zone.  Whether a date such as 03/04/2026 begins with the day or
the month is told by another date of the input that can only be one, or by the user (`--dates`); an input that leaves it
open is not read.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from koban.sources.logs.format import Lines, NotRecognised, Read, Record, Rejected, Sample, as_json, text_lines

SOURCE = "linux-auditd"
OPEN_EVENTS_MAX = 256
OPEN_SECONDS_MAX = 5.0
EVENT_LINES_MAX = 5000

_LINE = re.compile(
    r"(?:node=(?P<node>\S+) )?type=(?P<type>[A-Z][\w-]*|UNKNOWN\[\d+\]) "
    r"msg=audit\((?P<time>\d{1,12}(?:\.\d{1,9})?):(?P<serial>\d{1,20})\)\s?: ?"
)
_INTERPRETED = re.compile(
    r"(?:node=(?P<node>\S+) )?type=(?P<type>\S+) msg=audit\("
    r"(?P<date>[^():]{6,30}) (?P<clock>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,9})?:(?P<serial>\d{1,20})\)\s?: ?"
)
_DATE = re.compile(r"\s*(\d{1,4})(\D{1,2})\s*(\d{1,2})\D{1,2}\s*(\d{1,4})\D{0,2}\s*\Z")
_KEY = re.compile(r"(?:^|(?<=[\s\x1d{]))([A-Za-z_][\w-]*(?:\[\d+\])?)=")
_NEXT = {
    **{"name": "inode|dev|mode|nametype|objtype", "comm": "exe", "exe": "subj|key|hostname|addr|terminal|sig"},
    **{"cmd": "exe|terminal|hostname|addr|res", "acct": "exe|hostname|addr|terminal|res", "cwd": "", "proctitle": ""},
    **{"data": "", "key": "ARCH|SYSCALL|AUID|arch", "exit": "a0"},
}
"""Fields whose text may hold anything, with the fields of which one follows; they go to the end where none does."""
_FIELD = re.compile(r"""([A-Za-z_][\w.-]*(?:\[\d+\])?)=("[^"]*"|'[^']*'|\{[^}]*\}|[^\s\x1d]*)""")
_INNER = re.compile(r"""([A-Za-z_][\w.-]*)=("[^"]*"|[^\s,()]*)""")
_OP = re.compile(r"\bop=([^\s=]+(?: [^\s=]+)*?)(?= \S+=|$)")
_ARGUMENT = re.compile(r"a(\d+)(?:\[(\d+)\])?$")
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_ENCODED = frozenset(
    "acct cmd comm cwd data dir exe file grp key name new old ocomm path proctitle sw unit vm watch".split()
)
"""Fields whose value is hexadecimal where it is not in quotes."""

_X86_64 = {
    **{2: "open", 257: "openat", 437: "openat2", 85: "creat", 59: "execve", 322: "execveat", 42: "connect", 49: "bind"},
    **{43: "accept", 288: "accept4", 44: "sendto", 41: "socket", 87: "unlink", 263: "unlinkat", 84: "rmdir"},
    **{82: "rename", 264: "renameat", 316: "renameat2", 90: "chmod", 91: "fchmod", 268: "fchmodat", 92: "chown"},
    **{93: "fchown", 94: "lchown", 260: "fchownat", 83: "mkdir", 258: "mkdirat", 86: "link", 265: "linkat"},
    **{88: "symlink", 266: "symlinkat", 133: "mknod", 259: "mknodat", 76: "truncate", 77: "ftruncate"},
    **{175: "init_module", 313: "finit_module", 176: "delete_module", 101: "ptrace", 165: "mount", 166: "umount2"},
    **{62: "kill", 105: "setuid", 106: "setgid", 113: "setreuid", 117: "setresuid", 135: "personality"},
    **{319: "memfd_create", 159: "adjtimex", 164: "settimeofday", 227: "clock_settime", 170: "sethostname"},
    **{188: "setxattr", 189: "lsetxattr", 190: "fsetxattr", 197: "removexattr", 198: "lremovexattr"},
    **{199: "fremovexattr", 321: "bpf", 161: "chroot", 272: "unshare", 308: "setns", 56: "clone", 57: "fork"},
    **{58: "vfork", 435: "clone3", 231: "exit_group", 169: "reboot", 246: "kexec_load", 320: "kexec_file_load"},
    **{428: "open_tree", 429: "move_mount", 155: "pivot_root", 310: "process_vm_readv", 311: "process_vm_writev"},
}
_AARCH64 = {
    **{56: "openat", 437: "openat2", 221: "execve", 281: "execveat", 203: "connect", 200: "bind", 202: "accept"},
    **{242: "accept4", 206: "sendto", 198: "socket", 35: "unlinkat", 38: "renameat", 276: "renameat2", 52: "fchmod"},
    **{53: "fchmodat", 55: "fchown", 54: "fchownat", 34: "mkdirat", 37: "linkat", 36: "symlinkat", 33: "mknodat"},
    **{45: "truncate", 46: "ftruncate", 105: "init_module", 273: "finit_module", 106: "delete_module", 117: "ptrace"},
    **{40: "mount", 39: "umount2", 129: "kill", 146: "setuid", 144: "setgid", 145: "setreuid", 147: "setresuid"},
    **{92: "personality", 279: "memfd_create", 171: "adjtimex", 170: "settimeofday", 112: "clock_settime"},
    **{161: "sethostname", 5: "setxattr", 6: "lsetxattr", 7: "fsetxattr", 14: "removexattr", 15: "lremovexattr"},
    **{16: "fremovexattr", 280: "bpf", 51: "chroot", 97: "unshare", 268: "setns", 220: "clone", 435: "clone3"},
    **{94: "exit_group", 142: "reboot", 104: "kexec_load", 294: "kexec_file_load", 428: "open_tree"},
    **{429: "move_mount", 41: "pivot_root", 270: "process_vm_readv", 271: "process_vm_writev"},
}
_CALLS = {"c000003e": _X86_64, "c00000b7": _AARCH64}

_ACTION_OF_CALL = {
    **dict.fromkeys(("execve", "execveat"), "exec"),
    **dict.fromkeys(("open", "openat", "openat2", "creat"), "file_opened"),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), "file_deleted"),
    **dict.fromkeys(("rename", "renameat", "renameat2"), "file_renamed"),
    **dict.fromkeys(("chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat"), "file_attributes"),
    **dict.fromkeys(("setxattr", "lsetxattr", "fsetxattr"), "file_attributes"),
    **dict.fromkeys(("removexattr", "lremovexattr", "fremovexattr"), "file_attributes"),
    **dict.fromkeys(("mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat"), "file_created"),
    **dict.fromkeys(("truncate", "ftruncate"), "file_updated"),
    **dict.fromkeys(("connect", "accept", "accept4", "sendto"), "network_opened"),
    "bind": "network_listens",
    **dict.fromkeys(("init_module", "finit_module"), "module_loaded"),
    "delete_module": "module_unloaded",
}
_ACTION_OF_TYPE = {
    "USER_LOGIN": "logon",
    "USER_LOGOUT": "logoff",
    "USER_AUTH": "credentials_checked",
    "USER_CMD": "command",
    "ADD_USER": "user_created",
    "DEL_USER": "user_deleted",
    "ACCT_LOCK": "user_locked",
    "ACCT_UNLOCK": "user_unlocked",
    "USER_CHAUTHTOK": "password_changed",
    "USER_MGMT": "user_changed",
    "ADD_GROUP": "group_created",
    "DEL_GROUP": "group_deleted",
    "GRP_MGMT": "group_changed",
}


def _value(key: str, text: str, encoded: bool) -> str:
    if text[:1] in ('"', "'") and text[-1:] == text[:1] and len(text) > 1:
        return text[1:-1]
    if encoded and key != "SADDR" and _HEX.fullmatch(text):
        plain = bytes.fromhex(text).rstrip(b"\0").replace(b"\0", b" ")
        if key == "key":
            plain = plain.replace(b"\x01", b" ")
        return plain.decode("utf-8", "backslashreplace")
    return text


def fields_of(type: str, body: str) -> dict[str, str]:
    """The fields of one line after its time, decoded; of `msg='...'` those inside."""
    found: dict[str, str] = {}
    pieces: dict[int, dict[int, str]] = {}
    for match in _FIELD.finditer(body):
        key, text = match[1], match[2]
        if text in ("(null)", ""):
            continue
        if key == "msg" and text[0] == "'":
            found |= _inner(text[1:-1])
            continue
        argument = type == "EXECVE" and _ARGUMENT.match(key)
        value = _value(key, text, bool(argument) or key in _ENCODED)
        if argument and argument[2] is not None:
            pieces.setdefault(int(argument[1]), {})[int(argument[2])] = value
        elif not (type == "EXECVE" and key.endswith("_len")):
            found[key] = value
    for number, parts in pieces.items():
        found[f"a{number}"] = "".join(parts[n] for n in sorted(parts))
    return found


def _inner(text: str) -> dict[str, str]:
    found = {}
    for match in _INNER.finditer(text):
        if match[2] not in ("(null)", ""):
            found[match[1]] = _value(match[1], match[2], match[1] in _ENCODED)
    if operation := _OP.search(text):
        found["op"] = operation[1]
    return found


def fields_for_people(type: str, body: str) -> dict[str, str]:
    """The fields of a line of `ausearch -i` after its time: values without quotes, up to the next field."""
    found: dict[str, str] = {}
    at = 0
    while match := _KEY.search(body, at):
        key, begin = match[1], match.end()
        rest = body[begin : begin + 1]
        if key == "msg" and rest == "'":
            end = body.rfind("'")
            end = end if end > begin else len(body)
            found |= fields_for_people(type, body[begin + 1 : end])
            at = end
            continue
        if rest == "{" and (closing := body.find("}", begin)) > 0:
            end = closing + 1
            inner = fields_for_people(type, body[begin + 1 : closing])
            found |= _address_for_people(inner) if key == "saddr" else {}
        elif type == "EXECVE" and (argument := _ARGUMENT.match(key)):
            following = re.compile(rf" a{int(argument[1]) + 1}=").search(body, begin)
            end = following.start() if following else len(body)
        elif key in _NEXT:
            following = re.compile(rf" (?:{_NEXT[key]})=").search(body, begin) if _NEXT[key] else None
            end = following.start() if following else len(body)
        else:
            following = _KEY.search(body, begin)
            end = following.start() if following else len(body)
        text = body[begin:end].strip()
        at = end
        if text not in ("", "(null)"):
            found[key] = text
    if type != "EXECVE":
        for key, name in (("auid", "AUID"), ("uid", "UID"), ("syscall", "SYSCALL")):
            if key in found and not found[key].isdigit():
                found.setdefault(name, found[key])
    if type == "USER_CMD":  # every part of it may be in hexadecimal, and is not in this form
        found.pop("data", None)
    return found


def _address_for_people(inner: dict[str, str]) -> dict[str, str]:
    try:
        address = ipaddress.ip_address(inner.get("laddr", ""))
    except ValueError:
        path = inner.get("path", "")
        return {"_socket": path} if path else {}
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    port = inner.get("lport", "")
    return {"_address": str(mapped or address)} | ({"_port": port} if port.isdigit() else {})


def _orders(date: str) -> set[bool]:
    """In which ways a date may be read: with the day before the month (True), or after it (False)."""
    found = _DATE.match(date)
    if found is None:
        return set()
    first, second = int(found[1]), int(found[3])
    if len(found[1]) == 4 or first == second:
        return {True, False}
    if found[2].strip() in (".", "-") and first <= 31 and second <= 12:  # who writes so writes the day first
        return {True}
    return {
        order for order in (True, False) if (first if order else second) <= 31 and (second if order else first) <= 12
    }


def _is_plain(date: str) -> bool:
    """Whether a date says the same in each order."""
    found = _DATE.match(date)
    return found is not None and (len(found[1]) == 4 or found[1] == found[3])


def _moment(found: re.Match[str], day_first: bool) -> str:
    """The time of a line of `ausearch -i`, in seconds since 1970; '' where it is none."""
    parts = _DATE.match(found["date"])
    if parts is None:
        return ""
    numbers = [int(parts[1]), int(parts[3]), int(parts[4])]
    if len(parts[1]) == 4:
        year, month, day = numbers
    else:
        (day, month) = numbers[:2] if day_first else (numbers[1], numbers[0])
        year = numbers[2] if len(parts[4]) == 4 else 2000 + numbers[2]
    try:
        clock = [int(text) for text in found["clock"].split(":")]
        moment = datetime(year, month, day, clock[0], clock[1], min(clock[2], 59), tzinfo=UTC)
    except ValueError:
        return ""
    return f"{int(moment.timestamp()) + (clock[2] > 59)}{found['fraction'] or ''}"


def day_first(dates: Iterable[str], said: bool | None) -> bool | None:
    """Whether dates begin with the day; None where they leave it open and nobody says."""
    orders = {True, False}
    plain = True
    for date in dates:
        mine = _orders(date)
        plain = plain and _is_plain(date)
        if len(mine) == 1:
            orders &= mine
    if len(orders) == 1:
        return orders.pop()
    return said if said is not None or not plain else False


def _socket(saddr: str) -> dict[str, str]:
    """Whom a socket address names."""
    if not _HEX.fullmatch(saddr):
        return {}
    data = bytes.fromhex(saddr)
    family = data[0] | data[1] << 8 if len(data) > 1 else 0
    if family == 2 and len(data) >= 8:
        return {"_address": str(ipaddress.IPv4Address(data[4:8])), "_port": str(int.from_bytes(data[2:4], "big"))}
    if family == 10 and len(data) >= 24:
        address = ipaddress.IPv6Address(data[8:24])
        return {"_address": str(address.ipv4_mapped or address), "_port": str(int.from_bytes(data[2:4], "big"))}
    if family == 1 and len(data) > 2:
        path = data[2:].lstrip(b"\0").split(b"\0")[0].decode("utf-8", "backslashreplace")
        return {"_socket": path} if path else {}
    return {}


@dataclass
class _Event:
    node: str | None
    time: str
    serial: str
    line: int
    raw: list[str] = field(default_factory=list)
    parts: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def record(self) -> Record:
        types = list(dict.fromkeys(type for type, _ in self.parts if type != "EOE")) or ["EOE"]
        fields: dict[str, Any] = {"node": self.node} if self.node else {}
        fields |= {"type": types[0] if len(types) == 1 else types, "_time": self.time, "_serial": self.serial}
        values: dict[str, list[str]] = {}
        executed = "EXECVE" in types
        for type, part in self.parts:
            for key, value in part.items():
                if executed and type != "EXECVE" and _ARGUMENT.match(key):
                    continue
                seen = values.setdefault(key, [])
                if value not in seen:
                    seen.append(value)
        fields |= {key: found[0] if len(found) == 1 else found for key, found in values.items()}
        fields |= self._derived(types, values)
        return Record(SOURCE, as_json(fields), self.line, "\n".join(self.raw))

    def _derived(self, types: list[str], values: dict[str, list[str]]) -> dict[str, Any]:
        def one(key: str) -> str:
            return values.get(key, [""])[0]

        found: dict[str, Any] = {}
        call = one("SYSCALL") or _CALLS.get(one("arch"), {}).get(_number(one("syscall")), "")
        if call:
            found["SYSCALL"] = call
        arguments: list[str] = []
        while f"a{len(arguments)}" in values and "EXECVE" in types:
            arguments.append(one(f"a{len(arguments)}"))
        command = " ".join(arguments) or one("proctitle") or one("cmd")
        if command:
            found["_command_line"] = command
        paths = [part for type, part in self.parts if type == "PATH"]
        concerned = [p for p in paths if p.get("name") and p.get("nametype") != "PARENT"]
        if concerned:
            name = concerned[0]["name"] if "EXECVE" in types else concerned[-1]["name"]
            whole = name if name.startswith("/") or not one("cwd") else f"{one('cwd').rstrip('/')}/{name}"
            found["_path"] = whole
        if one("saddr"):
            found |= _socket(one("saddr"))
        action = _action(types, call, one("op"), any(p.get("nametype") == "CREATE" for p in paths))
        if action:
            found["_action"] = action
        missing_paths = "SYSCALL" in types and len(paths) < _number(one("items"))
        if missing_paths or ("EXECVE" in types and len(arguments) < _number(one("argc"))):
            found["_incomplete"] = True
        return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _action(types: list[str], call: str, operation: str, created: bool) -> str:
    if "EXECVE" in types:
        return "exec"
    for type in types:
        if type in _ACTION_OF_TYPE:
            action = _ACTION_OF_TYPE[type]
            if action in ("user_changed", "group_changed") and "group" in operation:
                added = re.match(r"add", operation)
                return "member_added" if added else "member_removed" if re.match(r"delet|remov", operation) else action
            if action == "password_changed" and operation and "chauthtok" not in operation and "passw" not in operation:
                return "user_changed"
            return action
    action = _ACTION_OF_CALL.get(call, "")
    if action.startswith("network") and "SOCKADDR" not in types:
        return ""
    return "file_created" if action == "file_opened" and created else action


def is_line(text: str) -> bool:
    """Whether this is a line of auditd."""
    return _LINE.match(text) is not None


def line_time(text: str) -> float | None:
    """When the event of a line of auditd was; None of what is no such line."""
    found = _LINE.match(text)
    return float(found["time"]) if found else None


class Joiner:
    """Joins lines into events."""

    def __init__(self, day_first: bool | None = None) -> None:
        self._day_first = day_first
        self._open: dict[tuple[str | None, str, str], _Event] = {}

    def add(self, number: int, text: str, host: str | None = None) -> Iterator[Record | Rejected]:
        """Takes a line (`host` sent it, where it names no node itself); the events that it shows to be complete."""
        line = text.strip("\r\n")
        if not line.strip() or line.startswith(("----", "time->")):  # what ausearch writes between events
            return
        found = _LINE.match(line)
        for_people = _INTERPRETED.match(line) if found is None else None
        if found is None and (for_people is None or self._day_first is None):
            reason = "a time that ausearch -i wrote for people" if for_people else "no line of auditd"
            yield Rejected(reason, text.encode(), number)
            return
        if found is not None:
            time, parse = found["time"], fields_of
        else:
            found, parse = for_people, fields_for_people
            assert found is not None
            time = _moment(found, bool(self._day_first))
            if not time:
                yield Rejected("a time that cannot be read", text.encode(), number)
                return
        node = found["node"] or host
        key = (node, time, found["serial"])
        event = self._open.get(key)
        if event is None:
            yield from self._close(node, float(time))
            event = self._open[key] = _Event(*key, line=number)
        event.raw.append(line)
        event.parts.append((found["type"], parse(found["type"], line[found.end() :])))
        if found["type"] == "EOE" or len(event.raw) >= EVENT_LINES_MAX:
            yield self._open.pop(key).record()

    def _close(self, node: str | None, now: float) -> Iterator[Record]:
        for key in [k for k in self._open if k[0] == node and now - float(k[1]) > OPEN_SECONDS_MAX]:
            yield self._open.pop(key).record()
        while len(self._open) >= OPEN_EVENTS_MAX:
            yield self._open.pop(next(iter(self._open))).record()

    def rest(self) -> Iterator[Record]:
        """The events still open, as far as they came."""
        for event in self._open.values():
            yield event.record()
        self._open.clear()


def is_auditd(sample: Sample) -> bool:
    lines = [line for line in sample.lines if not line.startswith(("----", "time->"))]
    return any(_LINE.match(line) or _INTERPRETED.match(line) for line in lines[:10])


@text_lines("auditd", is_auditd)
def auditd(lines: Lines, sample: Sample) -> Read:
    dates = [found["date"] for line in sample.text.splitlines() if (found := _INTERPRETED.match(line))]
    order = day_first(dates, sample.hints.day_first)
    if dates and order is None and not any(_LINE.match(line) for line in sample.lines):
        raise NotRecognised(
            f"{sample.name}: not read, because its dates may begin with the day or the month ({dates[0]}):"
            " say --dates day or --dates month"
        )
    return _events(lines, order)


def _events(lines: Lines, order: bool | None) -> Read:
    joiner = Joiner(order)
    for number, line in lines:
        yield from joiner.add(number, line)
    yield from joiner.rest()
