resource "aws_cloudtrail" "main" {
  name                  = "main"
  s3_bucket_name        = "trail"
  is_multi_region_trail = false
  enable_logging        = false
}

resource "aws_cloudtrail_event_data_store" "main" {
  name                           = "main"
  retention_period               = 90
  termination_protection_enabled = false
}
