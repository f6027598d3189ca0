import base64
from datetime import UTC, datetime

import pytest

from koban.model.aws.ec2 import Defaults, Instance, LaunchTemplate, SpotFleet
from koban.model.aws.user_data import user_data_has_secret, user_data_masked
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.sources.aws.ec2 import defaults, instance_from_api, launch_template_from_api, shared_with
from koban.sources.aws.reader import Failure, Reader

SCRIPT = "#!/bin/bash\nexport DB_PASSWORD=correcthorsebattery\n"


def image(ec2):
    return ec2.describe_images()["Images"][0]["ImageId"]


def test_an_instance(aws, collect):
    ec2 = aws("ec2")
    ec2.create_key_pair(KeyName="ops")
    made = ec2.run_instances(ImageId=image(ec2), MinCount=1, MaxCount=1, UserData=SCRIPT, KeyName="ops")["Instances"][0]
    found = [*collect("ec2.instances"), *collect("ec2.key_pairs")]
    instance = found[0]
    MemoryEstate(found)
    assert instance.name == made["InstanceId"]
    assert instance.uid == f"arn:aws:ec2:eu-west-1:123456789012:instance/{made['InstanceId']}"
    assert instance.state == "running"
    assert instance.user_data == "(a secret)"
    assert instance.user_data_secret
    assert "correcthorse" not in str(instance.document)
    assert instance.key_pair.instances == (instance,)
    assert collect.failures == []


RAW = {
    "InstanceId": "i-1",
    "ImageId": "ami-1",
    "SubnetId": "subnet-1",
    "State": {"Code": 80, "Name": "stopped"},
    "StateTransitionReason": "User initiated (2026-01-02 03:04:05 GMT)",
    "Monitoring": {"State": "disabled"},
    "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpEndpoint": "enabled"},
    "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/team/web", "Id": "AIPA"},
    "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "web"}],
    "NetworkInterfaces": [
        {"SubnetId": "subnet-1", "Groups": [{"GroupId": "sg-1"}], "Association": {"PublicIp": "203.0.113.7"}}
    ],
}


def test_golden_twins():
    code = Instance(
        {
            "SubnetId": "subnet-1",
            "MetadataOptions": {"HttpTokens": "required"},
            "IamInstanceProfile": "web",
            "SecurityGroupIds": ["sg-1"],
            "NetworkInterfaces": [{"AssociatePublicIpAddress": "true", "SubnetId": "subnet-1", "GroupSet": ["sg-1"]}],
        }
    )
    live = Instance(instance_from_api(RAW))
    for one in (code, live):
        assert not one.metadata_version_1
        assert one.profile == "web"
        assert not one.monitoring
        assert one.attachments[0].has_public_address


def test_an_instance_says_since_when_it_is_stopped():
    instance = Instance(instance_from_api(RAW))
    MemoryEstate([instance], now=datetime(2026, 1, 12, 3, 4, 5, tzinfo=UTC))
    assert instance.stopped_days == 10


def test_a_launch_template_keeps_no_user_data(aws, collect):
    ec2 = aws("ec2")
    data = {
        "UserData": base64.b64encode(SCRIPT.encode()).decode(),
        "MetadataOptions": {"HttpTokens": "required"},
        "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True}],
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}],
    }
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    raw = ec2.describe_launch_template_versions(LaunchTemplateName="web")["LaunchTemplateVersions"][0]
    template = LaunchTemplate(launch_template_from_api(raw))
    assert template.user_data_secret
    assert "UserData" in template.document["LaunchTemplateData"]
    assert "export" not in str(template.document)
    assert template.interfaces[0].public
    assert not template.metadata.version_1
    assert template.disks[0].encrypted
    code = LaunchTemplate({"LaunchTemplateData": data})
    assert (code.interfaces, code.metadata, code.disks) == (template.interfaces, template.metadata, template.disks)
    assert code.user_data_secret


