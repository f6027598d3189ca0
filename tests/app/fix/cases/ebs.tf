resource "aws_ebs_volume" "ebs_volume_unencrypted" {
  # nothing is said
}
