import pytest

from koban.model.aws.ec2 import Defaults, Image, Instance, KeyPair, LaunchTemplate, SpotFleet
from koban.model.unknown import Maybe, OpenList, Unknown

GAP = Unknown("var.x", "it has no default")
METADATA = {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 2}
OPTIONS = {"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 2}
DISK = {"encrypted": True, "kms_key_id": "k", "snapshot_id": "s", "volume_size": 8, "volume_type": "gp3"}
EBS = {"Encrypted": True, "KmsKeyId": "k", "SnapshotId": "s", "VolumeSize": 8, "VolumeType": "gp3"}
DISKS = {
    "root_block_device": [{**DISK, "delete_on_termination": True}],
    "ebs_block_device": [
        {"device_name": "/dev/sdb"},
        {"device_name": "/dev/sdc", **DISK},
        {"device_name": "/dev/sdd", "no_device": True},
    ],
    "ephemeral_block_device": [{"device_name": "/dev/sde", "virtual_name": "ephemeral0"}],
}
MAPPINGS = [
    {"Ebs": {**EBS, "DeleteOnTermination": True}},
    {"DeviceName": "/dev/sdb", "Ebs": {"Encrypted": False}},
    {"DeviceName": "/dev/sdc", "Ebs": EBS},
    {"DeviceName": "/dev/sdd"},
    {"DeviceName": "/dev/sde", "VirtualName": "ephemeral0"},
]


@pytest.mark.parametrize("source", ["aws_instance", "aws_spot_instance_request"])
def test_a_whole_instance(twins, source):
    twins(
        source,
        {
            **DISKS,
            "ami": "ami-1",
            "key_name": "ops",
            "subnet_id": "subnet-1",
            "vpc_security_group_ids": ["sg-1"],
            "iam_instance_profile": "web",
            "monitoring": True,
            "user_data": "#!/bin/sh",
            "metadata_options": [METADATA],
            "launch_template": [{"id": "lt-1", "version": "2"}],
            "associate_public_ip_address": False,
        },
        Instance,
        {
            "ImageId": "ami-1",
            "KeyName": "ops",
            "SubnetId": "subnet-1",
            "SecurityGroupIds": ["sg-1"],
            "IamInstanceProfile": "web",
            "Monitoring": True,
            "UserData": "#!/bin/sh",
            "MetadataOptions": OPTIONS,
            "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "2"},
            "NetworkInterfaces": [{"AssociatePublicIpAddress": False, "SubnetId": "subnet-1"}],
            "BlockDeviceMappings": MAPPINGS,
        },
    )


def test_instances_of_which_little_is_said(twins, document):
    twins("aws_instance", {}, Instance, {})
    twins("aws_instance", {"subnet_id": "subnet-1"}, Instance, {"SubnetId": "subnet-1"})
    twins("aws_instance", {"security_groups": ["web"]}, Instance, {"SecurityGroupIds": ["web"]})
    twins(
        "aws_instance",
        {"launch_template": [{"name": "web"}], "user_data_base64": "IyEvYmluL3No"},
        Instance,
        {"LaunchTemplate": {"LaunchTemplateName": "web"}, "UserData": "IyEvYmluL3No"},
    )
    assert document("aws_instance", {"instance_state": "running"}) == {"State": {"Name": "running"}}


def test_what_a_state_keeps_of_what_was_not_set(twins):
    body = {
        "vpc_security_group_ids": [],
        "security_groups": ["web"],
        "user_data": "",
        "key_name": "",
        "ebs_block_device": [],
        "network_interface": [],
        "launch_template": [],
    }
    twins("aws_instance", body, Instance, {"SecurityGroupIds": ["web"]})


def test_a_hash_of_user_data_tells_nothing(document):
    for source in ("aws_instance", "aws_launch_configuration"):
        kept = document(source, {"user_data": "da39a3ee5e6b4b0d3255bfef95601890afd80709"})["UserData"]
        assert isinstance(kept, Unknown)


def test_interfaces_that_were_made_apart(document):
    body = {"network_interface": [{"network_interface_id": "eni-1", "device_index": 0}]}
    (made,) = document("aws_instance", body)["NetworkInterfaces"]
    assert made["NetworkInterfaceId"] == "eni-1"
    assert isinstance(made["SubnetId"], Unknown)
    assert isinstance(made["GroupSet"], Unknown)
    body = {"primary_network_interface": [{"network_interface_id": "eni-1"}]}
    assert document("aws_instance", body)["NetworkInterfaces"] == [made]
    body |= {"associate_public_ip_address": True, "subnet_id": "subnet-1"}
    known = {"AssociatePublicIpAddress": True, "SubnetId": "subnet-1"}
    assert document("aws_instance", body)["NetworkInterfaces"] == [known]


def test_what_is_not_known_of_an_instance_stays(document):
    body = {"network_interface": GAP, "vpc_security_group_ids": GAP, "metadata_options": [{"http_tokens": GAP}]}
    made = document("aws_instance", body)
    assert made["NetworkInterfaces"] == [GAP]
    assert made["SecurityGroupIds"] is GAP
    assert made["MetadataOptions"]["HttpTokens"] is GAP
    interface = {"network_interface_id": "eni-1"}
    body = {"network_interface": OpenList([interface, Maybe("network_interface", "why", (interface,))])}
    sure, maybe = document("aws_instance", body)["NetworkInterfaces"]
    assert sure["NetworkInterfaceId"] == "eni-1"
    assert maybe._values[0]["NetworkInterfaceId"] == "eni-1"
    assert document("aws_instance", {"associate_public_ip_address": GAP})["NetworkInterfaces"] == [
        {"AssociatePublicIpAddress": GAP}
    ]
    assert document("aws_instance", {"ebs_block_device": GAP})["BlockDeviceMappings"] is GAP


def test_a_launch_template(twins):
    twins(
        "aws_launch_template",
        {
            "name": "web",
            "metadata_options": [METADATA],
            "network_interfaces": [{"associate_public_ip_address": "true"}, {"associate_public_ip_address": ""}],
            "block_device_mappings": [
                {"device_name": "/dev/sda1", "ebs": [{**DISK, "encrypted": "true"}]},
                {"device_name": "/dev/sdb", "ebs": [{"encrypted": "", "delete_on_termination": "true"}]},
                {"device_name": "/dev/sdc", "virtual_name": "ephemeral0", "ebs": []},
            ],
            "user_data": "IyEvYmluL3No",
            "key_name": "ops",
        },
        LaunchTemplate,
        {
            "LaunchTemplateName": "web",
            "LaunchTemplateData": {
                "MetadataOptions": OPTIONS,
                "NetworkInterfaces": [{"AssociatePublicIpAddress": "true"}, {}],
                "BlockDeviceMappings": [
                    {"DeviceName": "/dev/sda1", "Ebs": {**EBS, "Encrypted": "true"}},
                    {"DeviceName": "/dev/sdb", "Ebs": {"Encrypted": False, "DeleteOnTermination": "true"}},
                    {"DeviceName": "/dev/sdc", "VirtualName": "ephemeral0"},
                ],
                "UserData": "IyEvYmluL3No",
                "KeyName": "ops",
            },
        },
    )
    twins("aws_launch_template", {}, LaunchTemplate, {})


def test_a_spot_fleet(twins):
    twins(
        "aws_spot_fleet_request",
        {"launch_specification": [DISKS, {"root_block_device": [{}]}]},
        SpotFleet,
        {
            "SpotFleetRequestConfigData": {
                "LaunchSpecifications": [
                    {"BlockDeviceMappings": MAPPINGS},
                    {"BlockDeviceMappings": [{"Ebs": {"Encrypted": False}}]},
                ]
            }
        },
    )
    twins("aws_spot_fleet_request", {}, SpotFleet, {})


def test_a_key_pair(twins):
    twins("aws_key_pair", {"key_name": "ops", "public_key": "ssh-ed25519 A"}, KeyPair, {"KeyName": "ops"})


def test_a_disk_that_may_not_be_there(document):
    body = {"root_block_device": [{}], "ebs_block_device": OpenList([Maybe("ebs", "why", ({"encrypted": True},))])}
    root, maybe = document("aws_instance", body)["BlockDeviceMappings"]
    assert root == {"Ebs": {"Encrypted": False}}
    assert maybe._values == ({"Ebs": {"Encrypted": True}},)


def test_images(twins, document):
    twins(
        "aws_ami",
        {
            "name": "base",
            "public": False,
            "ebs_block_device": [{"device_name": "/dev/sda1", "encrypted": True}, {"device_name": "/dev/sdb"}],
        },
        Image,
        {
            "ImageName": "base",
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/sda1", "Ebs": {"Encrypted": True}},
                {"DeviceName": "/dev/sdb", "Ebs": {"Encrypted": False}},
            ],
        },
    )
    twins("aws_ami", {"name": "base"}, Image, {"ImageName": "base"})
    twins(
        "aws_ami_copy",
        {"name": "copy", "encrypted": True},
        Image,
        {"ImageName": "copy", "BlockDeviceMappings": [{"Ebs": {"Encrypted": True}}]},
    )
    for source in ("aws_ami_copy", "aws_ami_from_instance"):
        assert isinstance(document(source, {"name": "copy"})["BlockDeviceMappings"], Unknown)
        known = {"name": "copy", "ebs_block_device": [{"encrypted": True}]}
        assert document(source, known)["BlockDeviceMappings"] == [{"Ebs": {"Encrypted": True}}]


