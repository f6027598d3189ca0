"""Two plans, states, templates or directories, compared."""

import json

import pytest

from koban.app.iac import scan_iac
from koban.app.iac_diff import earlier_of
from koban.rules.catalog import catalog
from koban.sources.files import PathError

RULES = [one for one in catalog() if one.id == "ebs-volume-unencrypted"]


def volume(name, encrypted="false"):
    return f'resource "aws_ebs_volume" "{name}" {{\n  encrypted = {encrypted}\n}}\n'


def planned(**encrypted):
    """A plan with volumes of these names."""
    changes = [
        {
            "address": f"aws_ebs_volume.{name}",
            "mode": "managed",
            "type": "aws_ebs_volume",
            "name": name,
            "change": {"actions": ["create"], "after": {"encrypted": value}},
        }
        for name, value in encrypted.items()
    ]
    return json.dumps({"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes})


def stored(**encrypted):
    """A state with volumes of these names."""
    resources = [
        {
            "mode": "managed",
            "type": "aws_ebs_volume",
            "name": name,
            "instances": [{"attributes": {"id": "vol-1", "encrypted": value}}],
        }
        for name, value in encrypted.items()
    ]
    return json.dumps({"version": 4, "terraform_version": "1.9.0", "lineage": "a", "resources": resources})


def stack(*names):
    return "Resources:\n" + "".join(f"  {name}: {{Type: AWS::EC2::Volume}}\n" for name in names)


@pytest.fixture
def compared(tmp_path, monkeypatch):
    """``compared(files, "old", "new")``: the addresses that are new, gone and as before."""
    monkeypatch.chdir(tmp_path)

    def compare(files, old, new):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        earlier, _ = earlier_of(old, lambda path: scan_iac([path], RULES), new)
        found = [one for one in scan_iac([new], RULES).results if one.verdict in ("fail", "unknown")]
        added = [one.resource.address for one in found if not earlier.holds(one)]
        return added, [one.what for one in earlier.gone()], sorted(one.what for one in earlier.stays())

    return compare


THREE = (["aws_ebs_volume.c"], ["aws_ebs_volume.a"], ["aws_ebs_volume.b"])
OLD, NEW = {"a": False, "b": False, "c": True}, {"a": True, "b": False, "c": False}
OLD_TF = volume("a") + volume("b") + volume("c", "true")
NEW_TF = "\n\n" + volume("a", "true") + volume("b") + volume("c")


@pytest.mark.parametrize(
    ("files", "old", "new"),
    [
        ({"old.json": planned(**OLD), "new.json": planned(**NEW)}, "old.json", "new.json"),
        ({"x/plan.json": planned(**OLD), "plan.json": planned(**NEW)}, "x/plan.json", "plan.json"),
        ({"old.tfstate": stored(**OLD), "new.json": planned(**NEW)}, "old.tfstate", "new.json"),
        ({"old.tfstate": stored(**OLD), "new/main.tf": NEW_TF}, "old.tfstate", "new"),
        ({"old/main.tf": OLD_TF, "new/other.tf": NEW_TF}, "old", "new"),
        ({"old/main.tf": OLD_TF, "main.tf": NEW_TF}, "old/main.tf", "main.tf"),
        ({"old/main.tf": OLD_TF, "main.tf": NEW_TF}, "old/", "main.tf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_new_what_is_gone_and_what_stays(compared, files, old, new):
    assert compared(files, old, new) == THREE


def test_directories_are_compared_place_by_place(compared):
    files = {
        "old/net/main.tf": volume("v"),
        "new/net/main.tf": volume("v"),
        "new/more/main.tf": volume("v"),
        "old/t.yaml": stack("A", "B"),
        "new/t.yaml": stack("B", "C"),
    }
    assert compared(files, "old", "new") == (["C", "aws_ebs_volume.v"], ["A"], ["B", "aws_ebs_volume.v"])


def test_a_directory_outside_of_the_current_one(compared, tmp_path, monkeypatch):
    files = {"old/net/main.tf": volume("v") + volume("w"), "new/net/main.tf": volume("v")}
    compared(files, "old", "new")
    monkeypatch.chdir(tmp_path / "new")
    assert compared({}, str(tmp_path / "old"), ".") == ([], ["aws_ebs_volume.w"], ["aws_ebs_volume.v"])


def test_one_directory_in_the_other(compared):
    """What lies in it is new below the current directory, and what lies beside it is as before."""
    files = {"before/net/main.tf": volume("v"), "net/main.tf": volume("v")}
    assert compared(files, "before", ".") == (["aws_ebs_volume.v"], [], ["aws_ebs_volume.v"])


def test_a_file_that_cannot_be_read_is_there_before_and_after(compared):
    files = {"old/main.tf": "resource {", "new/main.tf": "resource {"}
    assert compared(files, "old", "new") == ([], [], ["old/main.tf"])


def test_paths_that_lead_nowhere(compared):
    for old, new in (("gone.json", "."), (".", "gone.json"), ("*.none", ".")):
        with pytest.raises(PathError):
            compared({"main.tf": ""}, old, new)
