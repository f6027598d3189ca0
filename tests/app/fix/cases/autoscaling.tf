resource "aws_launch_configuration" "autoscaling_launch_configuration_hop_limit" {
  metadata_options {
    http_put_response_hop_limit = 3
  }
}

resource "aws_launch_configuration" "autoscaling_launch_configuration_imdsv1" {
  # nothing is said
}
