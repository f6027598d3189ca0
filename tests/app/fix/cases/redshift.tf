resource "aws_redshift_cluster" "redshift_cluster_no_upgrades" {
  allow_version_upgrade = false
}

resource "aws_redshift_cluster" "redshift_cluster_public" {
  publicly_accessible = true
}

resource "aws_redshift_cluster" "redshift_cluster_snapshots_short" {
  # nothing is said
}

resource "aws_redshift_cluster" "redshift_cluster_unencrypted" {
  encrypted = false
}

resource "aws_redshiftserverless_workgroup" "redshift_workgroup_public" {
  publicly_accessible = true
}
