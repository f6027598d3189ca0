"""Compiles the conditions of Sigma rules to one SQL tree, which every dialect can spell.

What a rule means, where the specification leaves room:

- Text is compared without regard to case, but with `cased` and `re`.  `re` is searched for anywhere, with RE2's syntax.
- A number is compared as text (`80` is `80`, `80.0`, `"80"`); `gt` and its like take what looks like a number.
- A field that is not there, null, or an empty list has no value: only `null` matches it, and `not` of anything else.
- A field with several values matches where one of them does; with `all` each wanted value matches some value.
- `exists` asks whether the field is there, whatever it holds, null too.
- Keywords are looked for in the text of the record as its source wrote it, and in each of its values.
- `cidr` matches addresses alone; parts of a time are taken in UTC.
- `fieldref` compares without regard to case; where a field has several values, one pair has to fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from koban.engines.detection.address import in_network
from koban.engines.detection.dialect import Dialect, text_of
from koban.engines.detection.fields import MOMENT, NUMBER, TEXTS, Fields, Serving, Test, any_of
from koban.engines.detection.rules import CANNOT_COMPILE, NO_MAPPING, Detection, Problem, said_logsource
from koban.model.event import LogSource, Mapping

Placeholders = Map[str, Sequence[str]]
ESCAPE = "!"


class CannotCompile(ValueError):
    """What in a rule has no meaning here; the message says what."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """A rule of single events: for each source that serves it, the condition under which an event of it matches."""

    detection: Detection
    wheres: Map[str, exp.Expr]
    fields: Map[str, Fields] = field(default_factory=dict)

    def sql(self, dialect: Dialect, relation: str = "events", select: str = "*") -> str:
        """One query over the events that gives those that match."""
        wheres = [f"(source = '{source}' AND ({dialect.sql(tree)}))" for source, tree in sorted(self.wheres.items())]
        return f"SELECT {select} FROM {relation} WHERE {' OR '.join(wheres)}"


def compile_rule(
    detection: Detection, mappings: Serving, placeholders: Placeholders | None = None
) -> Compiled | Problem:
    """A detection of single events, compiled for every mapping that serves it."""
    from sigma.exceptions import SigmaError

    rule = detection.sigma
    served = mappings.of(rule.logsource)
    wheres: dict[str, exp.Expr] = {}
    fields: dict[str, Fields] = {}
    try:
        trees = [one.parsed for one in rule.detection.parsed_condition]
        if not served:
            # still say so where it could not be compiled for any
            _any_tree(trees, Fields(_NOWHERE, _NOWHERE.logsources[0]), placeholders or {})
        for mapping, logsources in served:
            found = []
            for at in logsources:
                tree = _any_tree(trees, at, placeholders or {})
                when = at.when()
                found.append(tree if when is None else _both([when, tree]))
                fields.setdefault(mapping.source, at)
            wheres[mapping.source] = _either(_distinct(found))
    except (CannotCompile, SigmaError, NotImplementedError) as error:
        return Problem(detection.title, detection.file, CANNOT_COMPILE, " ".join(str(error).split()))
    if not served:
        where = said_logsource(rule.logsource)
        return Problem(detection.title, detection.file, NO_MAPPING, f"no mapping for logsource {where}")
    return Compiled(detection, wheres, fields)


_NOWHERE = Mapping("", "", "", "", (LogSource(),), (), {})


def _any_tree(trees: list[Any], at: Fields, placeholders: Placeholders) -> exp.Expr:
    if any(tree is None for tree in trees):
        raise CannotCompile("an empty condition")
    return _either([_Tree(at, placeholders).of(tree) for tree in trees])


def _distinct(trees: list[exp.Expr]) -> list[exp.Expr]:
    return trees if len(trees) == 1 else list({tree.sql(): tree for tree in trees}.values())


def _either(trees: list[exp.Expr]) -> exp.Expr:
    return joined(exp.Or, trees)


def _both(trees: list[exp.Expr]) -> exp.Expr:
    return joined(exp.And, trees)


def joined(connector: type[exp.Connector], trees: Sequence[exp.Expr]) -> exp.Expr:
    """One tree of several, which it takes over as they are: copies of large rules would cost more than all else."""
    if len(trees) == 1:
        return trees[0]
    level = [exp.Paren(this=one) if isinstance(one, exp.Connector) else one for one in trees]
    while len(level) > 1:  # in pairs, so that a thousand of them are ten deep
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [exp.Paren(this=connector(this=one[0], expression=one[1])) if len(one) > 1 else one[0] for one in pairs]
    return level[0]


def negated(tree: exp.Expr) -> exp.Expr:
    """NOT, where what is not known counts as no: a field that is missing must not make the event vanish.

    A tree of AND and OR is true exactly where it would be with every unknown part false, so one COALESCE is enough.
    """
    return exp.Not(this=exp.Coalesce(this=exp.Paren(this=tree), expressions=[exp.false()]))


class _Tree:
    def __init__(self, fields: Fields, placeholders: Placeholders) -> None:
        self.fields = fields
        self.placeholders = placeholders

    def of(self, node: Any) -> exp.Expr:
        from sigma import conditions

        if isinstance(node, conditions.ConditionAND):
            return _both([self.of(one) for one in node.args])
        if isinstance(node, conditions.ConditionOR):
            return self._or(node.args)
        if isinstance(node, conditions.ConditionNOT):
            return negated(self.of(node.args[0]))
        if isinstance(node, conditions.ConditionFieldEqualsValueExpression):
            return self._field(node.field, [node.value])
        if isinstance(node, conditions.ConditionValueExpression):
            return self._keyword(node.value)
        raise CannotCompile(f"a condition of kind {type(node).__name__}")

    def _or(self, nodes: Sequence[Any]) -> exp.Expr:
        """Values of one field side by side become one test of it."""
        from sigma.conditions import ConditionFieldEqualsValueExpression as Equals

        by_field: dict[str, list[Any]] = {}
        others = []
        for node in nodes:
            if isinstance(node, Equals):
                by_field.setdefault(node.field, []).append(node.value)
            else:
                others.append(self.of(node))
        return _either([*(self._field(name, values) for name, values in by_field.items()), *others])

    def _field(self, name: str, values: list[Any]) -> exp.Expr:
        """That the field matches one of the values."""
        from sigma import types

        whole: list[exp.Expr] = []
        plain: list[Any] = []
        for value in self._expanded(values):
            if isinstance(value, types.SigmaNull):
                whole.append(self.fields.missing(name))
            elif isinstance(value, types.SigmaExists):
                there = self.fields.present(name)
                whole.append(there if value.exists else negated(there))
            elif isinstance(value, types.SigmaFieldReference):
                whole.append(self._reference(name, value))
            else:
                plain.append(value)
        if plain:
            whole.insert(0, self.fields.any_value(name, lambda x: _either(list(_tests(x, plain)))))
        return _either(whole)

    def _expanded(self, values: Iterable[Any]) -> Iterator[Any]:
        from sigma import types

        for value in values:
            if isinstance(value, types.SigmaExpansion):
                yield from self._expanded(value.values)
            elif isinstance(value, types.SigmaString | types.SigmaRegularExpression) and value.contains_placeholder():
                yield from value.replace_placeholders(self._placeholder)
            else:
                yield value

    def _placeholder(self, placeholder: Any) -> Iterator[Any]:
        from sigma.types import SigmaString

        if placeholder.name not in self.placeholders:
            raise CannotCompile(f"placeholder %{placeholder.name}% has no values")
        for value in self.placeholders[placeholder.name]:
            yield SigmaString(str(value))

    def _reference(self, name: str, value: Any) -> exp.Expr:
        def fits(x: exp.Expr, y: exp.Expr) -> exp.Expr:
            x, y = exp.Lower(this=x.copy()), exp.Lower(this=y.copy())
            if value.starts_with and value.ends_with:
                return exp.Contains(this=x, expression=y)
            if value.starts_with:
                return exp.StartsWith(this=x, expression=y)
            if value.ends_with:
                return exp.EndsWith(this=x, expression=y)
            return exp.EQ(this=x, expression=y)

        def against_other(x: exp.Expr) -> exp.Expr:
            if column := self.fields.column(value.field):
                return fits(x, exp.column(column))
            other = exp.ArrayFilter(
                this=self.fields.values(value.field),
                expression=exp.Lambda(this=fits(x, exp.column("r")), expressions=[exp.to_identifier("r")]),
            )
            return exp.GT(this=exp.ArraySize(this=other), expression=exp.Literal.number(0))

        return self.fields.any_value(name, against_other)

    def _keyword(self, value: Any) -> exp.Expr:
        from sigma import types

        texts = exp.Anonymous(this=TEXTS, expressions=[])
        found = []
        for one in self._expanded([value]):
            if isinstance(one, types.SigmaNumber):
                one = types.SigmaString(str(one.number))
            if isinstance(one, types.SigmaString):
                found.append(any_of(texts.copy(), lambda x, one=one: text_test(x, _around(one))))  # type: ignore[misc]
            elif isinstance(one, types.SigmaRegularExpression):
                found.append(any_of(texts.copy(), lambda x, one=one: _regex(x, one)))  # type: ignore[misc]
            else:
                raise CannotCompile(f"a keyword of kind {type(one).__name__}")
        return _either(found)


def _around(value: Any) -> Any:
    """A keyword is looked for anywhere in the text."""
    from sigma.types import SpecialChars

    many = SpecialChars.WILDCARD_MULTI
    made = type(value)()
    made.s = [*([] if value.s[:1] == [many] else [many]), *value.s, *([] if value.s[-1:] == [many] else [many])]
    return made


def _tests(x: exp.Expr, values: Iterable[Any]) -> Iterator[exp.Expr]:
    """Tests of one text, one of which it has to pass; plain texts together."""
    from sigma import types

    equal: list[str] = []
    others: list[Test] = []
    for value in values:
        if isinstance(value, types.SigmaTimestampPart):
            others.append(_part_test(value, exp.EQ))
        elif isinstance(value, types.SigmaNumber):
            equal += _written(value.number)
        elif isinstance(value, types.SigmaBool):
            equal.append("true" if value.boolean else "false")
        elif isinstance(value, types.SigmaString):
            if (
                not isinstance(value, types.SigmaCasedString)
                and (plain := _plain(value)) is not None
                and _simple(plain)
            ):
                equal.append(plain.lower())
            else:
                others.append(lambda x, v=value: text_test(x, v))  # type: ignore[misc]
        elif isinstance(value, types.SigmaRegularExpression):
            others.append(lambda x, v=value: _regex(x, v))  # type: ignore[misc]
        elif isinstance(value, types.SigmaCIDRExpression):
            others.append(lambda x, v=value: in_network(x, v.network))  # type: ignore[misc]
        elif isinstance(value, types.SigmaCompareExpression):
            others.append(_compare(value))
        else:
            raise CannotCompile(f"a value of kind {type(value).__name__}")
    if equal:
        wanted = [text_of(one) for one in dict.fromkeys(equal)]
        low = exp.Lower(this=x.copy())
        yield exp.EQ(this=low, expression=wanted[0]) if len(wanted) == 1 else exp.In(this=low, expressions=wanted)
    for test in others:
        yield test(x.copy())


def _written(number: float) -> list[str]:
    return [str(number), f"{number}.0"] if isinstance(number, int) else [repr(number)]


def _simple(text: str) -> bool:
    """Whether Python and every engine agree on its lower case."""
    return text.isascii()


def _plain(value: Any) -> str | None:
    """The text without wildcards; None where it has some."""
    return "".join(value.s) if all(isinstance(one, str) for one in value.s) else None


def text_test(x: exp.Expr, value: Any) -> exp.Expr:
    """That a text is as the value says, wildcards and all."""
    from sigma.types import SigmaCasedString, SpecialChars

    many, cased = SpecialChars.WILDCARD_MULTI, isinstance(value, SigmaCasedString)
    parts = list(value.s)
    subject = x.copy() if cased else exp.Lower(this=x.copy())

    def literal(text: str) -> exp.Expr:
        if cased:
            return text_of(text)
        return text_of(text.lower()) if _simple(text) else exp.Lower(this=text_of(text))

    if all(isinstance(one, str) for one in parts):
        return exp.EQ(this=subject, expression=literal("".join(parts)))
    if all(one == many for one in parts):
        return x.copy().is_(exp.null()).not_()
    starts, ends = parts[0] == many, parts[-1] == many
    inner = [one for at, one in enumerate(parts) if not (one == many and at in (0, len(parts) - 1))]
    if len(inner) == 1 and isinstance(inner[0], str):
        wanted = literal(inner[0])
        if starts and ends:
            return exp.Contains(this=subject, expression=wanted)
        return (exp.EndsWith if starts else exp.StartsWith)(this=subject, expression=wanted)
    pattern = "".join(_like(one) if isinstance(one, str) else "%" if one == many else "_" for one in parts)
    like = exp.Like(this=subject, expression=literal(pattern))
    return exp.Escape(this=like, expression=exp.Literal.string(ESCAPE))


def _like(text: str) -> str:
    return re.sub(r"([%_!])", rf"{ESCAPE}\1", text)


def _regex(x: exp.Expr, value: Any) -> exp.Expr:
    flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
    pattern = (f"(?{flags})" if flags else "") + str(value.regexp)
    return exp.RegexpLike(this=x.copy(), expression=text_of(pattern))


_OPERATORS: dict[str, type[exp.Binary]] = {"LT": exp.LT, "LTE": exp.LTE, "GT": exp.GT, "GTE": exp.GTE, "NEQ": exp.NEQ}


def _compare(value: Any) -> Test:
    from sigma.types import SigmaTimestampPart

    operator = _OPERATORS[value.op.name]
    if isinstance(value.number, SigmaTimestampPart):
        return _part_test(value.number, operator)
    number = exp.Literal.number(value.number.number)
    return lambda x: operator(this=exp.Anonymous(this=NUMBER, expressions=[x.copy()]), expression=number.copy())


def _part_test(value: Any, operator: type[exp.Binary]) -> Test:
    unit = value.timestamp_part.name
    number = exp.Literal.number(value.number)

    def test(x: exp.Expr) -> exp.Expr:
        moment = exp.Anonymous(this=MOMENT, expressions=[x.copy()])
        return operator(this=exp.Extract(this=exp.var(unit), expression=moment), expression=number.copy())

    return test
