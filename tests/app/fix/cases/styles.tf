# What the rules' own rows do not show: companions, blocks, variables, modules' ways of writing.

resource "aws_s3_bucket" "site" {
  for_each = toset(["a", "b"])
  bucket   = "site-${each.key}"
}

resource "aws_s3_bucket_public_access_block" "open" {
  bucket = aws_s3_bucket.open.id

  block_public_acls   = true
  block_public_policy = false # for the site
}

resource "aws_s3_bucket" "open" {
  bucket = "open"
}

resource "aws_lb" "web" {
  name                   = "web"
  internal               = true
  desync_mitigation_mode = "monitor"
  subnets                = ["subnet-1", "subnet-2"]
}

resource "aws_eks_cluster" "main" {
  name     = "main"
  role_arn = "arn:aws:iam::111122223333:role/eks"
}

resource "aws_instance" "app" {
  ami           = "ami-1"  # ours
  instance_type = "t3.nano" # small

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional"
  }
}

resource "aws_kinesis_firehose_delivery_stream" "logs" {
  name        = "logs"
  destination = "extended_s3"
}

resource "aws_fsx_lustre_file_system" "scratch" {
  subnet_ids      = ["subnet-1"]
  deployment_type = "PERSISTENT_2"
}

resource "aws_launch_configuration" "old" {
  image_id      = "ami-1"
  instance_type = "t3.nano"

  ebs_block_device {
    device_name = "/dev/sdb"
  }
}

variable "protected" {
  type    = bool
  default = false
}

resource "aws_db_instance" "main" {
  engine              = "mysql"
  deletion_protection = var.protected
  multi_az            = var.several
}

variable "several" {
  default = false
}

output "several" {
  value = var.several
}

resource "aws_codebuild_project" "app" {
  name = "app"

  logs_config {
    s3_logs {
      status              = "ENABLED"
      encryption_disabled = true
    }
  }
}

resource "aws_glue_job" "etl" {
  name     = "etl"
  role_arn = "arn:aws:iam::111122223333:role/etl"

  command {
    script_location = "s3://scripts/etl.py"
  }
}

resource "aws_efs_file_system" "one" { encrypted = false }

resource "aws_ebs_volume" "kept" {
  count             = var.more ? 2 : 1
  availability_zone = "eu-west-1a"
  encrypted         = count.index == 0
}

# koban:ignore ebs-volume-unencrypted until 2100-01-01 it is scratch space
resource "aws_ebs_volume" "ignored" {
  availability_zone = "eu-west-1a"
}

variable "more" {
  default = true
}
