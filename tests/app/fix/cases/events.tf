resource "aws_cloudwatch_event_endpoint" "events_endpoint_not_replicated" {
  replication_config {
    state = "DISABLED"
  }
}
