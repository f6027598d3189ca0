"""What each intrinsic function comes to: a property in a template, and the plain value that rules read."""

import re
from textwrap import dedent, indent

import pytest

from koban.model.unknown import Unknown
from koban.sources.cloudformation.library import Library
from koban.sources.cloudformation.template import Stack, Template
from koban.sources.files import Found
from koban.sources.reading import Problem


class Open:
    """An unknown value: its reason has `why` in it, it can be `fits` and cannot be any of `never`."""

    def __init__(self, why, fits=(), never=(), target=None):
        self.why, self.fits, self.never, self.target = why, fits, never, target

    def __repr__(self):
        return f"Open({self.why!r})"

    def __eq__(self, other):
        return (
            isinstance(other, Unknown)
            and self.why in f"{other._root._path}: {other._root._why}"
            and all((other == one) is not False for one in self.fits)
            and all((other == one) is False for one in self.never)
            and (self.target is None or other._target == self.target)
        )

    __hash__ = None


def stack(template, parameters=None, name="t.yaml", library=None):
    made = (library or Library()).template(Found("t.yaml", name, dedent(template).encode(), named=True))
    assert isinstance(made, Template), made
    return Stack(made, library or Library(), parameters or {})


def value(prop, rest="", parameters=None):
    """What the property `X` comes to in a template that also has `rest`."""
    text = f"Resources:\n  It:\n    Type: AWS::X::Y\n    Properties:\n      X: {prop}\n" + dedent(rest)
    (first, *_) = stack(text, parameters).resources()
    return first.document.get("X", "ABSENT")


def check(table, rest=""):
    wrong = [
        f"{prop} comes to {found!r}, not {expect!r}"
        for prop, expect in table
        if not (expect == (found := value(prop, rest)) and (isinstance(expect, Open) or type(found) is type(expect)))
    ]
    assert not wrong, "\n".join(wrong)


PARAMETERS = """
  Bucket:
    Type: AWS::S3::Bucket
  Named:
    Type: AWS::S3::Bucket
    Properties: {BucketName: the-logs}
Parameters:
  Free: {Type: String}
  Filled: {Type: String, MinLength: 1}
  Set: {Type: String, Default: dev}
  Empty: {Type: String, Default: ""}
  Count: {Type: Number, Default: 3}
  Port: {Type: Number}
  Either: {Type: String, AllowedValues: [dev, prod]}
  Only: {Type: String, AllowedValues: [prod]}
  List: {Type: CommaDelimitedList, Default: "a, b,c"}
  FreeList: {Type: CommaDelimitedList}
  Vpc: {Type: "AWS::EC2::VPC::Id"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /ami/id}
  Secret: {Type: String, NoEcho: true}
"""


def test_ref():
    check(
        [
            ("!Ref Set", "dev"),
            ("{Ref: Set}", "dev"),
            ("!Ref Empty", ""),
            ("!Ref Count", 3),
            ("!Ref List", ["a", "b", "c"]),
            ("!Ref Free", Open("parameter Free has no default", fits=("", "*", "x"))),
            ("!Ref Filled", Open("parameter Filled has no default", fits=("*",), never=("",))),
            ("!Ref Port", Open("parameter Port has no default", fits=("22",), never=("all", ""))),
            ("!Ref Either", Open("parameter Either has no default", fits=("dev", "prod"), never=("stage",))),
            ("!Ref Only", "prod"),
            ("!Ref FreeList", Open("parameter FreeList has no default")),
            ("!Ref Vpc", Open("parameter Vpc has no default", fits=("vpc-12ab",), never=("*", "default"))),
            ("!Ref Stored", Open("read from the parameter store: /ami/id")),
            ("!Ref Secret", Open("parameter Secret has no default")),
            ("!Ref Bucket", Open("Bucket is named only when it is made", never=("*", ""), target="Bucket")),
            ("!Ref Nothing", Open("the template has no parameter or resource Nothing")),
            ("!Ref AWS::Region", Open("AWS::Region", fits=("eu-west-1",), never=("*", "us"))),
            ("!Ref AWS::AccountId", Open("AWS::AccountId", fits=("012345678901",), never=("*", "root"))),
            ("!Ref AWS::Partition", Open("AWS::Partition", fits=("aws", "aws-cn"), never=("azure",))),
            ("!Ref AWS::StackName", Open("AWS::StackName", never=("*",))),
            ("!Ref AWS::NotificationARNs", Open("AWS::NotificationARNs")),
            ("!Ref AWS::NoValue", "ABSENT"),
            ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
            ("{A: !Ref AWS::NoValue, B: 1}", {"B": 1}),
            ("!Ref [a]", Open("Ref takes a name")),
        ],
        PARAMETERS,
    )