def test_launch_templates_are_read_in_one_call():
    from koban.sources.aws.ec2 import launch_templates

    class Api:
        asked: list[dict] = []

        def pages(self, service, operation, region, params):
            self.asked.append(params)
            yield {"LaunchTemplateVersions": [{"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web"}]}

    (found,) = launch_templates(Reader(Api(), "1", "eu-west-1", ("ec2:DescribeLaunchTemplateVersions",)))
    assert found["LaunchTemplateName"] == "web"
    assert Api.asked == [{"Versions": ["$Default"]}]


def test_images_and_who_may_use_them(aws, collect):
    ec2 = aws("ec2")
    instance = ec2.run_instances(ImageId=image(ec2), MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    made = ec2.create_image(InstanceId=instance, Name="golden")["ImageId"]
    ec2.modify_image_attribute(
        ImageId=made, Attribute="launchPermission", LaunchPermission={"Add": [{"UserId": "444455556666"}]}
    )
    found = {one.name: one for one in collect("ec2.images")}
    assert found[made].shared_with == ("444455556666",)
    assert not found[made].public
    assert collect.failures == []
    everyone = [{"Group": "all"}, {"OrganizationArn": "arn:aws:organizations::1:organization/o-1"}]
    assert shared_with(everyone) == ["arn:aws:organizations::1:organization/o-1"]


class Settings:
    """An account's settings, of which one is denied."""

    answers = {
        "GetEbsEncryptionByDefault": {"EbsEncryptionByDefault": True},
        "GetSnapshotBlockPublicAccessState": {"State": "block-all-sharing"},
        "GetImageBlockPublicAccessState": {"ImageBlockPublicAccessState": "block-new-sharing"},
        "GetInstanceMetadataDefaults": {"AccountLevel": {"HttpTokens": "required"}},
        "DescribeVpcBlockPublicAccessOptions": {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}},
    }

    def call(self, service, operation, region, params):
        if operation not in self.answers:
            raise Failure(f"{service}:{operation}", "UnauthorizedOperation")
        return self.answers[operation]


def test_what_a_region_sets_for_all():
    from koban.sources.aws.collector import collectors

    calls = next(one.calls for one in collectors() if one.name == "ec2.defaults")
    reader = Reader(Settings(), "111122223333", "eu-west-1", calls)
    (document,) = defaults(reader)
    found = Defaults(document, account="111122223333", region="eu-west-1")
    assert found.ebs_encrypted
    assert found.snapshot_block == "block-all-sharing"
    assert found.image_block == "block-new-sharing"
    assert found.metadata_tokens == "required"
    assert found.vpc_block == "off"
    assert isinstance(found.serial_console, Unknown)
    assert found.uid == "arn:aws:ec2:eu-west-1:111122223333:defaults"
    assert [one.why for one in reader.failures] == ["AccessDenied ec2:GetSerialConsoleAccessStatus"]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (SCRIPT, True),
        ("AKIAIOSFODNN7EXAMPLE", True),
        ("docker run -e X=1 app\n$env:API_KEY = '0123456789abcdef'", True),
        ("DB_PASSWORD=$(aws ssm get-parameter --name /db)", False),
        ("DB_PASSWORD=${PASSWORD}\nDB_PASSWORD_FILE=/run/secrets/db", False),
        ("#cloud-config\npackages: [nginx]", False),
        ("", False),
    ],
)
def test_secrets_in_user_data(text, secret):
    assert user_data_has_secret(text) is secret
    assert user_data_has_secret(base64.b64encode(text.encode()).decode()) is secret
    assert user_data_has_secret(user_data_masked(text)) is secret


def test_a_spot_fleet_without_user_data():
    from koban.sources.aws.ec2 import spot_fleet_from_api

    specification = {
        "ImageId": "ami-1",
        "UserData": "c2VjcmV0",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}],
    }
    raw = {"SpotFleetRequestId": "sfr-1", "SpotFleetRequestConfig": {"LaunchSpecifications": [specification]}}
    fleet = SpotFleet(spot_fleet_from_api(raw))
    assert fleet.specifications[0].disks[0].encrypted
    assert "c2VjcmV0" not in str(fleet.document)


def test_spot_fleets_are_listed(collect):
    assert collect("ec2.spot_fleets") == []
    assert collect.failures == []
