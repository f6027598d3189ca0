"""A baseline file as people look at it: what it says, what is wrong with it, and when it is to be reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from koban.app import rulebook
from koban.app.baseline.check import check
from koban.app.baseline.file import BYTES_MAX, BaselineError, parse
from koban.model.baseline import REVIEW_DAYS_MAX, Baseline


@dataclass(frozen=True)
class Shown:
    """`baseline` is None where the file has `problems`."""

    path: str
    found: bool
    text: str = ""
    problems: tuple[str, ...] = ()
    baseline: Baseline | None = None

    def due(self) -> date | None:
        """By when the next review is due; None where there was none."""
        reviewed = self.baseline.reviewed if self.baseline is not None else None
        return None if reviewed is None else reviewed + timedelta(days=REVIEW_DAYS_MAX)

    def overdue(self, today: date) -> bool:
        """Whether a review is due, or was never made."""
        due = self.due()
        return due is None or today > due

    def advice(self, today: date) -> list[str]:
        """What about it needs a look."""
        if self.baseline is None:
            return []
        return [f"{self.path}:{one.line}: {one.text}" if one.line else one.text for one in check(self.baseline, today)]


def read(path: Path) -> Shown:
    """The file as it is now; one that cannot be read says why."""
    try:
        status = path.stat()
        if not path.is_file():
            return Shown(path.name, True, problems=(f"{path.name}: not a regular file",))
        if status.st_size > BYTES_MAX:
            return Shown(path.name, True, problems=(f"{path.name}: larger than {BYTES_MAX:,} bytes",))
        return _read(path, status.st_mtime_ns, status.st_size)
    except FileNotFoundError:
        return Shown(path.name, False)
    except OSError as error:
        return Shown(path.name, True, problems=(f"{path.name}: {error.strerror}",))


@lru_cache(maxsize=8)
def _read(path: Path, changed: int, size: int) -> Shown:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace").replace("\0", "\ufffd")
        return Shown(path.name, True, text, (f"{path.name}: not a text file in UTF-8",))
    try:
        return Shown(path.name, True, text, (), parse(text, path.name, rulebook.rules().values()))
    except BaselineError as error:
        return Shown(path.name, True, text, tuple(error.problems))
