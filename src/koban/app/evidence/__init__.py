"""Where the controls of a framework stand, and the pack that shows an auditor why."""
