"""The `koban` command."""

from __future__ import annotations


def run() -> int:
    """Run the command line; returns the exit code."""
    return 0
