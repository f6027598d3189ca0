"""Bodies of blocks with their values, and where each of these is written."""

from __future__ import annotations

from typing import Any

from koban.model.document import Path
from koban.model.unknown import Maybe
from koban.sources.terraform.configuration import Declared, File
from koban.sources.terraform.expressions import Call, Expression, Object, Parentheses, Tuple
from koban.sources.terraform.syntax import Attribute, Block, Body


class BodyDict(dict[str, Any]):
    """The arguments and blocks of a block, worked out; it knows what it came from."""

    __slots__ = ("body", "declared")

    def __init__(self, body: Body, declared: Declared | None) -> None:
        super().__init__()
        self.body = body
        self.declared = declared


def block_name(block: Block) -> str:
    """The type of a block, that of what it makes where it is a dynamic one."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def written_body(body: Body, declared: Declared) -> BodyDict:
    """What stands in a block, without its values: for the lines of what was worked out elsewhere."""
    made = BodyDict(body, declared)
    for block in body.blocks:
        inner = next(block.body.blocks_of("content"), block) if block.type == "dynamic" else block
        made.setdefault(block_name(block), []).append(written_body(inner.body, declared))
    return made


def line_at(body: BodyDict, path: Path) -> tuple[File, int] | None:
    """The file and line of what stands at a path of a resource's body; None where nothing is written there."""
    node: Any = body
    for position, step in enumerate(path):
        if isinstance(node, BodyDict):
            attribute = node.body.attributes.get(str(step))
            if attribute is not None:
                file = node.declared.file_of(attribute) if node.declared is not None else None
                line = _line_inside(attribute.value, path[position + 1 :]) or attribute.line
                return (file, line) if file is not None else None
            inner = node.get(str(step))
            if position + 1 == len(path) or not isinstance(inner, list):
                return _line_of_block(node, str(step))
            node = inner
            continue
        if not isinstance(node, list) or not isinstance(step, int) or step >= len(node):
            return None
        node = node[step]
        if isinstance(node, Maybe):
            node = node._values[0] if node._values else None
        if position + 1 == len(path):
            return _line_of_body(node)
    return None


# What brings statements of other documents into an ``aws_iam_policy_document``.
TAKES_IN = frozenset(("source_json", "source_policy_documents", "override_json", "override_policy_documents"))


def attribute_at(body: BodyDict, path: Path) -> Attribute | None:
    """The argument that is written at a path of a resource's body."""
    node: Any = body
    for step in path[:-1]:
        if isinstance(step, int):
            node = node[step] if isinstance(node, list) and step < len(node) else None
        else:
            node = node.get(step) if isinstance(node, dict) else None
    return node.body.attributes.get(str(path[-1])) if isinstance(node, BodyDict) else None


# The properties of a statement, as the data source of policies calls them.
OF_STATEMENT = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
    "Principal": "principals",
    "NotPrincipal": "not_principals",
    "Condition": "condition",
}


def statement_line(document: Declared, path: Path) -> tuple[File, int] | None:
    """The file and line of what stands at a path of the policy that an ``aws_iam_policy_document`` makes.

    None where its statements are not just those that are written in it, one after another.
    """
    own = document.body
    if path[:1] != ("Statement",) or len(path) < 2 or not isinstance(path[1], int) or document.over:
        return None
    statements = [one for one in own.blocks if block_name(one) == "statement"]
    if any(one.type == "dynamic" for one in statements) or own.attributes.keys() & TAKES_IN:
        return None
    if path[1] >= len(statements):
        return None
    block = statements[path[1]]
    name = OF_STATEMENT.get(str(path[2])) if len(path) > 2 else None
    attribute = block.body.attributes.get(name) if name else None
    inner = next((one for one in block.body.blocks if block_name(one) == name), None)
    found = attribute or inner or block
    return document.file_of(found), found.line


def _line_of_block(node: BodyDict, name: str) -> tuple[File, int] | None:
    for block in node.body.blocks:
        if block_name(block) == name and node.declared is not None:
            return node.declared.file_of(block), block.line
    return None


def _line_of_body(node: Any) -> tuple[File, int] | None:
    if not isinstance(node, BodyDict) or node.declared is None:
        return None
    lines = [one.line for one in node.body.attributes.values()] + [one.line for one in node.body.blocks]
    return (node.declared.file, min(lines)) if lines else None


def _line_inside(expression: Expression, path: Path) -> int | None:
    """The line of a path inside an expression that is written out."""
    line: int | None = None
    node: Any = expression
    for step in path:
        while isinstance(node, Parentheses) or (isinstance(node, Call) and node.name == "jsonencode"):
            node = next(node.inner(), None)
        if isinstance(node, Object):
            for key, value, at in node.items:
                if key.known_text() == step:
                    line, node = at, value
                    break
            else:
                return line
        elif isinstance(node, Tuple) and isinstance(step, int) and step < len(node.elements):
            node = node.elements[step]
        else:
            return line
    return line
