resource "aws_memorydb_cluster" "memorydb_cluster_no_minor_upgrades" {
  auto_minor_version_upgrade = false
}

resource "aws_memorydb_cluster" "memorydb_cluster_no_tls" {
  tls_enabled = false
}

resource "aws_memorydb_cluster" "memorydb_cluster_snapshots_short" {
  # nothing is said
}
