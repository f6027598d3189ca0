resource "aws_cloudfront_origin_access_control" "cloudfront_access_control_does_not_sign" {
  signing_behavior = "never"
}

resource "aws_cloudfront_distribution" "cloudfront_viewers_not_encrypted" {
  id = "E1"

  default_cache_behavior {
    viewer_protocol_policy = "allow-all"
  }
}

resource "aws_cloudfront_distribution" "cloudfront_weak_tls_policy" {
  id = "E1"

  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2019"
  }
}
