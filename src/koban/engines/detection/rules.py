"""Loads Sigma rules: detections, correlations and filters, from files and folders.

What cannot be loaded is named with its file and the reason; the others go on.
"""

from __future__ import annotations

import datetime
import gc
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from koban.model.plain_yaml import loader

LEVELS = {"informational": "info", "low": "low", "medium": "medium", "high": "high", "critical": "critical"}
BOUNDS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "eq": "=", "neq": "<>"}
MORE_BOUNDS, TESTS = "koban_bounds", "tests"
PARTS = ("title", "logsource", "detection", "correlation", "filter")
"""What is meant for a rule has one of these; folders of rules hold other YAML too."""
CANNOT_LOAD, CANNOT_COMPILE, NO_MAPPING = "cannot be loaded", "cannot be compiled", "no mapping"


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that does not run: which, where, and why.  `kind` is one of the three constants above."""

    rule: str
    file: str
    kind: str
    reason: str

    @property
    def name(self) -> str:
        """What a rule of that file is called where it does not say so itself."""
        return name_of(self.file)

    def __str__(self) -> str:
        return f"{self.file}: {self.rule + ': ' if self.rule else ''}{self.reason}"


@dataclass(eq=False)
class Detection:
    """A Sigma rule: of single events, or a correlation of several.

    `id` is the rule's UUID, or its name where it has none; `name` is its `name`, or made of its file's.
    """

    id: str
    name: str
    title: str
    file: str
    sigma: Any
    listed: bool = True
    """Whether it alerts by itself; rules that only a correlation asks for do not."""
    said_tests: Callable[[], Any] = list

    @cached_property
    def tests(self) -> list[dict[str, Any]]:
        """Its table of events; made when it is asked for, since it is most of a rule's text and judging needs none."""
        try:
            said = self.said_tests()
        except (yaml.YAMLError, ValueError) as error:
            return [{"wrong": f"tests cannot be read: {' '.join(str(error).split())}"}]
        return said if isinstance(said, list) else [{"wrong": "tests must be a list"}]

    @property
    def is_correlation(self) -> bool:
        return hasattr(self.sigma, "timespan")

    @property
    def severity(self) -> str:
        level = self.sigma.level
        return LEVELS[str(level).lower()] if level is not None else "medium"

    @property
    def logsource(self) -> str:
        """The logsource in words; '' for a correlation."""
        return "" if self.is_correlation else said_logsource(self.sigma.logsource)

    @property
    def description(self) -> str:
        return " ".join((self.sigma.description or "").split())

    @property
    def tags(self) -> list[str]:
        return [str(tag) for tag in self.sigma.tags]

    @property
    def false_positives(self) -> list[str]:
        return [str(one) for one in self.sigma.falsepositives or ()]

    @property
    def references(self) -> list[str]:
        return [str(one) for one in self.sigma.references or ()]

    @property
    def response(self) -> list[str]:
        """What to do when it fires, step by step (`response:` in the rule)."""
        return [str(one) for one in self.sigma.custom_attributes.get("response", ())]

    @property
    def referred(self) -> list[Any]:
        """The pySigma rules that a correlation refers to, in order."""
        return [reference.rule for reference in self.sigma.referenced_rules] if self.is_correlation else []


@dataclass
class RuleSet:
    """What was loaded, and what was not."""

    detections: list[Detection]
    problems: list[Problem]

    def of(self, sigma: Any) -> Detection:
        """The detection of a pySigma rule."""
        return next(one for one in self.detections if one.sigma is sigma)

    @property
    def listed(self) -> list[Detection]:
        return [one for one in self.detections if one.listed]


@contextmanager
def undisturbed(*, for_good: bool = False) -> Iterator[None]:
    """Makes many objects that stay, and does not look through them again and again for what can be freed; `for_good`
    never, since they stay as long as the process.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if for_good:
                gc.freeze()
            gc.enable()


def said_logsource(logsource: Any) -> str:
    parts = [(part, getattr(logsource, part)) for part in ("product", "category", "service")]
    return ", ".join(f"{part}: {value}" for part, value in parts if value is not None)


def own_folder() -> Traversable:
    """Where Koban's own detections are."""
    return files("koban.rules") / "detections"


