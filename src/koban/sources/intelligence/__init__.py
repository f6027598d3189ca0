"""Threat intelligence as others give it: STIX, TAXII, MISP, tables and plain lists."""
