resource "aws_ecr_repository" "ecr_repository_tags_mutable" {
  # nothing is said
}

resource "aws_ecr_repository" "ecr_repository_unscanned" {
  # nothing is said
}
