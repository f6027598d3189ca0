"""Type constraints of variables: ``list(object({ name = string, port = optional(number, 22) }))``."""

from __future__ import annotations

from typing import Any

from koban.sources.terraform.expressions import Call, Expression, Object, Parentheses, Scope, Tuple, Variable
from koban.sources.terraform.functions.conversion import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    Type,
    list_type,
    map_type,
    object_type,
    set_type,
    tuple_type,
)
from koban.sources.terraform.values import EvaluationError

SIMPLE = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": ANY}
COLLECTIONS = {"list": list_type, "set": set_type, "map": map_type}


def constraint(expression: Expression, scope: Scope) -> Type:
    """The type that an expression of a variable's ``type`` means; `scope` works out the defaults of attributes.

    Raises EvaluationError for what is no type.
    """
    if isinstance(expression, Parentheses):
        return constraint(next(expression.inner()), scope)
    name = expression.known_text()  # the spelling of old: type = "string"
    if isinstance(expression, Variable):
        name = expression.name
    if name is not None:
        if name in SIMPLE:
            return SIMPLE[name]
        if name in COLLECTIONS:
            return COLLECTIONS[name](ANY)
    if isinstance(expression, Call) and len(expression.arguments) == 1:
        inner = expression.arguments[0]
        if expression.name in COLLECTIONS:
            return COLLECTIONS[expression.name](constraint(inner, scope))
        if expression.name == "tuple" and isinstance(inner, Tuple):
            return tuple_type(constraint(one, scope) for one in inner.elements)
        if expression.name == "object" and isinstance(inner, Object):
            return object_type({_key(key): _attribute(value, scope) for key, value, _ in inner.items})
    raise EvaluationError(f"{name or 'this'} is no type")


def _key(expression: Expression) -> str:
    text = expression.known_text()
    if text is None:
        raise EvaluationError("the name of an attribute is not a text")
    return text


def _attribute(expression: Expression, scope: Scope) -> Attribute | Type:
    if not isinstance(expression, Call) or expression.name != "optional":
        return constraint(expression, scope)
    given = expression.arguments
    if not 1 <= len(given) <= 2:
        raise EvaluationError("optional takes a type and a default")
    default: Any = given[1].value(scope) if len(given) == 2 else None
    return Attribute(constraint(given[0], scope), True, default)
