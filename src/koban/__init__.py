"""Koban secures cloud estates, from the written baseline to the response to an incident."""

__version__ = "0.1.0"
