resource "aws_msk_cluster" "msk_cluster_brokers_without_tls" {
  encryption_info {
    encryption_in_transit {
      in_cluster = false
    }
  }
}
