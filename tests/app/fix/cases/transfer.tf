resource "aws_transfer_server" "transfer_server_algorithms_outdated" {
  # nothing is said
}
