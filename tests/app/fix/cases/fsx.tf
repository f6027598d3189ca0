resource "aws_fsx_windows_file_system" "share" {
  subnet_ids          = ["subnet-1"]
  throughput_capacity = 32
}
