"""Terraform and OpenTofu: configurations, plans and states, as resources."""
