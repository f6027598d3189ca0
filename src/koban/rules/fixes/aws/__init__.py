"""Fixes for AWS."""
