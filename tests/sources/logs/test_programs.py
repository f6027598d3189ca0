from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koban.sources.logs.programs import said

PLACE = {"_src_ip": "192.0.2.7", "_src_port": "51234"}


def result(action: str, outcome: str = "", **rest: str) -> dict[str, str]:
    return {"_action": action} | ({"_outcome": outcome} if outcome else {}) | {f"_{k}": v for k, v in rest.items()}


@pytest.mark.parametrize(
    ("program", "message", "expected"),
    [
        (
            "sshd",
            "Accepted publickey for ana from 192.0.2.7 port 51234 ssh2: ED25519 SHA256:abc",
            result("logon", "success", method="publickey", user="ana") | PLACE,
        ),
        (
            "sshd-session",
            "Failed password for ana from 192.0.2.7 port 51234 ssh2",
            result("logon", "failure", method="password", user="ana") | PLACE,
        ),
        (
            "sshd",
            "Failed password for invalid user x from 10.0.0.1 port 1 from 192.0.2.7 port 51234 ssh2",
            result("logon", "failure", reason="invalid user", method="password", user="x from 10.0.0.1 port 1") | PLACE,
        ),
        ("sshd", "Invalid user bob from 192.0.2.7", result("logon", "failure", user="bob", src_ip="192.0.2.7")),
        (
            "sshd",
            "error: maximum authentication attempts exceeded for root from 192.0.2.7 port 51234 ssh2 [preauth]",
            result("logon", "failure", user="root") | PLACE,
        ),
        (
            "sshd",
            "User bob from 192.0.2.7 not allowed because not listed in AllowUsers",
            result("logon", "failure", user="bob", src_ip="192.0.2.7", reason="not listed in AllowUsers"),
        ),
        ("sshd", "Disconnected from user ana 192.0.2.7 port 51234", result("disconnect", user="ana") | PLACE),
        ("sshd", "Disconnected from 192.0.2.7 port 51234", result("disconnect") | PLACE),
        (
            "sshd",
            "Connection closed by authenticating user root 192.0.2.7 port 51234 [preauth]",
            result("disconnect", user="root") | PLACE,
        ),
        (
            "sshd",
            "Received disconnect from 192.0.2.7 port 51234:11: disconnected by user",
            result("disconnect", reason="disconnected by user") | PLACE,
        ),
        (
            "sshd",
            "message repeated 3 times: [ Failed password for root from 192.0.2.7 port 51234 ssh2]",
            result("logon", "failure", method="password", user="root", repeated="3") | PLACE,
        ),
        (
            "sudo",
            "     ana : TTY=pts/0 ; PWD=/home/ana ; USER=root ; COMMAND=/bin/sh -c a=1 ; USER=b",
            {"TTY": "pts/0", "PWD": "/home/ana", "USER": "root", "COMMAND": "/bin/sh -c a=1 ; USER=b"}
            | result("command", "success", by="ana", user="root", command="/bin/sh -c a=1 ; USER=b"),
        ),
        (
            "sudo",
            "bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/id",
            {"TTY": "pts/1", "PWD": "/", "USER": "root", "COMMAND": "/bin/id"}
            | result("command", "failure", by="bob", user="root", command="/bin/id", reason="user NOT in sudoers"),
        ),
        ("su", "(to root) ana on pts/0", result("su", "success", user="root", by="ana", tty="pts/0")),
        ("su", "FAILED SU (to root) bob on pts/0", result("su", "failure", user="root", by="bob", tty="pts/0")),
        ("su", "- /dev/pts/0 bob:root", result("su", "failure", tty="/dev/pts/0", by="bob", user="root")),
        ("useradd", "new user: name=eve, UID=1002, GID=1002", result("user_created", "success", user="eve")),
        ("useradd", "new group: name=eve, GID=1002", result("group_created", "success", group="eve")),
        (
            "useradd",
            "failed adding user 'eve', exit code: 9",
            result("user_created", "failure", user="eve", reason="exit code: 9"),
        ),
        ("usermod", "add 'eve' to group 'sudo'", result("member_added", "success", user="eve", group="sudo")),
        ("usermod", "lock user 'eve' password", result("user_locked", "success", user="eve")),
        ("usermod", "change user 'eve' shell from '/bin/sh' to '/bin/a'", result("user_changed", "success", user="eve")),
        ("userdel", "delete user 'eve'", result("user_deleted", "success", user="eve")),
        ("userdel", "delete 'eve' from group 'sudo'", result("member_removed", "success", user="eve", group="sudo")),
        ("groupdel", "group 'ops' removed from /etc/group", result("group_deleted", "success", group="ops")),
        (
            "gpasswd",
            "user eve added by root to group sudo",
            result("member_added", "success", user="eve", by="root", group="sudo"),
        ),
        (
            "passwd",
            "pam_unix(passwd:chauthtok): password changed for eve",
            result("password_changed", "success", user="eve"),
        ),
        ("passwd", "password for 'eve' changed by 'root'", result("password_changed", "success", user="eve", by="root")),
        ("CRON", "(root) CMD (  cd / && run)", result("job_started", user="root", command="  cd / && run")),
        ("crontab", "(ana) REPLACE (ana)", result("job_changed", by="ana", user="ana")),
        ("systemd-logind", "New session 3 of user ana.", result("session_opened", session="3", user="ana")),
        ("systemd-logind", "Removed session c2.", result("session_removed", session="c2")),
        (
            "login",
            "pam_unix(login:session): session opened for user ana(uid=1000) by LOGIN(uid=0)",
            result("logon", "success", user="ana", by="LOGIN"),
        ),
        # sshd says Accepted itself: one login is one logon
        (
            "sshd",
            "pam_unix(sshd:session): session opened for user ana(uid=1000) by (uid=0)",
            result("session_opened", user="ana"),
        ),
        ("sshd", "pam_unix(sshd:session): session closed for user ana", result("logoff", "success", user="ana")),
        ("CRON", "pam_unix(cron:session): session closed for user root", result("session_closed", user="root")),
        (
            "sshd",
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root",
            result("check_failed", "failure", tty="ssh", src_ip="192.0.2.7", user="root"),
        ),
        (
            "sudo",
            "pam_unix(sudo:auth): authentication failure; logname=ana uid=1000 euid=0 tty=/dev/pts/0 ruser=ana rhost=  user=ana",
            result("logon", "failure", tty="/dev/pts/0", by="ana", user="ana"),
        ),
        ("login", "FAILED LOGIN (1) on '/dev/tty1' FOR 'ana', Authentication failure",
            result("logon", "failure", tty="/dev/tty1", user="ana", reason="Authentication failure")),
        ("sshd", "Server listening on 0.0.0.0 port 22.", {}),
        ("frobnicator", "Accepted password for ana from 192.0.2.7 port 1 ssh2", {}),
        ("sudo", "ana : TTY", {}),
        ("", "", {}),
    ],
)  # fmt: skip
def test_what_a_program_says(program: str, message: str, expected: dict[str, str]) -> None:
    assert said(program, message) == expected


@given(
    st.sampled_from(["sshd", "sudo", "su", "useradd", "CRON", "systemd-logind", "login", "x"]), st.text(max_size=300)
)
def test_no_message_is_too_odd(program: str, message: str) -> None:
    for text in (
        message,
        "pam_unix(a:b): " + message,
        "message repeated 2 times: [ " + message,
        "x : A=b ; " + message,
    ):
        assert all(isinstance(v, str) and v for k, v in said(program, text).items() if k.startswith("_"))
