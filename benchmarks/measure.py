"""Runs a command as a whole process and says what it took."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".venv" / "peers"
KOBAN = [sys.executable, "-m", "koban"]


@dataclass(frozen=True)
class Taken:
    """Seconds of wall clock and of CPU (children included), peak memory in MiB, and the exit code."""

    wall: float
    cpu: float
    memory: float
    code: int


def run(command: Sequence[str | Path], env: dict[str, str] | None = None, log: Path | None = None) -> Taken:
    """One run of a command.  Its output goes to `log`, or nowhere."""
    target = log.open("wb") if log else subprocess.DEVNULL
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(one) for one in command],
        stdin=subprocess.DEVNULL,
        stdout=target,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", **(env or {})},
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Taken(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def alternate(sides: dict[str, Callable[[], Taken]], times: int) -> dict[str, list[Taken]]:
    """Each side in turn, `times` times over, so that a change of the machine's pace meets them all."""
    taken: dict[str, list[Taken]] = {name: [] for name in sides}
    for _ in range(times):
        for name, once in sides.items():
            taken[name].append(once())
    return taken


def report(title: str, taken: dict[str, list[Taken]]) -> None:
    """Print the medians, and their ratios to the first side's."""
    print(f"\n{title}")
    first = next(iter(taken))
    mine = {figure: median(taken[first], figure) for figure in ("wall", "cpu", "memory")}
    print(f"  {'':24}{'wall s':>10}{'CPU s':>10}{'MiB':>10}   ratio to {first}: wall, CPU, memory")
    for name, runs in taken.items():
        figures = {figure: median(runs, figure) for figure in ("wall", "cpu", "memory")}
        ratios = ", ".join(f"{figures[figure] / mine[figure]:.1f}x" for figure in figures)
        codes = sorted({one.code for one in runs})
        row = f"{figures['wall']:10.2f}{figures['cpu']:10.2f}{figures['memory']:10.0f}"
        print(f"  {name:24}{row}   {ratios}   exit {codes}")


def median(runs: list[Taken], figure: str) -> float:
    return statistics.median(getattr(one, figure) for one in runs)


def peer(name: str, *packages: str) -> Path:
    """The directory of a peer's commands; installs it by pip into an environment of its own when it is not there.

    The environment variable KOBAN_PEERS may name a directory that already has it.
    """
    given = os.environ.get("KOBAN_PEERS")
    home = Path(given) / name if given else PEERS / name
    if not (home / "bin").exists():
        print(f"installing {', '.join(packages)} into {home}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages], check=True)
    return home / "bin"
