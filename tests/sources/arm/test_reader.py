"""Azure's templates among other files, and the walk that serves several dialects."""

import json
import os
import time

import pytest

from koban.sources import files
from koban.sources.arm.files import ARM, kind_of
from koban.sources.arm.reader import read, read_found
from koban.sources.cloudformation.files import CLOUDFORMATION
from koban.sources.files import PathError, again, find, without

BASE = "https://schema.management.azure.com/schemas/2019-04-01/"
TEMPLATE = '{"$schema": "%sdeploymentTemplate.json#", "resources": [{"type": "A.B/c", "name": "%s"}]}'
BUCKET = "Resources: {B: {Type: AWS::S3::Bucket}}"


@pytest.fixture
def tree(tmp_path):
    def write(texts):
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


def brief(reads):
    return [(one.file, [r.address for r in one.resources], [p.why for p in one.problems]) for one in reads]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (BASE + "deploymentTemplate.json#", "deployment"),
        (BASE.replace("https", "http") + "DeploymentTemplate.json", "deployment"),
        (BASE + "subscriptionDeploymentTemplate.json#", "subscriptionDeployment"),
        (BASE + "managementGroupDeploymentTemplate.json#", "managementGroupDeployment"),
        (BASE + "tenantDeploymentTemplate.json#", "tenantDeployment"),
        (BASE + "deploymentParameters.json#", "parameters"),
        (BASE + "CreateUIDefinition.MultiVm.json#", ""),
        (7, ""),
    ],
)
def test_what_a_schema_names(schema, kind):
    assert kind_of(schema) == kind


def test_templates_are_found_among_other_files(tree):
    where = tree(
        {
            "a.json": TEMPLATE % (BASE, "a"),
            "b.jsonc": "// first\n" + TEMPLATE % (BASE, "b"),
            "deep/er/c.json": (TEMPLATE % (BASE, "c")).encode("utf-16"),
            "main.parameters.json": json.dumps({"$schema": BASE + "deploymentParameters.json#", "parameters": {}}),
            "ui.json": json.dumps({"$schema": BASE + "CreateUIDefinition.MultiVm.json#"}),
            "around.json": json.dumps({"template": {"$schema": BASE + "deploymentTemplate.json#"}}),
            "readme.md": TEMPLATE % (BASE, "r"),
            "list.json": json.dumps(["$schema", "deploymentTemplate.json"]),
            "broken.json": TEMPLATE % (BASE, "x") + "]",
            "bucket.yaml": BUCKET,
        }
    )
    assert brief(read([where])) == [
        ("a.json", ["A.B/c/a"], []),
        ("b.jsonc", ["A.B/c/b"], []),
        ("broken.json", [], ["not JSON: something follows the end of the template"]),
        ("deep/er/c.json", ["A.B/c/c"], []),
    ]


def test_a_file_that_the_user_names_and_that_is_no_template_is_a_problem(tree):
    values = json.dumps({"$schema": BASE + "deploymentParameters.json#", "parameters": {}})
    where = tree({"p.json": values, "x.json": "{}"})
    assert brief(read([where / "p.json"])) == [
        ("p.json", [], ["it has values of parameters, and no template: give it with --parameters"])
    ]
    assert brief(read([where / "x.json"])) == [("x.json", [], ["it is no Azure Resource Manager template"])]
    with pytest.raises(PathError):
        read([where / "gone.json"])


def test_one_walk_serves_several_dialects(tree):
    where = tree({"a.json": TEMPLATE % (BASE, "a"), "b.yaml": BUCKET, "c.json": TEMPLATE % (BASE, "c"), "d.json": "{}"})
    aside = []
    rest = list(without(find([where], (CLOUDFORMATION, ARM)), ARM.name, aside))
    assert [(one.name, one.dialect) for one in rest] == [("b.yaml", "cloudformation")]
    assert [(one.name, one.dialect) for one in aside] == [("a.json", "arm"), ("c.json", "arm")]
    assert [one.file for one in read_found(aside, {}, None)] == ["a.json", "c.json"]
    # Only the extensions of those that are asked for are looked at, and the first has what none claims.
    assert [one.name for one in find([where], (ARM,))] == ["a.json", "c.json"]
    assert [one.dialect for one in find([where / "d.json"], (CLOUDFORMATION, ARM))] == ["cloudformation"]


def test_bytes_that_are_let_go_are_read_again(tree, monkeypatch):
    where = tree({f"{i}.json": TEMPLATE % (BASE, i) for i in range(3)})
    monkeypatch.setattr(files, "HELD_BYTES_MAX", 200)
    aside = []
    assert list(without(find([where], (ARM,)), ARM.name, aside)) == []
    assert [bool(one.data) for one in aside] == [True, False, False]
    assert [len(again(one, (ARM,)).data) for one in aside] == [len(TEMPLATE % (BASE, 0))] * 3
    os.remove(where / "2.json")
    assert [one[2] for one in brief(read_found(aside, {}, None))][2] == [
        "the file cannot be read: No such file or directory"
    ]


def test_only_wanted_types_are_read(tree):
    where = tree({"a.json": TEMPLATE % (BASE, "a")})
    assert [one.resources for one in read([where], None, lambda type_name: False)] == [[]]


def test_a_template_of_four_megabytes_is_read_in_seconds(tree):
    one = {"type": "A.B/c", "name": "[concat('x', 'y')]", "properties": {"a": [1] * 20, "b": {"c": "[toLower('X')]"}}}
    text = json.dumps({"$schema": BASE + "deploymentTemplate.json#", "resources": [one] * 9000}, indent=1)
    start = time.process_time()
    (made,) = read([tree({"a.json": text})])
    assert (len(made.resources), made.problems) == (9000, [])
    assert time.process_time() - start < 20
