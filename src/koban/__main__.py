"""Runs the `koban` command."""

from __future__ import annotations


def main() -> int:
    from koban.interfaces.cli import run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
