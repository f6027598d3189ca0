"""The hook for pre-commit: as pre-commit itself runs it, and its entry alone where pre-commit cannot be had."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.integrations.conftest import BAD, ROOT, git, put_koban, unless_offline

(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


@pytest.fixture
def enter(tmp_path: Path, project: Path, environment: dict[str, str]):
    """`enter(args)`: the hook's entry with these arguments, by default its own, at the top of the project."""
    put_koban(tmp_path / "bin")
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "m")

    environment["PATH"] = f"{tmp_path / 'bin'}:{environment['PATH']}"

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        words = ["env", *shlex.split(HOOK["entry"]), *(args or HOOK["args"])]  # `env` looks in the path given to it
        return subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True, check=False)

    return run


def test_the_entry_judges_what_is_there(enter):
    done = enter()
    assert done.returncode == 0, done.stderr
    assert "ebs-volume-unencrypted" in done.stdout
    assert enter(".", "--fail-on", "medium").returncode == 1


def test_with_a_revision_it_judges_what_depends_on_the_change(enter, project):
    words = (".", "--fail-on", "medium", "--changed-since", "HEAD")
    assert enter(*words).returncode == 0
    (project / "infra" / "more.tf").write_text("\n")
    git(project, "add", "--all")
    done = enter(*words)
    assert done.returncode == 1
    assert "1 of 1 templates and configurations depend on what changed since HEAD" in done.stderr


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("main.tf", True),
        ("a/b.tofu", True),
        ("x.tf.json", True),
        ("prod.auto.tfvars", True),
        ("t.yml", True),
        ("t.yaml", True),
        ("t.template", True),
        ("README.md", False),
        ("main.tf.bak", False),
        ("notes.txt", False),
    ],
)
def test_which_files_wake_the_hook(name, wanted):
    assert bool(re.search(HOOK["files"], name)) is wanted


def test_pre_commit_itself_runs_it(tmp_path, project, checkout, environment):
    home = tmp_path / "tools"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "pre-commit"]
    unless_offline(subprocess.run(pip, env=environment, capture_output=True, text=True, check=False))
    environment |= {"PRE_COMMIT_HOME": str(tmp_path / "cache"), "PATH": f"{home / 'bin'}:{environment['PATH']}"}
    configuration = {
        "repos": [
            {
                "repo": str(checkout),
                "rev": git(checkout, "rev-parse", "HEAD"),
                "hooks": [{"id": "koban-iac", "args": [".", "--fail-on", "medium", "-f", "table"]}],
            }
        ]
    }
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
    git(project, "init", "--quiet")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        line = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words]
        line = line if words[0] == "commit" else list(words)
        return subprocess.run(
            line, cwd=project, env=environment, capture_output=True, text=True, check=False, timeout=900
        )

    installed = run("pre-commit", "install", "--install-hooks")
    unless_offline(installed)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    git(project, "add", "--all")
    refused = run("commit", "--message", "bad")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "ebs-volume-unencrypted" in refused.stdout + refused.stderr
    good = BAD.replace("\n}", "\n  encrypted = true\n  kms_key_id = aws_kms_key.k.arn\n}")
    (project / "infra" / "main.tf").write_text(
        f'{good}resource "aws_kms_key" "k" {{\n  enable_key_rotation = true\n}}\n'
    )
    git(project, "add", "--all")
    taken = run("commit", "--message", "good")
    assert taken.returncode == 0, taken.stdout + taken.stderr
    (project / "README").write_text("no template\n")
    git(project, "add", "--all")
    skipped = run("commit", "--message", "words")
    assert skipped.returncode == 0
    assert "Skipped" in skipped.stdout + skipped.stderr
