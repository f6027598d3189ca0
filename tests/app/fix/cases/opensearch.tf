resource "aws_elasticsearch_domain" "es_domain_nodes_without_tls" {
  # nothing is said
}

resource "aws_elasticsearch_domain" "es_domain_old_tls" {
  # nothing is said
}

resource "aws_elasticsearch_domain" "es_domain_unencrypted" {
  # nothing is said
}

resource "aws_opensearch_domain" "opensearch_domain_nodes_without_tls" {
  # nothing is said
}

resource "aws_opensearch_domain" "opensearch_domain_old_tls" {
  # nothing is said
}

resource "aws_opensearch_domain" "opensearch_domain_unencrypted" {
  # nothing is said
}
