from koban.model.aws.apprunner import Service
from koban.model.unknown import Unknown

VARIABLES = [{"Name": "LOG", "Value": "info"}, {"Name": "STAGE", "Value": "prod"}]


def test_a_service(twins):
    given = {"runtime_environment_variables": {"STAGE": "prod", "LOG": "info"}}
    twins(
        "aws_apprunner_service",
        {
            "service_name": "s",
            "network_configuration": [{"ingress_configuration": [{"is_publicly_accessible": False}]}],
            "source_configuration": [
                {
                    "image_repository": [{"image_configuration": [given]}],
                    "code_repository": [{"code_configuration": [{"code_configuration_values": [given]}]}],
                }
            ],
            "encryption_configuration": [{"kms_key": "k"}],
            "observability_configuration": [{"observability_enabled": True}],
            "instance_configuration": [{"instance_role_arn": "r"}],
        },
        Service,
        {
            "NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": False}},
            "SourceConfiguration": {
                "ImageRepository": {"ImageConfiguration": {"RuntimeEnvironmentVariables": VARIABLES}},
                "CodeRepository": {
                    "CodeConfiguration": {"CodeConfigurationValues": {"RuntimeEnvironmentVariables": VARIABLES}}
                },
            },
            "EncryptionConfiguration": {"KmsKey": "k"},
            "ObservabilityConfiguration": {"ObservabilityEnabled": True},
            "InstanceConfiguration": {"InstanceRoleArn": "r"},
        },
    )
    twins("aws_apprunner_service", {"service_name": "s"}, Service, {})


def test_variables_that_are_not_known_stay_so(document):
    def variables(given):
        image = {"image_repository": [{"image_configuration": [{"runtime_environment_variables": given}]}]}
        made = document("aws_apprunner_service", {"source_configuration": [image]})["SourceConfiguration"]
        return made["ImageRepository"]["ImageConfiguration"]["RuntimeEnvironmentVariables"]

    unknown = Unknown("var.variables", "no default")
    assert variables(unknown) is unknown
    assert variables({"DB_PASSWORD": unknown})[0]["Value"] is unknown
