import pytest

from koban.engines.posture import judge
from koban.model.aws.acm import Certificate, CertificateAuthority
from koban.model.unknown import Unknown
from koban.rules.aws.acm import acm_certificate_key_short, acm_certificate_validated_by_email, acm_certificate_wildcard

OPEN = Unknown("var.x", "variable x has no default")


def test_a_certificate(twins):
    twins(
        "aws_acm_certificate",
        {
            "domain_name": "*.example.com",
            "key_algorithm": "EC_prime256v1",
            "validation_method": "DNS",
            "options": [{"certificate_transparency_logging_preference": "DISABLED"}],
        },
        Certificate,
        {
            "DomainName": "*.example.com",
            "KeyAlgorithm": "EC_prime256v1",
            "ValidationMethod": "DNS",
            "CertificateTransparencyLoggingPreference": "DISABLED",
        },
    )
    twins("aws_acm_certificate", {"domain_name": "e.com"}, Certificate, {"DomainName": "e.com"})


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ({"domain_name": "e.com"}, "fail"),
        ({"domain_name": "e.com", "validation_method": "DNS"}, "pass"),
        ({"domain_name": "e.com", "validation_method": OPEN}, "unknown"),
        ({"domain_name": "e.com", "certificate_authority_arn": "a"}, "pass"),
        ({"domain_name": "e.com", "certificate_authority_arn": OPEN}, "unknown"),
        ({"private_key": OPEN, "certificate_body": "-----BEGIN"}, "pass"),
    ],
)
def test_only_certificates_that_acm_issues_are_validated(document, body, verdict):
    certificate = Certificate(document("aws_acm_certificate", body), file="f")
    assert judge(acm_certificate_validated_by_email, certificate).verdict == verdict


def test_what_an_imported_certificate_says_itself_is_not_known(document):
    body = {"private_key": OPEN, "certificate_body": "-----BEGIN"}
    certificate = Certificate(document("aws_acm_certificate", body))
    assert judge(acm_certificate_key_short, certificate).verdict == "unknown"
    assert judge(acm_certificate_wildcard, certificate).verdict == "unknown"
    told = Certificate(document("aws_acm_certificate", {**body, "domain_name": "e.com", "key_algorithm": "RSA_2048"}))
    assert judge(acm_certificate_key_short, told).verdict == "pass"
    assert judge(acm_certificate_wildcard, told).verdict == "pass"


def test_an_authority(twins):
    twins(
        "aws_acmpca_certificate_authority",
        {
            "type": "ROOT",
            "usage_mode": "SHORT_LIVED_CERTIFICATE",
            "revocation_configuration": [
                {"crl_configuration": [{"enabled": True}], "ocsp_configuration": [{"enabled": False}]}
            ],
        },
        CertificateAuthority,
        {
            "Type": "ROOT",
            "UsageMode": "SHORT_LIVED_CERTIFICATE",
            "RevocationConfiguration": {"CrlConfiguration": {"Enabled": True}, "OcspConfiguration": {"Enabled": False}},
        },
    )
    twins("aws_acmpca_certificate_authority", {}, CertificateAuthority, {"Type": "SUBORDINATE"})
