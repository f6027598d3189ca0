"""What the messages of Linux programs say about logins, accounts, groups and commands.

`said` reads a message as the program words it.  The fields that come out bear a name of ours, beginning with `_`:
`_action` and `_outcome` (success or failure), and as far as the message tells `_user` (whom it was done to), `_by` (who
did it), `_group`, `_src_ip`, `_src_port`, `_method`, `_command`, `_session`, `_tty`, `_reason`.  What sudo itself names
(`TTY`, `PWD`, `USER`, `COMMAND`, ...) keeps its name.
"""

from __future__ import annotations

import re

_FROM = r"(?P<src_ip>\S+)(?: port (?P<src_port>\d+))?"
_WHO = (
    r"(?:(?P<kind>invalid user|illegal user|authenticating user|user) (?P<user>.*) )?"
    r"(?P<src_ip>\S+) port (?P<src_port>\d+)"
)
_TOO_MANY = r"(?:error: )?maximum authentication attempts exceeded for (?:(?P<kind>invalid user) )?(?P<user>.*) from "

_SSHD = (
    (rf"Accepted (?P<method>\S+) for (?P<user>.*) from {_FROM}", "logon", "success"),
    (
        rf"Failed (?P<method>\S+) for (?:(?P<kind>invalid user|illegal user) )?(?P<user>.*) from {_FROM}",
        "logon",
        "failure",
    ),
    (rf"(?:Invalid|Illegal) user (?P<user>.*) from {_FROM}", "logon", "failure"),
    (rf"{_TOO_MANY}{_FROM}", "logon", "failure"),
    (r"User (?P<user>.*) from (?P<src_ip>\S+) not allowed because (?P<reason>.*)", "logon", "failure"),
    (rf"Disconnected from {_WHO}", "disconnect", ""),
    (rf"Received disconnect from {_FROM}(?::\d+)?:\s*(?P<reason>.*)", "disconnect", ""),
    (rf"Connection (?:closed|reset) by {_WHO}", "disconnect", ""),
    (rf"Did not receive identification string from {_FROM}", "disconnect", ""),
    (rf"Connection from {_FROM}", "connection", ""),
)
_SU = (
    (r"(?P<failed>FAILED SU )?\(to (?P<user>\S+)\) (?P<by>\S+) on (?P<tty>\S+)", "su", ""),
    (r"Successful su for (?P<user>\S+) by (?P<by>\S+)", "su", "success"),
    (r"FAILED su for (?P<user>\S+) by (?P<by>\S+)", "su", "failure"),
    (r"\+ (?P<tty>\S+) (?P<by>[^:\s]+):(?P<user>\S+)", "su", "success"),
    (r"- (?P<tty>\S+) (?P<by>[^:\s]+):(?P<user>\S+)", "su", "failure"),
)
_MEMBERS = (
    (r"add '(?P<user>[^']+)' to (?:shadow )?group '(?P<group>[^']+)'", "member_added", "success"),
    (r"delete '(?P<user>[^']+)' from (?:shadow )?group '(?P<group>[^']+)'", "member_removed", "success"),
)
_GROUPS = (
    (r"(?:new group: |group added to \S+: )name=(?P<group>[^,\s]+)", "group_created", "success"),
    (r"(?:group|shadow group) '(?P<group>[^']+)' (?:removed|deleted)", "group_deleted", "success"),
    (r"removed (?:shadow )?group '(?P<group>[^']+)' owned by", "group_deleted", "success"),
)
_USERADD = (
    (r"new user: name=(?P<user>[^,\s]+)", "user_created", "success"),
    (r"failed adding user '(?P<user>[^']+)'(?:, (?P<reason>.*))?", "user_created", "failure"),
)
_USERDEL = ((r"delete user '(?P<user>[^']+)'", "user_deleted", "success"),)
_USERMOD = (
    (r"lock user '(?P<user>[^']+)' password", "user_locked", "success"),
    (r"unlock user '(?P<user>[^']+)' password", "user_unlocked", "success"),
    (r"change user '(?P<user>[^']+)' password", "password_changed", "success"),
    (r"change user '(?P<user>[^']+)' ", "user_changed", "success"),
)
_PASSWD = (
    (r"password for '?(?P<user>[^'\s]+)'? changed by '?(?P<by>[^'\s]+)'?", "password_changed", "success"),
    (r"changed password expiry for (?P<user>\S+)", "user_changed", "success"),
)
_GPASSWD = (
    (r"user (?P<user>\S+) added by (?P<by>\S+) to group (?P<group>\S+)", "member_added", "success"),
    (r"user (?P<user>\S+) removed by (?P<by>\S+) from group (?P<group>\S+)", "member_removed", "success"),
)
_CRON = (
    (r"\((?P<user>[^)]+)\) CMD \((?P<command>.*)\)\s*$", "job_started", ""),
    (r"\((?P<by>[^)]+)\) (?:REPLACE|END EDIT) \((?P<user>[^)]+)\)", "job_changed", ""),
    (r"\((?P<by>[^)]+)\) DELETE \((?P<user>[^)]+)\)", "job_deleted", ""),
)
_LOGIND = (
    (r"New session '?(?P<session>[^\s']+)'? of user '?(?P<user>[^\s']+?)'?(?: with .*)?\.?$", "session_opened", ""),
    (r"Session '?(?P<session>[^\s']+)'? logged out", "session_closed", ""),
    (r"Removed session '?(?P<session>[^\s']+?)'?\.?$", "session_removed", ""),
)
_LOGIN = (
    (r"FAILED LOGIN .*?on '?(?P<tty>\S+?)'? FOR '?(?P<user>.*?)'?, (?P<reason>.*)", "logon", "failure"),
    (r"(?:ROOT )?LOGIN ON (?P<tty>\S+)(?: BY (?P<user>\S+))?", "logon", "success"),
)

