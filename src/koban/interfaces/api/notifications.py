"""Where messages go: e-mail, Slack-compatible channels, webhooks."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Response

from koban.app.notify.address import Refused
from koban.app.notify.sender import SECRETS, GaveUp, deliver, opened, sealed
from koban.app.notify.webhook import NoAnswer, check
from koban.interfaces.api.etags import IfMatch, etag, unchanged
from koban.interfaces.api.problems import Problem, problems
from koban.interfaces.api.security import Admin, Here, State
from koban.interfaces.api.shapes.kinds import Page
from koban.interfaces.api.shapes.notifications import (
    Delivery,
    EmailOptions,
    Notification,
    NotificationAsk,
    NotificationMade,
    NotificationPatch,
    NotificationTested,
    SlackOptions,
    WebhookOptions,
)
from koban.interfaces.api.values import Id
from koban.ledger import audit, notifications
from koban.ledger.database import hold

router = APIRouter(prefix="/notifications", tags=["notifications"])


@router.get("")
def list_notifications(state: Here, actor: Admin) -> Page[Notification]:
    """All of them, without their secrets."""
    with state.ledger.reading() as connection:
        found = notifications.every(connection)
        last = notifications.last(connection, [one.id for one in found])
    items = [_shape(state, one, last.get(one.id)) for one in found]
    return Page(items=items, next=None, total=len(items))


@router.post("", status_code=201, responses=problems(409))
def create_notification(body: NotificationAsk, state: Here, actor: Admin) -> NotificationMade:
    """Add one.  A webhook without a secret gets one; it is told this once."""
    options = body.options.model_dump(exclude={"kind"})
    _allowed(state, body.options)
    secret = None
    if body.options.kind == "webhook" and not options["secret"]:
        secret = options["secret"] = secrets.token_urlsafe(32)
    with state.ledger.writing() as connection:
        id = notifications.create(
            connection,
            actor,
            name=body.name,
            kind=body.options.kind,
            options=sealed(state.key, body.options.kind, options),
            events=list(dict.fromkeys(body.events)),
            severity=body.severity,
            enabled=body.enabled,
        )
        made = notifications.one(connection, id)
    return NotificationMade(**_shape(state, made, None).model_dump(), secret=secret)


@router.get("/{id}")
def get_notification(id: Id, state: Here, actor: Admin) -> Notification:
    """One of them, without its secrets."""
    with state.ledger.reading() as connection:
        return _shape(state, notifications.one(connection, id), notifications.last(connection, [id]).get(id))


@router.patch("/{id}", responses=problems(409, 412))
def change_notification(
    id: Id, body: NotificationPatch, state: Here, actor: Admin, if_match: IfMatch = None
) -> Notification:
    """Change one; what is left out stays, and so does a secret that is left out of the options."""
    given = body.model_dump(exclude_unset=True)
    values = {name: value for name, value in given.items() if value is not None and name != "options"}
    with state.ledger.writing() as connection:
        hold(connection, "notifications", id)
        before = notifications.one(connection, id)
        unchanged(if_match, _shape(state, before, notifications.last(connection, [id]).get(id)))
        if body.options is not None:
            values["options"] = _changed(state, before, body.options)
        notifications.change(connection, actor, id, values)
        return _shape(state, notifications.one(connection, id), notifications.last(connection, [id]).get(id))


def _changed(
    state: State,
    before: notifications.Target,
    options: EmailOptions | SlackOptions | WebhookOptions,
) -> dict[str, Any]:
    if options.kind != before.kind:
        raise Problem(422, "options.kind: it stays what it is", errors=[("options.kind", "it stays what it is")])
    _allowed(state, options)
    kept = {name: before.options.get(name) for name in SECRETS[options.kind]}
    new = sealed(state.key, options.kind, options.model_dump(exclude={"kind"}))
    same_place = all(new.get(name) == before.options.get(name) for name in ("host", "port", "url"))
    for name, value in kept.items():
        if new.get(name) is None and value is not None:
            if not same_place:  # else whoever may write could have a secret sent to a place of their own
                message = "give it again: the message goes to another place now"
                raise Problem(422, f"options.{name}: {message}", errors=[(f"options.{name}", message)])
            new[name] = value
    return new


@router.delete("/{id}", status_code=204, responses=problems(412))
def delete_notification(id: Id, state: Here, actor: Admin, if_match: IfMatch = None) -> Response:
    """Remove one, with the messages that wait for it."""
    with state.ledger.writing() as connection:
        hold(connection, "notifications", id)
        before = notifications.one(connection, id)
        unchanged(if_match, _shape(state, before, notifications.last(connection, [id]).get(id)))
        notifications.remove(connection, actor, id)
    return Response(status_code=204)


@router.post("/{id}/test")
def test_notification(id: Id, state: Here, actor: Admin) -> NotificationTested:
    """Send a message to it now, and say whether it arrived."""
    with state.ledger.writing() as connection:
        target = notifications.one(connection, id)
        audit.record(connection, actor, "notification.test", f"notification {id}")
    body = {"title": "this is a test", "text": f"Asked for by {actor.name}."}
    try:
        deliver(target, state.key, "test", 0, body, allow_private=state.settings.allow_private_webhooks)
    except (NoAnswer, GaveUp) as error:
        return NotificationTested(sent=False, error=str(error))
    return NotificationTested(sent=True)


def _allowed(state: State, options: EmailOptions | SlackOptions | WebhookOptions) -> None:
    """422 for a webhook that would never be called; a name that is not found now may be later."""
    if options.kind == "email":
        return
    try:
        check(options.url, allow_private=state.settings.allow_private_webhooks)
    except Refused as error:
        if "cannot be found" in str(error):
            return
        raise Problem(422, f"options.url: {error}", errors=[("options.url", str(error))]) from error


def _shape(state: State, one: notifications.Target, last: notifications.Delivery | None) -> Notification:
    named = SECRETS[one.kind]
    told: dict[str, Any] = {name: value for name, value in one.options.items() if name not in named}
    told["has_secret"] = any(one.options.get(name) for name in named)
    if one.kind == "slack":
        told["url"] = _host(state, one)
    return Notification(
        id=one.id,
        name=one.name,
        kind=one.kind,  # type: ignore[arg-type]
        options=told,
        events=list(one.events),
        severity=one.severity,  # type: ignore[arg-type]
        enabled=one.enabled,
        created=one.created,
        last=None
        if last is None
        else Delivery(
            id=last.id,
            event=last.event,
            state=last.state,  # type: ignore[arg-type]
            tries=last.tries,
            next=last.next,
            error=last.error,
        ),
        etag=etag(one.id, one.name, one.options, one.events, one.severity, one.enabled),  # its secrets are sealed
    )


def _host(state: State, one: notifications.Target) -> str:
    """Of a Slack address no more than the host: what comes after it is a secret."""
    from urllib.parse import urlsplit

    from koban.ledger.seal import BadKey

    try:
        parts = urlsplit(str(opened(state.key, one.kind, one.options)["url"]))
    except BadKey:
        return ""
    return f"{parts.scheme}://{parts.hostname}/..."