def test_ref_to_a_resource_is_its_name_where_the_template_sets_it():
    import koban.model.aws.s3  # noqa: F401  the type must be declared for its name to be known

    check([("!Ref Named", "the-logs"), ("!Sub 'arn:aws:s3:::${Named}/*'", "arn:aws:s3:::the-logs/*")], PARAMETERS)


def test_get_att():
    check(
        [
            ("!GetAtt Bucket.Arn", Open("Bucket gets its Arn", never=("*", ""), target="Bucket")),
            ("!GetAtt [Bucket, Arn]", Open("Bucket gets its Arn", target="Bucket")),
            ("{'Fn::GetAtt': [Bucket, Arn]}", Open("Bucket gets its Arn", target="Bucket")),
            ("{'Fn::GetAtt': Bucket.DomainName}", Open("Bucket gets its DomainName", target="Bucket")),
            ("!GetAtt Named.BucketName", "the-logs"),
            ("!GetAtt Gone.Arn", Open("the template has no resource Gone")),
            ("!GetAtt {a: b}", Open("Fn::GetAtt takes")),
            ("{'Fn::GetAtt': [Bucket, !Ref Free]}", Open("parameter Free has no default")),
        ],
        PARAMETERS,
    )
    assert value("!GetAtt Bucket.Arn", PARAMETERS).startswith("arn:") is True


def test_sub():
    check(
        [
            ("!Sub plain", "plain"),
            ("!Sub '${Set}-${Count}-x'", "dev-3-x"),
            ("!Sub ['${A}-${Set}', {A: !Ref Count}]", "3-dev"),
            ("{'Fn::Sub': '${List}'}", "a,b,c"),
            ("!Sub '${!Literal} ${Set}'", "${Literal} dev"),
            ("!Sub 'arn:${AWS::Partition}:s3:::${Bucket}/*'", Open("AWS::Partition", never=("*",), target="Bucket")),
            ("!Sub '${Bucket.Arn}/*'", Open("Bucket gets its Arn", never=("*",), target="Bucket")),
            ("!Sub '${Bucket}-logs'", Open("Bucket is named only", never=("logs", "-logs", "*"), target="")),
            ("!Sub '${Free}'", Open("parameter Free has no default", fits=("*",))),
            ("!Sub 'a-${Free}'", Open("parameter Free has no default", fits=("a-b",), never=("b", "*"))),
            ("!Sub [a]", "a"),
            ("!Sub []", Open("Fn::Sub takes")),
            ("!Sub {a: b}", Open("Fn::Sub takes")),
            ("!Sub '${ Set }'", "dev"),
        ],
        PARAMETERS,
    )
    assert value("!Sub 'arn:aws:s3:::${Free}'", PARAMETERS).startswith("arn:aws:s3:::") is True


def test_join_split_select():
    check(
        [
            ("!Join ['', [a, b, 1, true]]", "ab1true"),
            ("!Join [',', !Ref List]", "a,b,c"),
            ("!Join ['-', [a, !Ref AWS::NoValue, b]]", "a-b"),
            ("!Join ['/', [x, !Ref Free]]", Open("parameter Free", fits=("x/y",), never=("y",))),
            ("!Join ['/', !Ref FreeList]", Open("parameter FreeList has no default")),
            ("!Join [a]", Open("Fn::Join takes")),
            ("!Split ['/', a/b]", ["a", "b"]),
            ("!Split ['/', !Ref Free]", Open("parameter Free")),
            ("!Split ['', a]", Open("Fn::Split takes")),
            ("!Select [1, [a, b]]", "b"),
            ("!Select ['1', [a, b]]", "b"),
            ("!Select [0, !Ref List]", "a"),
            ("!Select [1, !Split ['|', 'a|b|c']]", "b"),
            ("!Select [7, [a]]", Open("the list has no element 7")),
            ("!Select [x, [a]]", Open("Fn::Select takes")),
            ("!Select [0, !Ref Subnets]", Open("parameter Subnets has no default")),
            ("!Select [0, !GetAZs '']", Open("availability zones are known only at deployment")),
            ("!GetAZs ''", [Open("known only at deployment", never=("*",))] * 2),
            ("!Select [5, !GetAZs '']", Open("known only at deployment")),
            ("!Split [',', !Ref Bucket]", [Open("Bucket is named only", target="Bucket")]),
        ],
        PARAMETERS,
    )


