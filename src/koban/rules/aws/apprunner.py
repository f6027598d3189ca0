"""Posture rules for AWS App Runner."""

from __future__ import annotations

from koban.model.aws.apprunner import Service
from koban.model.rule import rule
from koban.model.unknown import Unknown


def _variable(name: str, value: object) -> dict[str, object]:
    variables = [{"Name": name, "Value": value}]
    return {
        "SourceConfiguration": {"ImageRepository": {"ImageConfiguration": {"RuntimeEnvironmentVariables": variables}}}
    }


@rule("high", Service, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01")
def apprunner_service_secret_in_environment(service: Service) -> bool:
    """An environment variable of this service looks like a secret in plain text.

    Why: everyone who may describe the service, many read-only roles among them, reads the secret.
    Fix: name it in RuntimeEnvironmentSecrets with the ARN of a secret or parameter, then rotate it.
    """
    return bool(service.secret_variables)


apprunner_service_secret_in_environment.cases(
    bad=[_variable("DB_PASSWORD", "(a value)")],
    good=[{}, _variable("STAGE", "prod")],
    unknown=[_variable("DB_PASSWORD", Unknown("Value", "parameter DbPassword has no default"))],
)


@rule("low", Service, "nist-csf-2.0:PR.IR-01")
def apprunner_service_public(service: Service) -> bool:
    """This service answers the whole internet.

    Why: services for the company alone need not be where everyone can try them.
    Fix: set IsPubliclyAccessible to false and reach it through a VPC endpoint, unless it is for everyone.
    """
    return service.public


apprunner_service_public.cases(
    bad=[{}],
    good=[{"NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": False}}}],
    unknown=[{"NetworkConfiguration": Unknown("NetworkConfiguration", "condition Private depends on a parameter")}],
)


@rule("low", Service, "nist-csf-2.0:PR.DS-01")
def apprunner_service_key_default(service: Service) -> bool:
    """App Runner's copy of the image of this service is not encrypted with a key of your own.

    Why: with the key that AWS owns no key policy limits who decrypts the copy, and you cannot revoke it.
    Fix: make the service anew with EncryptionConfiguration: it cannot be changed later.
    """
    return not service.key


apprunner_service_key_default.cases(
    bad=[{}], good=[{"EncryptionConfiguration": {"KmsKey": "arn:aws:kms:eu-west-1:111122223333:key/k"}}]
)


@rule("low", Service, "nist-csf-2.0:DE.CM-09")
def apprunner_service_tracing_off(service: Service) -> bool:
    """X-Ray does not trace this service.

    Why: traces show what the service called and how long it took, which logs alone do not when an incident is studied.
    Fix: set ObservabilityEnabled to true, with an observability configuration.
    """
    return not service.tracing


apprunner_service_tracing_off.cases(bad=[{}], good=[{"ObservabilityConfiguration": {"ObservabilityEnabled": True}}])
