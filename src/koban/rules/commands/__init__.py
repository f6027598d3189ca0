"""How findings are mended in a live account: a command of the AWS CLI, where one truly does it."""

from __future__ import annotations

from koban.model.command import Command, declared_commands


def every_command() -> dict[str, Command]:
    """Every command, by the id of its rule."""
    import koban.rules.commands.aws  # noqa: F401  it declares them

    return declared_commands()
