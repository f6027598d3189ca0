"""What the API takes and gives: the contract with the console and with programs.

Every text, list and number that is taken has a bound, and a key that is not known is refused.  Moments are ISO 8601 in
UTC, ``2026-11-24T09:30:00Z``; days are ``2026-11-24``.
"""
