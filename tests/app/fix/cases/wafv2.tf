resource "aws_wafv2_rule_group" "wafv2_rule_group_metrics_off" {
  visibility_config {
    cloudwatch_metrics_enabled = false
  }
}

resource "aws_wafv2_web_acl" "wafv2_web_acl_metrics_off" {
  visibility_config {
    cloudwatch_metrics_enabled = false
  }
}
