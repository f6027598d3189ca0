resource "aws_dax_cluster" "dax_cluster_no_tls" {
  # nothing is said
}

resource "aws_dax_cluster" "dax_cluster_unencrypted" {
  # nothing is said
}

resource "aws_dynamodb_table" "dynamodb_table_deletable" {
  # nothing is said
}

resource "aws_dynamodb_table" "dynamodb_table_not_recoverable" {
  # nothing is said
}
