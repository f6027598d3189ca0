"""Fixes for Amazon ECS."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes(
    "ecs-cluster-insights-off",
    put("ClusterSettings[Name=containerInsights].Value", "enabled"),
    note="its metrics are paid for",
)
fixes("ecs-service-exec-enabled", put("EnableExecuteCommand", False), note="nobody opens a shell in its containers")
fixes("ecs-service-platform-outdated", put("PlatformVersion", "LATEST"))
fixes(
    "ecs-task-file-system-in-clear",
    put("Volumes[].EFSVolumeConfiguration?.TransitEncryption", "ENABLED"),
)
