resource "aws_mq_broker" "mq_broker_audit_log_off" {
  engine_type = "ACTIVEMQ"
}

resource "aws_mq_broker" "mq_broker_general_log_off" {
  # nothing is said
}

resource "aws_mq_broker" "mq_broker_minor_updates_off" {
  auto_minor_version_upgrade = false
}
