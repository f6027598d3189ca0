"""Posture rules for AWS Certificate Manager, public and private."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from koban.model.aws.acm import Certificate, CertificateAuthority
from koban.model.rule import rule
from koban.model.unknown import Unknown

LONG_AGO, LATER = "2020-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"
SOON = (datetime.now(UTC) + timedelta(days=9)).isoformat()
SHORT_KEYS = ("RSA_512", "RSA_1024", "RSA_1536")


@rule(
    "medium",
    Certificate,
    "aws-fsbp:ACM.1",
    "nist-csf-2.0:PR.DS-02",
    "nist-csf-2.0:ID.AM-08",
    only="live",
    when=lambda certificate: certificate.status == "ISSUED",
)
def acm_certificate_expiring(certificate: Certificate, *, days_left_min: int = 30) -> bool:
    """A certificate expires within 30 days.

    Why: renewal that has not happened by now has failed or is up to you; then what it protects goes down.
    Fix: import the new certificate, or mend the DNS record that lets ACM renew this one.
    """
    return certificate.expired_days > -days_left_min


acm_certificate_expiring.cases(
    bad=[{"Status": "ISSUED", "NotAfter": SOON}, {"Status": "ISSUED", "NotAfter": LONG_AGO}],
    good=[{"Status": "ISSUED", "NotAfter": LATER}],
    unknown=[{"Status": "ISSUED", "NotAfter": Unknown("NotAfter", "not answered")}],
    skipped=[{"Status": "EXPIRED", "NotAfter": LONG_AGO}],
)


@rule("medium", Certificate, "nist-csf-2.0:PR.DS-02", "nist-csf-2.0:ID.AM-08", only="live")
def acm_certificate_expired(certificate: Certificate) -> bool:
    """A certificate has expired.

    Why: put on a load balancer by mistake it breaks the site, and teaches people to click warnings away.
    Fix: delete it, after moving what still uses it to a new one.
    """
    return certificate.status == "EXPIRED"


acm_certificate_expired.cases(bad=[{"Status": "EXPIRED"}], good=[{"Status": "ISSUED"}])


@rule("high", Certificate, "aws-fsbp:ACM.2", "nist-csf-2.0:PR.DS-02")
def acm_certificate_key_short(certificate: Certificate) -> bool:
    """A certificate has an RSA key of fewer than 2,048 bits.

    Why: such keys can be broken with enough money, and browsers turn them down.
    Fix: ask for a certificate with RSA_2048 or EC_prime256v1 and put it in this one's place.
    """
    return any(certificate.key_algorithm == short for short in SHORT_KEYS)


acm_certificate_key_short.cases(
    bad=[{"KeyAlgorithm": "RSA_1024"}], good=[{}, {"KeyAlgorithm": "RSA_2048"}, {"KeyAlgorithm": "EC_prime256v1"}]
)


@rule("low", Certificate, "nist-csf-2.0:PR.DS-02", only="live")
def acm_certificate_not_validated(certificate: Certificate) -> bool:
    """ACM could not issue a certificate.

    Why: what waits for it has no TLS, or runs on an old certificate that will expire.
    Fix: put the DNS record in place that ACM asks for and request the certificate again, or delete it.
    """
    return certificate.status == "VALIDATION_TIMED_OUT" or certificate.status == "FAILED"


acm_certificate_not_validated.cases(
    bad=[{"Status": "VALIDATION_TIMED_OUT"}, {"Status": "FAILED"}],
    good=[{"Status": "ISSUED"}, {"Status": "PENDING_VALIDATION"}],
)


@rule(
    "info",
    Certificate,
    "nist-csf-2.0:ID.AM-08",
    only="live",
    when=lambda certificate: certificate.status == "ISSUED",
)
def acm_certificate_unused(certificate: Certificate) -> bool:
    """Nothing uses a certificate.

    Why: it can still be used to pose as the site, and hides which certificates matter.
    Fix: delete the certificate, or put it where it belongs.
    """
    return not certificate.in_use


acm_certificate_unused.cases(
    bad=[{"Status": "ISSUED", "InUse": False}],
    good=[{"Status": "ISSUED", "InUse": True}],
    skipped=[{"Status": "EXPIRED", "InUse": False}],
)


@rule("low", Certificate, "nist-csf-2.0:PR.DS-02")
def acm_certificate_wildcard(certificate: Certificate) -> bool:
    """A certificate is for every name under a domain.

    Why: stolen from the weakest server that has it, it lets a thief pose as all the others.
    Fix: ask for one certificate a site; with ACM they cost nothing and renew themselves.
    """
    return certificate.domain.startswith("*.")


acm_certificate_wildcard.cases(bad=[{"DomainName": "*.example.com"}], good=[{"DomainName": "www.example.com"}])


@rule("low", Certificate, "nist-csf-2.0:DE.CM-01", only="code")
def acm_transparency_logging_off(certificate: Certificate) -> bool:
    """A certificate is kept out of the public transparency logs.

    Why: browsers distrust it, and nobody can notice a certificate for your domain that you did not ask for.
    Fix: leave CertificateTransparencyLoggingPreference out, or set it to ENABLED.
    """
    return certificate.transparency == "DISABLED"


acm_transparency_logging_off.cases(
    bad=[{"CertificateTransparencyLoggingPreference": "DISABLED"}],
    good=[{}, {"CertificateTransparencyLoggingPreference": "ENABLED"}],
)


@rule("low", Certificate, "nist-csf-2.0:PR.DS-02", only="code")
def acm_certificate_validated_by_email(certificate: Certificate) -> bool:
    """A certificate is validated by mail.

    Why: ACM cannot renew it unless somebody clicks a link in time each year.
    Fix: set ValidationMethod to DNS and keep the record in place.
    """
    return certificate.validation == "EMAIL"


acm_certificate_validated_by_email.cases(bad=[{}, {"ValidationMethod": "EMAIL"}], good=[{"ValidationMethod": "DNS"}])


@rule(
    "low",
    CertificateAuthority,
    "aws-fsbp:PCA.1",
    "nist-csf-2.0:PR.AA-01",
    only="live",
    when=lambda one: one.kind == "ROOT",
)
def acm_root_authority_on(authority: CertificateAuthority) -> bool:
    """A private root certificate authority is switched on.

    Why: root only needs to sign subordinate authorities; switched on, it can sign anything for whoever gets in.
    Fix: disable the root authority between the few times a year that it signs.
    """
    return authority.status == "ACTIVE"


acm_root_authority_on.cases(
    bad=[{"Type": "ROOT", "Status": "ACTIVE"}],
    good=[{"Type": "ROOT", "Status": "DISABLED"}],
    skipped=[{"Type": "SUBORDINATE"}],
)


@rule("medium", CertificateAuthority, "nist-csf-2.0:PR.AA-01", when=lambda one: one.usage != "SHORT_LIVED_CERTIFICATE")
def acm_authority_without_revocation(authority: CertificateAuthority) -> bool:
    """A private certificate authority tells nobody which certificates it has revoked.

    Why: a stolen certificate is accepted until it expires.
    Fix: turn on a certificate revocation list or OCSP, or use certificates that live for days.
    """
    return not authority.crl and not authority.ocsp


acm_authority_without_revocation.cases(
    bad=[{"Type": "SUBORDINATE"}],
    good=[
        {"RevocationConfiguration": {"CrlConfiguration": {"Enabled": True}}},
        {"RevocationConfiguration": {"OcspConfiguration": {"Enabled": True}}},
    ],
    skipped=[{"UsageMode": "SHORT_LIVED_CERTIFICATE"}],
)
