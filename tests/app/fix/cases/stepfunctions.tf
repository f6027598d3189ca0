resource "aws_sfn_state_machine" "stepfunctions_state_machine_tracing_off" {
  # nothing is said
}
