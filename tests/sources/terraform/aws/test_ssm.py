import json

import pytest

from koban.model.aws.ssm import Document, Parameter, Settings
from koban.model.unknown import Partial, Unknown

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


SHARING = "/ssm/documents/console/public-sharing-permission"
LOGS = "/ssm/automation/customer-script-log-destination"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (SHARING, "Disable", {"PublicSharing": "Disable"}),
        (f"arn:aws:ssm:eu-west-1:111122223333:servicesetting{SHARING}", "Enable", {"PublicSharing": "Enable"}),
        (Partial("id", ("arn:aws:ssm:", OPEN, f":servicesetting{LOGS}")), OPEN, {"AutomationLogDestination": OPEN}),
        ("/ssm/parameter-store/high-throughput-enabled", "true", {}),
    ],
)
def test_a_setting_of_a_region_is_the_one_that_it_names(document, name, value, expected):
    assert document("aws_ssm_service_setting", {"setting_id": name, "setting_value": value}, Settings) == expected


def test_a_setting_whose_name_is_not_known_may_be_any(document):
    found = document("aws_ssm_service_setting", {"setting_id": OPEN, "setting_value": "Disable"}, Settings)
    assert set(found) == {"PublicSharing", "AutomationLogDestination"}
    assert all(isinstance(one, Unknown) and one._root is OPEN for one in found.values())


def test_the_preferences_of_shell_sessions_are_a_document_of_that_name(document, every_document):
    inputs = {"cloudWatchLogGroupName": "sessions", "kmsKeyId": "k"}
    body = {"name": "SSM-SessionManagerRunShell", "document_type": "Session", "content": json.dumps({"inputs": inputs})}
    assert document("aws_ssm_document", body, Settings) == {"SessionPreferences": inputs}
    assert document("aws_ssm_document", {**body, "content": OPEN}, Settings) == {"SessionPreferences": OPEN}
    assert every_document("aws_ssm_document", {**body, "name": "other"}, Settings) == []
    assert every_document("aws_ssm_document", {**body, "name": OPEN}, Settings) == []
