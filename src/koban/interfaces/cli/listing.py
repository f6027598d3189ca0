"""Lists for people and programs: a table on a terminal, one JSON object a line elsewhere."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from koban.interfaces.cli.output import colour_wanted, output, width_of

PAGE_WIDTH = 88
SEVERITY_COLOURS = {"critical": "1;31", "high": "31", "medium": "33", "low": "36", "info": "2"}


def write_list(
    rows: Iterable[dict[str, Any]],
    columns: Sequence[str],
    format_name: str | None,
    output_name: str | None,
) -> None:
    """Rows as a table of `columns` (the last may be cut to fit), or whole as JSON lines."""
    to_screen = output_name in (None, "-")
    wanted = format_name or ("table" if to_screen and sys.stdout.isatty() else "jsonl")
    with output(output_name) as stream:
        if wanted == "jsonl":
            for row in rows:
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            return
        colour = to_screen and colour_wanted(sys.stdout)
        width = width_of(sys.stdout) if to_screen and sys.stdout.isatty() else 1000
        for line in table_lines(list(rows), columns, width, painter(colour)):
            stream.write(line.rstrip() + "\n")


def painter(colour: bool) -> Callable[[str, str], str]:
    """`paint("1", text)` with or without colours."""
    return (lambda code, text: f"\x1b[{code}m{text}\x1b[0m") if colour else (lambda code, text: text)


def table_lines(
    rows: list[dict[str, Any]], columns: Sequence[str], width: int, paint: Callable[[str, str], str]
) -> Iterable[str]:
    """A table as lines of text; the last column may be cut to fit."""
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    sizes = [max([len(column), *(len(row[at]) for row in cells)]) for at, column in enumerate(columns)]
    sizes[-1] = max(10, min(sizes[-1], width - sum(sizes[:-1]) - 2 * len(sizes)))
    yield "  ".join(paint("2", f"{column.upper():<{size}}") for column, size in zip(columns, sizes, strict=True))
    for row in cells:
        made = []
        for cell, size in zip(row, sizes, strict=True):
            text = f"{cell if len(cell) <= size else cell[: size - 3] + '...':<{size}}"
            made.append(paint(SEVERITY_COLOURS[cell], text) if cell in SEVERITY_COLOURS else text)
        yield "  ".join(made)


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def labelled(label: str, texts: Sequence[str], paint: Any) -> Iterator[str]:
    """Lines of a page: the label, and the texts beside it, wrapped."""
    for at, text in enumerate(texts):
        for line_at, line in enumerate(textwrap.wrap(text, PAGE_WIDTH - 12) or [""]):
            head = f"{label:<12}" if at == line_at == 0 else " " * 12
            yield f"{paint('2', head)}{line}"
