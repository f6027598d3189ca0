resource "aws_guardduty_detector" "main" {
  enable = true
}

resource "aws_guardduty_detector" "old" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"

  datasources {
    s3_logs {
      enable = false
    }
    kubernetes {
      audit_logs {
        enable = false
      }
    }
  }
}

resource "aws_guardduty_detector" "new" {
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_guardduty_detector_feature" "lambda" {
  detector_id = aws_guardduty_detector.new.id
  name        = "LAMBDA_NETWORK_LOGS"
  status      = "DISABLED"
}

resource "aws_guardduty_detector_feature" "databases" {
  detector_id = aws_guardduty_detector.new.id
  name        = "RDS_LOGIN_EVENTS"
  status      = "DISABLED"
}

resource "aws_guardduty_detector_feature" "disks" {
  detector_id = aws_guardduty_detector.new.id
  name        = "EBS_MALWARE_PROTECTION"
  status      = "DISABLED"
}
