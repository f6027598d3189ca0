"""What holds for every resource class: its paths are those of the public CloudFormation schema."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import pytest

import koban.model.aws
from koban.model.document import fields_of
from koban.model.resource import known_classes

for module in iter_modules(koban.model.aws.__path__):
    import_module(f"koban.model.aws.{module.name}")

CLASSES = [cls for cls in known_classes() if cls.type.startswith("AWS::")]


@cache
def schema(type_name: str) -> dict | None:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    try:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_name).schema
    except Exception:
        return None


def has(node: dict, root: dict, steps: list[str]) -> bool:
    while "$ref" in node:
        node = root["definitions"][node["$ref"].rsplit("/", 1)[-1]]
    if node.get("type") == "array" or "items" in node:
        return has(node.get("items", {}), root, steps)
    if not steps:
        return True
    head, rest = steps[0].removesuffix("[]"), steps[1:]
    if head in node.get("properties", {}):
        return has(node["properties"][head], root, rest)
    return any(has(one, root, steps) for key in ("oneOf", "anyOf", "allOf") for one in node.get(key, [])) or bool(
        (node.get("patternProperties") or node.get("type") in ("object", ["object", "string"], ["string", "object"]))
        and not node.get("properties")
    )


def check(cls: type, field) -> None:
    found = schema(cls.type)
    if found is None:
        pytest.fail(f"{cls.type} is not a CloudFormation type; call it Koban::...")
    there = has({"properties": found["properties"]}, found, list(field.steps))
    if field.is_fact:
        assert not there, f"{field.path} is in the schema of {cls.type}: make it a field"
    else:
        assert there, f"{field.path} is not in the schema of {cls.type}: mend the path, or make it a fact"


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.type)
def test_fields_are_in_the_schema_and_facts_are_not(cls):
    for field in fields_of(cls):
        check(cls, field)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.type)
def test_every_class_and_field_says_what_it_means(cls):
    assert cls.__doc__
    for field in fields_of(cls):
        assert field.doc, f"{cls.__name__}.{field.name}"


def test_the_schema_check_itself_tells_right_from_wrong():
    bucket = schema("AWS::S3::Bucket")
    root = {"properties": bucket["properties"]}
    assert has(root, bucket, ["VersioningConfiguration", "Status"])
    assert not has(root, bucket, ["VersioningConfiguration", "State"])
