resource "aws_codebuild_project" "codebuild_project_artifacts_unencrypted" {
  artifacts {
    type                = "S3"
    encryption_disabled = true
  }
}

resource "aws_codebuild_project" "codebuild_project_certificate_unchecked" {
  source {
    insecure_ssl = true
  }
}

resource "aws_codebuild_project" "codebuild_project_unlogged" {
  logs_config {
    cloudwatch_logs {
      status = "DISABLED"
    }
  }
}

resource "aws_codebuild_report_group" "codebuild_report_group_export_unencrypted" {
  export_config {
    type = "S3"

    s3_destination {
      encryption_disabled = true
    }
  }
}
