import pytest

from koban.model.aws.ssm import Document, Parameter
from koban.model.unknown import Unknown

OPEN = Unknown("var.x", "variable x has no default")


@pytest.mark.parametrize("argument", ["value", "insecure_value", "value_wo"])
def test_a_parameter(twins, argument):
    body = {"name": "p", "type": "String", argument: "v", "tier": "Advanced"}
    code = {"Name": "p", "Type": "String", "Value": "v", "Tier": "Advanced"}
    twins("aws_ssm_parameter", body, Parameter, code)


def test_a_secure_parameter(twins, document):
    body = {"name": "p", "type": "SecureString", "key_id": "k"}
    twins("aws_ssm_parameter", body, Parameter, {"Name": "p", "Type": "SecureString"})
    assert document("aws_ssm_parameter", body)["KeyId"] == "k"


def test_a_document(twins):
    twins("aws_ssm_document", {"name": "d", "document_type": "Session"}, Document, {"DocumentType": "Session"})


@pytest.mark.parametrize(
    ("permissions", "shared"),
    [
        ({"type": "Share", "account_ids": "All"}, ["all"]),
        ({"type": "Share", "account_ids": "111122223333, 444455556666"}, ["111122223333", "444455556666"]),
        ({"type": "Share", "account_ids": OPEN}, [OPEN]),
        (OPEN, OPEN),
        ({}, None),
        (None, None),
    ],
)
def test_with_whom_a_document_is_shared(document, permissions, shared):
    assert document("aws_ssm_document", {"name": "d", "permissions": permissions}).get("SharedWith") == shared
