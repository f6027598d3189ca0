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

resource "aws_s3_bucket" "public" {
  bucket = "public"
}

resource "aws_s3_bucket_acl" "public" {
  bucket = aws_s3_bucket.public.id
  acl    = "public-read-write"
}

resource "aws_s3_bucket_ownership_controls" "public" {
  bucket = aws_s3_bucket.public.id

  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_public_access_block" "public" {
  bucket = aws_s3_bucket.public.id
}

resource "aws_s3_bucket_ownership_controls" "lists" {
  bucket = aws_s3_bucket.lists.id

  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket" "lists" {
  bucket = "lists"
}

resource "aws_s3_bucket_versioning" "lists" {
  bucket = aws_s3_bucket.lists.id

  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_access_point" "reports" {
  bucket = aws_s3_bucket.lists.id
  name   = "reports"

  public_access_block_configuration {
    block_public_acls = false
  }
}

resource "aws_s3_account_public_access_block" "all" {
  block_public_acls = true
}

resource "aws_s3control_multi_region_access_point" "all" {
  details {
    name = "all"

    public_access_block {
      block_public_acls = false
    }
    region {
      bucket = aws_s3_bucket.lists.id
    }
  }
}