def own_detections() -> RuleSet:
    return load([own_folder()])


def load(places: Iterable[Path | Traversable]) -> RuleSet:
    """The rules in files and folders, read together: a correlation may name a rule of another file."""
    return load_texts((name, text) for place in places for name, text in _texts(place))


def load_texts(texts: Iterable[tuple[str, str]]) -> RuleSet:
    """The rules of texts, each with the name of its file."""
    with undisturbed():
        return _loaded(texts)


def _loaded(texts: Iterable[tuple[str, str]]) -> RuleSet:
    _spelled_as_the_specification_does()
    found: list[tuple[Any, str]] = []
    problems: list[Problem] = []
    for name, text in texts:
        for rule, problem in _parsed(name, text):
            if problem is not None:
                problems.append(problem)
            else:
                found.append((rule, name))
    return _joined(found, problems)


def _spelled_as_the_specification_does() -> None:
    from sigma.modifiers import modifier_mapping

    modifier_mapping.setdefault("utf16le", modifier_mapping["wide"])


def _texts(place: Path | Traversable, name: str = "") -> Iterator[tuple[str, str]]:
    name = name or (str(place) if isinstance(place, Path) else place.name)
    if place.is_dir():
        for below in sorted(place.iterdir(), key=lambda one: one.name):
            if (below.is_dir() and not below.name.startswith(".")) or below.name.endswith((".yml", ".yaml")):
                yield from _texts(below, f"{name}/{below.name}")
    else:
        yield name, place.read_bytes().decode("utf-8", "replace")


def _parsed(name: str, text: str) -> Iterator[tuple[Any, Problem | None]]:
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError

    try:
        documents = [one for one in _documents(text) if one is not None]
    except (yaml.YAMLError, ValueError) as error:
        yield None, Problem("", name, CANNOT_LOAD, f"not YAML: {' '.join(str(error).split())}")
        return
    if any(not isinstance(one, dict) for one in documents):
        yield None, Problem("", name, CANNOT_LOAD, "not a rule: a document that is no mapping")
        return
    if not any(part in one for one in documents for part in PARTS):
        yield None, Problem("", name, CANNOT_LOAD, f"not a rule: it has none of {', '.join(PARTS)}")
        return
    for document in documents:
        _with_one_bound(document)
    legacy = any("action" in one for one in documents)
    for group in [documents] if legacy else [[one] for one in documents]:
        title = str(group[0].get("title", ""))
        try:
            collection = SigmaCollection.from_dicts(
                group, collect_errors=True, collect_filters=True, resolve_references=False
            )
        except (SigmaError, ValueError, TypeError, AttributeError, KeyError) as error:
            yield None, Problem(title, name, CANNOT_LOAD, _reason(error))
            continue
        if not collection.rules and not collection.filters:
            yield from ((None, Problem(title, name, CANNOT_LOAD, _reason(one))) for one in collection.errors[:1])
        for rule in [*collection.rules, *collection.filters]:
            if rule.errors:
                yield None, Problem(str(rule.title or title), name, CANNOT_LOAD, _reason(rule.errors[0]))
            else:
                yield rule, None


def _documents(text: str) -> Iterator[Any]:
    """The documents of a text; of the tests of each only a function that makes them."""
    reading = loader()(text)
    while reading.check_node():
        node = reading.get_node()
        tests = None
        if isinstance(node, yaml.MappingNode):
            tests = next((value for key, value in node.value if key.value == TESTS), None)
            node.value = [(key, value) for key, value in node.value if value is not tests]
        made = reading.construct_document(node)
        if tests is not None and isinstance(made, dict):
            made[TESTS] = _Later(tests)
        yield made


