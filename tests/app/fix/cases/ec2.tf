resource "aws_instance" "ec2_instance_imdsv1" {
  # nothing is said
}

resource "aws_instance" "ec2_instance_metadata_hop_limit" {
  metadata_options {
    http_put_response_hop_limit = 64
  }
}

resource "aws_instance" "ec2_instance_not_monitored_closely" {
  # nothing is said
}

resource "aws_launch_template" "ec2_launch_template_imdsv1" {
  # nothing is said
}

resource "aws_launch_template" "ec2_launch_template_unencrypted" {
  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 8
    }
  }
}
