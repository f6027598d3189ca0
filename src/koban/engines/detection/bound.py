"""What must hold of an event's columns for a rule to match it: cheap to ask first, of every event.

The tree is kept where it reads the columns given, and is taken for granted elsewhere: what is left holds for every
event that matches, and for some that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlglot import exp

from koban.engines.detection.compile import joined, negated
from koban.engines.detection.stage import Asked

Known = Callable[[exp.Expr], bool]


def bound(tree: exp.Expr, columns: Collection[str] | None = None, *, known: Known | None = None) -> exp.Expr | None:
    """The necessary condition over `columns` (over all where None); None where there is none.

    `known` says instead which tests are kept.
    """

    def exact(node: exp.Expr) -> bool:
        asked = Asked.by(node)
        return asked.is_plain and (columns is None or asked.columns <= set(columns))

    found = _outer(tree, known or exact, True)
    return None if isinstance(found, bool) else found


def _outer(node: exp.Expr, known: Known, high: bool) -> exp.Expr | bool:
    """The condition from above (holds wherever the node does) or from below; True and False where it says nothing."""
    if isinstance(node, exp.Paren):
        return _outer(node.this, known, high)
    if isinstance(node, exp.And | exp.Or):
        sides = [_outer(node.this, known, high), _outer(node.expression, known, high)]
        deciding = isinstance(node, exp.Or)
        if deciding in sides:
            return deciding
        kept = [one for one in sides if not isinstance(one, bool)]
        if not kept:
            return not deciding
        return joined(exp.Or if deciding else exp.And, kept)
    if isinstance(node, exp.Not) and isinstance(node.this, exp.Coalesce):
        inside = _outer(node.this.this, known, not high)
        if isinstance(inside, bool):
            return not inside
        return negated(inside)
    return node.copy() if known(node) else high
