resource "aws_appsync_graphql_api" "appsync_api_introspection_on" {
  # nothing is said
}

resource "aws_appsync_graphql_api" "appsync_api_tracing_off" {
  # nothing is said
}

resource "aws_appsync_api_cache" "appsync_cache_in_clear" {
  # nothing is said
}

resource "aws_appsync_api_cache" "appsync_cache_unencrypted" {
  # nothing is said
}
