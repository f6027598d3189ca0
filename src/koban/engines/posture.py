"""The posture engine: rules over resources, in every world that the unknown values leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from koban.model.estate import EstateError, gap_subject
from koban.model.resource import Resource, Spot
from koban.model.result import Gap, Result, Subject, Verdict
from koban.model.rule import Rule
from koban.model.unknown import Undecided, Unknown, World, WorldsNeeded, because, open_world

WORLDS_MAX = 64
TOO_MANY_WORLDS = f"more than {WORLDS_MAX} ways to fill in what is not known"
REASONS_MAX = 8

Outcome = bool | None  # bad, good, or (None) not this rule's business


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with what it hung on; None where the rule is not for the resource."""

    verdict: Verdict | None
    because: tuple[str, ...] = ()


PASS, FAIL, SKIP = Judgement("pass"), Judgement("fail"), Judgement(None)


def judge(rule: Rule, resource: Resource) -> Judgement:
    """One rule's verdict on one resource.  Never raises for what a rule does; EstateError goes through."""
    when = rule.when
    try:
        if when is not None and not when(resource):
            return SKIP
        return FAIL if rule.judge(resource) else PASS
    except (WorldsNeeded, Undecided):
        return _judge_in_worlds(rule, resource)
    except EstateError:
        raise
    except Exception as crash:
        return _crashed(rule, crash)


def _outcome(rule: Rule, resource: Resource) -> Outcome:
    if rule.when is not None and not rule.when(resource):
        return None
    return bool(rule.judge(resource))


def _judge_in_worlds(rule: Rule, resource: Resource) -> Judgement:
    """Run the rule in each world, depth first over the answers, until every world is seen or there are too many."""
    runs: list[tuple[list[tuple[str, bool]], Outcome | Undecided]] = []
    roots: dict[str, Unknown] = {}
    script: tuple[bool, ...] = ()
    exhausted = False
    while len(runs) < WORLDS_MAX:
        world = World(script)
        outcome: Outcome | Undecided
        try:
            with open_world(world):
                outcome = _outcome(rule, resource)
        except Undecided as open_question:
            outcome = open_question
        except EstateError:
            raise
        except Exception as crash:
            return _crashed(rule, crash)
        trail = list(world.asked.items())
        roots |= world.roots
        runs.append((trail, outcome))
        answers = [answer for _, answer in trail]
        while answers and answers[-1]:
            answers.pop()
        if not answers:
            exhausted = True
            break
        script = (*answers[:-1], True)
    outcomes = {o for _, o in runs if not isinstance(o, Undecided)}
    undecided = [o for _, o in runs if isinstance(o, Undecided)]
    if exhausted and not undecided and len(outcomes) == 1:
        return {True: FAIL, False: PASS, None: SKIP}[outcomes.pop()]
    if exhausted and not undecided and True not in outcomes:
        return PASS  # in some worlds the rule does not apply, in none is the resource bad
    hung = [because(roots[q]) for q in _hung_on(runs)] + [because(o.unknown) for o in undecided]
    reasons = list(dict.fromkeys(hung or [because(root) for root in roots.values()]))
    if not exhausted:
        reasons = [*reasons[: REASONS_MAX - 1], TOO_MANY_WORLDS]
    return Judgement("unknown", tuple(reasons[:REASONS_MAX]))


def _hung_on(runs: list[tuple[list[tuple[str, bool]], Outcome | Undecided]]) -> list[str]:
    """The questions whose two answers led to different outcomes."""
    sides: dict[tuple[tuple[str, bool], ...], dict[str, dict[bool, set[object]]]] = {}
    for trail, outcome in runs:
        mark = "undecided" if isinstance(outcome, Undecided) else outcome
        for position, (question, answer) in enumerate(trail):
            node = sides.setdefault(tuple(trail[:position]), {}).setdefault(question, {})
            node.setdefault(answer, set()).add(mark)
    hung: list[str] = []
    for questions in sides.values():
        for question, answers in questions.items():
            if answers.get(True) != answers.get(False) and question not in hung:
                hung.append(question)
    return hung


