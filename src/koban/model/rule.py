"""A posture rule: a pure function that answers "is it bad?", and the table that shows what it means."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, get_args

from koban.model.resource import Resource

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # worst first

Case = Any  # the subject's document, or a tuple of it and the related resources


@dataclass(frozen=True, slots=True)
class Cases:
    """A rule's own table: documents that it calls bad, good, unknown, and that it has no business with."""

    bad: tuple[Case, ...] = ()
    good: tuple[Case, ...] = ()
    unknown: tuple[Case, ...] = ()
    skipped: tuple[Case, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What `@rule` makes of a function.  `judge(resource)` is true where the resource is bad.

    `types` are all the classes that it judges; `type` is the first of them, the one that its table's documents are of.
    `when` says which resources it is for (None: all of its type); `limits` are the function's keyword-only parameters,
    the thresholds that a baseline may set.
    """

    id: str
    severity: Severity
    type: type[Resource]
    controls: tuple[str, ...]
    summary: str
    why: str
    fix: str
    judge: Callable[[Any], Any]
    when: Callable[[Any], Any] | None
    limits: dict[str, Any]
    only: Literal["", "live", "code"]
    module: str
    types: tuple[Any, ...] = ()
    table: list[Cases] = field(default_factory=list, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "types", self.types or (self.type,))

    def cases(
        self,
        *,
        bad: Sequence[Case] = (),
        good: Sequence[Case] = (),
        unknown: Sequence[Case] = (),
        skipped: Sequence[Case] = (),
    ) -> None:
        """Record the table.  Each row is the subject's document, or (document, related resource, ...)."""
        self.table.append(Cases(tuple(bad), tuple(good), tuple(unknown), tuple(skipped)))

    def with_limits(self, limits: dict[str, Any]) -> Rule:
        """The same rule with thresholds of the user's own; raises ValueError for one it does not have."""
        for name, value in limits.items():
            if name not in self.limits:
                known = ", ".join(self.limits) or "none"
                raise ValueError(f"rule {self.id} has no threshold {name!r} (it has: {known})")
            if type(value) is not type(self.limits[name]):
                wanted = type(self.limits[name]).__name__
                raise ValueError(f"threshold {name} of rule {self.id} takes {wanted}, not {value!r}")
        judge, merged = self.judge, {**self.limits, **limits}
        return replace(self, judge=lambda resource: judge(resource, **merged), limits=merged)

    @property
    def service(self) -> str:
        """The service that it is about, as a scan's ``--services`` calls it: ``s3``, ``elbv2``, ``lambda``.

        For Koban's own rules it is the name of the module, or its ``OF_SERVICE`` where it has one; for a user's it is
        that of the type, in lower case.
        """
        name = self.module.rpartition(".")[2]
        if self.module.startswith("koban.rules."):
            return str(getattr(sys.modules.get(self.module), "OF_SERVICE", name.rstrip("_")))
        pieces = self.type.type.split("::")
        return pieces[1].lower() if len(pieces) > 1 else pieces[0].lower()


_registry: dict[str, Rule] = {}


def rule(
    severity: Severity,
    subject: type[Resource] | tuple[type[Resource], ...],
    *controls: str,
    when: Callable[[Any], Any] | None = None,
    only: Literal["", "live", "code"] = "",
) -> Callable[[Callable[..., Any]], Rule]:
    """Make a posture rule of a function `(resource) -> bool` that is true where the resource is bad.

    The function's name is the rule's id (``s3_bucket_public``: ``s3-bucket-public``).  Its docstring says in one line
    what is wrong, then ``Why:`` and ``Fix:``.  `subject` is the class it judges, or several that share the fields it
    reads.  `controls` are ``framework:control`` ids.  `when` is true for
    the resources that the rule is for.  `only` restricts it to live resources or to code, for what the other cannot
    show.

    Raises TypeError for a function that is not shaped so.
    """

    def make(judge: Callable[..., Any]) -> Rule:
        rule_id = judge.__name__.replace("_", "-")
        if severity not in SEVERITIES:
            raise TypeError(f"rule {rule_id}: severity {severity!r} is none of {', '.join(SEVERITIES)}")
        types = subject if isinstance(subject, tuple) else (subject,)
        if not all(inspect.isclass(one) and issubclass(one, Resource) and one.type for one in types):
            raise TypeError(f"rule {rule_id}: the second argument is a resource class with a type")
        summary, why, fix = _sections(rule_id, judge.__doc__ or "")
        limits = dict(getattr(judge, "__kwdefaults__", None) or {})
        made = Rule(
            rule_id, severity, types[0], controls, summary, why, fix, judge, when, limits, only, judge.__module__, types
        )
        if rule_id in _registry and _registry[rule_id].module != made.module:
            raise TypeError(f"rule {rule_id} is declared twice: in {_registry[rule_id].module} and {made.module}")
        _registry[rule_id] = made
        return made

    return make


WHY, FIX = re.compile(r"\n[ \t]*\n[ \t]*Why: "), re.compile(r"\n[ \t]*Fix: ")


def _sections(rule_id: str, docstring: str) -> tuple[str, str, str]:
    text = docstring.strip()
    why = WHY.search(text)
    fix = FIX.search(text, why.end()) if why else None
    if not why or not fix:
        raise TypeError(f"rule {rule_id}: the docstring needs a line that says what is wrong, then 'Why: ' and 'Fix: '")
    sections = text[: why.start()], text[why.end() : fix.start()], text[fix.end() :]
    summary, reason, remedy = (" ".join(section.split()) for section in sections)
    return summary, reason, remedy


def declared_rules() -> list[Rule]:
    """Every rule imported so far, by id."""
    return [_registry[rule_id] for rule_id in sorted(_registry)]


def case_resources(subject: type[Resource], case: Case) -> tuple[Resource, list[Resource]]:
    """The subject and the related resources of one row of a table."""
    document, *others = case if isinstance(case, tuple) else (case,)
    made = document if isinstance(document, Resource) else subject(document)
    resources = [made, *cast("Iterable[Resource]", others)]
    for position, one in enumerate(resources):
        one.account = one.account or "111122223333"
        one.region = one.region or "eu-west-1"
        if one.uid.startswith(one.type + "/"):
            one.uid = f"{one.type}/{position}/{one.name or ''}"
    return made, resources[1:]
