"""Scans into the ledger."""
