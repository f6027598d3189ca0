"""Files and directories read into resources."""

import os
from textwrap import dedent

import pytest

import koban.model.aws.s3
from koban.model.aws.s3 import Bucket
from koban.model.estate import MemoryEstate
from koban.sources import files
from koban.sources.cloudformation.files import find
from koban.sources.cloudformation.parameters import ParametersError, read_parameters
from koban.sources.cloudformation.reader import read
from koban.sources.files import PathError

BUCKET = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: %s}\n"


@pytest.fixture
def tree(tmp_path):
    """Write files: ``tree({"a.yaml": text, ...})`` gives the directory."""

    def write(texts):
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, bytes):
                path.write_bytes(text)
            else:
                path.write_text(dedent(text))
        return tmp_path

    return write


def addresses(directory, **options):
    return [
        (one.file, [r.address for r in one.resources], [p.why for p in one.problems])
        for one in read([directory], **options)
    ]


def test_templates_are_found_among_other_files(tree):
    where = tree(
        {
            "a.yaml": BUCKET % "a",
            "b.json": '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}',
            "c.template": BUCKET % "c",
            "no-extension": BUCKET % "n",
            "deep/er/d.yml": BUCKET % "d",
            ".git/e.yaml": BUCKET % "e",
            "node_modules/f.yaml": BUCKET % "f",
            "README.md": BUCKET % "g",
            "k8s.yaml": "apiVersion: v1\nkind: Pod\n---\nkind: Pod\n",
            "workflow.yml": "on: push\njobs: {a: {steps: [{run: 'echo Resources Type: AWS::S3::Bucket'}]}}\n",
            "openapi.json": '{"openapi": "3.0.0", "paths": {}}',
            "list.json": '[{"Resources": 1, "Type": "AWS::S3::Bucket"}]',
            "binary.template": b"\x00\x01Resources Type: AWS::S3::Bucket",
            "empty.yaml": "",
            "crd.yaml": "Resources: [{Type: AWS::S3::Bucket}]",
        }
    )
    found = {file: (made, problems) for file, made, problems in addresses(where)}
    assert found.pop("binary.template") == ([], ["the file is binary"])
    assert found == {name: (["B"], []) for name in ("a.yaml", "b.json", "c.template", "no-extension", "deep/er/d.yml")}


def test_one_file_a_glob_and_standard_input(tree, monkeypatch):
    where = tree({"a.yaml": BUCKET % "a", "b.yaml": BUCKET % "b", "c.txt": BUCKET % "c"})
    assert [one.file for one in read([where / "a.yaml"])] == ["a.yaml"]
    assert [one.name.rpartition("/")[2] for one in find([str(where / "*.yaml")])] == ["a.yaml", "b.yaml"]
    assert [one.name.rpartition("/")[2] for one in find([where / "a.yaml", where])] == ["a.yaml", "b.yaml", "c.txt"]
    with open(where / "a.yaml", "rb") as opened:
        monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": opened})())
        (made,) = read(["-"])
    assert (made.file, [r.uid for r in made.resources]) == ("stdin", ["stdin#B"])


@pytest.mark.parametrize("path", ["gone.yaml", "gone/*.yaml"])
def test_a_path_that_leads_nowhere_is_said_at_once(tmp_path, path):
    with pytest.raises(PathError, match="no "):
        find([tmp_path / path])


def test_a_file_that_the_user_names_and_that_is_no_template_is_a_problem(tree):
    where = tree({"pod.yaml": "kind: Pod"})
    assert addresses(where / "pod.yaml") == [("pod.yaml", [], ["it is not a CloudFormation template"])]
    os.mkfifo(where / "pipe")
    assert addresses(where / "pipe") == [("pipe", [], ["not a regular file"])]


def test_links_in_a_circle_end(tree):
    where = tree({"a/t.yaml": BUCKET % "a"})
    os.symlink(where, where / "a" / "loop")
    os.symlink("self", where / "self")
    os.symlink(where / "a" / "t.yaml", where / "again.yaml")
    os.symlink(where / "nowhere", where / "broken.yaml")
    assert [file for file, _, _ in addresses(where)] == ["again.yaml"]


