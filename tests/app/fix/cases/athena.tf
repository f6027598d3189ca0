resource "aws_athena_workgroup" "athena_workgroup_not_enforced" {
  configuration {
    enforce_workgroup_configuration = false
  }
}

resource "aws_athena_workgroup" "athena_workgroup_not_metered" {
  configuration {
    publish_cloudwatch_metrics_enabled = false
  }
}
