"""One file per family of log formats: how to recognise it, and how to split it into records."""