def _crashed(rule: Rule, crash: Exception) -> Judgement:
    return Judgement("unknown", (f"rule {rule.id} crashed: {type(crash).__name__}: {crash}"[:300],))


def evaluate(
    rules: Iterable[Rule],
    resources: Iterable[Resource],
    gaps: Iterable[Gap] = (),
    amend: Callable[[Result, Resource], Result] | None = None,
) -> Iterator[Result]:
    """Every rule over every resource of its type, then what each gap leaves unknown.

    `amend` may turn a result into another (an exception of the baseline, a suppression in the file).

    Streams: holds no resource longer than its own results.
    """
    by_type: dict[str, list[Rule]] = {}
    for one in rules:
        for cls in one.types:
            by_type.setdefault(cls.type, []).append(one)
    for resource in resources:
        mine = by_type.get(resource.type_name)
        if mine is None:
            continue
        subject = subject_of(resource)
        for one in mine:
            result = assess(one, resource, subject)
            if result is not None:
                yield result if amend is None else amend(result, resource)
    for gap in gaps:
        yield from _gap_results(gap, by_type)


def assess(rule: Rule, resource: Resource, subject: Subject | None = None) -> Result | None:
    """One rule's result on one resource; None where the rule is not for it.

    `subject` is what the results on the resource share, where it was made before.
    """
    if rule.only and (rule.only == "code") != resource.is_code:
        return None
    judgement = judge(rule, resource)
    if judgement.verdict is None:
        return None
    if subject is None:
        subject = subject_of(resource)
    if resource.file:
        line = line_of(rule, resource, judgement.verdict)
        if isinstance(line, Spot):
            subject = replace(subject, line=int(line), file=line.file)
        elif line != subject.line:
            subject = replace(subject, line=line)
    return _result(rule, judgement, subject)


def subject_of(resource: Resource) -> Subject:
    """The resource as a result shows it, on its own line."""
    return Subject(
        resource.uid,
        resource.type_name,
        resource.name,
        resource.account or None,
        resource.region or None,
        resource.address or None,
        resource.file or None,
        resource.line if resource.file else None,
    )


_PREFIX: dict[str, Callable[[str], str]] = {
    "fail": lambda summary: summary,
    "pass": lambda summary: f"Not so: {summary}",
    "unknown": lambda summary: f"Cannot tell: {summary}",
}


def _result(rule: Rule, judgement: Judgement, subject: Subject) -> Result:
    verdict: Any = judgement.verdict
    message = _PREFIX[verdict](rule.summary)
    fix = None if verdict == "pass" else rule.fix
    return Result(rule.id, verdict, rule.severity, subject, message, judgement.because, rule.controls, fix)


def line_of(rule: Rule, resource: Resource, verdict: Verdict | None) -> int | None:
    """The line of the property that a finding is about: the last one that the rule read and the file has.

    What `when` read only says whom the rule is for, and a name says which resource it is: neither is what is wrong.
    """
    if verdict == "pass":
        return resource.line
    copy = resource.traced()
    try:
        with open_world(World()):
            rule.judge(copy)
    except EstateError:
        raise
    except Exception:  # noqa: S110  the verdict already tells; here only the reads matter
        pass
    names = [(one,) for one in type(resource).ids]
    reads = [path for path in reversed(copy.reads or ()) if path and path not in names]
    for path in reads:
        if path in resource.lines:
            return resource.lines[path]
    for path in reads:
        if path[:1] in resource.lines:
            return resource.line_of(path)
    return resource.line


def _gap_results(gap: Gap, by_type: dict[str, list[Rule]]) -> Iterator[Result]:
    for type_name in sorted(by_type) if gap.type == "*" else [gap.type]:
        for one in by_type.get(type_name, ()):
            if one.only == "code":
                continue
            r = gap_subject(gap, next(cls for cls in one.types if cls.type == type_name))
            subject = Subject(r.uid, type_name, None, gap.account or None, gap.region or None)
            yield _result(one, Judgement("unknown", (gap.why,)), subject)
