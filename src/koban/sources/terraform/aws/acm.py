"""AWS Certificate Manager, public and private."""

from __future__ import annotations

from typing import Any

from koban.model.aws.acm import Certificate, CertificateAuthority
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import ABSENT, Body, Entry, arg, block, made, maps

NOT_VALIDATED = "NONE"  # as the provider itself spells it
IMPORTED = "it stands in the certificate that is imported"


def validation(body: Body) -> Any:
    """How a domain is validated; that of a certificate which is imported or privately issued is not."""
    method = body.get("validation_method")
    if method is not None:
        return method
    sources = (body.get("certificate_body"), body.get("private_key"), body.get("certificate_authority_arn"))
    if any(one for one in sources if not isinstance(one, Unknown)):
        return NOT_VALIDATED
    return next((one for one in sources if isinstance(one, Unknown)), ABSENT)


def unless_imported(name: str, path: str) -> Entry:
    """An argument that is not given where a certificate is imported, which then itself says it."""

    def read(body: Body) -> Any:
        if body.get(name) is not None:
            return body[name]
        return ABSENT if body.get("certificate_body") is None else Unknown(path, IMPORTED)

    return made(read, name, "certificate_body", careful=True)


maps(
    "aws_acm_certificate",
    Certificate,
    CertificateArn="arn",
    DomainName=unless_imported("domain_name", "DomainName"),
    KeyAlgorithm=unless_imported("key_algorithm", "KeyAlgorithm"),
    CertificateTransparencyLoggingPreference="options.certificate_transparency_logging_preference",
    ValidationMethod=made(
        validation,
        "validation_method",
        "certificate_body",
        "private_key",
        "certificate_authority_arn",
        careful=True,
    ),
)
maps(
    "aws_acmpca_certificate_authority",
    CertificateAuthority,
    Type=arg("type", default="SUBORDINATE"),
    UsageMode="usage_mode",
    RevocationConfiguration=block(
        "revocation_configuration",
        CrlConfiguration=block("crl_configuration", Enabled="enabled"),
        OcspConfiguration=block("ocsp_configuration", Enabled="enabled"),
    ),
)
