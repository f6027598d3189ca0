"""Whatever is in a file, reading it ends within limits and never in a traceback."""

import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koban.model.unknown import Unknown
from koban.sources.cloudformation.reader import read_found
from koban.sources.cloudformation.text import Text, TextError, read_text
from koban.sources.files import Found

NAMES = ["A", "B", "P", "Q", "M", "C", "AWS::Region", "AWS::NoValue", "Gone", "C.Arn", "A.Outputs.X"]
FUNCTIONS = [
    *("Ref", "Condition", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::If", "Fn::FindInMap"),
    *("Fn::ImportValue", "Fn::Base64", "Fn::Cidr", "Fn::GetAZs", "Fn::Length", "Fn::ToJsonString", "Fn::Transform"),
    *("Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Fn::ForEach::X", "Fn::Odd"),
]
TEXTS = st.sampled_from(
    [
        *NAMES,
        "",
        "*",
        "0",
        "-1",
        "${P}",
        "${A.Arn}/${Q}",
        "${!x}",
        "${",
        "{{resolve:ssm:x}}",
        "{{resolve:secretsmanager:${P}}}",
    ]
)
SCALARS = st.one_of(
    TEXTS, st.integers(-5, 300), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False, width=16)
)


def grown(inner):
    return st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(TEXTS, inner, max_size=3),
        st.builds(lambda name, value: {name: value}, st.sampled_from(FUNCTIONS), inner),
        st.builds(lambda name, values: {name: values}, st.sampled_from(FUNCTIONS), st.lists(inner, max_size=4)),
        st.builds(lambda c, a, b: {"Fn::If": [c, a, b]}, st.sampled_from(["C", "D"]), inner, inner),
        st.builds(lambda a, b: {"Fn::Equals": [a, b]}, inner, inner),
        st.builds(lambda a, b: {"Fn::FindInMap": ["M", a, b]}, inner, inner),
        st.builds(lambda n, v, b: {"Fn::ForEach::L": [n, v, {"K${P}": b}]}, TEXTS, inner, inner),
    )


VALUES = st.recursive(SCALARS, grown, max_leaves=12)
TYPES = st.sampled_from(
    ["AWS::S3::Bucket", "AWS::CloudFormation::Stack", "AWS::X::Y", "AWS::A::B::MODULE", "Custom::X"]
)
RESOURCES = st.one_of(
    st.fixed_dictionaries(
        {"Type": TYPES, "Properties": VALUES}, optional={"Condition": TEXTS, "Metadata": VALUES, "DependsOn": VALUES}
    ),
    VALUES,
)
TEMPLATES = st.fixed_dictionaries(
    {"AWSTemplateFormatVersion": st.just("2010-09-09"), "Resources": st.dictionaries(TEXTS, RESOURCES, max_size=4)},
    optional={
        "Parameters": st.dictionaries(
            st.sampled_from(["P", "Q"]), st.one_of(VALUES, st.builds(dict, Default=VALUES, Type=TEXTS))
        ),
        "Mappings": st.one_of(st.fixed_dictionaries({"M": VALUES}), VALUES),
        "Conditions": st.one_of(st.fixed_dictionaries({"C": VALUES, "D": VALUES}), VALUES),
        "Outputs": st.one_of(st.dictionaries(TEXTS, st.builds(dict, Value=VALUES, Export=VALUES)), VALUES),
        "Transform": st.one_of(TEXTS, st.lists(TEXTS, max_size=2), st.just({"Name": "AWS::Include"})),
    },
)
quiet = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def read(data: bytes, name="t.yaml"):
    return list(read_found(iter([Found(name, name, data, named=True)]), None, None))


def plain(value):
    """Whether a document is made of plain values and Unknown alone."""
    if isinstance(value, Unknown):
        return True
    if type(value) is dict:
        return all(type(key) is str and plain(one) for key, one in value.items())
    if type(value) is list:
        return all(map(plain, value))
    return value is None or type(value) in (str, int, float, bool)


@quiet
@given(TEMPLATES)
def test_any_template_is_read_into_plain_documents(template):
    (made,) = read(json.dumps(template).encode())
    for resource in made.resources:
        assert plain(resource.document)
        assert resource.lines.get(()) is None or resource.lines[()] >= 1
        assert list(resource.lines.paths()) is not None
    for problem in made.problems:
        assert problem.why
        assert "\n" not in problem.why


@quiet
@given(TEMPLATES)
def test_yaml_and_json_of_one_template_say_the_same(template):
    as_json = read_text(json.dumps(template))
    as_yaml = read_text(yaml.safe_dump(template))
    assert as_json.value == as_yaml.value == template


@quiet
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    refused = None
    try:
        assert isinstance(read_text(text), Text)
    except TextError as error:
        refused = error
    assert refused is None or (refused.why and (refused.line is None or refused.line >= 1))


@quiet
@given(st.text(alphabet="[]{}:,-&*!|>#'\"?% \t\nabRefFn0~<", max_size=120))
def test_any_soup_of_yaml_marks_is_read_or_refused(text):
    read(f"AWSTemplateFormatVersion: x\nResources:\n  A: {{Type: AWS::S3::Bucket}}\n{text}".encode())


@quiet
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    (made,) = read(b"Resources: {A: {Type: AWS::S3::Bucket}}\n" + data)
    assert made.resources or made.problems


SEED = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Name: {Type: String, Default: logs, AllowedValues: [logs, data]}
Conditions:
  Logs: !Equals [!Ref Name, logs]
Mappings:
  Days: {logs: {Keep: 400}}
Resources:
  Bucket:  # koban:ignore s3-bucket-public until 2030-01-01 because
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${Name}-${AWS::AccountId}"
      LifecycleConfiguration:
        Rules:
          - {Status: Enabled, ExpirationInDays: !FindInMap [Days, !Ref Name, Keep]}
  Policy:
    Type: AWS::S3::BucketPolicy
    Condition: Logs
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement: [{Effect: Allow, Principal: "*", Action: "s3:*", Resource: !GetAtt Bucket.Arn}]
"""


@quiet
@given(
    st.lists(
        st.tuples(st.integers(0, len(SEED)), st.integers(0, 12), st.text(" \n\t:-{}[]!&*#|'\"aR$", max_size=4)),
        max_size=6,
    )
)
def test_a_template_with_pieces_lost_and_changed_is_read_or_refused(edits):
    text = SEED
    for at, cut, added in edits:
        text = text[:at] + added + text[at + cut :]
    for made in read(text.encode()):
        assert all(plain(resource.document) for resource in made.resources)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "!Sub [", '{"a":'])
@pytest.mark.parametrize("depth", [99, 101, 5_000, 300_000])
def test_any_depth_ends(opening, depth):
    head = "AWSTemplateFormatVersion: x\nResources: {A: {Type: AWS::S3::Bucket}}\nX:\n  "
    text = head + opening * depth if opening[0] not in '{"' or '"' not in opening else opening * depth
    (made,) = read(text.encode())
    assert made.problems


@pytest.mark.parametrize("width", [9, 200])
def test_functions_within_functions_end(width):
    text = '"x"'
    for _ in range(width):
        text = f'{{"Fn::Join": ["", [{text}, {{"Ref": "P"}}]]}}'
    (made,) = read(f'{{"Resources": {{"A": {{"Type": "AWS::X::Y", "Properties": {{"X": {text}}}}}}}}}'.encode())
    assert made.problems or made.resources
