"""Asks the `terraform` command what expressions are: its console evaluates without a network."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

TERRAFORM = shutil.which("terraform")
ERROR = "refused"
UNKNOWN = "not known"
BATCH = 400


def evaluate(expressions: Sequence[str], files: dict[str, str | bytes] | None = None) -> list[tuple[str, Any]]:
    """For each expression ("value", what it is, numbers exact), or ERROR or UNKNOWN and None.

    Each must parse: one that does not spoils its batch.  `files` are put beside the expressions.
    """
    found: list[tuple[str, Any]] = []
    for start in range(0, len(expressions), BATCH):
        batch = expressions[start : start + BATCH]
        rows = "\n".join(f'e{n} = try(base64encode(jsonencode([{one}])), "!")' for n, one in enumerate(batch))
        text = _console(f"locals {{\nall = {{\n{rows}\n}}\n}}\n", "local.all", files or {})
        values = dict(re.findall(r'(?m)^  "(e\d+)" = (.*)$', text))
        found += [_read(values[f"e{n}"]) for n in range(len(batch))]
    return found


def _read(text: str) -> tuple[str, Any]:
    if text in ("(known after apply)", "(sensitive value)"):
        return UNKNOWN, None
    if text == '"!"':
        return ERROR, None
    return "value", json.loads(base64.b64decode(text.strip('"'), validate=True), parse_float=Decimal)[0]


def types(expressions: Sequence[str], files: dict[str, str | bytes] | None = None) -> list[str]:
    """The type of each expression, as one line; none of them may be refused."""
    found: list[str] = []
    for start in range(0, len(expressions), BATCH):
        batch = expressions[start : start + BATCH]
        text = _console(f"locals {{\nall = [\n{','.join(batch)}\n]\n}}\n", "type(local.all)", files or {})
        inner = re.fullmatch(r"(?s)tuple\(\[\n(.*)\n\]\)\n?", text)
        assert inner is not None, text
        rows = re.split(r",\n(?=    [^ \]})])", inner[1].rstrip(","))
        found += [" ".join(row.split()) for row in rows]
    return found


def metadata() -> dict[str, Any]:
    """The functions that Terraform has, with their signatures."""
    assert TERRAFORM is not None
    done = subprocess.run([TERRAFORM, "metadata", "functions", "-json"], capture_output=True, check=True, timeout=60)
    return dict(json.loads(done.stdout)["function_signatures"])


def _console(configuration: str, expression: str, files: dict[str, str | bytes]) -> str:
    assert TERRAFORM is not None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
        (folder / "main.tf").write_text(configuration, encoding="utf-8")
        done = subprocess.run(
            [TERRAFORM, "console"],
            input=expression + "\n",
            capture_output=True,
            check=False,
            text=True,
            cwd=folder,
            timeout=60,
            env={**os.environ, "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1", "TF_CLI_ARGS": "-no-color"},
        )
        if done.returncode != 0:
            raise ValueError(done.stderr)
        return done.stdout
