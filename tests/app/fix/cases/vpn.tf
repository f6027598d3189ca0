resource "aws_ec2_transit_gateway" "vpc_transit_gateway_accepts_by_itself" {
  auto_accept_shared_attachments = "enable"
}
