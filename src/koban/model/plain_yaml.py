"""YAML whose words stay words: only `true` and `false` are booleans, as in YAML 1.2.

In YAML 1.1, which the library reads, `on`, `off`, `yes`, `no`, `y` and `n` are booleans too: a field of the name `on`
would get lost, and auditd's `success: no` would match nothing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import yaml

_BOOLEAN, _INITIALS = "tag:yaml.org,2002:bool", "tTfF"


@cache
def loader() -> Any:
    """The loader, for `yaml.load` and `yaml.load_all`."""
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    made: Any = type("PlainLoader", (base,), {})
    made.yaml_implicit_resolvers = {
        initial: [(tag, pattern) for tag, pattern in rows if tag != _BOOLEAN]
        for initial, rows in base.yaml_implicit_resolvers.items()
    }
    made.add_implicit_resolver(_BOOLEAN, re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list(_INITIALS))
    known: dict[str, str] = {}
    plain = made.resolve

    def resolve(self: Any, kind: Any, value: Any, implicit: Any) -> str:
        # the tag of a plain scalar hangs on its text alone, and the same words come again and again
        if kind is not yaml.ScalarNode or not implicit[0] or len(value) > 40:
            return str(plain(self, kind, value, implicit))
        tag = known.get(value)
        if tag is None:
            tag = str(plain(self, kind, value, implicit))
            if len(known) < 20_000:
                known[value] = tag
        return tag

    made.resolve = resolve
    return made
