"""Logs of every kind, read into records and mapped to events."""