def test_a_snapshot_decides_whether_the_disk_of_an_image_is_encrypted(document):
    (disk,) = document("aws_ami", {"ebs_block_device": [{"snapshot_id": "snap-1", "encrypted": False}]})[
        "BlockDeviceMappings"
    ]
    assert isinstance(disk["Ebs"]["Encrypted"], Unknown)


def test_who_may_use_an_image(every_document):
    def pieces(**body):
        return [piece for piece in every_document("aws_ami_launch_permission", {"image_id": "a", **body}) if piece]

    assert pieces(group="all") == [{"Public": True}]
    assert pieces(account_id="444455556666", group="") == [{"SharedWith": ["444455556666"]}]
    assert pieces(organization_arn="arn:o", account_id="") == [{"SharedWith": ["arn:o"]}]
    (piece,) = pieces(group=GAP)
    assert piece["Public"] is GAP


def test_what_rules_ask(document):
    def instance(body):
        return Instance(document("aws_instance", body), uid="i")

    assert instance({}).metadata_version_1
    assert not instance({"metadata_options": [METADATA]}).metadata_version_1
    assert instance({"associate_public_ip_address": True}).has_public_address
    assert not instance({"associate_public_ip_address": False}).has_public_address


@pytest.mark.parametrize(
    ("source", "body", "expected"),
    [
        ("aws_ebs_encryption_by_default", {}, {"EbsEncryptionByDefault": True}),
        ("aws_ebs_encryption_by_default", {"enabled": False}, {"EbsEncryptionByDefault": False}),
        ("aws_ebs_snapshot_block_public_access", {"state": "unblocked"}, {"SnapshotBlockPublicAccess": "unblocked"}),
        ("aws_ec2_image_block_public_access", {"state": GAP}, {"ImageBlockPublicAccess": GAP}),
        ("aws_ec2_serial_console_access", {}, {"SerialConsoleAccess": True}),
        ("aws_ec2_instance_metadata_defaults", {}, {"InstanceMetadataDefaults": {"HttpTokens": ""}}),
        (
            "aws_ec2_instance_metadata_defaults",
            {"http_tokens": "required"},
            {"InstanceMetadataDefaults": {"HttpTokens": "required"}},
        ),
        (
            "aws_ec2_instance_metadata_defaults",
            {"http_tokens": "no-preference"},
            {"InstanceMetadataDefaults": {"HttpTokens": ""}},
        ),
        (
            "aws_vpc_block_public_access_options",
            {"internet_gateway_block_mode": "block-ingress"},
            {"VpcBlockPublicAccess": "block-ingress"},
        ),
    ],
)
def test_what_holds_for_a_region(document, source, body, expected):
    assert document(source, body, Defaults) == expected
