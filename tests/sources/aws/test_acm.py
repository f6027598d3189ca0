from koban.model.aws.acm import Certificate, CertificateAuthority
from koban.sources.aws.acm import authority_from_api, certificate_from_api


def test_certificates(aws, collect):
    aws("acm").request_certificate(DomainName="www.example.com", ValidationMethod="DNS")
    (certificate,) = collect("acm.certificates")
    assert certificate.domain == "www.example.com"
    assert certificate.uid.startswith("arn:aws:acm:eu-west-1:123456789012:certificate/")
    assert collect.failures == []


def test_what_the_list_says_of_a_certificate():
    raw = {
        "CertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/1",
        "DomainName": "www.example.com",
        "KeyAlgorithm": "RSA-2048",
        "Status": "EXPIRED",
        "Type": "IMPORTED",
        "InUse": False,
        "NotAfter": "2020-01-01T00:00:00+00:00",
    }
    certificate, template = Certificate(certificate_from_api(raw)), Certificate({"DomainName": "www.example.com"})
    assert certificate.expired_days > 0
    assert (certificate.status, certificate.kind, certificate.in_use) == ("EXPIRED", "IMPORTED", False)
    assert certificate.key_algorithm == template.key_algorithm


def test_private_authorities(aws, collect):
    aws("acm-pca").create_certificate_authority(
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "RSA_4096",
            "SigningAlgorithm": "SHA512WITHRSA",
            "Subject": {"CommonName": "example.com"},
        },
        CertificateAuthorityType="ROOT",
    )
    (authority,) = collect("acm.certificate_authorities")
    assert authority.kind == "ROOT"
    assert not authority.crl
    assert collect.failures == []


def test_an_authority_reads_the_same_from_the_api_and_from_a_template():
    raw = {
        "Arn": "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/1",
        "Type": "SUBORDINATE",
        "Status": "ACTIVE",
        "CertificateAuthorityConfiguration": {"KeyAlgorithm": "RSA_4096"},
        "RevocationConfiguration": {"CrlConfiguration": {"Enabled": True, "S3BucketName": "b"}},
    }
    live = CertificateAuthority(authority_from_api(raw))
    template = CertificateAuthority(
        {"Type": "SUBORDINATE", "RevocationConfiguration": {"CrlConfiguration": {"Enabled": True}}}
    )
    for name in ("kind", "crl", "ocsp", "usage", "status"):
        assert getattr(live, name) == getattr(template, name), name
