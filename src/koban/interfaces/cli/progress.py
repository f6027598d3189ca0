"""What a scan is doing now, on a terminal; nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from koban.interfaces.cli.output import ascii_only, colour_wanted

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")


class Bar:
    """A line at the bottom of the screen, on standard error.  Starts at the first `show`, ends with `until_done`."""

    def __init__(self, wanted: bool = True, no_color: bool = False) -> None:
        self.wanted = wanted and sys.stderr.isatty()
        self.no_color = no_color
        self._progress: Progress | None = None

    def show(self, text: str, aside: str = "", done: int | None = None, total: int | None = None) -> None:
        """`done` of `total` steps are made; None where nobody knows how many there are."""
        if not self.wanted:
            return
        if self._progress is None:
            self._progress = self._start()
        self._progress.update(self._progress.task_ids[0], description=text, aside=aside, completed=done, total=total)

    def _start(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.table import Column

        plain = ascii_only(sys.stderr)
        console = Console(
            stderr=True, no_color=not colour_wanted(sys.stderr, self.no_color), legacy_windows=False, highlight=False
        )
        made = Progress(
            SpinnerColumn("line" if plain else "dots"),
            TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True)),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[aside]}", markup=False, style="dim", table_column=Column(no_wrap=True)),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            expand=True,
        )
        made.add_task("", total=None, aside="")
        made.start()
        return made

    def stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        self.wanted = False

    def until_done(self, results: Iterable[T]) -> Iterator[T]:
        """The same results; the bar goes when they end, however they end."""
        try:
            yield from results
        finally:
            self.stop()


def counted(bar: Bar, what: str) -> Callable[[str], None]:
    """A callback that takes the name of each thing as it comes: `show` with how many there were."""
    seen = 0

    def heard(name: str) -> None:
        nonlocal seen
        seen += 1
        bar.show(name, f"{seen:,} {what}")

    return heard
