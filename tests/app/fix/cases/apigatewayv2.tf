resource "aws_apigatewayv2_stage" "apigatewayv2_stage_logs_whole_messages" {
  default_route_settings {
    data_trace_enabled = true
  }
}