CONDITIONS = """
Parameters:
  Set: {Type: String, Default: dev}
  Free: {Type: String}
  Either: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  Holds: !Equals [!Ref Set, dev]
  Fails: !Equals [!Ref Set, prod]
  Maybe: !Equals [!Ref Free, prod]
  Never: !Equals [!Ref Either, stage]
  NotSo: !Not [!Condition Holds]
  Both: !And [!Condition Holds, !Condition Fails]
  OneOf: {"Fn::Or": [{Condition: Holds}, {Condition: Maybe}]}
  OpenAnd: !And [!Condition Holds, !Condition Maybe]
  ShutAnd: !And [!Condition Maybe, !Condition Fails]
  Same: !Equals [!Ref Free, !Ref Free]
  Number: !Equals ["1", 1]
  Truth: !Equals [true, "true"]
  Loop: !Not [!Condition Loop]
  Broken: 5
"""


def test_conditions():
    check(
        [
            ("!If [Holds, a, b]", "a"),
            ("!If [Fails, a, b]", "b"),
            ("{'Fn::If': [Fails, a, !Ref AWS::NoValue]}", "ABSENT"),
            ("!If [NotSo, a, b]", "b"),
            ("!If [Both, a, b]", "b"),
            ("!If [OneOf, a, b]", "a"),
            ("!If [ShutAnd, a, b]", "b"),
            ("!If [Never, a, b]", "b"),
            ("!If [Same, a, b]", "a"),
            ("!If [Number, a, b]", "a"),
            ("!If [Truth, a, b]", "a"),
            (
                "!If [Maybe, a, b]",
                Open("If Maybe, 'a' or 'b': parameter Free has no default", fits=("a", "b"), never=("c", "*")),
            ),
            ("!If [Maybe, a, a]", "a"),
            ("!If [Maybe, !Ref Free, !Ref Free]", Open("parameter Free has no default")),
            ("!If [OpenAnd, a, !Ref AWS::NoValue]", Open("condition OpenAnd, 'a' or nothing: parameter Free")),
            (
                "!If [Maybe, {A: 1, B: 2}, {A: 1, B: 3}]",
                {"A": 1, "B": Open("parameter Free has no default", never=("4",))},
            ),
            ("!If [Maybe, [a], [b]]", [Open("parameter Free has no default", fits=("a",), never=("c",))]),
            ("!If [Loop, a, b]", Open("condition Loop depends on itself")),
            ("!If [Broken, a, b]", Open("it is no condition")),
            ("!If [Gone, a, b]", Open("the template has no condition Gone")),
            ("!If [Holds, a]", Open("Fn::If takes")),
        ],
        CONDITIONS,
    )


def test_resources_that_certainly_do_not_exist_are_left_out():
    made = stack(
        """
        Parameters: {Free: {Type: String}}
        Conditions:
          Never: !Equals [a, b]
          Maybe: !Equals [!Ref Free, b]
        Resources:
          Gone: {Type: AWS::X::Y, Condition: Never}
          Open: {Type: AWS::X::Y, Condition: Maybe}
          Here: {Type: AWS::X::Y}
        """
    )
    assert [one.address for one in made.resources()] == ["Open", "Here"]


MAPPINGS = """
Parameters:
  Free: {Type: String}
  Env: {Type: String, Default: dev}
Mappings:
  Regions:
    eu-west-1: {Ami: ami-1, Same: x, Ports: [1, 2]}
    us-east-1: {Ami: ami-2, Same: x}
  Sizes:
    dev: {Size: small}
    123456789012: {Size: big}
"""


