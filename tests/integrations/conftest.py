"""What the ready-made integrations need to be run: a checkout, templates to judge, and Koban as a command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKED_OUT = ("pyproject.toml", "README.md", "LICENSE", "src", ".pre-commit-hooks.yaml", "action.yml")
BAD = 'resource "aws_ebs_volume" "v" {\n  availability_zone = "eu-west-1a"\n}\n'
# What pip says where no index has a package, or none can be reached.
NO_INDEX = (
    "No matching distribution",
    "Could not find a version",
    "Failed to establish",
    "Temporary failure",
    "SSLError",
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment without what this very test run has of git, Python and CI."""
    ours = ("GIT_", "GITHUB_", "CI_", "KOBAN_", "PYTEST", "PYTHON", "VIRTUAL_ENV", "PRE_COMMIT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # compiling all that is installed takes longer than the rest of an installation, and little of it is used
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "NO_COLOR": "1", "PIP_NO_COMPILE": "1"}


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What somebody has of Koban who checked it out, as a repository of git with one commit."""
    place = tmp_path_factory.mktemp("checkout")
    for name in CHECKED_OUT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / name)
    git(place, "init", "--quiet")
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "all")
    return place


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one finding of medium severity, in a directory with a space in its name."""
    place = tmp_path / "a project"
    (place / "infra").mkdir(parents=True)
    (place / "infra" / "main.tf").write_text(BAD)
    return place


def git(place: Path, *words: str) -> str:
    line = [
        "git",
        "-C",
        str(place),
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.com",
        "-c",
        "commit.gpgsign=false",
    ]
    return subprocess.run([*line, *words], check=True, capture_output=True, text=True).stdout.strip()


def put_koban(directory: Path) -> None:
    """The command as an installation would put it there, of this very source."""
    directory.mkdir(parents=True)
    for name, words in (("koban", "-m koban"), ("python", "")):
        file = directory / name
        file.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" {words} "$@"\n')
        file.chmod(0o755)


def unless_offline(done: subprocess.CompletedProcess[str]) -> None:
    """Skips the test, so that everybody sees it, where the packages cannot be had."""
    said = done.stdout + done.stderr
    if done.returncode and any(one in said for one in NO_INDEX):
        warnings.warn(f"NOT TESTED: no package index is reachable: {said[-300:]}", stacklevel=2)
        pytest.skip("no package index is reachable, so the installation is not tested")
