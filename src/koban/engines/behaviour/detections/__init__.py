"""The behavioural detections: one a file, and the folder is the list of them."""
