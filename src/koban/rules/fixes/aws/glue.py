"""Fixes for AWS Glue."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("glue-job-not-logged", put("DefaultArguments.--enable-continuous-cloudwatch-log", "true"))
