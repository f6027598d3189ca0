"""Measurements beside the peers; never part of the tests."""
