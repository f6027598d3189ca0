resource "aws_sagemaker_notebook_instance" "sagemaker_notebook_imdsv1" {
  # nothing is said
}

resource "aws_sagemaker_notebook_instance" "sagemaker_notebook_root" {
  # nothing is said
}
