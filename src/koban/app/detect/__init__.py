"""Detections run over the lake, and what comes of them."""
