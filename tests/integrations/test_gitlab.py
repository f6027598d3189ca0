"""The job for GitLab CI, its lines run as the runner runs them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from tests.integrations.conftest import BAD, ROOT, put_koban, unless_offline
from tests.integrations.test_github_action import EVIL, places

JOB = yaml.safe_load((ROOT / "integrations" / "gitlab" / "koban.gitlab-ci.yml").read_text())["koban"]


@pytest.fixture
def work(tmp_path: Path, project: Path, environment: dict[str, str]):
    """`work(KOBAN_PATH="infra")`: exit code and log; the shell is the one that the image has."""

    def run(install: bool = False, shell: str = "bash", **variables: str) -> tuple[int, str]:
        (tmp_path / "tmp").mkdir(exist_ok=True)
        lines = JOB["script"]
        if not install:
            put_koban(tmp_path / "tmp" / "koban-17" / "bin")
            lines = [lines[0], lines[3]]
        done = subprocess.run(
            [shell],
            input="set -e\n" + "\n".join(lines) + "\n",
            cwd=project,
            env={
                **environment,
                **{name: str(value) for name, value in JOB["variables"].items()},
                "CI_PROJECT_DIR": str(project),
                "CI_JOB_ID": "17",
                "TMPDIR": str(tmp_path / "tmp"),
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        if install:
            unless_offline(done)
        return done.returncode, done.stdout + done.stderr

    return run


def test_it_installs_scans_and_leaves_its_reports(work, project, checkout):
    code, log = work(install=True, KOBAN_PACKAGE=str(checkout), KOBAN_FAIL_ON="medium")
    assert code == 1, log
    assert "ebs-volume-unencrypted" in log
    check_reports(project)


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_findings_fail_the_job_and_leave_every_report(work, project, shell):
    code, log = work(shell=shell, KOBAN_FAIL_ON="medium")
    assert code == 1, log
    check_reports(project)


def check_reports(project: Path) -> None:
    """All that the job says it leaves is there, and what it should be."""
    named = {*JOB["artifacts"]["paths"], *JOB["artifacts"]["reports"].values()}
    assert {one.name for one in project.iterdir() if one.is_file()} == named
    assert places(project / "koban.sarif") == {"infra/main.tf"}
    entries = json.loads((project / JOB["artifacts"]["reports"]["codequality"]).read_text())
    assert {one["location"]["path"] for one in entries} == {"infra/main.tf"}
    cases = ElementTree.parse(project / JOB["artifacts"]["reports"]["junit"]).findall(".//testcase")
    assert {one.get("file") for one in cases} == {"infra/main.tf"}


def test_paths_and_options_are_a_word_a_line(work, project):
    for name in ("more stacks", "left out"):
        (project / name).mkdir()
        (project / name / "main.tf").write_text(BAD)
    code, log = work(KOBAN_PATH="infra\nmore stacks\n", KOBAN_ARGS="--rule\nebs-volume-unencrypted")
    assert code == 0, log
    assert places(project / "koban.sarif") == {"infra/main.tf", "more%20stacks/main.tf"}


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize("name", ["KOBAN_PATH", "KOBAN_ARGS", "KOBAN_FAIL_ON"])
def test_no_variable_is_read_as_a_script(work, project, name, value):
    (project / "evil").mkdir()
    (project / "evil" / "bad.py").write_text("open('pwned', 'w')\n")
    code, log = work(shell="sh", **{name: value})
    if name != "KOBAN_ARGS" or "evil" not in value:
        assert not (project / "pwned").exists()
    assert code in (0, 2), log