_Rows = tuple[tuple[re.Pattern[str], str, str], ...]


def _table(*groups: tuple[tuple[str, str, str], ...]) -> _Rows:
    return tuple((re.compile(pattern), action, outcome) for rows in groups for pattern, action, outcome in rows)


_ACCOUNTS = _table(_USERADD, _USERDEL, _USERMOD, _MEMBERS, _GROUPS, _PASSWD, _GPASSWD)
_BY_PROGRAM: dict[str, _Rows] = {
    **dict.fromkeys(("sshd", "sshd-session", "sshd-auth"), _table(_SSHD)),
    **dict.fromkeys(("su", "su-l"), _table(_SU)),
    **dict.fromkeys(
        ("useradd", "userdel", "usermod", "groupadd", "groupdel", "groupmod", "gpasswd", "passwd", "chage"), _ACCOUNTS
    ),
    **dict.fromkeys(("cron", "crond", "crontab"), _table(_CRON)),
    "systemd-logind": _table(_LOGIND),
    "login": _table(_LOGIN),
}
_READ_MAX = 8192
_REPEATED = re.compile(r"message repeated (\d+) times: \[ ?(.*?)\]?$")
_SUDO = re.compile(r"\s*(?P<by>\S+) : (?:(?P<reason>[^;=]+) ; )?(?P<rest>(?:[A-Z]+=).*)", re.DOTALL)
_PAM = re.compile(r"pam_\w+\((?P<service>[^:()]+)(?::(?P<kind>[^)]*))?\): (?P<rest>.*)", re.DOTALL)
_PAM_SESSION = re.compile(
    r"session (?P<what>opened|closed) for user (?P<user>[^\s(]+)(?:\(uid=\d+\))?(?: by (?P<by>[^\s(]+)?\(uid=\d+\))?"
)
_PAM_FAILURE = re.compile(
    r"authentication failure;.*?(?: tty=(?P<tty>\S*))?(?: ruser=(?P<by>\S*))?(?: rhost=(?P<src_ip>\S*))?"
    r"(?:\s+user=(?P<user>\S+))?\s*$"
)
_PAM_PASSWORD = re.compile(r"password changed for (?P<user>\S+)")
_PAM_LOCKED = re.compile(r"Consecutive login failures for user (?P<user>\S+) account temporarily locked")
_TELLS_ITSELF = ("sshd", "su", "su-l")
"""Services whose program reports a login and its failure in words of its own beside PAM's."""
_NO_LOGIN = ("sudo", "sudo-i", "cron", "crond", "atd", "systemd-user", "runuser", "runuser-l")
"""Services that open a session for each command."""


def said(program: str, message: str) -> dict[str, str]:
    """The fields that a program's message holds; {} where it says nothing of what this knows."""
    name = program.rpartition("/")[2]
    if name != "sudo":
        message = message[:_READ_MAX]
    if repeated := _REPEATED.match(message):
        inner = said(program, repeated[2])
        return inner | {"_repeated": repeated[1]} if inner else {}
    if message.startswith("pam_") and (pam := _PAM.match(message)):
        return _pam(pam["service"], pam["rest"][:_READ_MAX])
    if name == "sudo":
        return _sudo(message)
    for pattern, action, outcome in _BY_PROGRAM.get(name.lower(), ()):
        if found := pattern.match(message):
            fields = found.groupdict()
            if fields.pop("failed", None):
                outcome = "failure"
            elif action == "su" and not outcome:
                outcome = "success"
            return _named(action, outcome, fields)
    return {}


def _named(action: str, outcome: str, fields: dict[str, str | None]) -> dict[str, str]:
    kind = fields.pop("kind", None)
    named = {"_action": action}
    if outcome:
        named["_outcome"] = outcome
    if kind in ("invalid user", "illegal user") and "reason" not in fields:
        named["_reason"] = "invalid user"
    return named | {f"_{name}": value for name, value in fields.items() if value}


def _sudo(message: str) -> dict[str, str]:
    found = _SUDO.match(message)
    if found is None:
        return {}
    fields: dict[str, str] = {}
    head, mark, command = found["rest"].partition("COMMAND=")
    for part in head.split(" ; "):
        key, equals, value = part.strip().partition("=")
        if equals and key.isupper():
            fields[key] = value
    if mark:
        fields["COMMAND"] = command
    reason = (found["reason"] or "").strip()
    named = _named("command", "failure" if reason else "success", {"by": found["by"], "reason": reason})
    if fields.get("USER"):
        named["_user"] = fields["USER"]
    if command:
        named["_command"] = command
    return fields | named


def _pam(service: str, rest: str) -> dict[str, str]:
    if found := _PAM_SESSION.match(rest):
        fields = found.groupdict()
        opened = fields.pop("what") == "opened"
        if service in _NO_LOGIN or (opened and service in _TELLS_ITSELF):
            return _named("session_opened" if opened else "session_closed", "", fields)
        return _named("logon" if opened else "logoff", "success", fields)
    if found := _PAM_FAILURE.match(rest):
        action = "check_failed" if service in _TELLS_ITSELF else "logon"
        return _named(action, "failure", found.groupdict())
    if found := _PAM_PASSWORD.match(rest):
        return _named("password_changed", "success", found.groupdict())
    if found := _PAM_LOCKED.match(rest):
        return _named("user_locked", "success", found.groupdict())
    return {}
