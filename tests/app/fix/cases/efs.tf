resource "aws_efs_file_system" "efs_file_system_not_backed_up" {
  # nothing is said
}

resource "aws_efs_file_system" "efs_file_system_unencrypted" {
  # nothing is said
}
