import pytest
from hypothesis import given
from hypothesis import strategies as st

from koban.sources.terraform.syntax import SyntaxProblem, parse, parse_expression, parse_template


def test_blocks_arguments_and_where_they_stand():
    body = parse('# first\nresource "aws_x" "y" {\n  a = 1\n\n  inner {\n    b = "c"\n  }\n}\nlocals { d = 2 }\n')
    resource, locals_ = body.blocks
    assert (resource.type, resource.labels, resource.line) == ("resource", ("aws_x", "y"), 2)
    assert resource.body.attributes["a"].line == 3
    (inner,) = resource.body.blocks
    assert (inner.type, inner.line, inner.body.attributes["b"].line) == ("inner", 5, 6)
    assert list(locals_.body.attributes) == ["d"]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a = 1\na = 2", 2, "the argument a is set twice (first on line 1)"),
        ("a = ", 1, "a value is missing at the end of the line"),
        ('a = "x', 1, "a text has no closing quote"),
        ("b {", 1, "a { without its }"),
        ("}", 1, "a } without its {"),
        ("a = 1 b = 2", 1, "a new line is missing before 'b = 2'"),
        ("\n\na = 08x", 3, "'08x' is not a number"),
        ("a = 1e99999999", 1, "'1e99999999' is too large a number"),
        ("a = [1 2]", 1, "] is missing after the elements of a list, before '2]'"),
        ("a = <<E\nfoo", 1, "the text that <<E begins has no end"),
        ('a = "\\q"', 1, "\\q is no escape of HCL; write \\\\ for a backslash"),
        ("a = {b = 1 c = 2}", 1, "} is missing after the items of an object, before 'c = 2}'"),
        ('"a" = 1', 1, "an argument's name is not quoted: '\"a\" = 1'"),
        ("a = f(1", 1, ") is missing at the end of the file, after the arguments of f"),
        ('a = "%{ if true }x"', 1, "%{ if } has no %{ endif }"),
        ('a = "%{ endfor }x"', 1, "%{ endfor } has no beginning"),
        ("a = " + "[" * 300 + "]" * 300, 1, "it nests more than 200 deep"),
        ('x "${y}" {}', 1, "a label of block x is a template"),
    ],
)
def test_what_terraform_refuses(text, line, why):
    with pytest.raises(SyntaxProblem) as refused:
        parse(text)
    assert (refused.value.line, refused.value.why) == (line, why)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffa = 1",
        "a = 1 # comment",
        "a = 1 // comment",
        "a = 1 /* comment */\n",
        "a = /* why */ 1",
        "x { a = 1 }",
        "x {}",
        'x "l" m {\n}',
        "a = (\n1\n+\n2\n)",
        "a = {\n  b = 1,\n  c : 2\n  (d) = 3\n}",
        "a = {for = 1}",
        "a = [\n  1, # one\n  2,\n]",
        "a = [b\n  .c]",
        'a = "${"nested ${"deep"} text"}"',
    ],
)
def test_what_terraform_takes(text):
    parse(text)


def lines_of_refusal(read, text):
    try:
        read(text)
    except SyntaxProblem as refused:
        return refused.line, refused.why
    return 1, ""


@given(st.text(alphabet=st.sampled_from(list('abc"${}[]()=%~<>\n .,:?!&|*#/\\-0123456789')), max_size=60))
def test_no_text_crashes_the_parser(text):
    for read in (parse, parse_expression, parse_template):
        line, why = lines_of_refusal(read, text)
        assert line >= 1
        assert "\n" not in why
