"""Asks Terraform what expressions come to, and keeps its answers: `python -m tests.sources.terraform.make_golden`."""

import base64
import json
import subprocess
import tempfile
from pathlib import Path

GOLDEN = Path(__file__).with_name("golden.jsonl")
BATCH = 200


def ask(expressions: list[str]) -> list[str | None]:
    """What each comes to as JSON, by ``terraform console``; None for what it refuses."""
    answers: list[str | None] = []
    with tempfile.TemporaryDirectory() as empty:
        for start in range(0, len(expressions), BATCH):
            batch = expressions[start : start + BATCH]
            lines = [f'try(base64encode(jsonencode({one})), "refused")' for one in batch]
            done = subprocess.run(
                ["terraform", "console"],
                input="\n".join(lines) + "\n",
                text=True,
                cwd=empty,
                capture_output=True,
                check=False,
            )
            printed = [line for line in done.stdout.split("\n") if line]
            if done.returncode or len(printed) != len(batch):
                if len(batch) == 1:
                    answers.append(None)
                else:
                    for one in batch:
                        answers += ask([one])
                continue
            answers += [None if line == '"refused"' else base64.b64decode(line.strip('"')).decode() for line in printed]
    return answers


def main() -> None:
    from tests.sources.terraform.expressions_of import every

    asked = list(every())
    answers = ask([expression for _, expression in asked])
    with GOLDEN.open("w") as file:
        for (kind, expression), answer in zip(asked, answers, strict=True):
            file.write(json.dumps({"kind": kind, "expression": expression, "json": answer}, ensure_ascii=False) + "\n")
    print(len(asked), "expressions,", answers.count(None), "refused")


if __name__ == "__main__":
    main()
