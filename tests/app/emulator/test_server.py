"""The emulator: every protocol's way to say no, counting, faults; and that collectors send what they declare."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.loaders
import botocore.model
import pytest
import urllib3

from koban.app.aws import AwsOptions, scan_aws
from koban.sources.aws.collector import collectors
from koban.sources.aws.session import SETUP_CALLS


@pytest.fixture
def ask(aws: Any, emulator_url: str) -> Iterator[Callable[..., Any]]:
    """Ask the emulator's own pages: ``ask("GET", "calls")``."""
    http = urllib3.PoolManager()

    def send(method: str, page: str, body: Any = None) -> Any:
        answer = http.request(method, f"{emulator_url}/koban/{page}", body=None if body is None else json.dumps(body))
        return json.loads(answer.data) if answer.data else answer.status

    send("DELETE", "calls")
    yield send
    send("PUT", "faults", [])


ONE_OF_EACH_PROTOCOL = [
    ("ec2", "describe_volumes", "ec2:DescribeVolumes"),
    ("iam", "list_users", "iam:ListUsers"),
    ("kms", "list_keys", "kms:ListKeys"),
    ("lambda", "list_functions", "lambda:ListFunctions"),
    ("s3", "list_buckets", "s3:ListBuckets"),
    ("route53", "list_hosted_zones", "route53:ListHostedZones"),
    ("cloudwatch", "describe_alarms", "monitoring:DescribeAlarms"),
]


@pytest.mark.parametrize(("service", "method", "call"), ONE_OF_EACH_PROTOCOL, ids=str)
def test_a_fault_has_its_code_in_every_protocol_and_is_counted(
    aws: Any, ask: Any, service: str, method: str, call: str
) -> None:
    client = aws(service)
    getattr(client, method)()
    ask("PUT", "faults", [{"calls": [call], "code": "AccessDenied", "status": 403}])
    with pytest.raises(botocore.exceptions.ClientError) as found:
        getattr(client, method)()
    assert found.value.response["Error"]["Code"] == "AccessDenied"
    assert "by order of the test" in found.value.response["Error"]["Message"]
    assert ask("GET", "calls") == {call: 2}


def test_what_moto_lacks_is_a_client_error_at_once(aws: Any, ask: Any) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as found:
        aws("ec2").describe_client_vpn_endpoints()
    assert found.value.response["Error"]["Code"] == "NotEmulated"
    assert ask("GET", "calls") == {"ec2:DescribeClientVpnEndpoints": 1}


def test_rest_operations_are_told_apart_by_path_and_query(aws: Any, ask: Any) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="orders", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.get_bucket_versioning(Bucket="orders")
    s3.list_objects_v2(Bucket="orders")
    assert ask("GET", "calls") == {"s3:CreateBucket": 1, "s3:GetBucketVersioning": 1, "s3:ListObjectsV2": 1}


def test_collectors_send_what_they_declare_and_nothing_else(aws: Any, ask: Any, tmp_path: Path) -> None:
    """Counted on the wire, where everything passes; by the name that a request is signed for."""
    aws("s3").create_bucket(Bucket="orders", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("sns").create_topic(Name="t")
    aws("kms").create_key()
    aws("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    ask("DELETE", "calls")
    options = AwsOptions(regions=("eu-west-1",), directory=tmp_path, max_rate=1000)
    scan = scan_aws(options, [])
    list(scan.results)
    loader = botocore.loaders.create_loader()
    declared = set()
    for call in {*SETUP_CALLS, *(call for one in collectors() for call in one.calls)}:
        service, _, name = call.partition(":")
        model = botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)
        declared.add(f"{model.signing_name}:{name}")
    declared.add("s3express:ListDirectoryBuckets")
    sent = ask("GET", "calls")
    assert len(sent) > 150
    assert {call for call in sent if not call.endswith(":?")} <= declared
    assert [call for call in sent if call.endswith(":?")] == []
    crashes = [gap.why for gap in scan.gaps if "crashed" in gap.why]
    assert crashes == []


def test_no_collector_crashes_when_everything_but_lists_is_denied(aws: Any, ask: Any, tmp_path: Path) -> None:
    aws("s3").create_bucket(Bucket="orders", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("sns").create_topic(Name="t")
    aws("kms").create_key()
    options = AwsOptions(regions=("eu-west-1",), directory=tmp_path, max_rate=1000)
    for denied in (["*:Get*", "*:Describe*"], ["*:List*", "*:Batch*"]):
        ask("PUT", "faults", [{"calls": denied, "code": "AccessDenied", "status": 403}])
        options = replace(options, directory=tmp_path / denied[0][2:5])
        ask("DELETE", "calls")
        # Asking who asks and which regions there are is not what is tested here.
        scan = scan_aws(options, []) if "*:Get*" not in denied else _without_identity(ask, denied, options)
        list(scan.results)
        assert "\n".join(sorted({gap.why for gap in scan.gaps if "crashed" in gap.why})) == ""


def _without_identity(ask: Any, denied: list[str], options: AwsOptions) -> Any:
    ask("PUT", "faults", [])
    scan = scan_aws(options, [])
    ask("PUT", "faults", [{"calls": denied, "code": "AccessDenied", "status": 403}])
    return scan


def test_only_snapshots_shared_with_everyone_are_told_as_such(aws):
    ec2 = aws("ec2")
    volume = ec2.create_volume(Size=1, AvailabilityZone="eu-west-1a")["VolumeId"]
    mine, everyones = (ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(2))
    ec2.modify_snapshot_attribute(
        SnapshotId=everyones, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    found = ec2.describe_snapshots(OwnerIds=["self"], RestorableByUserIds=["all"])["Snapshots"]
    assert [one["SnapshotId"] for one in found] == [everyones]
    assert {mine, everyones} <= {one["SnapshotId"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}


def test_a_new_bucket_is_closed_and_a_list_in_pages_tells_its_region(aws):
    s3 = aws("s3")
    s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.create_bucket(
        Bucket="shop-old",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
        ObjectOwnership="ObjectWriter",
    )
    blocked = s3.get_public_access_block(Bucket="shop")["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    owned = [s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"] for name in ("shop", "shop-old")]
    assert [one["Rules"][0]["ObjectOwnership"] for one in owned] == ["BucketOwnerEnforced", "ObjectWriter"]
    assert {one.get("BucketRegion") for one in s3.list_buckets()["Buckets"]} == {None}
    assert {one["BucketRegion"] for one in s3.list_buckets(MaxBuckets=9)["Buckets"]} == {"eu-west-1"}


def test_a_fresh_account_answers_as_aws_documents_its_defaults(aws):
    ec2 = aws("ec2")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {}
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False
    mode = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"]
    assert mode == "off"
    assert aws("accessanalyzer").list_analyzers()["analyzers"] == []
    assert aws("backup").list_protected_resources()["Results"] == []
    assert aws("ssm").describe_instance_information()["InstanceInformationList"] == []
    sharing = aws("ssm").get_service_setting(SettingId="/ssm/documents/console/public-sharing-permission")
    assert sharing["ServiceSetting"]["SettingValue"] == "Enable"
    (account,) = aws("inspector2").batch_get_account_status(accountIds=["123456789012"])["accounts"]
    assert account["state"]["status"] == "DISABLED"
