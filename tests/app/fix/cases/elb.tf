resource "aws_elb" "elb_connection_draining_off" {
  # nothing is said
}

resource "aws_elb" "elb_cross_zone_off" {
  cross_zone_load_balancing = false
}
