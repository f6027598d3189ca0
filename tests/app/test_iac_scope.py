"""What depends on what changed, in real repositories of git."""

import os
import shutil
import subprocess

import pytest

from koban.app.iac import Variables, scan_iac
from koban.app.iac_scope import ScopeError, changed_since
from koban.model.rule import declared_rules
from koban.rules.catalog import catalog

VOLUME = 'resource "aws_ebs_volume" "v" {}\n'
STACK = "Resources:\n  V: {Type: AWS::EC2::Volume}\n"
NESTS = f"{STACK}  N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: %s}}}}\n"
EXPORTS = "Resources:\n  V: {Type: AWS::EC2::Volume}\nOutputs: {K: {Value: true, Export: {Name: encrypted}}}\n"
IMPORTS = "Resources:\n  V: {Type: AWS::EC2::Volume, Properties: {Encrypted: {'Fn::ImportValue': encrypted}}}\n"


@pytest.fixture
def git(tmp_path, monkeypatch):
    """``git("commit", ...)`` in a new repository, which is the current directory."""
    monkeypatch.chdir(tmp_path)
    for name in [one for one in os.environ if one.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path.parent))

    def run(*words, at="."):
        line = ["git", "-C", at, "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        line += ["-c", "protocol.file.allow=always"]
        return subprocess.run([*line, *words], check=True, capture_output=True, text=True).stdout.strip()

    run("init", "--quiet", "--initial-branch", "main")
    return run


@pytest.fixture
def write(tmp_path):
    """``write({"a.tf": text, "b.tf": None})``: files made, and those that are None removed."""

    def make(files):
        for name, text in files.items():
            path = tmp_path / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return make


@pytest.fixture
def commit(git, write):
    def make(files):
        write(files)
        git("add", "--all", "--force")
        git("commit", "--quiet", "--message", "m", "--allow-empty")

    return make


RULES = [one for one in catalog() if one.id == "ebs-volume-unencrypted"]


def judged(since="HEAD", paths=(".",), **options):
    """The templates and roots of which something is said, and what else is said."""
    scan = scan_iac(list(paths), RULES, since=since, **options)
    names = sorted({one.resource.uid.partition("#")[0] for one in scan.results if one.rule == RULES[0].id})
    return names, scan.notes


def reached(since="HEAD", **options):
    return judged(since, **options)[0]


def calls(source):
    return f'module "m" {{\n  source = "{source}"\n}}\n'


TREE = {
    "a/main.tf": VOLUME + calls("../shared"),
    "b/main.tf": VOLUME,
    "shared/main.tf": 'resource "aws_ebs_volume" "s" {}\n',
    "c/outer.yaml": NESTS % "inner/inner.yaml",
    "c/inner/inner.yaml": STACK,
    "d.yaml": STACK,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"README.md": "new"}, []),
        ({"a/main.tf": TREE["a/main.tf"] + "\n"}, ["a"]),
        ({"shared/main.tf": VOLUME}, ["a"]),
        ({"shared/more.tf": "locals {}\n"}, ["a"]),
        ({"shared/main.tf.txt": "nothing"}, []),
        ({"b/other.tf.json": "{}"}, ["b"]),
        ({"b/terraform.tfvars": "x = 1\n"}, ["b"]),
        ({"b/x.auto.tfvars": ""}, ["b"]),
        ({"c/inner/inner.yaml": STACK + "\n"}, ["c/outer.yaml"]),
        ({"c/outer.yaml": TREE["c/outer.yaml"] + "\n"}, ["c/outer.yaml"]),
        ({"d.yaml": STACK + "\n"}, ["d.yaml"]),
        ({"e.yaml": STACK}, ["e.yaml"]),
        ({"d.yaml": None}, []),
        ({"shared/main.tf": None}, ["a"]),
        ({"c/inner/inner.yaml": None}, ["c/outer.yaml"]),
        # What nothing calls any more is judged by itself, though no line of it changed.
        ({"a/main.tf": VOLUME}, ["a", "shared"]),
        ({"a/main.tf": None}, ["shared"]),
        ({"c/outer.yaml": None}, ["c/inner/inner.yaml"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("how", ["not committed", "staged", "committed"])
def test_what_depends_on_a_change(git, write, commit, change, expected, how):
    commit(TREE)
    before = git("rev-parse", "HEAD")
    write(change)
    if how != "not committed":
        git("add", "--all")
    if how == "committed":
        git("commit", "--quiet", "--allow-empty", "--message", "change")
    assert reached(before) == expected


def test_what_a_removed_line_leaves_behind_elsewhere_is_reported(commit, write):
    """The bucket's own file is as it was, and depends on nothing that changed."""
    policy = 'resource "aws_ebs_volume" "other" {}\n'
    commit({"bucket.tf": VOLUME, "rest.tf": policy})
    write({"rest.tf": "\n"})
    scan = scan_iac(["."], RULES, since="HEAD")
    assert [one.resource.file for one in scan.results] == ["bucket.tf"]


def test_compared_is_with_where_the_branch_began(git, commit, write):
    commit(TREE)
    git("checkout", "--quiet", "-b", "feature")
    commit({"b/main.tf": VOLUME + "\n"})
    git("checkout", "--quiet", "main")
    commit({"d.yaml": STACK + "\n"})
    git("checkout", "--quiet", "feature")
    assert reached("main") == ["b"]


def test_a_merge_and_a_tag(git, commit):
    commit(TREE)
    git("tag", "v1")
    commit({"d.yaml": STACK + "\n"})
    assert reached("v1") == ["d.yaml"]
    assert reached("HEAD~1") == ["d.yaml"]


@pytest.mark.parametrize("change", [{"shared/main.tf": VOLUME}, {"shared/main.tf": None}, {"shared/x.tf": ""}], ids=str)
def test_from_a_directory_below_and_for_a_path_below(commit, write, monkeypatch, tmp_path, change):
    commit(TREE)
    write(change)
    assert judged(paths=["a"])[0] == ["a"]
    assert judged(paths=["b"])[0] == []
    monkeypatch.chdir(tmp_path / "a")
    assert reached() == ["."]
    assert judged(paths=["main.tf"])[0] == ["."]


def test_several_paths_may_lie_in_several_repositories(git, commit, write):
    commit({"one/main.tf": VOLUME, ".gitignore": "two\n"})
    git("init", "--quiet", "two")
    write({"two/main.tf": VOLUME, "two/sub/main.tf": VOLUME})
    git("add", "--all", at="two")
    git("commit", "--quiet", "--message", "m", at="two")
    write({"two/sub/main.tf": VOLUME + "\n"})
    assert judged(paths=["one", "two"])[0] == ["two/sub"]


def test_values_files_named_on_the_command_line(commit, write):
    commit({**TREE, "prod.tfvars": "x = 1\n", "params.json": "{}"})
    write({"prod.tfvars": "x = 2\n"})
    assert reached() == []
    assert reached(terraform=Variables(files=["prod.tfvars"])) == ["a", "b"]
    assert reached(parameters=["params.json"]) == []
    write({"params.json": '{"A": "b"}'})
    assert reached(parameters=["params.json"]) == ["c/outer.yaml", "d.yaml"]


def test_a_file_that_git_does_not_follow_counts_as_changed_and_is_named(commit, write):
    commit({**TREE, ".gitignore": "*.tfvars\n"})
    assert judged()[1] == ["0 of 4 templates and configurations depend on what changed since HEAD"]
    write({"b/terraform.tfvars": "x = 1\n"})
    names, notes = judged()
    assert names == ["b"]
    assert notes == [
        "b/terraform.tfvars is not followed by git, so it counts as changed",
        "1 of 4 templates and configurations depend on what changed since HEAD",
    ]


def test_modules_that_terraform_fetched_are_as_the_configuration_says(git, commit, write):
    listed = '{"Modules": [{"Key": "m", "Dir": ".terraform/modules/m"}]}'
    commit({"main.tf": VOLUME + calls("example/m/aws"), ".gitignore": ".terraform\n"})
    write({".terraform/modules/modules.json": listed, ".terraform/modules/m/main.tf": VOLUME})
    assert reached() == []
    write({"main.tf": VOLUME + calls("example/m/aws") + "\n"})
    assert reached() == ["."]


def test_modules_kept_beside_the_caller(commit, write):
    commit({"main.tf": VOLUME + calls("example/m/aws"), "vendor/m/main.tf": VOLUME})
    assert reached() == []
    write({"vendor/m/main.tf": VOLUME + "\n"})
    assert reached() == ["."]
    write({"vendor/m/main.tf": None})
    assert reached() == ["."]
    write({"vendor/m/main.tf": VOLUME})
    write({"main.tf": VOLUME})
    assert reached() == [".", "vendor/m"]


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ('file("${path.module}/p.json")', "m/p.json"),
        ('templatefile("m/t.tpl", {})', "m/t.tpl"),
        ('filesha256("up.zip")', "up.zip"),
        ('fileexists("maybe")', "maybe"),
        ('length(fileset("m/parts", "*.json")) > 0', "m/parts/new.json"),
    ],
)
def test_files_that_functions_look_at(commit, write, expression, path):
    module = f'resource "aws_ebs_volume" "v" {{\n  kms_key_id = {expression}\n}}\n'
    commit(
        {"main.tf": calls("./m"), "m/main.tf": module, "other/p.json": "1"}
        | dict.fromkeys(("m/p.json", "m/t.tpl", "up.zip"), "")
    )
    write({"other/p.json": "2"})
    assert reached() == []
    write({path: "2"})
    assert reached() == ["."]


