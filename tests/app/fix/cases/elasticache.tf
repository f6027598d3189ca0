resource "aws_elasticache_cluster" "elasticache_cluster_no_minor_upgrades" {
  auto_minor_version_upgrade = false
}

resource "aws_elasticache_cluster" "elasticache_cluster_not_backed_up" {
  engine = "redis"
}

resource "aws_elasticache_replication_group" "elasticache_group_no_minor_upgrades" {
  auto_minor_version_upgrade = false
}

resource "aws_elasticache_replication_group" "elasticache_group_not_backed_up" {
  # nothing is said
}

resource "aws_elasticache_replication_group" "elasticache_group_unencrypted" {
  # nothing is said
}

resource "aws_elasticache_serverless_cache" "elasticache_serverless_not_backed_up" {
  engine = "valkey"
}
