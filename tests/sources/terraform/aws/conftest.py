"""Golden twins: the same thing from Terraform and from CloudFormation gives equal resources."""

from typing import Any

import pytest

from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.terraform.aws import tables_of


def documents(source: str, body: dict[str, Any], cls: type[Resource] | None = None) -> list[dict[str, Any]]:
    """The documents that a body of the Terraform type `source` makes, of class `cls` where it makes several."""
    made = []
    for table in tables_of()[source]:
        answer = table.when(body) if table.when is not None else True
        if (cls is None or table.cls is cls) and (isinstance(answer, Unknown) or answer):
            made += [table.document(one) for one in (table.each(body) if table.each is not None else (body,))]
    return made


@pytest.fixture
def document():
    """`document("aws_x", body)`: the one document that a body makes."""

    def one(source: str, body: dict[str, Any], cls: type[Resource] | None = None) -> dict[str, Any]:
        (made,) = documents(source, body, cls)
        return made

    return one


@pytest.fixture
def every_document():
    """`every_document("aws_x", body)`: all documents that a body makes."""
    return documents


@pytest.fixture
def twins():
    """`twins("aws_x", body, Class, cloudformation_document)`: every field reads the same of both."""

    def check(source: str, body: dict[str, Any], cls: type[Resource], code: dict[str, Any]) -> None:
        (made,) = documents(source, body, cls)
        left, right = cls(made, uid="twin", file="a"), cls(code, uid="twin", file="a")
        for name, field in cls.fields.items():
            if not field.is_fact and name not in cls.link_fields:
                assert getattr(left, name) == getattr(right, name), name
            elif name in cls.link_fields:
                from koban.model.estate import link_names

                assert link_names(left, field.path) == link_names(right, field.path), name

    return check