def test_exports_of_other_templates(commit, write):
    commit({"exports.yaml": EXPORTS, "imports.yaml": IMPORTS, "d.yaml": STACK})
    assert reached() == []
    write({"d.yaml": STACK + "\n"})
    assert reached() == ["d.yaml", "imports.yaml"]
    write({"d.yaml": STACK, "exports.yaml": None})
    assert reached() == ["imports.yaml"]


def test_azures_templates(commit, write):
    """No rule is for them yet, so what tells is a part that cannot be read."""
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    text = f'{{"$schema": "{schema}", "resources": [1]}}'
    commit({"a.json": text, "b.json": text})

    def unread():
        return [one.resource.file for one in scan_iac(["."], RULES, since="HEAD").results]

    assert unread() == []
    write({"a.json": text + "\n"})
    assert unread() == ["a.json"]


def test_a_link_that_leads_elsewhere_now(commit, tmp_path):
    commit({"a/main.tf": calls("../link"), "one/main.tf": VOLUME, "two/main.tf": VOLUME})
    (tmp_path / "link").symlink_to("one")
    commit({})
    assert reached() == []
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("two")
    assert "a" in reached()


def test_a_submodule_of_git(git, commit, tmp_path):
    library = tmp_path / "library"
    commit({"library/m/main.tf": VOLUME})
    shutil.move(library, tmp_path.parent / "library")
    git("init", "--quiet", at=str(tmp_path.parent / "library"))
    git("add", "--all", at=str(tmp_path.parent / "library"))
    git("commit", "--quiet", "--message", "m", at=str(tmp_path.parent / "library"))
    commit({"main.tf": calls("./sub/m"), "alone/main.tf": VOLUME})
    git("submodule", "--quiet", "add", str(tmp_path.parent / "library"), "sub")
    git("commit", "--quiet", "--all", "--message", "sub")
    assert reached() == []
    (tmp_path / "sub/m/main.tf").write_text(VOLUME + "\n")
    assert reached() == ["."]