def test_find_in_map():
    check(
        [
            ("!FindInMap [Sizes, !Ref Env, Size]", "small"),
            ("!FindInMap [Sizes, '123456789012', Size]", "big"),
            ("!FindInMap [Regions, eu-west-1, Ports]", [1, 2]),
            (
                "!FindInMap [Regions, !Ref AWS::Region, Ami]",
                Open("AWS::Region", fits=("ami-1", "ami-2"), never=("ami-3",)),
            ),
            ("!FindInMap [Regions, !Ref AWS::Region, Same]", "x"),
            ("!FindInMap [Sizes, !Ref AWS::AccountId, Size]", "big"),
            ("!FindInMap [Sizes, gone, Size]", Open("the mappings have no Sizes.gone.Size")),
            ("!FindInMap [Sizes, gone, Size, {DefaultValue: medium}]", "medium"),
            ("!FindInMap [Sizes, !Join ['', [de, v]], Size]", "small"),
            ("!FindInMap [!Sub 'Siz${Free}', dev, Size]", "small"),
            ("!FindInMap [Regions, !Ref Free, Ami]", Open("parameter Free has no default", never=("ami-3",))),
            ("!FindInMap [a]", Open("Fn::FindInMap takes")),
        ],
        MAPPINGS,
    )


def test_other_functions():
    check(
        [
            ("!Base64 hello", "aGVsbG8="),
            ("{'Fn::Base64': !Sub 'a${Free}'}", Open("parameter Free", fits=("ab",), never=("b",))),
            ("{'Fn::Base64': !Ref Free}", Open("parameter Free", never=("a b",))),
            ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
            ("!Select [1, !Cidr [10.0.0.0/16, 2, 12]]", "10.0.16.0/20"),
            ("!Cidr [!Ref Free, 2, 8]", [Open("parameter Free", never=("0.0.0.0/0", "*"))] * 2),
            ("!Cidr [10.0.0.0/30, 200, 8]", Open("has no room")),
            ("!Cidr [nonsense, 2, 8]", Open("not a block of addresses")),
            ("!Cidr [10.0.0.0/16, 2, 99999999]", Open("Fn::Cidr")),
            ("{'Fn::Length': [a, b]}", 2),
            ("{'Fn::Length': !Ref Free}", Open("parameter Free")),
            ("{'Fn::ToJsonString': {A: [1, !Ref Env]}}", '{"A":[1,"dev"]}'),
            ("{'Fn::ToJsonString': {A: !Ref Free}}", Open("parameter Free", never=("", "*"))),
            ("!ImportValue shared-vpc", Open("no template here exports shared-vpc")),
            ("!ImportValue {'Fn::Sub': '${Free}-vpc'}", Open("parameter Free")),
            ("!Nonsense x", Open("Fn::Nonsense is no function")),
            ("{'Fn::Transform': {Name: Mine, Parameters: {}}}", Open("the macro Mine")),
            ("{A: {'Fn::Transform': {Name: Mine}}, B: 1}", {"A": Open("the macro Mine"), "B": 1}),
            ("{Ref: Env, Other: 1}", {"Ref": "Env", "Other": 1}),
            ("{Condition: {Bool: {a: b}}}", {"Condition": {"Bool": {"a": "b"}}}),
        ],
        MAPPINGS,
    )


def test_dynamic_references_are_never_literal_secrets():
    secret = value("'{{resolve:secretsmanager:db:SecretString:password}}'")
    assert Open("dynamic reference", never=("", "hunter2")) == secret
    assert secret.startswith("{{resolve:") is True
    assert value("!Sub '{{resolve:ssm-secure:${Env}:1}}'", MAPPINGS).startswith("{{resolve:") is True
    assert value("!Join ['', ['{{resolve:secretsmanager:', x, '}}']]").startswith("{{resolve:") is True
    assert Open("dynamic reference", fits=("PublicRead",)) == value("'{{resolve:ssm:/acl}}'")
    assert [Open("dynamic reference"), "b"] == value("['{{resolve:ssm:/acl}}', b]")


def test_a_dynamic_reference_to_a_secret_that_is_not_known_whole():
    found = value(
        "!Sub '{{resolve:secretsmanager:${Db}:SecretString:password}}'", "  Db: {Type: AWS::X::Secret}\nMappings: {}"
    )
    assert found.startswith("{{resolve:") is True
    open_text = value("!Sub '{{resolve:ssm:/${AWS::StackName}/acl}}'")
    assert Open("dynamic reference", fits=("PublicRead",)) == open_text
    assert Open("Db is named only", never=("", "hunter2")) == found


