resource "aws_kinesis_firehose_delivery_stream" "firehose_stream_not_encrypted" {
  # nothing is said
}
