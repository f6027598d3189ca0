resource "aws_dms_replication_instance" "dms_instance_no_minor_upgrades" {
  auto_minor_version_upgrade = false
}

resource "aws_dms_replication_instance" "dms_instance_public" {
  publicly_accessible = true
}

resource "aws_dms_replication_instance" "dms_instance_single_zone" {
  # nothing is said
}