LOOPS = """
  'Fn::ForEach::Buckets':
    - Name
    - [logs, data-lake]
    - 'Bucket${Name}':
        Type: AWS::S3::Bucket
        Properties: {BucketName: !Sub '${Name}-x', Tag: !Ref Name}
      'Policy&{Name}':
        Type: AWS::S3::BucketPolicy
        Properties: {Bucket: !Ref 'Bucket${Name}'}
  'Fn::ForEach::Outer':
    - A
    - !Ref List
    - 'Fn::ForEach::Inner':
        - B
        - ["1", "2"]
        - 'Two${A}${B}': {Type: AWS::X::Y, Properties: {V: '${A}/${B}'}}
Parameters:
  List: {Type: CommaDelimitedList, Default: "p,q"}
  Free: {Type: CommaDelimitedList}
Transform: AWS::LanguageExtensions
"""


def test_for_each():
    made = {one.address: one for one in stack(f"Resources:\n{LOOPS}").resources()}
    assert list(made) == [
        *("Bucketlogs", "Policylogs", "Bucketdata-lake", "Policydatalake"),
        *("Twop1", "Twop2", "Twoq1", "Twoq2"),
    ]
    assert made["Bucketlogs"].document == {"BucketName": "logs-x", "Tag": "logs"}
    assert made["Twoq2"].document == {"V": "q/2"}
    assert made["Bucketlogs"].lines[("BucketName",)] == 8


def test_for_each_in_properties():
    found = value("{Keep: 1, 'Fn::ForEach::P': [N, [a, b], {'Key${N}': !Sub 'v-${N}'}]}")
    assert found == {"Keep": 1, "Keya": "v-a", "Keyb": "v-b"}


def test_a_loop_over_what_is_not_known_is_a_problem():
    loop = "{'Fn::ForEach::L': [N, !Ref Free, {'R${N}': {Type: AWS::X::Y}}], R: {Type: AWS::X::Y}}"
    made = stack(f"Resources: {loop}\nParameters: {{Free: {{Type: CommaDelimitedList}}}}")
    assert [one.address for one in made.resources()] == ["R"]
    assert made.problems == [
        Problem("t.yaml", 1, "what Fn::ForEach::L makes is not known: parameter Free has no default")
    ]


def test_parameters_given_by_the_user_win():
    assert value("!Ref Set", PARAMETERS, {"Set": "given"}) == "given"
    assert value("!Ref List", PARAMETERS, {"List": "x,y"}) == ["x", "y"]
    assert value("!Ref Free", PARAMETERS, {"Free": "given"}) == "given"


def test_json_and_yaml_say_the_same():
    as_json = """
    {"Resources": {"It": {"Type": "AWS::X::Y", "Properties": {
    \t"A": {"Fn::Join": ["-", ["a", {"Ref": "P"}]]}, "B": "\\ud83d\\ude00\\/", "C": 1.5, "D": null, "E": true}}},
    "Parameters": {"P": {"Type": "String", "Default": "x"}}}
    """
    (made,) = stack(as_json, name="t.json").resources()
    assert made.document == {"A": "a-x", "B": "\N{GRINNING FACE}/", "C": 1.5, "D": None, "E": True}
    assert made.lines == {(): 2}
    assert made.lines[("A",)] == 3


def test_scalars_of_yaml_that_look_like_something_else_stay_texts():
    check(
        [
            ("2012-10-17", "2012-10-17"),
            ("012345678901", "012345678901"),
            ("12345", 12345),
            ("1e5", "1e5"),
            ("-1", -1),
            ("1.5", 1.5),
            ("'true'", "true"),
            ("true", True),
            ("No", False),
            ("22:22", "22:22"),
            ("~", None),
            ("!!str 5", "5"),
            ("&a b", "b"),
        ]
    )


def test_anchors_and_merges_are_written_out():
    text = """
    Base: &base {A: 1, B: {C: 2}}
    Resources:
      It: {Type: AWS::X::Y, Properties: {<<: *base, A: 3}}
    """
    (made,) = stack(text).resources()
    assert made.document == {"A": 3, "B": {"C": 2}}


@pytest.mark.parametrize(("resource", "why"), [("{}", "has no Type"), ("5", "has no Type"), ("{Type: [a]}", "no Type")])
def test_a_resource_that_is_none_is_a_problem_and_the_rest_is_read(resource, why):
    made = stack(f"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Bad: {resource}\n  Good: {{Type: AWS::X::Y}}")
    assert [one.address for one in made.resources()] == ["Good"]
    assert [(one.line, why in one.why) for one in made.problems] == [(3, True)]


