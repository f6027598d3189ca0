"""Data sources: those that can be computed without asking anybody are; of the others the shape is known at most."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from koban.model.unknown import ANY_SHAPE, NON_EMPTY_SHAPE, Maybe, OpenList, Partial, Unknown
from koban.sources.cloudformation.intrinsics import (
    ACCOUNT_SHAPE,
    ARN_REST_SHAPE,
    CIDR_SHAPE,
    PARTITION_SHAPE,
    REGION_SHAPE,
)
from koban.sources.terraform.configuration import META_ARGUMENTS
from koban.sources.terraform.values import (
    EvaluationError,
    JsonText,
    first_unknown,
    json_with_holes,
    plain,
    text_of,
)

if TYPE_CHECKING:
    from koban.sources.terraform.module import Instance

SHAPES = {
    ("aws_caller_identity", "account_id"): ACCOUNT_SHAPE,
    ("aws_caller_identity", "id"): ACCOUNT_SHAPE,
    ("aws_partition", "partition"): PARTITION_SHAPE,
    ("aws_partition", "id"): PARTITION_SHAPE,
    ("aws_partition", "dns_suffix"): r"[a-z0-9.]+",
    ("aws_region", "name"): REGION_SHAPE,
    ("aws_region", "id"): REGION_SHAPE,
    ("aws_region", "region"): REGION_SHAPE,
    ("aws_vpc", "cidr_block"): CIDR_SHAPE,
    ("aws_subnet", "cidr_block"): CIDR_SHAPE,
    ("aws_elb_service_account", "id"): ACCOUNT_SHAPE,
    ("aws_canonical_user_id", "id"): r"[0-9a-f]{64}",
}
LISTS = ("ids", "names", "zone_ids", "arns")


def attribute(of: Instance, name: str) -> Any:
    """One attribute of a data source."""
    if of.type == "aws_iam_policy_document" and name in ("json", "minified_json"):
        return _as_text(policy_document(of))
    if of.type == "template_file" and name == "rendered":
        return _rendered(of)
    if of.type == "aws_region" and name in ("name", "id", "region") and of.region:
        return of.region
    if of.type == "aws_default_tags" and name == "tags":
        tags = of.module.provider_of(of.declared, of.type).tags
        return {} if tags is None else tags
    if name in of.declared.body.attributes and name not in META_ARGUMENTS:
        value = of._attribute(name)
        if value is not None:
            return value
    path = f"{of.address}.{name}"
    why = "it is read only when it is applied"
    if name == "arn":
        return Partial(path, ("arn:", Unknown(path, why, shape=ARN_REST_SHAPE)))
    shape = SHAPES.get((of.type, name), NON_EMPTY_SHAPE if name == "id" else ANY_SHAPE)
    return Unknown(path, why, shape=shape)


def _rendered(of: Instance) -> Any:
    template = of._attribute("template")
    variables = of._attribute("vars") if "vars" in of.declared.body.attributes else {}
    for one in (template, variables):
        if isinstance(one, Unknown):
            return one
    if not isinstance(variables, dict):
        raise EvaluationError("vars is not a map")
    return of.module.tree.render(text_of(template), variables, of.address)


def _as_text(document: dict[str, Any]) -> Any:
    if first_unknown(document) is not None:
        return JsonText(document)
    return json.dumps(plain(document), indent=2)


# aws_iam_policy_document, as the provider makes it


def policy_document(of: Instance) -> dict[str, Any]:
    """The policy that an ``aws_iam_policy_document`` describes, with what is not known inside it."""
    body = of.body()
    version = body.get("version")
    document: dict[str, Any] = {"Version": "2012-10-17" if version is None else version}
    if body.get("policy_id") is not None:
        document["Id"] = body["policy_id"]
    statements: list[Any] = []
    for source in _texts(body, "source_json", "source_policy_documents"):
        _take_in(document, statements, source, replaces=False)
    own = body.get("statement", [])
    for one in own if isinstance(own, list) else [own]:
        if isinstance(one, Maybe):
            values = tuple(_statement(v) if isinstance(v, dict) else v for v in one._values)
            statements.append(one._with(values))
        elif isinstance(one, Unknown):
            statements.append(Maybe(one._path, one._why, (one,), one._root, more=True))
        else:
            _put(statements, _statement(one))
    for override in _texts(body, "override_json", "override_policy_documents"):
        _take_in(document, statements, override, replaces=True)
    document["Statement"] = OpenList(statements) if any(isinstance(s, Maybe) for s in statements) else statements
    return document


def _texts(body: dict[str, Any], *names: str) -> list[Any]:
    found: list[Any] = []
    for name in names:
        value = body.get(name)
        if isinstance(value, list):
            for one in value:
                found += one._values if isinstance(one, Maybe) else (one,)
        elif value is not None:
            found.append(value)
    return [one for one in found if isinstance(one, Unknown) or one]


def _take_in(document: dict[str, Any], statements: list[Any], text: Any, replaces: bool) -> None:
    """The statements of another document, before those that are declared or in place of them."""
    given = json_with_holes(text)
    if isinstance(given, Unknown):
        statements.append(_some(given))
        return
    if not isinstance(given, dict):
        raise EvaluationError("a policy document is not the JSON of an object")
    for name in ("Version", "Id"):
        if given.get(name) is not None and (replaces or name not in document):
            document[name] = given[name]
    inner = given.get("Statement", [])
    if isinstance(inner, Unknown):
        statements.append(_some(inner))
        return
    for one in inner if isinstance(inner, list) else [inner]:
        _put(statements, one) if replaces else statements.append(one)


def _some(unknown: Unknown) -> Maybe:
    """The statements of a document that is not known: none, or any."""
    values = tuple(Unknown(f"{unknown._path}[{i}]", unknown._why, root=unknown._root) for i in range(2))
    return Maybe(unknown._path, unknown._why, values, unknown._root, more=True)


def _put(statements: list[Any], one: Any) -> None:
    """Add a statement, or put it in the place of the one with its Sid."""
    sid = one.get("Sid") if isinstance(one, dict) else None
    if isinstance(sid, str) and sid:
        for position, other in enumerate(statements):
            if isinstance(other, dict) and isinstance(other.get("Sid"), str) and other["Sid"] == sid:
                statements[position] = one
                return
    statements.append(one)


def _statement(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise EvaluationError("a block of statements is no block")
    made: dict[str, Any] = {}
    sid, effect = body.get("sid"), body.get("effect")
    if isinstance(sid, str) and sid:
        made["Sid"] = sid
    made["Effect"] = "Allow" if effect is None else effect
    for name, argument in (
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
        ("NotResource", "not_resources"),
    ):
        value = _names(body.get(argument))
        if isinstance(value, Unknown) or value:
            made[name] = value
    for name, argument in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        value = _principals(body.get(argument))
        if isinstance(value, Unknown) or value:
            made[name] = value
    conditions = _conditions(body.get("condition"))
    if isinstance(conditions, Unknown) or conditions:
        made["Condition"] = conditions
    return made


def _names(value: Any) -> Any:
    """Texts as a policy has them: one alone is no list; ``&{`` stands for what IAM fills in."""
    if value is None or isinstance(value, Unknown):
        return value
    values = [_variables(one) for one in (value if isinstance(value, list) else [value])]
    if isinstance(value, OpenList):
        return OpenList(values)
    return values[0] if len(values) == 1 else values


def _variables(one: Any) -> Any:
    return one.replace("&{", "${") if isinstance(one, str) else one


def _principals(blocks: Any) -> Any:
    if blocks is None or isinstance(blocks, Unknown):
        return blocks
    made: dict[str, Any] = {}
    for one in blocks if isinstance(blocks, list) else [blocks]:
        if isinstance(one, Unknown):
            return Unknown(one._path, one._why, root=one._root)
        if not isinstance(one, dict):
            raise EvaluationError("a block of principals is no block")
        kind, who = one.get("type"), one.get("identifiers")
        if isinstance(kind, Unknown) or isinstance(who, Unknown | OpenList):
            hole = kind if isinstance(kind, Unknown) else who if isinstance(who, Unknown) else first_unknown(who)
            if isinstance(kind, str) and hole is not None:
                made[str(kind)] = Unknown(hole._path, hole._why, root=hole._root)
                continue
            return Unknown(hole._path, hole._why, root=hole._root) if hole is not None else None
        if not isinstance(kind, str) or not isinstance(who, list | None):
            raise EvaluationError("a block of principals has no type that is a text and identifiers that are a list")
        values = [_variables(v) for v in (who or [])]
        if kind == "*" and len(values) == 1 and isinstance(values[0], str) and values[0] == "*":
            return "*"
        before = made.get(kind, [])
        values = [*(before if isinstance(before, list) else [before]), *values]
        made[kind] = values[0] if len(values) == 1 else values
    return made


def _conditions(blocks: Any) -> Any:
    if blocks is None or isinstance(blocks, Unknown):
        return blocks
    made: dict[str, dict[str, Any]] = {}
    for one in blocks if isinstance(blocks, list) else [blocks]:
        if isinstance(one, Unknown):
            return Unknown(one._path, one._why, root=one._root)
        if not isinstance(one, dict):
            raise EvaluationError("a block of conditions is no block")
        test, variable = one.get("test"), one.get("variable")
        for name in (test, variable):
            if isinstance(name, Unknown):
                return Unknown(name._path, name._why, root=name._root)
        made.setdefault(text_of(test), {})[text_of(variable)] = _names(one.get("values"))
    return made
