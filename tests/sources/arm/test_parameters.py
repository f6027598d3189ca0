"""Parameters: defaults, values that are given, what is certain without either, and secrets."""

import json

import pytest

from koban.model.unknown import Unknown
from koban.sources.arm.parameters import ParametersError, read_parameters

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"


@pytest.fixture
def parameter(value):
    """``parameter({"type": "string"}, "given")``: the value of such a parameter."""

    def run(declared, *given, **template):
        values = {"P": given[0]} if given else {}
        return value("[parameters('p')]", values, parameters={"p": declared}, **template)

    return run


def test_what_is_given_wins_over_the_default(parameter):
    assert parameter({"type": "string", "defaultValue": "[concat('a', 'b')]"}) == "ab"
    assert parameter({"type": "string", "defaultValue": "a"}, "[b]") == "[b]"
    assert parameter({"type": "string", "defaultValue": "a"}, None) == "a"
    assert parameter({"type": "object", "nullable": True}) is None
    assert parameter({"type": "int", "allowedValues": [7]}) == 7


@pytest.mark.parametrize(
    ("declared", "never"),
    [
        ({"type": "string", "allowedValues": ["A", "B"]}, ["", "C"]),
        ({"type": "string", "minLength": 1}, [""]),
        ({"type": "string"}, []),
        ({"type": "bool", "allowedValues": [True, False]}, []),
        ({"type": "int", "allowedValues": [1, 2]}, []),
        ({"type": "array", "allowedValues": ["A", "B"]}, []),
    ],
)
def test_what_is_certain_of_a_parameter_without_a_value(parameter, declared, never):
    found = parameter(declared)
    assert isinstance(found, Unknown)
    assert [one for one in ("", "C", "a") if (found == one) is False] == never


@pytest.mark.parametrize("kind", ["securestring", "secureObject", "SecureString"])
def test_secrets_are_never_known(parameter, kind):
    for given in (["hunter2"], [{"a": "hunter2"}], []):
        found = parameter({"type": kind, "defaultValue": "hunter2"}, *given)
        assert (found._path, found._why) == ("parameters('p')", "parameter p is a secret")
    assert parameter({"type": kind, "defaultValue": ""}) == ""


def test_secrets_inside_of_types(parameter):
    definitions = {
        "key": {"type": "securestring"},
        "login": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "key": {"$ref": "#/definitions/key"}},
            "additionalProperties": {"type": "securestring"},
        },
    }
    found = parameter(
        {"type": "array", "items": {"$ref": "#/definitions/login"}},
        [{"name": "me", "key": "hunter2", "more": "hunter3"}],
        definitions=definitions,
        languageVersion="2.0",
    )
    assert found[0]["name"] == "me"
    assert found[0]["key"]._why == "parameters('p')[0].key is a secret"
    assert "hunter" not in repr(found)
    assert (
        parameter({"$ref": "#/definitions/key"}, "hunter2", definitions=definitions)._why == "parameter p is a secret"
    )


def test_definitions_that_lead_in_a_circle_end(parameter):
    loop = {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}
    assert parameter({"$ref": "#/definitions/a"}, "x", definitions=loop) == "x"


def test_files_of_values(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text if isinstance(text, str) else json.dumps(text))
        return tmp_path / name

    one = write("one.json", {"$schema": SCHEMA, "parameters": {"a": {"value": 1}, "b": {"value": None}}})
    vault = {"reference": {"keyVault": {"id": "x"}, "secretName": "y"}}
    inner = json.dumps({"a": {"value": 2}, "c": vault})
    two = write("two.json", f'{{"$schema": "{SCHEMA}", // values\n"parameters": {inner}}}')
    other = write("other.json", [{"ParameterKey": "x", "ParameterValue": "deploymentParameters.json"}])
    values, others = read_parameters([one, other, two, tmp_path / "gone.json"])
    assert (values["a"], values["b"], others) == (2, None, [other, tmp_path / "gone.json"])
    assert values["c"]._why == "parameter c is read from a key vault"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"$schema": "%s",\n "parameters": }', "line 2: not JSON: a value is expected, and not '}'"),
        ('{"$schema": "%s"}', "it has no parameters"),
    ],
)
def test_a_file_of_values_that_cannot_be_used_is_said(tmp_path, text, why):
    (tmp_path / "p.json").write_text(text % SCHEMA)
    with pytest.raises(ParametersError, match=why):
        read_parameters([tmp_path / "p.json"])