def test_names_that_are_odd(commit, write):
    odd = {"a b/ü\n.tf": VOLUME, "a b/inner é/main.tf": VOLUME, "plain/main.tf": VOLUME}
    commit({**odd, "caller/main.tf": VOLUME + calls("../a b/inner é")})
    assert reached() == []
    write({"a b/inner é/main.tf": VOLUME + "\n"})
    assert reached() == ["caller"]
    write({"caller/main.tf": VOLUME})
    assert reached() == ["a b/inner é", "caller"]
    write({"a b/ü\n.tf": VOLUME + "\n"})
    assert "a b" in reached()


def test_a_plan_is_made_anew_each_time(commit, write):
    plan = '{"format_version": "1.2", "terraform_version": "1.9", "resource_changes": [%s]}'
    change = '{"address": "aws_ebs_volume.v", "mode": "managed", "type": "aws_ebs_volume", "name": "v", "change": %s}'
    commit({"main.tf": VOLUME, ".gitignore": "plan.json\n"})
    write({"plan.json": plan % (change % '{"after": {}}')})
    assert judged(paths=["plan.json"])[0] == ["plan.json"]


def test_in_a_hook_of_git_its_variables_do_not_lead_astray(git, commit, write, monkeypatch, tmp_path):
    commit(TREE)
    write({"b/main.tf": VOLUME + "\n"})
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "no-such-index"))
    monkeypatch.setenv("GIT_PREFIX", "a/")
    assert judged(paths=["a", "b"])[0] == ["b"]


