"""`koban serve`: the API, the console and the scheduler."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from koban.interfaces.cli.options import example

if TYPE_CHECKING:
    from koban.app.serve.settings import Oidc, Settings

ENVIRONMENT = "KOBAN_OIDC_"


@click.command(
    epilog=example(
        "koban serve",
        "koban serve --host 0.0.0.0 --port 443 --public-url https://koban.example.com --tls-cert c.pem --tls-key k.pem",
        "koban serve --workers 2 --behind-proxy 127.0.0.1 --public-url https://koban.example.com",
        "koban serve --setup-link",
    )
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8400, show_default=True, help="0: any that is free.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.option("--public-url", metavar="URL", help="As browsers reach it: https://koban.example.com.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="A further host name to answer to.")
@click.option(
    "--tls-cert", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Certificate chain, PEM."
)
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its private key, PEM.")
@click.option(
    "--behind-proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="A proxy that speaks TLS for us has this address or network; its X-Forwarded headers are believed.",
)
@click.option("--insecure", is_flag=True, help="Listen beyond this machine without TLS: passwords go in the clear.")
@click.option(
    "--oidc",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The OpenID Connect provider, in YAML (docs/serve.md); or $KOBAN_OIDC_ISSUER and so on.",
)
@click.option("--passwords/--no-passwords", default=True, show_default=True, help="Local accounts may sign in.")
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="The koban.yaml that scans follow.")
@click.option("--scheduler/--no-scheduler", default=True, show_default=True, help="Run scans and what has its time.")
@click.option("--scans", type=click.IntRange(1, 64), default=2, show_default=True, help="Scans at the same time.")
@click.option(
    "--idle-hours", type=click.FloatRange(0.01, 720), default=8, show_default=True, help="Unused sessions end."
)
@click.option(
    "--session-hours", type=click.FloatRange(0.01, 8760), default=168, show_default=True, help="All sessions end."
)
@click.option("--allow-private-webhooks", is_flag=True, help="Messages may go to private addresses.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="What is said on standard error, as lines of JSON.",
)
@click.option("--setup-link", is_flag=True, help="Print a new one-time link to make the first admin with, and exit.")
@click.option("--reset-link", metavar="EMAIL", help="Print a one-time link for that user's new password, and exit.")
def serve(
    host: str,
    port: int,
    workers: int,
    public_url: str | None,
    names: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    proxies: tuple[str, ...],
    insecure: bool,
    oidc: Path | None,
    passwords: bool,
    baseline: Path | None,
    scheduler: bool,
    scans: int,
    idle_hours: float,
    session_hours: float,
    allow_private_webhooks: bool,
    log_level: str,
    setup_link: bool,
    reset_link: str | None,
) -> int:
    """Serve the console and the API, and run what is scheduled, until stopped.

    All that is known is kept in $KOBAN_DATA_DIR (default: ~/.local/share/koban), or in the PostgreSQL database that
    $KOBAN_DATABASE_URL names.  At the first start a one-time link to make the first admin with is printed.
    """
    from datetime import timedelta

    from koban.app.serve.settings import Settings
    from koban.ledger.access import Lifetime
    from koban.ledger.database import Ledger, data_directory, told_url

    _check_network(host, tls_cert, tls_key, proxies, insecure, public_url)
    settings = Settings(
        host=host,
        port=port,
        public_url=public_url or "",
        names=frozenset(names),
        tls_cert=tls_cert,
        tls_key=tls_key,
        proxies=proxies,
        workers=workers,
        baseline=baseline,
        oidc=_oidc(oidc, os.environ),
        passwords=passwords,
        scheduler=scheduler,
        scans_at_once=scans,
        lifetime=Lifetime(timedelta(hours=idle_hours), timedelta(hours=session_hours)),
        allow_private_webhooks=allow_private_webhooks,
    )
    if not passwords and settings.oidc is None:
        raise click.UsageError("with --no-passwords and without --oidc nobody could sign in")
    data_dir = data_directory()
    url = told_url()
    ledger = Ledger.open(data_dir, url)
    try:
        if setup_link:
            return _print_setup(ledger, settings)
        if reset_link is not None:
            return _print_reset(ledger, settings, reset_link)
        return _run(settings, ledger, data_dir, url, log_level)
    finally:
        ledger.close()


def _run(settings: Settings, ledger: Any, data_dir: Path, url: str | None, log_level: str) -> int:
    from dataclasses import replace

    from koban.interfaces.api.server import listen
    from koban.interfaces.api.server import serve as serving
    from koban.ledger.seal import BadKey, key_of

    try:
        key_of(data_dir)
    except BadKey as error:
        raise click.ClickException(str(error)) from None
    try:
        listening = listen(settings.host, settings.port)
    except OSError as error:
        raise click.ClickException(f"cannot listen at {settings.host} port {settings.port}: {error.strerror}") from None
    with listening:
        settings = replace(settings, port=listening.getsockname()[1])
        print(f"Koban is at {settings.url}", flush=True)
        link = _setup_link(ledger, settings)
        if link is not None:
            print(
                f"Nobody can sign in as admin yet.  Make the first one here (once, within 24 hours):\n{link}",
                flush=True,
            )
        ledger.close()
        serving(settings, data_dir, url, log_level, listening)
    return 0


def _setup_link(ledger: Any, settings: Settings) -> str | None:
    from datetime import UTC, datetime

    from koban.interfaces.api.people import link_to
    from koban.interfaces.api.server import setup_secret

    secret = setup_secret(ledger, datetime.now(UTC))
    return None if secret is None else link_to(settings.url, secret)


def _print_setup(ledger: Any, settings: Settings) -> int:
    link = _setup_link(ledger, settings)
    if link is None:
        raise click.ClickException("there is an admin who can sign in; --reset-link EMAIL is for a lost password")
    print(link)
    return 0


def _print_reset(ledger: Any, settings: Settings, email: str) -> int:
    """Whoever may read the data directory may do anything: so they may give themselves a password."""
    from datetime import UTC, datetime

    from koban.interfaces.api.people import link_to
    from koban.ledger import people
    from koban.ledger.who import SYSTEM

    with ledger.writing() as connection:
        user = people.find(connection, email=email)
        if user is None:
            raise click.ClickException(f"there is no user {email}")
        if user["totp"]:
            people.set_totp(connection, SYSTEM, user, None)
        secret = people.invite_link(connection, SYSTEM, user, datetime.now(UTC))
    print(link_to(settings.url, secret))
    return 0


def _check_network(
    host: str,
    tls_cert: Path | None,
    tls_key: Path | None,
    proxies: tuple[str, ...],
    insecure: bool,
    public_url: str | None,
) -> None:
    """Refuse what would send passwords over a network in the clear."""
    from koban.app.serve.settings import LOOPBACK

    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    for proxy in proxies:
        try:
            ip_network(proxy)
        except ValueError:
            raise click.UsageError(f"--behind-proxy {proxy}: expected an address or a network, 10.0.0.0/8") from None
    if host not in LOOPBACK and tls_cert is None and not proxies and not insecure:
        raise click.UsageError(
            f"at {host} others could read passwords: give --tls-cert and --tls-key, or --behind-proxy ADDRESS "
            "(--insecure if you know better)"
        )
    if public_url is not None:
        from urllib.parse import urlsplit

        said = urlsplit(public_url)
        if said.scheme not in ("http", "https") or not said.hostname or said.path.strip("/") or said.query:
            raise click.UsageError("--public-url: expected https://name or https://name:port")
        if (said.scheme == "https") != (tls_cert is not None or bool(proxies)):
            raise click.UsageError("--public-url is https exactly with --tls-cert or --behind-proxy")


def _oidc(file: Path | None, environment: Mapping[str, str]) -> Oidc | None:
    """The provider that a file and the environment name; the environment counts more."""
    values: dict[str, Any] = {}
    if file is not None:
        import yaml

        try:
            read = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
            raise click.ClickException(f"{file}: {type(error).__name__}: it cannot be read as YAML") from None
        if not isinstance(read, dict):
            raise click.ClickException(f"{file}: expected settings of OpenID Connect")
        values = {str(key): value for key, value in read.items()}
    for name in ("issuer", "client_id", "client_secret", "name", "scopes", "role_claim", "default_role"):
        if environment.get(ENVIRONMENT + name.upper()):
            values[name] = environment[ENVIRONMENT + name.upper()]
    if environment.get(f"{ENVIRONMENT}ROLES"):
        pairs = [one.partition("=") for one in environment[f"{ENVIRONMENT}ROLES"].split(",") if one.strip()]
        values["roles"] = {value.strip(): role.strip() for value, _, role in pairs}
    secret_file = environment.get(f"{ENVIRONMENT}CLIENT_SECRET_FILE") or values.pop("client_secret_file", None)
    if secret_file:
        try:
            values["client_secret"] = Path(secret_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise click.ClickException(f"cannot read {secret_file}: {error.strerror}") from None
    if not values:
        return None
    from koban.app.serve.oidc import OidcError, oidc_from

    try:
        return oidc_from(values)
    except OidcError as error:
        raise click.ClickException(str(error)) from None
