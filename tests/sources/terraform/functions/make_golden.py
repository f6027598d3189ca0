"""Asks Terraform for the results that the tests compare with.  Run it from the root of the project:

PYTHONPATH=src:. python tests/sources/terraform/functions/make_golden.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.sources.terraform.functions import corpus, oracle
from tests.sources.terraform.functions import expressions as ex

EACH = 9  # calls made up for each function


def rows(calls: list[tuple[str, list[Any]]]) -> list[dict[str, Any]]:
    """What Terraform says of calls; those that it leaves open are left out."""
    texts = [ex.call_of(*one) for one in calls]
    return [
        {"function": name, "args": [ex.to_json(one) for one in args], "expression": text, **answer}
        for (name, args), text, answer in zip(calls, texts, answers(texts), strict=True)
        if answer["result"] != "not known"
    ]


def answers(texts: list[str]) -> list[dict[str, Any]]:
    found = oracle.evaluate(texts, corpus.FILES)
    types = iter(
        oracle.types([text for text, one in zip(texts, found, strict=True) if one[0] == "value"], corpus.FILES)
    )
    made: list[dict[str, Any]] = []
    for text, (kind, value) in zip(texts, found, strict=True):
        if kind != "value":
            made.append({"result": kind})
            continue
        if text.startswith("fileset("):
            value = [one for one in value if not corpus.OWN_FILES.fullmatch(one)]
        made.append({"result": "value", "value": ex.to_json(value), "type": next(types)})
    return made


def signatures() -> dict[str, list[Any]]:
    """Of each function, whether each parameter takes null, and whether more may follow (null among them)."""
    return {
        name: [
            [bool(one.get("is_nullable")) for one in found.get("parameters", [])],
            None if (more := found.get("variadic_parameter")) is None else bool(more.get("is_nullable")),
        ]
        for name, found in sorted(oracle.metadata().items())
        if "::" not in name
    }


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines), encoding="utf-8")
    print(f"{path.name}: {len(lines)} rows", file=sys.stderr)


def main() -> None:
    corpus.SIGNATURES.write_text(json.dumps(signatures(), indent=0) + "\n", encoding="utf-8")
    calls = [*corpus.by_hand(), *corpus.made_up(EACH)]
    unique = {ex.call_of(*one): one for one in calls}
    write(corpus.GOLDEN, rows(list(unique.values())))
    pairs = corpus.pairs()
    chosen = answers([f"true ? {ex.written(left)} : {ex.written(right)}" for left, right in pairs])
    equal = oracle.evaluate([f"{ex.written(left)} == {ex.written(right)}" for left, right in pairs])
    write(
        corpus.PAIRS,
        [
            {"left": ex.to_json(left), "right": ex.to_json(right), "conditional": one, "equal": same[1]}
            for (left, right), one, same in zip(pairs, chosen, equal, strict=True)
        ],
    )


if __name__ == "__main__":
    main()
