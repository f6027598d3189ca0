resource "aws_api_gateway_domain_name" "apigateway_domain_tls_outdated" {
  security_policy = "TLS_1_0"
}

resource "aws_api_gateway_stage" "apigateway_stage_tracing_off" {
  # nothing is said
}
