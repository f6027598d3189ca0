"""AWS Certificate Manager, public and private."""

from __future__ import annotations

from koban.model.resource import Resource, age, as_fact, fact, field


class Certificate(
    Resource, type="AWS::CertificateManager::Certificate", ids="DomainName CertificateArn", arn="{CertificateArn}"
):
    """A TLS certificate."""

    domain: str = field("DomainName", "", "The first name that it is for")
    key_algorithm: str = field("KeyAlgorithm", "RSA_2048", "The kind and size of its key")
    transparency: str = field(
        "CertificateTransparencyLoggingPreference", "ENABLED", "Whether it is written to public logs"
    )
    validation: str = field("ValidationMethod", "EMAIL", "How one shows that the domain is one's own: DNS or EMAIL")
    status: str = fact("Status", "ISSUED", "ISSUED, EXPIRED, PENDING_VALIDATION, FAILED, ...")
    kind: str = fact("Type", "AMAZON_ISSUED", "AMAZON_ISSUED, IMPORTED or PRIVATE")
    in_use: bool = fact("InUse", True, "A load balancer, distribution or the like uses it")
    expired_days: float = as_fact(age("NotAfter", "Days since it expired; negative: days it still has"))


class CertificateAuthority(Resource, type="AWS::ACMPCA::CertificateAuthority"):
    """A private certificate authority."""

    kind: str = field("Type", "", "ROOT or SUBORDINATE")
    crl: bool = field("RevocationConfiguration.CrlConfiguration.Enabled", False, "It publishes what it revoked")
    ocsp: bool = field("RevocationConfiguration.OcspConfiguration.Enabled", False, "It answers what it revoked")
    usage: str = field("UsageMode", "GENERAL_PURPOSE", "SHORT_LIVED_CERTIFICATE: valid for at most 7 days")
    status: str = fact("Status", "ACTIVE", "ACTIVE, DISABLED, EXPIRED, ...")
