resource "aws_cognito_user_pool_client" "cognito_client_tells_who_has_no_account" {
  # nothing is said
}

resource "aws_cognito_user_pool_client" "cognito_client_tokens_irrevocable" {
  enable_token_revocation = false
}

resource "aws_cognito_identity_pool" "cognito_identity_pool_classic_flow" {
  allow_classic_flow = true
}

resource "aws_cognito_user_pool" "cognito_user_pool_deletion_unprotected" {
  # nothing is said
}

resource "aws_cognito_user_pool" "cognito_user_pool_passwords_weak" {
  password_policy {
    minimum_length = 8
  }
}
