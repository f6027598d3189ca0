"""The command as a process of its own: what only a real one shows."""

import os
import pty
import subprocess
import sys

import pytest


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "koban", *words]


@pytest.fixture
def environment(place):
    import koban

    source = os.path.dirname(os.path.dirname(koban.__file__))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NO_COLOR", "PYTEST"))}
    return {**kept, "PYTHONPATH": source, "TERM": "xterm-256color", "COLUMNS": "90"}


SCAN = ("scan", "iac", "bad.yaml", "--rules", "rules", "--rule", "user-bucket-unversioned")


def test_exit_code_and_streams(environment):
    done = subprocess.run(command(*SCAN), env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stdout.count(b"\n") == 2
    assert done.stderr == b""


def test_help_imports_nothing_heavy(environment):
    code = (
        "import sys; from koban.interfaces.cli import run; run(['--help']); run(['--version']);"
        "heavy = {'boto3', 'botocore', 'yaml', 'rich', 'jsonschema', 'moto', 'sqlite3', 'koban.rules.catalog'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_leaves_is_nothing_to_talk_about(environment):
    line = " ".join([sys.executable, "-m", "koban", "rules", "list", "|", "head", "-1", ">", "/dev/null"])
    done = subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"], env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (141, b"")


def test_standard_output_that_is_full(environment, place):
    """A limit on the size of files stands for a full disk, which no test can fill."""
    limit = (
        "import resource, os, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    with open("full", "w") as full:
        words = [sys.executable, "-c", limit, *command(*SCAN)]
        done = subprocess.run(words, env=environment, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr == b"koban: cannot write to standard output: File too large\n"


def test_standard_input_is_a_template(environment, place):
    words = ("scan", "iac", "-", *SCAN[3:])
    text = (place / "bad.yaml").read_bytes()
    done = subprocess.run(command(*words), env=environment, input=text, capture_output=True, check=False)
    assert done.returncode == 1
    assert b'"verdict":"fail"' in done.stdout


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_on_a_terminal_there_are_colours_a_table_and_no_character_it_lacks(environment, encoding):
    shown = on_terminal(command(*SCAN), {**environment, "PYTHONIOENCODING": encoding})
    assert b"\x1b[1;31m   HIGH   \x1b[0m" in shown
    assert b"Fix" in shown
    assert shown.isascii() == (encoding == "ascii")


@pytest.mark.parametrize("how", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_they_are_not_wanted(environment, how):
    shown = on_terminal(command(*SCAN, "-q"), {**environment, **how})
    assert b"1 fail" in shown
    assert b"\x1b[" not in shown


STOPPING = """
import os, signal, time
from koban.model.aws.s3 import Bucket
from koban.model.rule import rule

@rule("low", Bucket)
def user_bucket_slow(bucket: Bucket) -> bool:
    '''Judging this bucket takes too long.

    Why: somebody stops the scan while its report is half written.
    Fix: none is needed.
    '''
    os.kill(os.getpid(), signal.NAME)
    time.sleep(5)
    return True
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_scan_says_so_and_leaves_no_file(environment, place, name):
    (place / "rules" / "slow.py").write_text(STOPPING.replace("NAME", name))
    words = command(*SCAN, "--rule", "user-bucket-slow", "-o", "r.csv")
    done = subprocess.run(words, env=environment, capture_output=True, check=False)
    assert done.returncode == 130
    assert done.stderr.strip() == b"koban: interrupted"
    assert not list(place.glob("*csv*")) + list(place.glob(".*"))


def on_terminal(words: list[str], environment: dict[str, str]) -> bytes:
    """What a terminal of 90 columns gets from a command."""
    master, slave = pty.openpty()
    process = subprocess.Popen(words, env=environment, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux tells the end of a terminal so
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    process.wait(timeout=60)
    return shown
