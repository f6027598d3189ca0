"""The thresholds of the behavioural detections: one dataclass each, overridden by a YAML file.

first-seen-country:
  learning_days: 30
port-scan-vertical:
  enabled: false
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any


class BadSettings(ValueError):
    """The settings name something that there is not; the message says what and where."""


def threshold(default: Any, means: str) -> Any:
    """A field of a detection's thresholds, with what it means to the user."""
    return field(default=default, metadata={"means": means})


@dataclass(frozen=True)
class Thresholds:
    """What every detection has."""

    enabled: bool = threshold(True, "whether it runs and learns")

    @property
    def days_back(self) -> int:
        """How many days of baselines it looks back at."""
        return int(getattr(self, "memory_days", 0))


@dataclass(frozen=True)
class Learned(Thresholds):
    """A baseline of its own has to be there first."""

    learning_days: int = threshold(14, "no alert until the one it is about has been known for so many days")
    observations_min: int = threshold(50, "no alert until so many events of it were seen on earlier days")
    memory_days: int = threshold(90, "what was not seen for so many days is forgotten, and is new again")


def documented(thresholds: Thresholds) -> list[tuple[str, Any, str]]:
    """Name, value and meaning of each threshold but `enabled`."""
    return [
        (f.name, getattr(thresholds, f.name), f.metadata["means"]) for f in fields(thresholds) if f.name != "enabled"
    ]


def overridden(defaults: Mapping[str, Thresholds], said: Mapping[str, Any]) -> dict[str, Thresholds]:
    """The thresholds of every detection, with what a user says in their place.  `BadSettings` for what there is not."""
    made = dict(defaults)
    for name, values in said.items():
        if name not in made:
            raise BadSettings(f"{name} is not a behavioural detection; there are: {', '.join(sorted(made))}")
        if not isinstance(values, Mapping):
            raise BadSettings(f"{name}: thresholds are written as name: value")
        made[name] = replace(made[name], **{k: _checked(name, made[name], str(k), v) for k, v in values.items()})
    return made


def _checked(name: str, thresholds: Thresholds, key: str, value: Any) -> Any:
    known = {f.name: getattr(thresholds, f.name) for f in fields(thresholds)}
    if key not in known:
        raise BadSettings(f"{name}: {key} is not a threshold of it; there are: {', '.join(known)}")
    default = known[key]
    if isinstance(default, tuple):
        if not isinstance(value, list) or any(not isinstance(v, str) for v in value):
            raise BadSettings(f"{name}: {key} is a list of texts")
        return tuple(value)
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise BadSettings(f"{name}: {key} is true or false")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise BadSettings(f"{name}: {key} is a number, not less than 0")
    if isinstance(default, int):
        if value != int(value):
            raise BadSettings(f"{name}: {key} is a whole number")
        return int(value)
    return float(value)


def read(defaults: Mapping[str, Thresholds], path: Path) -> dict[str, Thresholds]:
    """The thresholds of a YAML file over the defaults."""
    import yaml

    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSettings(f"{path}: {error}") from error
    if said is None:
        return dict(defaults)
    if not isinstance(said, Mapping):
        raise BadSettings(f"{path}: thresholds are written as detection: {{name: value}}")
    return overridden(defaults, said)
