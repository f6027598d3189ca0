"""The GitHub Action, its steps run as the runner runs them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from tests.integrations.conftest import BAD, ROOT, put_koban, unless_offline

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


class Ran(NamedTuple):
    code: int
    log: str
    outputs: dict[str, str]
    summary: str


@pytest.fixture
def act(tmp_path: Path, project: Path, checkout: Path, environment: dict[str, str]):
    """`act({"path": "infra"}, install=False)`: the steps in turn, up to the first that fails."""

    def run(inputs: dict[str, str], install: bool = False) -> Ran:
        given = {name: one.get("default", "") for name, one in ACTION["inputs"].items()} | inputs
        files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        temporary = tmp_path / "runner temp"
        temporary.mkdir(exist_ok=True)
        steps = ACTION["runs"]["steps"]
        if not install:
            put_koban(temporary / "koban" / "bin")
            steps = steps[1:]
        log, code = "", 0
        for step in steps:
            own = {name: INPUT.sub(lambda found: given[found[1]], value) for name, value in step["env"].items()}
            script = tmp_path / "step.sh"
            script.write_text(step["run"])
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
                cwd=project,
                env={
                    **environment,
                    "GITHUB_WORKSPACE": str(project),
                    "GITHUB_ACTION_PATH": str(checkout),
                    "RUNNER_TEMP": str(temporary),
                    **{name: str(file) for name, file in files.items()},
                    **own,
                },
                capture_output=True,
                text=True,
                check=False,
                timeout=600,
            )
            log += done.stdout + done.stderr
            code = done.returncode
            if step["name"] == "Install Koban":
                unless_offline(done)
            if code:
                break
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        return Ran(code, log, outputs, files["GITHUB_STEP_SUMMARY"].read_text())

    return run


def places(file: Path) -> set[str]:
    results = json.loads(file.read_text())["runs"][0]["results"]
    return {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results}


def test_it_installs_scans_and_leaves_sarif(act, project):
    done = act({}, install=True)
    assert done.code == 0, done.log
    assert places(project / "koban.sarif") == {"infra/main.tf"}
    assert done.outputs == {"sarif": "koban.sarif", "exit-code": "0"}
    assert "ebs-volume-unencrypted" in done.summary


def test_findings_fail_the_job_and_leave_sarif_all_the_same(act, project):
    done = act({"fail-on": "medium", "sarif": "out.sarif"})
    assert done.code == 1
    assert done.outputs == {"sarif": "out.sarif", "exit-code": "1"}
    assert places(project / "out.sarif") == {"infra/main.tf"}
    assert "ebs-volume-unencrypted" in done.summary
    assert all(line.startswith("    ") for line in done.summary.splitlines()[2:] if line)


def test_paths_and_options_are_a_word_a_line(act, project):
    (project / "more stacks").mkdir()
    (project / "more stacks" / "main.tf").write_text(BAD)
    (project / "left out").mkdir()
    (project / "left out" / "main.tf").write_text(BAD)
    done = act({"path": "infra\r\nmore stacks\n\n", "args": "--rule\nebs-volume-unencrypted\n--only=fail\n"})
    assert done.code == 0, done.log
    assert places(project / "koban.sarif") == {"infra/main.tf", "more%20stacks/main.tf"}


EVIL = (
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "' ; touch pwned ; '",
    '" ; touch pwned ; "',
    "infra && touch pwned",
    "--rules=evil",
    "a\n--rules=evil",
    "KOBAN_WORDS\ntouch pwned",
)


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize("name", ["path", "args", "fail-on", "sarif"])
def test_no_input_is_read_as_a_script(act, project, name, value):
    (project / "evil").mkdir()
    (project / "evil" / "bad.py").write_text("open('pwned', 'w')\n")
    done = act({name: value})
    if name != "args" or "evil" not in value:  # whoever may give options may give --rules
        assert not (project / "pwned").exists()
    assert done.outputs.get("exit-code", "2") in ("0", "2"), done.log


def test_a_name_of_two_lines_adds_no_output(act):
    done = act({"sarif": "a\nexit-code=0"})
    assert (done.code, done.outputs) == (2, {})


def test_what_stands_in_a_template_is_no_command_to_the_runner(act, project):
    (project / "infra" / "t.yaml").write_text(
        "Resources:\n  '::error::pwned':\n    Type: AWS::S3::Bucket\n  '## heading': {Type: AWS::S3::Bucket}\n"
    )
    done = act({})
    before, token, inside = re.split(r"::stop-commands::(koban-[0-9a-f]{32})\n", done.log)
    assert before == ""
    shown, after = inside.split(f"::{token}::\n")
    assert "::error::pwned" in shown
    assert "::" not in after


def test_a_python_that_is_too_old_is_said(act, tmp_path):
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = act({"python": str(old)}, install=True)
    assert done.code == 2
    assert "::error::Koban needs Python 3.11 or newer" in done.log


def test_no_script_has_an_expression_and_every_input_is_used():
    used: set[str] = set()
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
        used.update(INPUT.findall(json.dumps(step["env"])))
    assert used == set(ACTION["inputs"])


def test_what_it_says_of_itself_is_whole():
    every: list[dict[str, Any]] = [ACTION, *ACTION["inputs"].values(), *ACTION["outputs"].values()]
    assert all(one["description"] for one in every)
