resource "aws_neptune_cluster" "neptune_cluster_backups_short" {
  # nothing is said
}

resource "aws_neptune_cluster" "neptune_cluster_deletable" {
  # nothing is said
}

resource "aws_neptune_cluster" "neptune_cluster_tags_not_copied" {
  # nothing is said
}

resource "aws_neptune_cluster" "neptune_cluster_unencrypted" {
  # nothing is said
}

resource "aws_neptune_cluster_instance" "neptune_instance_no_minor_upgrades" {
  auto_minor_version_upgrade = false
}
