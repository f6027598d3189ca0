resource "aws_kinesis_stream" "kinesis_stream_keeps_too_briefly" {
  # nothing is said
}

resource "aws_kinesis_stream" "kinesis_stream_not_encrypted" {
  # nothing is said
}
