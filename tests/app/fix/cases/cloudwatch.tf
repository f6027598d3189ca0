resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "errors"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  actions_enabled     = false
  alarm_actions       = ["arn:aws:sns:eu-west-1:111122223333:alarms"]
}