def test_a_shallow_clone(git, commit, tmp_path, monkeypatch):
    commit(TREE)
    commit({"b/main.tf": VOLUME + "\n"})
    clone = tmp_path.parent / "clone"
    git("clone", "--quiet", "--depth", "1", f"file://{tmp_path}", str(clone))
    monkeypatch.chdir(clone)
    with pytest.raises(ScopeError, match="knows no revision 'HEAD~1'"):
        changed_since("HEAD~1", ["."])


def test_two_histories_with_nothing_in_common(git, commit):
    commit(TREE)
    git("checkout", "--quiet", "--orphan", "other")
    commit({"b/main.tf": VOLUME + "\n"})
    with pytest.raises(ScopeError, match="nothing in common with what is checked out; in a shallow clone, fetch more"):
        changed_since("main", ["."])


@pytest.mark.parametrize("revision", ["", "-x", "--output=x", "no-such", "HEAD..HEAD", "a\nb", "a\0b", "HEAD:d.yaml"])
def test_what_is_no_revision(commit, revision):
    commit(TREE)
    with pytest.raises(ScopeError) as caught:
        changed_since(revision, ["."])
    assert "\n" not in str(caught.value)
    assert "revision" in str(caught.value)


def test_where_there_is_no_repository_no_commit_or_no_git(git, tmp_path, monkeypatch):
    with pytest.raises(ScopeError, match="knows no revision 'HEAD'"):
        changed_since("HEAD", ["."])
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path.parent / "bare").mkdir()
    with pytest.raises(ScopeError, match="bare is in no repository of git"):
        changed_since("HEAD", [str(tmp_path.parent / "bare")])
    with pytest.raises(ScopeError, match="asks for files"):
        changed_since("HEAD", ["-"])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ScopeError, match="git, which is not installed here"):
        changed_since("HEAD", ["."])


def test_a_git_that_hangs(tmp_path, monkeypatch):
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 30\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr("koban.app.iac_scope.SECONDS_MAX", 0.2)
    with pytest.raises(ScopeError, match=r"took longer than 0\.2 seconds"):
        changed_since("HEAD", [str(tmp_path)])


def test_the_rule_that_these_tests_rest_on_is_there():
    assert RULES
    assert {one.id for one in RULES} <= {one.id for one in declared_rules()}
