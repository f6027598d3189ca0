"""Where messages go, without the secrets that this needs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from koban.interfaces.api.etags import ETag
from koban.interfaces.api.shapes.kinds import NO_NUL, Ask, Email, Moment, Name, Severity, Shape

NotificationKind = Literal["email", "slack", "webhook"]
Event = Literal[
    "finding.opened",
    "finding.reopened",
    "finding.resolved",
    "scan.landed",
    "scan.failed",
    "exception.asked",
    "exception.decided",
    "case.opened",
    "test",
]


class EmailOptions(Ask):
    kind: Literal["email"] = "email"
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:\[\]-]{1,253}$")] = Field(
        examples=["smtp.example.com"]
    )
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls"] = Field(default="starttls", description="Never without TLS")
    username: Annotated[str, StringConstraints(max_length=320, pattern=NO_NUL)] = ""
    password: Annotated[str, StringConstraints(max_length=1_000, pattern=NO_NUL)] | None = Field(
        default=None, description="Kept sealed and never given back"
    )
    sender: Email
    recipients: Annotated[list[Email], Field(min_length=1, max_length=50)]


class SlackOptions(Ask):
    kind: Literal["slack"] = "slack"
    url: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s\u0000]+$")] = Field(
        description="Of an incoming webhook; kept sealed and never given back whole"
    )


class WebhookOptions(Ask):
    kind: Literal["webhook"] = "webhook"
    url: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s\u0000]+$")]
    secret: Annotated[str, StringConstraints(min_length=16, max_length=500, pattern=NO_NUL)] | None = Field(
        default=None,
        description="Signs what is sent; kept sealed and never given back.  Without one it is made and told once",
    )


Options = Annotated[EmailOptions | SlackOptions | WebhookOptions, Field(discriminator="kind")]


class NotificationAsk(Ask):
    name: Name
    options: Options
    events: Annotated[list[Event], Field(min_length=1, max_length=20)]
    severity: Severity = Field(default="high", description="For findings: at or above it")
    enabled: bool = True


class NotificationPatch(Ask):
    name: Name | None = None
    options: Options | None = Field(default=None, description="Replaces all of them; a secret left out stays as it was")
    events: Annotated[list[Event], Field(min_length=1, max_length=20)] | None = None
    severity: Severity | None = None
    enabled: bool | None = None


class Delivery(Shape):
    id: int
    event: str
    state: Literal["waiting", "sent", "given-up"]
    tries: int
    next: Moment
    error: str | None = None


class Notification(Shape):
    id: int
    name: str
    kind: NotificationKind
    options: dict[str, Any] = Field(description="Without its secrets; `has_secret` says whether there is one")
    events: list[str]
    severity: Severity
    enabled: bool
    created: Moment
    last: Delivery | None = Field(default=None, description="The message sent last")
    etag: ETag


class NotificationMade(Notification):
    secret: str | None = Field(default=None, description="The secret that was made, told this once")


class NotificationTested(Shape):
    sent: bool
    error: str | None = None
