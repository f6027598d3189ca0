"""Fixes for Amazon FSx."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("fsx-windows-tags-not-copied", put("WindowsConfiguration.CopyTagsToBackups", True), replaces=True)
fixes("fsx-lustre-tags-not-copied", put("LustreConfiguration.CopyTagsToBackups", True), replaces=True)
