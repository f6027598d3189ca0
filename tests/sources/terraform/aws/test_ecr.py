import json

from koban.model.aws.ecr import PublicRepository, RegistryPolicy, Repository, Scanning
from koban.model.unknown import Unknown

POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"


def test_a_repository(twins):
    twins(
        "aws_ecr_repository",
        {
            "name": "app",
            "image_tag_mutability": "IMMUTABLE",
            "image_scanning_configuration": [{"scan_on_push": True}],
            "encryption_configuration": [{"encryption_type": "KMS", "kms_key": KEY}],
        },
        Repository,
        {
            "RepositoryName": "app",
            "ImageTagMutability": "IMMUTABLE",
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": KEY},
        },
    )
    twins("aws_ecr_repository", {"name": "app"}, Repository, {"RepositoryName": "app"})


def test_what_is_set_beside_a_repository(document):
    body = {"repository": "app", "policy": json.dumps(POLICY)}
    assert document("aws_ecr_repository_policy", body) == {"RepositoryPolicyText": POLICY}
    assert document("aws_ecrpublic_repository_policy", body) == {"RepositoryPolicyText": POLICY}
    lifecycle = {"repository": "app", "policy": '{"rules": []}'}
    assert document("aws_ecr_lifecycle_policy", lifecycle) == {
        "LifecyclePolicy": {"LifecyclePolicyText": '{"rules": []}'}
    }


def test_a_policy_that_is_not_known_is_one_all_the_same(document):
    unknown = Unknown("policy", "no default")
    assert document("aws_ecr_repository_policy", {"policy": unknown})["RepositoryPolicyText"] is unknown
    assert (
        document("aws_ecr_lifecycle_policy", {"policy": unknown})["LifecyclePolicy"]["LifecyclePolicyText"] is unknown
    )


def test_how_a_registry_scans(twins):
    twins(
        "aws_ecr_registry_scanning_configuration",
        {
            "scan_type": "ENHANCED",
            "rule": [
                {
                    "scan_frequency": "SCAN_ON_PUSH",
                    "repository_filter": [{"filter": "*", "filter_type": "WILDCARD"}],
                }
            ],
        },
        Scanning,
        {
            "ScanType": "ENHANCED",
            "Rules": [
                {"ScanFrequency": "SCAN_ON_PUSH", "RepositoryFilters": [{"Filter": "*", "FilterType": "WILDCARD"}]}
            ],
        },
    )
    twins("aws_ecr_registry_scanning_configuration", {"scan_type": "BASIC"}, Scanning, {"ScanType": "BASIC"})


def test_the_policy_of_a_registry(twins):
    twins("aws_ecr_registry_policy", {"policy": json.dumps(POLICY)}, RegistryPolicy, {"PolicyText": POLICY})


def test_a_public_repository(twins):
    twins("aws_ecrpublic_repository", {"repository_name": "app"}, PublicRepository, {"RepositoryName": "app"})
