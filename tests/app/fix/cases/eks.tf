resource "aws_eks_cluster" "eks_cluster_access_by_config_map" {
  # nothing is said
}

resource "aws_eks_cluster" "eks_cluster_audit_log_off" {
  # nothing is said
}

resource "aws_eks_cluster" "eks_cluster_deletion_unprotected" {
  # nothing is said
}

resource "aws_eks_cluster" "eks_cluster_endpoint_not_private" {
  # nothing is said
}

resource "aws_eks_cluster" "eks_cluster_logs_incomplete" {
  # nothing is said
}
