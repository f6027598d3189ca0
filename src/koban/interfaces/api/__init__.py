"""The API under ``/api/v1``, and the console that speaks to it."""
