resource "aws_rds_cluster" "rds_cluster_backups_short" {
  # nothing is said
}

resource "aws_rds_cluster" "rds_cluster_deletable" {
  # nothing is said
}

resource "aws_rds_cluster" "rds_cluster_no_iam_auth" {
  # nothing is said
}

resource "aws_rds_cluster" "rds_cluster_no_minor_upgrades" {
  db_cluster_instance_class  = "db.m6gd.large"
  auto_minor_version_upgrade = false
}

resource "aws_rds_cluster" "rds_cluster_tags_not_copied" {
  # nothing is said
}

resource "aws_rds_cluster" "rds_cluster_unencrypted" {
  # nothing is said
}

resource "aws_rds_global_cluster" "rds_global_cluster_deletable" {
  # nothing is said
}

resource "aws_db_instance" "rds_instance_backups_short" {
  # nothing is said
}

resource "aws_db_instance" "rds_instance_deletable" {
  # nothing is said
}

resource "aws_db_instance" "rds_instance_no_iam_auth" {
  engine = "mysql"
}

resource "aws_db_instance" "rds_instance_no_minor_upgrades" {
  auto_minor_version_upgrade = false
}

resource "aws_db_instance" "rds_instance_public" {
  publicly_accessible = true
}

resource "aws_db_instance" "rds_instance_single_zone" {
  # nothing is said
}

resource "aws_db_instance" "rds_instance_tags_not_copied" {
  # nothing is said
}

resource "aws_db_instance" "rds_instance_unencrypted" {
  engine = "mysql"
}

resource "aws_db_proxy" "rds_proxy_logs_statements" {
  debug_logging = true
}

resource "aws_db_proxy" "rds_proxy_tls_not_required" {
  # nothing is said
}
