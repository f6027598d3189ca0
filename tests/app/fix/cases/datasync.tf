resource "aws_datasync_task" "datasync_task_unverified" {
  options {
    verify_mode = "NONE"
  }
}