def test_what_cannot_be_opened_is_a_problem(tree, monkeypatch):
    where = tree({"a.yaml": BUCKET % "a", "shut/b.yaml": BUCKET % "b", "c.yaml": BUCKET % "c"})
    scandir, opened = os.scandir, os.open

    def refuse(path, *rest):
        if str(path).endswith(("shut", "c.yaml")):
            raise PermissionError(13, "Permission denied", path)
        return (opened if rest else scandir)(path, *rest)

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(os, "open", refuse)
    assert addresses(where) == [
        ("a.yaml", ["B"], []),
        ("c.yaml", [], ["the file cannot be read: Permission denied"]),
        ("shut", [], ["the directory cannot be read: Permission denied"]),
    ]


def test_a_file_beyond_the_limit_is_one_problem(tree, monkeypatch):
    monkeypatch.setattr(files, "FILE_BYTES_MAX", 100)
    where = tree({"large.yaml": BUCKET % ("x" * 200), "data.json": "[" + "1," * 200 + "1]"})
    ((file, made, (why,)),) = addresses(where)
    assert (file, made) == ("large.yaml", [])
    assert "split the template" in why


@pytest.mark.parametrize(
    ("name", "text", "line", "why"),
    [
        ("a.yaml", "Resources:\n  A: {Type: AWS::S3::Bucket\n", 3, "not YAML"),
        ("a.yaml", "Resources:\n\tA: {Type: AWS::S3::Bucket}\n", 2, "not YAML"),
        ("a.json", '{"Resources": {\n"A": {"Type": "AWS::S3::Bucket"}', 2, "not JSON"),
        ("a.json", '{"Resources": {\n"A": {"Type": "AWS::S3::Bucket"}}} x', 2, "not JSON"),
        ("a.yaml", "AWSTemplateFormatVersion: x\nDescription: y\n", 1, "no Resources"),
        ("a.yaml", "Resources: {A: {Type: AWS::S3::Bucket, Type: AWS::S3::Bucket}}", 1, "Type is written twice"),
        ("a.yaml", "Resources: {A: {Type: AWS::S3::Bucket}}\n---\nb: 1\n", 3, "only the first document"),
        ("a.yaml", "Resources: {A: {Type: AWS::S3::Bucket}, ? [b] : 1}", 1, "a key is not a text"),
        ("a.yaml", "Resources: {A: {Type: AWS::S3::Bucket}}\nX: " + "[" * 150 + "]" * 150, 1, "deeper than"),
        ("a.yaml", "Resources: {A: {Type: AWS::S3::Bucket}}\nX: *gone", 2, "not YAML"),
        ("a.yaml", "Resources: {A: {Type: AWS::S3::Bucket}}\nX: &x [*x]", 2, "not YAML|deeper"),
        ("a.yaml", b"Resources: {A: {Type: AWS::S3::Bucket}}\nX: \xff\xfe", None, "not UTF-8"),
    ],
)
def test_a_broken_file_is_one_problem_with_its_line(tree, name, text, line, why):
    import re

    (made,) = read([tree({name: text})])
    assert [(one.line, bool(re.search(why, one.why))) for one in made.problems] == [(line, True)]


