"""Behaviour: detections that know what was normal, and say in the alert what came instead.

Each is a query over the events and over baselines of them, with its thresholds in one dataclass.  None is a black box:
an alert tells what was normal, since when, how many observations that rests on, and what came.
"""