class _Later:
    """A part of a text, made into values when it is called."""

    def __init__(self, node: Any) -> None:
        self._node = node

    def __call__(self) -> Any:
        return loader()("").construct_document(self._node)

    def __deepcopy__(self, _: Any) -> _Later:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Other machines judge; they test nothing."""
        return partial, (list,)


def _with_one_bound(document: dict[str, Any]) -> None:
    """The specification allows several bounds, pySigma one: the others go where it keeps what it does not know."""
    correlation = document.get("correlation")
    condition = correlation.get("condition") if isinstance(correlation, dict) else None
    if not isinstance(condition, dict):
        return
    bounds = [(op, condition[op]) for op in condition if op in BOUNDS]
    if len(bounds) > 1 and all(isinstance(limit, int | float) for _, limit in bounds):
        document[MORE_BOUNDS] = bounds[1:]
        for op, _ in bounds[1:]:
            del condition[op]


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if text else type(error).__name__


def _joined(found: list[tuple[Any, str]], problems: list[Problem]) -> RuleSet:
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError
    from sigma.filters import SigmaFilter

    filters = [(rule, name) for rule, name in found if isinstance(rule, SigmaFilter)]
    found = [(rule, name) for rule, name in found if not isinstance(rule, SigmaFilter)]
    found = _without_repeats(found, problems)
    for one, name in filters:
        problems += _filtered(one, name, [rule for rule, _ in found])
    collection = SigmaCollection([rule for rule, _ in found], resolve_references=False)
    bad: set[int] = set()
    for rule, name in found:
        if hasattr(rule, "timespan"):
            try:
                rule.resolve_rule_references(collection)
            except SigmaError as error:
                bad.add(id(rule))
                problems.append(Problem(str(rule.title), name, CANNOT_LOAD, _reason(error)))
    for rule, name in found:
        if id(rule) in bad or not hasattr(rule, "timespan"):
            continue
        if why := _unsound(rule, bad, ()):
            bad.add(id(rule))
            problems.append(Problem(str(rule.title), name, CANNOT_LOAD, why))
    detections = [_detection(rule, name) for rule, name in found if id(rule) not in bad]
    return RuleSet(detections, problems)


def _without_repeats(found: list[tuple[Any, str]], problems: list[Problem]) -> list[tuple[Any, str]]:
    kept: list[tuple[Any, str]] = []
    seen: dict[str, str] = {}
    for rule, name in found:
        names = [str(one) for one in (rule.id, rule.name) if one]
        twice = next((one for one in names if one in seen), None)
        if twice is not None:
            problems.append(Problem(str(rule.title), name, CANNOT_LOAD, f"{twice} is already in {seen[twice]}"))
            continue
        seen.update(dict.fromkeys(names, name))
        kept.append((rule, name))
    return kept


def _filtered(one: Any, name: str, rules: list[Any]) -> Iterator[Problem]:
    from sigma.exceptions import SigmaError

    for rule in rules:
        try:
            one.apply_on_rule(rule)
        except SigmaError as error:
            yield Problem(str(one.title), name, CANNOT_LOAD, _reason(error))
            return


def _unsound(rule: Any, bad: set[int], above: tuple[int, ...]) -> str:
    """Why a correlation cannot be followed down to rules of events; '' where it can."""
    if id(rule) in above:
        return "the correlation refers to itself"
    for reference in rule.referenced_rules:
        if id(reference.rule) in bad:
            return f"refers to {reference.reference}, which cannot be used"
        if hasattr(reference.rule, "timespan"):
            if why := _unsound(reference.rule, bad, (*above, id(rule))):
                return why
    return ""


def _detection(rule: Any, file: str) -> Detection:
    name = rule.name or name_of(file)
    return Detection(
        id=str(rule.id or name),
        name=str(name),
        title=str(rule.title),
        file=file,
        sigma=rule,
        listed=bool(rule._output),
        said_tests=rule.custom_attributes.get(TESTS, list),
    )


def name_of(file: str) -> str:
    """A rule's name out of its file's: `iam_root_console_sign_in.yml` has iam-root-console-sign-in."""
    return re.sub(r"[^a-z0-9]+", "-", Path(file).stem.lower()).strip("-")


def plain(value: Any) -> Any:
    """A value out of YAML as JSON has it: times become ISO text."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime.datetime):
        text = value.isoformat()
        return text.replace("+00:00", "Z") if value.tzinfo else text
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value
