"""`koban logs follow`: logs as they come."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from koban.interfaces.cli.options import debug, example, hint_options, hints_of, lake_option
from koban.interfaces.cli.output import say

if TYPE_CHECKING:
    import ssl

SYSLOG_KINDS = ("udp", "tcp", "tls")


@click.command(
    epilog=example(
        "koban logs follow --directory /var/log --syslog udp://127.0.0.1:5514",
        "koban logs follow --queue https://sqs.eu-west-1.amazonaws.com/111122223333/new-logs",
        "koban logs follow --syslog tls://0.0.0.0:6514 --certificate cert.pem --key key.pem --client-ca ca.pem",
        "KOBAN_LOGS_TOKEN=... koban logs follow --http 127.0.0.1:8401",
    )
)
@lake_option
@click.option(
    "--directory",
    "directories",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Follow the files of DIR, or one file.",
)
@click.option("--queue", "queues", multiple=True, metavar="URL", help="An SQS queue that tells of new objects in S3.")
@click.option("--syslog", multiple=True, metavar="udp|tcp|tls://HOST:PORT", help="Listen for syslog.")
@click.option("--http", multiple=True, metavar="HOST:PORT", help="Listen for POST /v1/logs, with $KOBAN_LOGS_TOKEN.")
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False), metavar="FILE", help="For TLS, PEM.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False), metavar="FILE", help="Its private key, PEM.")
@click.option(
    "--client-ca",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Take TLS only from clients whose certificate this CA signed.",
)
@click.option("--open-to-network", is_flag=True, help="Allow syslog without client certificates beyond this machine.")
@hint_options
@click.option("-q", "--quiet", is_flag=True, help="Say only what could not be read.")
@debug
def follow(
    lake_root: str | None,
    directories: tuple[Path, ...],
    queues: tuple[str, ...],
    syslog: tuple[str, ...],
    http: tuple[str, ...],
    certificate: str | None,
    key: str | None,
    client_ca: str | None,
    open_to_network: bool,
    flow_fields: str,
    dates: str | None,
    quiet: bool,
) -> int:
    """Take logs in as they come, until stopped (SIGINT or SIGTERM): what was received is in the lake then."""
    from koban.app.logs.follow import Directories, Follower, clients, state_directory
    from koban.app.logs.ingest import Counts
    from koban.app.logs.place import lake_at
    from koban.app.logs.receiving import Listeners

    if not (directories or queues or syslog or http):
        raise click.UsageError("say what to follow: --directory, --queue, --syslog or --http")
    places = [_syslog_place(text) for text in syslog]
    context = _context(certificate, key, client_ca)
    for kind, host, _ in places:
        if kind == "tls" and context is None:
            raise click.UsageError("syslog over TLS needs --certificate and --key")
        if not _is_loopback(host) and not (kind == "tls" and client_ca) and not open_to_network:
            raise click.UsageError(
                f"anyone who reaches {host} could write logs: use tls:// with --client-ca, or say --open-to-network"
            )
    token = os.environ.get("KOBAN_LOGS_TOKEN", "")
    if http and len(token) < 16:
        raise click.UsageError("--http needs a token of at least 16 characters in $KOBAN_LOGS_TOKEN")
    web = [_place(text, "HOST:PORT") for text in http]
    for host, _ in web:
        if not _is_loopback(host) and context is None:
            raise click.UsageError(f"a token must not travel in the clear: {host} needs --certificate and --key")

    hints = hints_of(flow_fields, dates)
    lake = lake_at(lake_root)
    state = state_directory(lake)
    follower = Follower(
        lake,
        directories=Directories(directories, state / "directories.json") if directories else None,
        queue_urls=queues,
        hints=hints,
        on_commit=lambda counts: None if quiet else say(_said(counts)),
        on_trouble=lambda text: say(f"not read: {text}"),
        **clients(queues),
    )

    def stop(*_: Any) -> None:
        follower.stopping.set()

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        with contextlib.ExitStack() as stack:
            if places or web:
                listeners = stack.enter_context(Listeners(state / "spool"))
                follower.spool = listeners.spool
                try:
                    for kind, host, port in places:
                        say(f"syslog on {kind}://{listeners.syslog(kind, host, port, context)}")
                    for host, port in web:
                        say(f"http on {listeners.http(host, port, token, context)}/v1/logs")
                except OSError as error:
                    raise click.UsageError(f"cannot listen: {error.strerror or error}") from error
            counts: Counts = follower.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    say(f"{counts.events:,} events taken in")
    return 3 if counts.unreadable or counts.quarantined else 0


def _said(counts: Any) -> str:
    sources = ", ".join(f"{n:,} {source}" for source, n in counts.by_source.most_common(3))
    more = f"; {counts.quarantined:,} to quarantine" if counts.quarantined else ""
    return f"{counts.events:,} events ({sources}){more}"


def _syslog_place(text: str) -> tuple[str, str, int]:
    kind, separator, rest = text.partition("://")
    if not separator or kind not in SYSLOG_KINDS:
        raise click.UsageError(f"{text!r}: write udp://127.0.0.1:5514, tcp://... or tls://...")
    return (kind, *_place(rest, f"{kind}://HOST:PORT"))


def _place(text: str, shape: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None:
        raise click.UsageError(f"{text!r} is no {shape}")
    return host, port


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _context(certificate: str | None, key: str | None, client_ca: str | None) -> ssl.SSLContext | None:
    if not certificate:
        return None
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        if client_ca:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (ssl.SSLError, OSError) as error:
        raise click.UsageError(f"the certificate cannot be used: {error}") from error
    return context
