"""What AWS answers in an account where nobody set anything, for settings that moto does not know.

They are the defaults that AWS documents.  Nothing can change them here: the operations that would are not emulated.
"""

from __future__ import annotations

import json
from typing import Any

EC2 = '<?xml version="1.0" encoding="UTF-8"?><{0}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">{1}</{0}Response>'
IN_EC2 = {
    "GetSnapshotBlockPublicAccessState": "<state>unblocked</state>",
    "GetImageBlockPublicAccessState": "<imageBlockPublicAccessState>block-new-sharing</imageBlockPublicAccessState>",
    "GetInstanceMetadataDefaults": "<accountLevel/>",
    "GetSerialConsoleAccessStatus": "<serialConsoleAccessEnabled>false</serialConsoleAccessEnabled>",
    "DescribeVpcBlockPublicAccessOptions": (
        "<vpcBlockPublicAccessOptions><internetGatewayBlockMode>off</internetGatewayBlockMode>"
        "<state>default-state</state></vpcBlockPublicAccessOptions>"
    ),
}
IN_JSON: dict[str, dict[str, Any]] = {
    "access-analyzer:ListAnalyzers": {"analyzers": []},
    "backup:ListProtectedResources": {"Results": []},
    "ssm:DescribeInstanceInformation": {"InstanceInformationList": []},
}
SSM_SETTINGS = {"/ssm/documents/console/public-sharing-permission": "Enable"}


def answer_of(call: str, body: bytes) -> tuple[str, bytes] | None:
    """Content type and body of a fresh account's answer; None for an operation that is not here."""
    service, _, operation = call.partition(":")
    if service == "ec2" and operation in IN_EC2:
        return "text/xml", EC2.format(operation, IN_EC2[operation]).encode()
    found = IN_JSON.get(call)
    if call == "ssm:GetServiceSetting":
        name = json.loads(body or b"{}").get("SettingId", "")
        if name in SSM_SETTINGS:
            found = {"ServiceSetting": {"SettingId": name, "SettingValue": SSM_SETTINGS[name], "Status": "Default"}}
    return None if found is None else ("application/x-amz-json-1.1", json.dumps(found).encode())
