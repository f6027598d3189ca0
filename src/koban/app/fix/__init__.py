"""Mends templates: what `koban fix iac` does."""
