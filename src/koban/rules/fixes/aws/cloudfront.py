"""Fixes for Amazon CloudFront."""

from __future__ import annotations

from koban.model.fix import fixes, put

OLD_CLIENTS = "clients that know nothing newer than TLS 1.1 can no longer connect"

fixes(
    "cloudfront-viewers-not-encrypted",
    put("DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy", "redirect-to-https", was=("allow-all",)),
    put("DistributionConfig.CacheBehaviors[].ViewerProtocolPolicy", "redirect-to-https", was=("allow-all",)),
)
fixes(
    "cloudfront-weak-tls-policy",
    put("DistributionConfig.ViewerCertificate.MinimumProtocolVersion", "TLSv1.2_2021"),
    note=OLD_CLIENTS,
)
fixes(
    "cloudfront-access-control-does-not-sign",
    put("OriginAccessControlConfig.SigningBehavior", "always"),
)
