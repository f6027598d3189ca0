resource "aws_lb" "elbv2_deletion_protection_off" {
  # nothing is said
}

resource "aws_lb" "elbv2_keeps_invalid_headers" {
  # nothing is said
}
