"""Logs into the lake, and out of it."""
