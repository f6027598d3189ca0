resource "aws_vpc_endpoint_service" "vpc_endpoint_service_accepts_by_itself" {
  acceptance_required = false
}

resource "aws_subnet" "vpc_subnet_public_ip_on_launch" {
  map_public_ip_on_launch = true
}
