"""The detection engine: Sigma rules, compiled to SQL, over the events of the lake."""