def test_aliases_that_explode_end_within_limits(tree):
    bomb = "A0: &a0 [x, x]\n" + "".join(f"A{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
    (made,) = read([tree({"bomb.yaml": bomb + BUCKET % "b"})])
    assert "aliases stand for more than" in made.problems[0].why


def test_loops_that_explode_end_within_limits(tree):
    inner = "{'R${A}${B}${C}${D}': {Type: AWS::S3::Bucket}}"
    for name in "DCBA":
        inner = f"{{'Fn::ForEach::{name}': [{name}, [{', '.join(map(str, range(40)))}], {inner}]}}"
    (made,) = read([tree({"t.yaml": f"AWSTemplateFormatVersion: x\nResources: {inner}\n"})])
    assert "loops make more than" in made.problems[0].why


PARENT = """
Parameters: {Name: {Type: String, Default: logs}}
Resources:
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./nested/child.yaml
      Parameters: {BucketName: !Sub '${Name}-bucket', Key: !GetAtt Key.Arn}
  Key: {Type: AWS::KMS::Key}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties: {Bucket: !GetAtt Inner.Outputs.Bucket, PolicyDocument: {}}
"""
CHILD = """
Parameters:
  BucketName: {Type: String}
  Key: {Type: String}
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Ref BucketName
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !Ref Key}
  Other: {Type: AWS::S3::Bucket}
Outputs:
  Bucket: {Value: !Ref B}
  Other: {Value: !Ref Other}
"""


def test_a_nested_stack_is_read_with_its_parents_parameters(tree):
    (made,) = read([tree({"parent.yaml": PARENT, "nested/child.yaml": CHILD})])
    assert made.problems == []
    by_address = {one.address: one for one in made.resources}
    assert list(by_address) == ["Inner", "Inner.B", "Inner.Other", "Key", "Policy"]
    bucket = by_address["Inner.B"]
    assert (bucket.file, bucket.uid, bucket.line) == ("nested/child.yaml", "parent.yaml#Inner.B", 6)
    assert bucket.document["BucketName"] == "logs-bucket"
    rule = bucket.document["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]._target == "Key"
    assert by_address["Policy"].document["Bucket"] == "logs-bucket"
    MemoryEstate(made.resources)
    assert by_address["Policy"].bucket is bucket


def test_an_output_that_is_made_at_deployment_links_to_its_resource(tree):
    parent = PARENT.replace("Outputs.Bucket", "Outputs.Other")
    (made,) = read([tree({"parent.yaml": parent, "nested/child.yaml": CHILD})])
    MemoryEstate(made.resources)
    by_address = {one.address: one for one in made.resources}
    assert by_address["Policy"].bucket is by_address["Inner.Other"]


def test_stacks_that_nest_one_another_end(tree):
    nested = "  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: %s}\n"
    stack = f"Resources:\n{nested}  B: {{Type: AWS::S3::Bucket}}\n"
    found = addresses(tree({"a.yaml": stack % "b.yaml", "b.yaml": stack % "a.yaml", "c.yaml": stack % "c.yaml"}))
    assert [file for file, _, _ in found] == ["a.yaml", "c.yaml"]
    assert found[0][1] == ["S", "S.S", "S.B", "B"]
    assert found[0][2] == ["stack S: a.yaml nests itself"]
    assert found[1][2] == ["stack S: c.yaml nests itself"]


def test_stacks_that_nest_too_many_end(tree):
    two = "".join(f"  S{i}:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: %s}}\n" for i in "ab")
    texts = {f"t{i}.yaml": "Resources:\n" + two % ((f"t{i + 1}.yaml",) * 2) for i in range(12)}
    texts["t12.yaml"] = BUCKET % "x"
    (made,) = read([tree(texts)])
    assert "it nests more than" in made.problems[-1].why


@pytest.mark.parametrize(
    ("url", "problems"),
    [
        ("https://s3.amazonaws.com/x/y.yaml", []),
        ("gone.yaml", []),
        ("/etc/hostname", []),
        ("!Ref Url", []),
        ("broken.yaml", ["stack S: broken.yaml: not YAML"]),
        ("pod.yaml", ["stack S: pod.yaml: it is not a CloudFormation template"]),
    ],
)
def test_nested_templates_out_of_reach(tree, url, problems):
    text = (
        "Parameters: {Url: {Type: String}}\nResources:\n  S:\n    Type: AWS::CloudFormation::Stack\n"
        f"    Properties: {{TemplateURL: {url}}}\n  T: {{Type: AWS::X::Y, Properties: {{X: !GetAtt S.Outputs.Y}}}}\n"
    )
    where = tree({"t.yaml": text, "broken.yaml": "a: [", "pod.yaml": "kind: Pod"})
    (made,) = read([where])
    assert [one.address for one in made.resources] == ["S", "T"]
    assert made.resources[1].document["X"]._path == "GetAtt S.Outputs.Y"
    assert [(one.line, one.why[: len(why)]) for one, why in zip(made.problems, problems, strict=True)] == [
        (3, why) for why in problems
    ]


def test_a_stack_set_with_its_template_inside(tree):
    text = """
    Resources:
      Set:
        Type: AWS::CloudFormation::StackSet
        Properties:
          Parameters: [{ParameterKey: Name, ParameterValue: given}]
          TemplateBody: |
            Parameters: {Name: {Type: String}}
            Resources:
              B:
                Type: AWS::S3::Bucket
                Properties:
                  BucketName: !Ref Name
    """
    (made,) = read([tree({"t.yaml": text})])
    (_, bucket) = made.resources
    assert (bucket.address, bucket.document, bucket.line) == ("Set.B", {"BucketName": "given"}, 10)
    assert bucket.lines["BucketName",] == 13


def test_includes(tree):
    text = """
    Transform:
      - {Name: AWS::Include, Parameters: {Location: top.yaml}}
    Resources:
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}
      B:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: !Ref Name
          Fn::Transform: {Name: AWS::Include, Parameters: {Location: properties.yaml}}
      Gone:
        Type: AWS::S3::Bucket
        Properties:
          Tags: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://somewhere/x.yaml}}}
    """
    where = tree(
        {
            "t.yaml": text,
            "top.yaml": "Parameters: {Name: {Type: String, Default: shared}}",
            "more.yaml": "C: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${Name}-c'}}",
            "properties.yaml": "VersioningConfiguration: {Status: !Join ['', [Ena, bled]]}",
        }
    )
    (made,) = read([where])
    assert made.problems == []
    c, b, gone = made.resources
    assert (c.address, c.document, c.line) == ("C", {"BucketName": "shared-c"}, 5)
    assert b.document == {"BucketName": "shared", "VersioningConfiguration": {"Status": "Enabled"}}
    assert b.lines["VersioningConfiguration",] == 10
    assert "s3://somewhere/x.yaml is not a file" in gone.document["Tags"]._why


def test_an_include_that_includes_itself_ends(tree):
    include = "{Name: AWS::Include, Parameters: {Location: %s}}"
    text = f"Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {{Fn::Transform: {include}}}\n"
    where = tree(
        {"t.yaml": text % "i.yaml", "i.yaml": "Fn::Transform: {Name: AWS::Include, Parameters: {Location: i.yaml}}"}
    )
    (made,) = read([where])
    assert len(made.problems) == 1


def test_exports_of_other_templates_in_the_scan(tree):
    exporting = """
    Resources:
      B: {Type: AWS::S3::Bucket}
      C: {Type: AWS::S3::Bucket}
    Outputs:
      B: {Value: !Ref B, Export: {Name: made}}
      C: {Value: literal, Export: {Name: !Sub 'lit-${C}'}}
      D: {Value: literal, Export: {Name: !Join ['-', [lit, eral]]}}
      E: {Value: !ImportValue loop, Export: {Name: loop}}
    """
    importing = """
    Resources:
      It:
        Type: AWS::X::Y
        Properties: {A: !ImportValue made, B: !ImportValue lit-eral, C: !ImportValue gone, D: !ImportValue loop}
    """
    made = {one.file: one for one in read([tree({"a.yaml": importing, "b.yaml": exporting})])}
    document = made["a.yaml"].resources[0].document
    assert document["B"] == "literal"
    assert document["A"]._target == ""
    assert (document["A"] == "*") is False
    assert "no template here exports gone" in document["C"]._why
    assert "depends on itself" in document["D"]._why


SAM = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.12, Timeout: 5}
Parameters: {Stage: {Type: String}}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: src/
      Tracing: Active
      Environment: {Variables: {STAGE: !Ref Stage}}
      Policies: [AWSLambdaBasicExecutionRole, {S3ReadPolicy: {BucketName: !Ref Data}}]
      Events:
        Get: {Type: Api, Properties: {Path: /, Method: get}}
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: data
"""


def test_sam_resources_become_what_sam_makes_of_them(tree):
    (made,) = read([tree({"template.yaml": SAM})])
    assert made.problems == []
    by_address = {one.address: one for one in made.resources}
    hello = by_address["Hello"]
    assert hello.type_name == "AWS::Lambda::Function"
    assert (hello.document["Runtime"], hello.document["Timeout"]) == ("python3.12", 5)
    assert hello.document["Role"]._target == "HelloRole"
    assert "parameter Stage" in hello.document["Environment"]["Variables"]["STAGE"]._why
    assert (hello.line, hello.lines["Handler",], by_address["HelloRole"].line) == (7, 10, 7)
    assert by_address["HelloRole"].type_name == "AWS::IAM::Role"
    assert by_address["Data"].lines["BucketName",] == 20
    assert {"AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"} <= {one.type_name for one in made.resources}


def test_a_serverless_resource_that_sam_refuses_is_a_problem(tree):
    (made,) = read([tree({"template.yaml": SAM.replace("Type: Api,", "Type: Nonsense,")})])
    assert [(one.line, one.why[:4]) for one in made.problems] == [(7, "SAM:")]
    assert "Data" in [one.address for one in made.resources]


def test_what_is_out_of_reach_is_noted(tree):
    text = """
    Resources:
      M: {Type: My::Company::Thing::MODULE}
      S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://s3.amazonaws.com/x.yaml"}}
    """
    (made,) = read([tree({"t.yaml": f"AWSTemplateFormatVersion: x\n{dedent(text)}"})])
    assert made.notes == [
        "t.yaml: module M is not judged: what My::Company::Thing::MODULE makes is not in the template",
        "t.yaml: stack S is not judged: https://s3.amazonaws.com/x.yaml is not a file of this repository",
    ]
    assert made.problems == []


def test_an_unknown_macro_is_noted(tree):
    (made,) = read([tree({"t.yaml": "Transform: [Mine]\n" + BUCKET % "b"})])
    assert made.notes == ["t.yaml: the macro Mine may change what is made; judged as it is written"]
    assert [one.address for one in made.resources] == ["B"]


@pytest.mark.parametrize(
    "text",
    [
        '[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "UsePreviousValue": true}]',
        '{"Parameters": {"A": "1"}, "Tags": {}}',
        "A: '1'",
        '["A=1"]',
    ],
)
def test_parameter_files_in_each_form(tree, text):
    assert read_parameters([tree({"p.json": text}) / "p.json"]) == {"A": "1"}


@pytest.mark.parametrize(("text", "why"), [("a: [", "line 2"), ("5", "parameters are"), ("[5]", "parameters are")])
def test_a_parameter_file_that_cannot_be_used(tree, text, why):
    with pytest.raises(ParametersError, match=why):
        read_parameters([tree({"p.yaml": text}) / "p.yaml", "gone"])


def test_parameters_of_a_file_are_used(tree):
    where = tree({"t.yaml": "Parameters: {N: {Type: String}}\n" + BUCKET % "!Ref N"})
    (made,) = read([where], parameters={"N": "given"})
    assert made.resources[0].document["BucketName"] == "given"


def test_twins_the_bucket_of_a_template_is_the_bucket_of_the_api(tree):
    text = """
    Resources:
      Logs:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: !Join ['-', [the, logs]]
          VersioningConfiguration: {Status: Enabled}
          PublicAccessBlockConfiguration:
            BlockPublicAcls: true
            BlockPublicPolicy: true
            IgnorePublicAcls: true
            RestrictPublicBuckets: !If [Always, true, false]
    Conditions: {Always: !Equals [a, a]}
    """
    (made,) = read([tree({"t.yaml": text})])
    block = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    live = Bucket(
        {
            "BucketName": "the-logs",
            "VersioningConfiguration": {"Status": "Enabled"},
            "PublicAccessBlockConfiguration": block,
        }
    )
    (twin,) = made.resources
    plain = [name for name, field in koban.model.aws.s3.Bucket.fields.items() if name not in Bucket.link_fields]
    assert {name: getattr(twin, name) for name in plain} == {name: getattr(live, name) for name in plain}
