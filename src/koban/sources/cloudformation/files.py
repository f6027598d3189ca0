"""Tells templates of CloudFormation from other files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from koban.sources import files
from koban.sources.files import Dialect, Found

TRANSFORMS = (b"AWS::Serverless-2016", b"AWS::LanguageExtensions")

_TYPE = re.compile(rb"""[\s"'{,]Type["']?\s*:\s*["']?(?:AWS|Custom|Alexa)::""")


def looks_like_template(data: bytes) -> bool:
    """Whether bytes are worth parsing: cheap, and wrong only in that it may say yes too often."""
    if b"AWSTemplateFormatVersion" in data:
        return True
    return b"Resources" in data and (_TYPE.search(data) is not None or any(name in data for name in TRANSFORMS))


CLOUDFORMATION = Dialect(
    "cloudformation",
    frozenset((".yaml", ".yml", ".json", ".template", ".jsn", ".cfn", ".txt", "")),
    lambda path, data: looks_like_template(data),
)


def find(paths: Sequence[str | os.PathLike[str]]) -> Iterator[Found]:
    """The templates of CloudFormation alone; see :func:`koban.sources.files.find`."""
    return files.find(paths, (CLOUDFORMATION,))


def look(path: str, name: str, named: bool = False) -> Found | None:
    """The file if it looks like a template, was named by the user, or cannot be read; None otherwise."""
    return files.look(path, name, (CLOUDFORMATION,), named)
