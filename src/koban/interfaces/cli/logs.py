"""`koban logs`: what AWS logs."""

from __future__ import annotations

import click

from koban.interfaces.cli.lazy import Lazy
from koban.interfaces.cli.options import example


@click.group(
    cls=Lazy,
    commands_at={
        "validate": ("validate:validate", "Prove that CloudTrail's logs are as CloudTrail wrote them."),
    },
    epilog=example("koban logs validate s3://my-trail-bucket", "koban logs validate copy/ --public-keys keys.json"),
)
def logs() -> None:
    """Validate the logs of AWS CloudTrail."""
