import json

from koban.model.aws.ecr import Repository, Scanning
from koban.sources.aws.ecr import repository_from_api, scanning_from_api

PUBLIC = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}],
}


def test_a_repository_with_its_policies(aws, collect):
    client = aws("ecr")
    client.create_repository(repositoryName="app", imageTagMutability="IMMUTABLE")
    client.create_repository(repositoryName="web", imageScanningConfiguration={"scanOnPush": True})
    client.set_repository_policy(repositoryName="web", policyText=json.dumps(PUBLIC))
    app, web = sorted(collect("ecr.repositories"), key=lambda one: one.uid)
    assert app.uid == "arn:aws:ecr:eu-west-1:123456789012:repository/app"
    assert app.tag_mutability == "IMMUTABLE"
    assert not app.policy.public
    assert app.lifecycle == ""
    assert web.scan_on_push
    assert web.policy.public
    assert collect.failures == []


def test_the_registry(aws, collect):
    aws("ecr").put_registry_scanning_configuration(
        scanType="ENHANCED",
        rules=[
            {"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "prod*", "filterType": "WILDCARD"}]}
        ],
    )
    (scanning,) = collect("ecr.scanning")
    assert scanning.scan_type == "ENHANCED"
    assert scanning.covers("prod/app")
    assert not scanning.covers("test/app")
    (registry,) = collect("ecr.registry_policies")
    assert not registry.policy.public
    assert collect.failures == []


def test_a_live_repository_and_its_template_are_twins():
    live = repository_from_api(
        {
            "repositoryName": "app",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "arn:aws:kms:eu-west-1:1:key/k"},
        }
    )
    assert Repository(live) == Repository(
        {
            "RepositoryName": "app",
            "ImageTagMutability": "IMMUTABLE",
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": "arn:aws:kms:eu-west-1:1:key/k"},
        }
    )


def test_a_filter_without_wildcard_is_found_anywhere_in_the_name():
    raw = {
        "scanningConfiguration": {
            "rules": [{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "prod"}]}]
        }
    }
    assert Scanning(scanning_from_api(raw)).covers("my-prod-app")