def test_lines_point_at_each_property():
    made = stack(
        indent(
            dedent(
                """
                Parameters: {Free: {Type: String}}
                Resources:
                  It:
                    Type: AWS::X::Y
                    Properties:
                      A: 1
                      B:
                        - C: !Ref Free
                        - !Ref AWS::NoValue
                        - D: 2
                """
            ),
            "",
        )
    )
    (it,) = made.resources()
    assert {path: it.lines[path] for path in [(), ("A",), ("B",), ("B", 0, "C"), ("B", 1), ("B", 1, "D")]} == {
        (): 4,
        ("A",): 7,
        ("B",): 8,
        ("B", 0, "C"): 9,
        ("B", 1): 11,
        ("B", 1, "D"): 11,
    }
    assert ("B", 5) not in it.lines


def test_one_text_stands_for_a_list_of_one():
    from koban.model.aws.policy import Statement

    def everything(resource, rest=PARAMETERS):
        return Statement({"Resource": value(resource, rest)}).every_resource

    assert everything("!GetAtt Bucket.Arn") is False
    assert everything("!Join ['', ['arn:aws:iam::', !Ref AWS::AccountId, ':role/x']]") is False
    assert everything("'*'") is True


def test_a_dynamic_reference_is_told_from_a_literal_by_a_pattern():
    from koban.model.unknown import matches

    assert matches(r"^\{\{resolve:", value("'{{resolve:secretsmanager:db}}'")) is True
    assert isinstance(matches(r"^\{\{resolve:$", value("'{{resolve:secretsmanager:db}}'")), Unknown)
    assert isinstance(matches(r"^db", value("!Sub '${Free}db'", PARAMETERS)), Unknown)


def test_elements_under_an_open_condition_are_there_or_not():
    """A known bad element is bad whatever the condition; a list with only such elements may be empty."""
    from koban.model.aws.policy import Policy
    from koban.model.resource import size
    from koban.model.unknown import Several, World, open_world

    def public(*statements):
        found = value(f"{{Statement: [{', '.join(statements)}]}}", CONDITIONS)
        return Policy(found)

    bad = "{Effect: Allow, Principal: '*', Action: x}"
    good = "{Effect: Deny, Principal: '*', Action: x}"
    perhaps = "!If [Maybe, %s, !Ref AWS::NoValue]"
    assert public(bad, perhaps % good).public is True
    with open_world(World((True,))):
        assert public(good, perhaps % bad).public is True
    with open_world(World((False,))):
        assert public(good, perhaps % bad).public is False
    with open_world(World()) as world:
        assert public(good, perhaps % good).public is False
        assert list(world.asked) == ["condition Maybe has element 0"]
    assert isinstance(public(perhaps % bad).statements, Several)
    with open_world(World((True,))):
        assert size(public(bad, perhaps % bad).statements) == 2


def test_functions_over_such_lists_are_open():
    perhaps = "!If [Maybe, b, !Ref AWS::NoValue]"
    check(
        [
            (f"!Join ['-', [a, {perhaps}]]", Open("parameter Free", fits=("a", "a-b"))),
            (f"!Select [0, [a, {perhaps}]]", "a"),
            (f"!Select [1, [a, {perhaps}, c]]", Open("parameter Free", fits=("b", "c"))),
            (f"{{'Fn::Length': [a, {perhaps}]}}", Open("parameter Free")),
            (f"!If [Maybe, [a, {perhaps}], [a]]", Open("parameter Free")),
        ],
        CONDITIONS,
    )


@pytest.mark.parametrize(
    ("pattern", "never", "open_"),
    [
        ("arn:.+", ["", "*", "alias/aws/sns"], ["arn:aws:kms:x"]),
        ("^[a-z0-9.-]{3,63}$", [""], ["logs"]),
        ("[a-z]*", [], ["", "logs"]),
        ("alias/?.*", ["", "arn:x"], ["alias", "alias/x"]),
        ("arn:x|", [], ["", "y"]),
        ("(", [], ["", "x"]),
    ],
)
def test_an_allowed_pattern_settles_how_a_value_starts(pattern, never, open_):
    from koban.sources.cloudformation.template import _shape_of_pattern

    shape = _shape_of_pattern(pattern) or "(?s:.*)"
    assert [text for text in never if re.fullmatch(shape, text)] == []
    assert [text for text in open_ if not re.fullmatch(shape, text)] == []
