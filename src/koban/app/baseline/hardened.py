"""Hardened CloudFormation templates: a good start that passes Koban's own scan."""

from __future__ import annotations

from importlib import resources


def hardened_kinds() -> list[str]:
    """The kinds of resource that there is a template for: ``s3-bucket``, ``kms-key``, ..."""
    files = resources.files("koban.rules").joinpath("hardened").iterdir()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


def hardened(kind: str) -> str:
    """The template's text; raises KeyError, naming the kinds there are."""
    if kind not in hardened_kinds():
        raise KeyError(f"no template for {kind!r}; there are: {', '.join(hardened_kinds())}")
    return resources.files("koban.rules").joinpath("hardened", f"{kind}.yaml").read_text(encoding="utf-8")
