resource "aws_s3_bucket" "s3_bucket_public_acl_asked" {
  acl = "public-read"
}

resource "aws_s3_bucket" "s3_bucket_without_bucket_key" {
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "aws:kms"
      }
    }
  }
}

resource "aws_s3_bucket" "s3_bucket_without_tls" {
  # nothing is said
}
