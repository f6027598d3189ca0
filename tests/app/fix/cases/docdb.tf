resource "aws_docdb_cluster" "docdb_cluster_backups_short" {
  # nothing is said
}

resource "aws_docdb_cluster" "docdb_cluster_deletable" {
  # nothing is said
}

resource "aws_docdb_cluster" "docdb_cluster_unencrypted" {
  # nothing is said
}
