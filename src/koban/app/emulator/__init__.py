"""An emulated AWS on loopback, for the demo and the tests."""
