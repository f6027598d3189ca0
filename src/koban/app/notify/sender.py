"""Sends what waits: each message until it has arrived, or is given up after a day."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from koban.app.notify import mail, message
from koban.app.notify.address import PrivateAddress, Refused
from koban.app.notify.webhook import NoAnswer, check, post
from koban.ledger import notifications
from koban.ledger.database import Ledger
from koban.ledger.notifications import Delivery, Target
from koban.ledger.seal import BadKey, seal, unseal

log = logging.getLogger("koban.notify")

AGAIN_SECONDS = (30, 120, 600, 3_600, 3 * 3_600, 8 * 3_600, 12 * 3_600)  # after the first try, the second...
LEASE = timedelta(minutes=5)
IDLE_SECONDS = 5.0
SECRETS = {"email": ("password",), "slack": ("url",), "webhook": ("secret",)}


class GaveUp(Exception):
    """It will not arrive however often it is tried; the message says why."""


def sealed(key: bytes, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the ledger keeps them."""
    return {
        name: seal(key, f"notification.{kind}.{name}", value) if name in SECRETS[kind] and value else value
        for name, value in options.items()
    }


def opened(key: bytes, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with their secrets.  Raises BadKey."""
    return {
        name: unseal(key, f"notification.{kind}.{name}", value) if name in SECRETS[kind] and value else value
        for name, value in options.items()
    }


def deliver(
    target: Target, key: bytes, event: str, delivery: int, body: Mapping[str, Any], *, allow_private: bool = False
) -> None:
    """Sends one message.  Raises NoAnswer for what may work later, GaveUp for what will not."""
    try:
        options = opened(key, target.kind, target.options)
        if target.kind == "email":
            _mail(options, event, body, allow_private)
        else:
            _post(target.kind, options, event, delivery, body, allow_private)
    except PrivateAddress as error:
        raise GaveUp(f"{error}; the server does not send to private addresses") from error
    except Refused as error:
        raise NoAnswer(str(error)) from error  # a name that is not found today may be tomorrow
    except (BadKey, mail.MailRefused) as error:
        raise GaveUp(str(error)) from error


def _mail(options: Mapping[str, Any], event: str, body: Mapping[str, Any], allow_private: bool) -> None:
    server = mail.Server(
        options["host"],
        options["port"],
        options["security"],
        options.get("username") or "",
        options.get("password") or "",
    )
    subject, text = message.title(event, body), message.text(event, body)
    mail.send(server, options["sender"], options["recipients"], subject, text, allow_private=allow_private)


def _post(
    kind: str, options: Mapping[str, Any], event: str, delivery: int, body: Mapping[str, Any], allow_private: bool
) -> None:
    hook = check(options["url"], allow_private=allow_private)
    headers = {"Idempotency-Key": str(delivery), "X-Koban-Event": event}
    if kind == "slack":
        status = post(hook, message.slack(event, body))
    else:
        moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        status = post(hook, message.as_json(event, delivery, moment, body), headers, secret=options.get("secret") or "")
    if status < 300:
        return
    if status >= 500 or status in (408, 425, 429):
        raise NoAnswer(f"{hook.place.host} answered HTTP {status}")
    raise GaveUp(f"{hook.place.host} refused it: HTTP {status}")


class Sender:
    """Sends what is due.  Several may run at once, in one process or more: each message is claimed by one."""

    def __init__(self, ledger: Ledger, key: bytes, *, allow_private: bool = False, address: str = "") -> None:
        self.ledger = ledger
        self.key = key
        self.allow_private = allow_private
        self.address = address.rstrip("/")  # of the console, for links

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop."""
        while not stop.is_set():
            try:
                idle = not self.once(datetime.now(UTC))
            except Exception:
                log.exception("messages cannot be sent now")
                idle = True
            if idle:
                stop.wait(IDLE_SECONDS)

    def once(self, now: datetime) -> int:
        """Send what is due at `now`; how many messages that were."""
        with self.ledger.writing() as connection:
            due = notifications.claim(connection, now, LEASE)
            known = {one.id: one for one in notifications.every(connection)} if due else {}
        for one in due:
            self._try(one, known[one.notification], now)
        return len(due)

    def _try(self, one: Delivery, target: Target, now: datetime) -> None:
        again: datetime | None = None
        try:
            body = self.with_links(one.body)
            deliver(target, self.key, one.event, one.id, body, allow_private=self.allow_private)
        except NoAnswer as error:
            why = str(error)
            if one.tries < len(AGAIN_SECONDS):
                again = now + timedelta(seconds=AGAIN_SECONDS[one.tries])
        except GaveUp as error:
            why = str(error)
        except Exception as error:  # one message that cannot be made must not stop the others
            log.exception("message %s cannot be sent", one.id)
            why = type(error).__name__
        else:
            with self.ledger.writing() as connection:
                notifications.sent(connection, one.id)
            return
        log.warning("message %s to %s did not arrive: %s", one.id, target.name, why)
        with self.ledger.writing() as connection:
            notifications.failed(connection, one.id, why, again)

    def with_links(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The message with addresses of the console, where the server was told its own."""
        if not self.address:
            return dict(body)
        told = [{**one, "url": f"{self.address}/findings/{one['id']}"} for one in body.get("findings") or ()]
        made = {**body, "findings": told} if told else dict(body)
        if body.get("path"):
            made["url"] = self.address + str(body["path"])
        elif body.get("scan"):
            made["url"] = f"{self.address}/scans/{body['scan']}"
        return made
