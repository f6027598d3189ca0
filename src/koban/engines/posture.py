"""The posture engine: rules over resources, in every world that the unknown values leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from koban.model.document import Path, dotted, value_at, with_value
from koban.model.estate import EstateError, gap_subject
from koban.model.resource import Resource, Spot
from koban.model.result import Gap, Result, Subject, Verdict
from koban.model.rule import Rule
from koban.model.unknown import Undecided, Unknown, World, WorldsNeeded, because, open_world

WORLDS_MAX = 64
TOO_MANY_WORLDS = f"more than {WORLDS_MAX} ways to fill in what is not known"
REASONS_MAX = 8
DEFAULTS = (bool, int, float, str)  # the types of what may count where nothing is set; a list is just empty

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
    if resource.file and judgement.verdict != "pass":
        copy = _traced(rule, resource)
        line = _line_read(resource, copy)
        if judgement is FAIL and resource.left_out is not None:
            judgement = Judgement("fail", _left_out(rule, resource, copy))
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
    return resource.line if verdict == "pass" else _line_read(resource, _traced(rule, resource))


def _traced(rule: Rule, resource: Resource) -> Resource:
    """A copy of the resource that knows what the rule reads of it."""
    copy = resource.traced()
    try:
        with open_world(World()):
            rule.judge(copy)
    except EstateError:
        raise
    except Exception:  # noqa: S110  the verdict already tells; here only the reads matter
        pass
    return copy


def _line_read(resource: Resource, copy: Resource) -> int | None:
    names = [(one,) for one in type(resource).ids]
    reads = [path for path in reversed(copy.reads or ()) if path and path not in names]
    for path in reads:
        if path in resource.lines:
            return resource.lines[path]
    for path in reads:
        if path[:1] in resource.lines:
            return resource.line_of(path)
    return resource.line


class _Defaults:
    """What a rule reads of a resource of code that fails it: what the code leaves to defaults, and what it sets."""

    def __init__(self, rule: Rule, resource: Resource) -> None:
        self.rule = rule
        self.resource = resource
        self.said: dict[Path, str] = {}  # defaults, each with the line that says so
        self.empty: dict[Path, str] = {}  # texts that are not there
        self.given: dict[Path, str] = {}
        self.others: dict[Path, Any] = {}  # another value than the one that counts

    def add(self, copy: Resource) -> bool:
        """Take in what `copy` knows to be read of it; whether there are defaults among it that are new."""
        before = len(self.said)
        left_out = self.resource.left_out
        assert left_out is not None
        for path in copy.reads or ():
            if not path or path[0] in type(self.resource).ids or path in self.others:
                continue
            absent = path in copy.absent
            counts = copy.absent[path] if absent else value_at(self.resource.document, path)
            if not isinstance(counts, DEFAULTS):
                continue
            text = left_out(path, counts, absent)
            if text or not absent:
                (self.empty if text and counts == "" else self.said if text else self.given)[path] = text
                # There is but one other value than true, and it is quicker to try than one that is not known.
                other = not counts if isinstance(counts, bool) else Unknown(dotted(path), "it might be set")
                self.others[path] = other
        return len(self.said) > before

    def changed(self, paths: Iterable[Path]) -> Resource:
        document = self.resource.document
        for path in paths:
            document = with_value(document, path, self.others[path])
        return self.resource.having(document)

    def hanging(self, said: dict[Path, str]) -> list[str]:
        """What is said of those paths on which the failure hangs: each by itself, else all of them together."""

        def may_be_good(*paths: Path) -> bool:
            return judge(self.rule, self.changed(paths)) is not FAIL

        alone = [text for path, text in said.items() if may_be_good(path)]
        return alone or (list(said.values()) if len(said) > 1 and may_be_good(*said) else [])


def _left_out(rule: Rule, resource: Resource, copy: Resource) -> tuple[str, ...]:
    """What the code leaves to a default on which the failure hangs: with another value, it might be none.

    That a text is not there counts only where nothing that the code does set decides, either: a rule that leaves out
    copies of something else asks for the name of that, too.
    """
    reads = _Defaults(rule, resource)
    reads.add(copy)
    found = reads.hanging(reads.said)
    # With other values there, the rule may come to ask for more.
    while not found and reads.said and reads.add(_traced(rule, reads.changed(reads.said))):
        found = reads.hanging(reads.said)
    if not found and reads.empty and not reads.hanging(reads.given):
        found = reads.hanging(reads.empty)
    return tuple(dict.fromkeys(found))[:REASONS_MAX]


def _gap_results(gap: Gap, by_type: dict[str, list[Rule]]) -> Iterator[Result]:
    for type_name in sorted(by_type) if gap.type == "*" else [gap.type]:
        for one in by_type.get(type_name, ()):
            if one.only == "code":
                continue
            r = gap_subject(gap, next(cls for cls in one.types if cls.type == type_name))
            subject = Subject(r.uid, type_name, None, gap.account or None, gap.region or None)
            yield _result(one, Judgement("unknown", (gap.why,)), subject)
