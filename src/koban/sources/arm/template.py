"""One template, and the deployment that it makes: resources with plain documents.

A :class:`Template` is what the file says.  A :class:`Deployment` is one use of it, or of a template nested in it, with
its parameters.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from koban.model.resource import Resource, resource_class
from koban.model.unknown import TEXT_SHAPE, Maybe, OpenList, Partial, Unknown
from koban.sources.arm import scope as scopes
from koban.sources.arm.expression import Call, ExpressionError, Literal, Member, Node, parsed
from koban.sources.arm.files import kind_of
from koban.sources.arm.functions import FUNCTIONS, call, truth
from koban.sources.arm.parameters import parameter_value
from koban.sources.arm.scope import Scope, canonical_type, type_names
from koban.sources.arm.text import Text, is_expression
from koban.sources.arm.values import (
    EvaluationError,
    Fault,
    chosen,
    get,
    is_text,
    joined,
    kind,
    name_of,
    reached,
    same,
    scalar_text,
    short,
    show,
    text_of,
    unknown,
)
from koban.sources.reading import Lines, Problem, TooLarge

if TYPE_CHECKING:
    from koban.sources.suppression import Suppression

STEPS_MAX = 400_000  # values resolved and functions called for one file, its nested deployments included
CHARACTERS_A_STEP = 100  # so many characters of an argument count as one step more, as does each of its elements
COPIES_MAX = 800  # of one copy loop, as Azure Resource Manager has it
RESOURCES_MAX = 10_000  # in one file, copies included
DEPLOYMENTS_MAX = 500  # nested in one file
NESTING_MAX = 20  # deployments within deployments
CALLS_MAX = 30  # functions of the template's own within one another
DOCUMENT_DEPTH_MAX = 100
TOO_DEEP = "its values nest too deeply, or lead in a circle"

DEPLOYMENTS = ("microsoft.resources/deployments", "microsoft.resources/deploymentstacks")
NO_PART_OF_A_RESOURCE = frozenset(
    ("copy", "condition", "dependson", "resources", "comments", "metadata", "existing", "import", "extension")
)
SPELLED = {
    one.lower(): one
    for one in "type name apiVersion location sku kind identity tags properties zones plan scope".split()
}
NO_PART_OF_A_DEPLOYMENT = ("template", "parameters")  # what they make is judged by itself


@dataclass(slots=True)
class Template:
    """What a file says, before any parameter is known.

    `name` is how people call the file, `path` where it lies (empty: on standard input).
    """

    name: str
    path: str
    text: Text
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Env:
    """What an expression may name besides parameters and variables.

    `copies` are the positions in copy loops by their names in lower case, `current` that in the resource's own loop.
    `lambdas` are the variables of lambda functions.  `parameters` are those of a function of the template's own.
    """

    copies: Mapping[str, Any] = field(default_factory=dict)
    current: Any = None
    lambdas: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] | None = None

    def in_copy(self, name: str, position: Any, own: bool) -> Env:
        current = position if own or self.current is None else self.current
        return replace(self, copies={**self.copies, name.lower(): position}, current=current)


NOTHING = Env()


@dataclass(slots=True)
class Session:
    """What the deployments of one file share."""

    template: Template
    wants: Callable[[str], bool]
    problems: dict[Problem, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    made: dict[int, tuple[Any, dict[Any, tuple[Any, Any]]]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=type_names)
    linked: list[str] = field(default_factory=list)
    index: dict[tuple[str, str, str], str] = field(default_factory=dict)
    addresses: set[str] = field(default_factory=set)
    steps: int = 0
    resources: int = 0
    deployments: int = 0
    calls: int = 0
    doubt: int = 0  # above 0 what is evaluated may never be: then an error is no problem of the file

    def step(self, count: int = 1) -> None:
        self.steps += count
        if self.steps > STEPS_MAX:
            raise TooLarge(f"it comes to more than {STEPS_MAX:,} steps")

    def line(self, container: Any, key: Any) -> int | None:
        found = self.made.get(id(container))
        if found is not None and found[0] is container:
            source = found[1].get(key)
            return None if source is None else self.template.text.line(*source)
        return self.template.text.line(container, key)

    def say(self, line: int | None, why: str) -> None:
        if not self.doubt:
            self.problems[Problem(self.template.name, line, why)] = None


@dataclass(slots=True)
class Instance:
    """One resource that a template makes; a copy loop makes several of one body."""

    deployment: Deployment
    body: dict[str, Any]
    env: Env
    type_name: str
    name: Any
    scope: Any  # the resource that an extension is about; None: not said here
    address: str
    line: int | None
    symbol: str
    doubtful: bool  # whether it may not be made at all
    inner: Deployment | None = None


class Deployment:
    """A template with its parameters.

    `given` are values for them, or what a nesting template says (then `outer` and `outer_env` evaluate it).
    `prefix` is what addresses of its resources start with.
    """

    def __init__(
        self,
        session: Session,
        root: dict[str, Any],
        scope: Scope,
        given: Any,
        *,
        outer: Deployment | None = None,
        outer_env: Env = NOTHING,
        prefix: str = "",
        name: Any = None,
        depth: int = 0,
    ) -> None:
        self.session = session
        self.root = root
        self.scope = scope
        self.given = given
        self.outer = outer
        self.outer_env = outer_env
        self.prefix = prefix
        self.name = name
        self.depth = depth
        self.instances: list[Instance] = []
        self.by_symbol: dict[str, Instance] = {}
        self._values: dict[tuple[str, str], Any] = {}
        self._under_way: set[tuple[str, str]] = set()
        functions = get(root, "functions")
        self.functions = dict(_functions(functions if isinstance(functions, list) else []))

    # Values

    def resolve(self, node: Any, env: Env) -> Any:
        """The plain value of what a template says.  Raises EvaluationError where `node` itself is an expression."""
        if type(node) is str:
            return self._text(node, env) if is_expression(node) else node
        if id(node) not in self.session.template.text.dynamic:
            return node
        self.session.step()
        return self._mapping(node, env) if type(node) is dict else self._list(node, env)

    def _text(self, text: str, env: Env) -> Any:
        if text[1] == "[":
            return text[1:]
        try:
            tree = parsed(text)
        except ExpressionError as error:
            raise Fault(f"{_brief(text)}: {error}") from None
        return self._plain(tree, env)

    def settled(self, container: Any, key: Any, env: Env) -> Any:
        """The value that stands under a key; where it cannot be evaluated it is not known, and a fault is a problem."""
        node = container[key]
        try:
            return self.resolve(node, env)
        except EvaluationError as error:
            if isinstance(error, Fault):
                self.session.say(self.session.line(container, key), str(error))
            shown = _brief(node) if isinstance(node, str) else str(key)
            return Unknown(short(f"{self.prefix}{shown}{_copies(env)}"), str(error))

    def _list(self, node: list[Any], env: Env) -> list[Any]:
        made = [self.settled(node, position, env) for position in range(len(node))]
        self.session.made[id(made)] = made, {position: (node, position) for position in range(len(node))}
        return made

    def _mapping(self, node: dict[str, Any], env: Env) -> Any:
        made: dict[str, Any] = {}
        places: dict[Any, tuple[Any, Any]] = {}
        for key, value in node.items():
            if key.lower() == "copy" and is_property_copy(value):
                for entry in value:
                    made[entry["name"]] = self._copied(entry, env)
                    places[entry["name"]] = entry, "input"
                continue
            made_key: Any = key
            if is_expression(key):
                made_key = self._key(node, key, env)
                if isinstance(made_key, Unknown):
                    return made_key
            made[made_key] = self.settled(node, key, env)
            places[made_key] = node, key
        self.session.made[id(made)] = made, places
        return made

    def _key(self, node: dict[str, Any], key: str, env: Env) -> Any:
        """The key that an expression gives; Unknown where it might be any key there is."""
        try:
            value = self._text(key, env)
        except EvaluationError as error:
            if isinstance(error, Fault):
                self.session.say(self.session.line(node, key), str(error))
            return Unknown(short(f"{self.prefix}{_brief(key)}{_copies(env)}"), str(error))
        if isinstance(value, Partial) and any(isinstance(one, str) and set(one) & set("/: ") for one in value._pieces):
            return name_of(value)  # whatever it is, it is no property's name
        return text_of(value)

    def _copied(self, entry: dict[str, Any], env: Env) -> Any:
        """What a copy loop of a property or a variable comes to."""
        name = entry["name"]
        count = self._count(entry, name, env)
        if isinstance(count, Unknown):
            return Unknown(short(f"{self.prefix}copy {name} of {count._path}{_copies(env)}"), count._root._why)
        made = []
        for position in range(count):
            self.session.step()
            made.append(self.settled(entry, "input", env.in_copy(name, position, own=False)))
        self.session.made[id(made)] = made, dict.fromkeys(range(count), (entry, "input"))
        return made

    def _count(self, loop: dict[str, Any], name: str, env: Env) -> int | Unknown:
        """How often a loop goes round; a count that is wrong is a problem, and not known."""
        key = next((key for key in loop if key.lower() == "count"), None)
        why = f"copy {name} says no count"
        if key is not None:
            count = self.settled(loop, key, env)
            if isinstance(count, Unknown):
                return count
            if isinstance(count, str) and count.strip().isdigit() and len(count) < 10:
                count = int(count)
            if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= COPIES_MAX:
                return count
            why = f"the count of copy {name} is no number from 0 to {COPIES_MAX}"
        self.session.say(self.session.line(loop, key) if key else None, why)
        return Unknown(f"{self.prefix}count of copy {name}", why)

    def _once(self, kind: str, name: str, make: Callable[[], Any]) -> Any:
        """A value that is computed once, and may not need itself."""
        key = kind, name.lower()
        if key in self._values:
            return self._values[key]
        if key in self._under_way:
            raise Fault(f"{kind} {name} depends on itself")
        self._under_way.add(key)
        try:
            value = make()
        finally:
            self._under_way.discard(key)
        self._values[key] = value
        return value

    def parameter(self, name: str) -> Any:
        return self._once("parameter", name, lambda: self._parameter(name))

    def _parameter(self, name: str) -> Any:
        declared = self._section("parameters")
        key = next((key for key in declared if key.lower() == name.lower()), None)
        if key is None:
            raise Fault(f"the template has no parameter {_brief(name)}")
        body = declared[key] if isinstance(declared[key], dict) else {}

        def default() -> Any:
            at = next((one for one in body if one.lower() == "defaultvalue"), None)
            return None if at is None else (self.settled(body, at, NOTHING),)

        return parameter_value(self.prefix, key, body, self._section("definitions"), self._given(key), default)

    def _given(self, name: str) -> tuple[Any] | None:
        """The value that whoever uses the template gives for a parameter, in a tuple; None where nobody does."""
        if self.outer is None:
            value = get(self.given, name, self)
            return None if value is self else (value,)
        outer, given = self.outer, self.given
        if isinstance(given, str):
            given = outer._once("parameters of", self.prefix, lambda: self._evaluated(given))
        if isinstance(given, Unknown):
            return (given,)
        key = next((key for key in given if key.lower() == name.lower()), None) if isinstance(given, dict) else None
        if key is None:
            return None
        entry = given[key]
        if isinstance(entry, str) and is_expression(entry):
            entry = outer.settled(given, key, self.outer_env)
        if isinstance(entry, Unknown):
            return (reached(entry, "value"),)
        if not isinstance(entry, dict):
            return (Unknown(f"{self.prefix}parameters('{name}')", "what is given for it has no value"),)
        at = next((one for one in entry if one.lower() == "value"), None)
        if at is not None:
            return (outer.settled(entry, at, self.outer_env),)
        return (Unknown(f"{self.prefix}parameters('{name}')", f"parameter {name} is read from a key vault"),)

    def _evaluated(self, text: str) -> Any:
        assert self.outer is not None
        return self.outer.settled({"parameters": text}, "parameters", self.outer_env)

    def variable(self, name: str) -> Any:
        return self._once("variable", name, lambda: self._variable(name))

    def _variable(self, name: str) -> Any:
        declared = self._section("variables")
        folded = name.lower()
        for key in declared:
            if key.lower() == folded and not (folded == "copy" and is_property_copy(declared[key])):
                return self.settled(declared, key, NOTHING)
            if key.lower() == "copy" and is_property_copy(declared[key]):
                for entry in declared[key]:
                    if entry["name"].lower() == folded:
                        return self._copied(entry, NOTHING)
        raise Fault(f"the template has no variable {_brief(name)}")

    def _section(self, name: str) -> dict[str, Any]:
        value = get(self.root, name)
        return value if isinstance(value, dict) else {}

    def output(self, name: str) -> Any:
        """The value of an output."""
        return self._once("output", name, lambda: self._output(name))

    def _output(self, name: str) -> Any:
        body = get(self._section("outputs"), name)
        path = f"{self.prefix}outputs.{name}"
        if not isinstance(body, dict):
            raise Fault(f"the nested template has no output {_brief(name)}")
        if str(get(body, "type", "")).lower() in ("securestring", "secureobject"):
            return Unknown(path, f"output {name} is a secret")
        key = next((one for one in body if one.lower() == "value"), None)
        if key is None:
            return Unknown(path, f"output {name} is made in a loop")
        return self.settled(body, key, NOTHING)

    # Expressions

    def evaluate(self, node: Node, env: Env) -> Any:
        """The value of an expression.  Raises EvaluationError."""
        self.session.step()
        if type(node) is Literal:
            return node.value
        if type(node) is Member:
            of = self.evaluate(node.of, env)
            key = self.evaluate(node.key, env)
            if isinstance(of, _State):
                return of.part(key)
            return reached(of, key, node.safe)
        assert type(node) is Call
        special = _SPECIAL.get(node.name)
        if special is not None:
            return special(self, node, env)
        if node.name in FUNCTIONS:
            return self._call(node, env)
        if "." in node.name:
            return self._own_function(node, env)
        if node.name.startswith("list"):
            return self._listed(node, env)
        raise Fault(f"there is no function {_brief(node.shown)}")

    def _call(self, node: Call, env: Env) -> Any:
        arguments = [self._plain(one, env) for one in node.arguments]
        for one in arguments:
            if isinstance(one, list | dict):
                self.session.step(len(one))
            elif isinstance(one, str):
                self.session.step(len(one) // CHARACTERS_A_STEP)
        return call(node.name, node.shown, arguments)

    def _plain(self, node: Node, env: Env) -> Any:
        value = self.evaluate(node, env)
        return value.plain() if isinstance(value, _State) else value

    def _arguments(self, node: Call, env: Env, least: int, most: int) -> list[Any]:
        if not least <= len(node.arguments) <= most:
            raise Fault(f"{node.shown} is given {len(node.arguments)} arguments")
        return [self._plain(one, env) for one in node.arguments]

    def _maybe(self, node: Node, env: Env) -> Any:
        """The value of what may never be evaluated: an error there is nobody's."""
        self.session.doubt += 1
        try:
            return self._plain(node, env)
        except EvaluationError as error:
            return Unknown(short(f"{self.prefix}{_shown(node)}{_copies(env)}"), str(error))
        finally:
            self.session.doubt -= 1

    def _if(self, node: Call, env: Env) -> Any:
        if len(node.arguments) != 3:
            raise Fault(f"if takes 3 arguments, and is given {len(node.arguments)}")
        condition = self._plain(node.arguments[0], env)
        if not isinstance(condition, Unknown):
            return self.evaluate(node.arguments[1 if truth(condition) else 2], env)
        return chosen(condition, self._maybe(node.arguments[1], env), self._maybe(node.arguments[2], env))

    def _and_or(self, node: Call, env: Env) -> Any:
        settles = node.name == "or"
        open_ones: list[Any] = []
        for one in node.arguments:
            value = self._maybe(one, env) if open_ones else self._plain(one, env)
            if isinstance(value, Unknown):
                open_ones.append(value)
            elif truth(value) is settles:
                return settles
        return unknown(node.name, open_ones) if open_ones else not settles

    def _coalesce(self, node: Call, env: Env) -> Any:
        open_ones: list[Any] = []
        for one in node.arguments:
            value = self._maybe(one, env) if open_ones else self._plain(one, env)
            if value is None:
                continue
            if not open_ones and (not isinstance(value, Unknown) or is_text(value)):
                return value
            open_ones.append(value)
            if not isinstance(value, Unknown):
                break
        return unknown("coalesce", open_ones) if open_ones else None

    def _parameters(self, node: Call, env: Env) -> Any:
        name = self._name(node, env)
        if env.parameters is not None:
            if name.lower() not in env.parameters:
                raise Fault(f"the function has no parameter {_brief(name)}")
            return env.parameters[name.lower()]
        return self.parameter(name)

    def _name(self, node: Call, env: Env) -> str:
        (name,) = self._arguments(node, env, 1, 1)
        if not isinstance(name, str):
            raise EvaluationError(f"{node.shown} takes a name")
        return name

    def _variables(self, node: Call, env: Env) -> Any:
        return self.variable(self._name(node, env))

    def _lambda_variables(self, node: Call, env: Env) -> Any:
        name = self._name(node, env)
        if name.lower() not in env.lambdas:
            raise Fault(f"there is no lambda variable {_brief(name)}")
        return env.lambdas[name.lower()]

    def _copy_index(self, node: Call, env: Env) -> Any:
        arguments = self._arguments(node, env, 0, 2)
        position = env.current
        if arguments and isinstance(arguments[0], str):
            name = arguments.pop(0)
            if name.lower() not in env.copies:
                raise Fault(f"there is no copy loop {_brief(name)} around copyIndex")
            position = env.copies[name.lower()]
        if position is None:
            raise Fault("there is no copy loop around copyIndex")
        return call("add", "copyIndex", [position, *arguments]) if arguments else position

    def _own_function(self, node: Call, env: Env) -> Any:
        namespace, _, name = node.name.partition(".")
        if namespace in ("sys", "az") and node.name not in self.functions:
            return self.evaluate(Call(name, node.shown, node.arguments), env)
        member = self.functions.get(node.name)
        if member is None:
            raise Fault(f"there is no function {_brief(node.shown)}")
        output = get(member, "output")
        key = next((one for one in output if one.lower() == "value"), None) if isinstance(output, dict) else None
        if key is None:
            raise Fault(f"the function {node.shown} has no output")
        declared = get(member, "parameters")
        declared = declared if isinstance(declared, list) else []
        arguments = self._arguments(node, env, 0, len(declared))
        given: dict[str, Any] = {}
        for position, one in enumerate(declared):
            parameter = get(one, "name")
            if isinstance(parameter, str):
                given[parameter.lower()] = arguments[position] if position < len(arguments) else None
        self.session.calls += 1
        try:
            if self.session.calls > CALLS_MAX:
                raise Fault(f"functions call one another through more than {CALLS_MAX} levels")
            return self.resolve(output[key], Env(parameters=given))
        finally:
            self.session.calls -= 1

    # Lambda functions

    def _applied(self, node: Node, env: Env, values: list[Any]) -> Any:
        if type(node) is not Call or node.name != "lambda" or not node.arguments:
            raise Fault("a lambda is expected here")
        names = [one.value for one in node.arguments[:-1] if type(one) is Literal and isinstance(one.value, str)]
        if len(names) != len(node.arguments) - 1 or len(names) > len(values):
            raise Fault("a lambda takes other variables than it is given")
        variables = {name.lower(): value for name, value in zip(names, values, strict=False)}
        return self._plain(node.arguments[-1], replace(env, lambdas={**env.lambdas, **variables}))

    def _each(self, node: Call, env: Env, least: int, most: int) -> tuple[Any, tuple[Node, ...]]:
        """The array (or object) that a function goes through, and its other arguments."""
        if not least <= len(node.arguments) <= most:
            raise Fault(f"{node.shown} is given {len(node.arguments)} arguments")
        return self._plain(node.arguments[0], env), node.arguments[1:]

    def _elements(self, node: Call, values: Any) -> list[Any]:
        if not isinstance(values, list):
            raise EvaluationError(f"{node.shown} takes an array, and this is {kind(values)}")
        return values

    def _map(self, node: Call, env: Env) -> Any:
        values, (function,) = self._each(node, env, 2, 2)
        if isinstance(values, Unknown) or (isinstance(values, OpenList) and _arity(function) > 1):
            return unknown(f"{self.prefix}map", [values, f"{_shown(function)}{_variables_of(env)}"])
        made: list[Any] = []
        for position, one in enumerate(self._elements(node, values)):
            if isinstance(one, Maybe):
                inner = tuple(self._applied(function, env, [value]) for value in one._values)
                made.append(Maybe(one._path, one._why, inner, one._root))
            else:
                made.append(self._applied(function, env, [one, position]))
        return OpenList(made) if isinstance(values, OpenList) else made

    def _filter(self, node: Call, env: Env) -> Any:
        values, (function,) = self._each(node, env, 2, 2)
        if isinstance(values, Unknown | OpenList):
            return unknown(f"{self.prefix}filter", [values, f"{_shown(function)}{_variables_of(env)}"])
        made: list[Any] = []
        for position, one in enumerate(self._elements(node, values)):
            keep = self._applied(function, env, [one, position])
            if isinstance(keep, Unknown):
                made.append(Maybe(keep._path, keep._root._why, (one,)))
            elif truth(keep):
                made.append(one)
        return OpenList(made) if any(isinstance(one, Maybe) for one in made) else made

    def _reduce(self, node: Call, env: Env) -> Any:
        values, (start, function) = self._each(node, env, 3, 3)
        outcome = self._plain(start, env)
        if isinstance(values, Unknown | OpenList):
            return unknown(f"{self.prefix}reduce", [values, outcome, f"{_shown(function)}{_variables_of(env)}"])
        for position, one in enumerate(self._elements(node, values)):
            outcome = self._applied(function, env, [outcome, one, position])
        return outcome

    def _sort(self, node: Call, env: Env) -> Any:
        values, (function,) = self._each(node, env, 2, 2)
        if isinstance(values, Unknown | OpenList):
            return unknown(f"{self.prefix}sort", [values, f"{_shown(function)}{_variables_of(env)}"])
        open_ones: list[Unknown] = []

        def before(one: Any, other: Any) -> bool:
            answer = self._applied(function, env, [one, other])
            if isinstance(answer, Unknown):
                open_ones.append(answer)
                return False
            return truth(answer)

        def order(one: Any, other: Any) -> int:
            return -1 if before(one, other) else int(before(other, one))

        made = sorted(self._elements(node, values), key=functools.cmp_to_key(order))
        if open_ones:
            return unknown(f"{self.prefix}sort", [values, *open_ones[:1], f"{_shown(function)}{_variables_of(env)}"])
        return made

    def _to_object(self, node: Call, env: Env) -> Any:
        values, functions = self._each(node, env, 2, 3)
        many = node.name == "groupby"
        shown = f"{'+'.join(map(_shown, functions))}{_variables_of(env)}"
        if isinstance(values, Unknown | OpenList):
            return unknown(f"{self.prefix}{node.name}", [values, shown])
        made: dict[str, Any] = {}
        for position, one in enumerate(self._elements(node, values)):
            key = self._applied(functions[0], env, [one, position])
            if isinstance(key, Unknown):
                return unknown(f"{self.prefix}{node.name}", [values, key, shown])
            value = self._applied(functions[1], env, [one, position]) if len(functions) > 1 else one
            name = scalar_text(key)
            if many:
                made.setdefault(name, []).append(value)
            else:
                made[name] = value
        return made

    def _map_values(self, node: Call, env: Env) -> Any:
        values, (function,) = self._each(node, env, 2, 2)
        if isinstance(values, Unknown):
            return unknown(f"{self.prefix}mapValues", [values, f"{_shown(function)}{_variables_of(env)}"])
        if not isinstance(values, dict):
            raise EvaluationError(f"mapValues takes an object, and this is {kind(values)}")
        return {key: self._applied(function, env, [value]) for key, value in values.items()}

    # Resources and scopes

    def _resource_id(self, node: Call, env: Env) -> Any:
        arguments = self._arguments(node, env, 2, 30)
        before, type_name, names = scopes.split_type(arguments, 2)
        place = self.scope
        if len(before) == 2:
            place = replace(place, kind=scopes.GROUP, subscription=before[0], group=before[1])
        elif before and place.kind == scopes.SUBSCRIPTION:
            place = replace(place, subscription=before[0])
        elif before:
            place = replace(place, kind=scopes.GROUP, group=before[0])
        prefix = place.id if place.kind in (scopes.GROUP, scopes.SUBSCRIPTION) else "/"
        return scopes.id_below(prefix, type_name, names, self._target(place, type_name, names))

    def _subscription_resource_id(self, node: Call, env: Env) -> Any:
        arguments = self._arguments(node, env, 2, 30)
        before, type_name, names = scopes.split_type(arguments, 1)
        place = replace(self.scope, kind=scopes.SUBSCRIPTION)
        if before:
            place = replace(place, subscription=before[0])
        return scopes.id_below(place.id, type_name, names, self._target(place, type_name, names))

    def _management_group_resource_id(self, node: Call, env: Env) -> Any:
        arguments = self._arguments(node, env, 2, 30)
        before, type_name, names = scopes.split_type(arguments, 1)
        place = replace(self.scope, kind=scopes.MANAGEMENT_GROUP)
        if before:
            place = replace(place, management_group=before[0])
        return scopes.id_below(place.id, type_name, names, self._target(place, type_name, names))

    def _tenant_resource_id(self, node: Call, env: Env) -> Any:
        _, type_name, names = scopes.split_type(self._arguments(node, env, 2, 30), 0)
        place = replace(self.scope, kind=scopes.TENANT)
        return scopes.id_below("/", type_name, names, self._target(place, type_name, names))

    def _extension_resource_id(self, node: Call, env: Env) -> Any:
        arguments = self._arguments(node, env, 3, 30)
        _, type_name, names = scopes.split_type(arguments[1:], 0)
        target = self._target(self.scope, type_name, names) if same(arguments[0], self.scope.id) else ""
        return scopes.id_below(arguments[0], type_name, names, target)

    def _target(self, place: Scope, type_name: str, names: list[Any]) -> str:
        """The address of the resource of this file that a type and names mean; empty where it has none."""
        pieces: list[Any] = []
        for one in names:
            pieces += ["/", one] if pieces else [one]
        return self.session.index.get((place.key, type_name.lower(), name_of(joined(pieces)).lower()), "")

    def _instance(self, meant: Any) -> tuple[str, Instance | None]:
        """What a reference is about: its address (empty: not in this file), and the resource if it is at hand."""
        if isinstance(meant, Unknown):
            address = meant._target
            if not address and is_text(meant):
                address = self._by_name(name_of(meant))
        else:
            text = scalar_text(meant)
            found = self.by_symbol.get(text.lower())
            if found is not None:
                return found.address, found
            named = get(self._section("resources"), text)
            address = "" if named is not None else self._by_name(text)
        found = next((one for one in self.instances if one.address == address), None) if address else None
        return address, found

    def _by_name(self, name: str) -> str:
        """The address of the one resource here that has a name."""
        found = [one.address for one in self.instances if name_of(one.name).lower() == name.lower()]
        return found[0] if len(found) == 1 else ""

    def _reference(self, node: Call, env: Env) -> Any:
        arguments = self._arguments(node, env, 1, 3)
        address, instance = self._instance(arguments[0])
        if instance is not None and instance.inner is not None and len(arguments) < 3:
            return _State(instance.inner, f"{self.prefix}reference({instance.address})")
        shown = address or show(arguments[0])
        full = ", full" if len(arguments) == 3 else ""
        what = address or "a resource outside the template"
        return Unknown(short(f"reference({shown}{full})"), f"{what} tells it only when it is deployed", target=address)

    def _references(self, node: Call, env: Env) -> Any:
        arguments = self._arguments(node, env, 1, 3)
        return Unknown(
            short(f"{self.prefix}references({', '.join(map(show, arguments))})"), "it is told only at deployment"
        )

    def _resource_info(self, node: Call, env: Env) -> Any:
        (meant,) = self._arguments(node, env, 1, 1)
        body = get(self._section("resources"), meant) if isinstance(meant, str) else None
        found = self.by_symbol.get(meant.lower()) if isinstance(meant, str) else None
        path = f"{self.prefix}resourceInfo({show(meant)})"
        if found is not None:
            names = _segments(found.name)
            made_id: Any = Unknown(f"{path}.id", "it is told only at deployment", shape=TEXT_SHAPE)
            if len(names) == found.type_name.count("/") and found.scope is None:
                made_id = scopes.id_below(self.scope.id, found.type_name, names, found.address)
            return {
                "id": made_id,
                "name": found.name,
                "type": found.type_name,
                "apiVersion": found.deployment.resolve(get(found.body, "apiVersion"), found.env),
            }
        if isinstance(body, dict):
            made = {key: self.resolve(get(body, key), NOTHING) for key in ("name", "type", "apiVersion")}
            return {**made, "id": Unknown(f"{path}.id", "it is told only at deployment", shape=TEXT_SHAPE)}
        return Unknown(path, "it is told only at deployment")

    def _listed(self, node: Call, env: Env) -> Any:
        arguments = self._arguments(node, env, 1, 4)
        address, _ = self._instance(arguments[0])
        what = address or "a resource outside the template"
        shown = ", ".join([address or show(arguments[0]), *map(show, arguments[2:])])
        return Unknown(short(f"{node.shown}({shown})"), f"{what} tells it only when it is deployed", target=address)

    def _at_deployment(self, node: Call, env: Env) -> Any:
        arguments = self._arguments(node, env, 0, 30)
        shown = f"{self.prefix}{node.shown}({', '.join(map(show, arguments))})"
        return Unknown(short(shown), f"{node.shown} is known only at deployment")

    def _deployment(self, node: Call, env: Env) -> Any:
        path = f"{self.prefix}deployment()"
        name = self.name if self.name is not None else Unknown(f"{path}.name", scopes.WHEN, shape=scopes.GROUP_SHAPE)
        return {
            "name": name,
            "location": Unknown(f"{path}.location", scopes.WHEN, shape=scopes.LOCATION_SHAPE),
            "id": Unknown(f"{path}.id", scopes.WHEN, shape=TEXT_SHAPE),
            "type": "Microsoft.Resources/deployments",
            "properties": Unknown(f"{path}.properties", scopes.WHEN),
        }

    def _scope(self, node: Call, env: Env) -> Any:
        self._arguments(node, env, 0, 1)
        if node.name == "resourcegroup":
            return scopes.resource_group(self.scope)
        if node.name == "subscription":
            return scopes.subscription(self.scope)
        if node.name == "managementgroup":
            return scopes.management_group(self.scope)
        return scopes.tenant() if node.name == "tenant" else scopes.environment()

    def _fail(self, node: Call, env: Env) -> Any:
        self._arguments(node, env, 0, 1)
        raise EvaluationError("the template fails here on purpose")

    # Resources

    def expand(self) -> Iterator[Instance]:
        """The resources of the template and of those nested in it, in order, with `instances` and `inner` filled.

        Raises TooLarge.
        """
        section = get(self.root, "resources")
        if section is not None and not isinstance(section, dict | list):
            self.session.say(self.session.line(self.root, "resources"), "resources are a list or a mapping")
        yield from self._children(section, None, NOTHING)

    def _children(self, section: Any, parent: Instance | None, env: Env) -> Iterator[Instance]:
        if isinstance(section, dict):
            for symbol in section:
                yield from self._expanded(section, symbol, symbol, parent, env)
        elif isinstance(section, list):
            for position in range(len(section)):
                yield from self._expanded(section, position, "", parent, env)

    def _expanded(self, section: Any, key: Any, symbol: str, parent: Instance | None, env: Env) -> Iterator[Instance]:
        body, line = section[key], self.session.line(section, key)
        if not isinstance(body, dict):
            self.session.say(line, "a resource is a mapping")
            return
        if get(body, "existing") is True:
            return
        if get(body, "import") is not None or get(body, "extension") is not None:
            name = symbol or str(get(body, "type", ""))
            self._note(f"{self.prefix}{_brief(name)} is not judged: an extension makes it, and not Azure itself")
            return
        loop = get(body, "copy")
        if not isinstance(loop, dict):
            yield from self._made(body, env, symbol, line, parent)
            return
        name = get(loop, "name")
        name = name if isinstance(name, str) else symbol
        count = self._count(loop, name, env)
        if isinstance(count, Unknown):
            # Nobody knows how many there are; each is like this one.
            position = Unknown(f"{self.prefix}copyIndex('{name}')", count._root._why)
            yield from self._made(body, env.in_copy(name, position, own=True), symbol and f"{symbol}[*]", line, parent)
            return
        for index in range(count):
            inner = env.in_copy(name, index, own=True)
            yield from self._made(body, inner, symbol and f"{symbol}[{index}]", line, parent)

    def _made(
        self, body: dict[str, Any], env: Env, symbol: str, line: int | None, parent: Instance | None
    ) -> Iterator[Instance]:
        self.session.resources += 1
        if self.session.resources > RESOURCES_MAX:
            raise TooLarge(f"it makes more than {RESOURCES_MAX:,} resources")
        holds = self._holds(body, env)
        if holds is False and not get(body, "resources"):
            return
        doubtful = holds is not True
        self.session.doubt += doubtful
        try:
            type_name, name, about = self._identity(body, env, line, parent)
        finally:
            self.session.doubt -= doubtful
        if not type_name:
            return
        text = self.prefix + (symbol or f"{type_name}/{name_of(name)}")
        address, number = text, 1
        while address in self.session.addresses:
            number += 1
            address = f"{text}#{number}"
        made = Instance(self, body, env, type_name, name, about, address, line, symbol, doubtful)
        if holds is not False:
            self.session.addresses.add(address)
            self.instances.append(made)
            if symbol:
                self.by_symbol[symbol.lower()] = made
            place = self._place(body, env)
            if place is not None and about is None:
                index_key = place.key, type_name.lower(), name_of(name).lower()
                # Which of two of one name is meant nobody knows: at most one of them is made.
                self.session.index[index_key] = "" if index_key in self.session.index else address
            yield made
            if type_name.lower() in DEPLOYMENTS:
                yield from self._nested(made)
        yield from self._children(get(body, "resources"), made, env)

    def _place(self, body: dict[str, Any], env: Env) -> Scope | None:
        """The scope that a resource is in, where that is the deployment's own or a group that is named."""
        scope = get(body, "scope")
        if scope is not None:
            return replace(self.scope, kind=scopes.TENANT) if scope == "/" else None
        group = get(body, "resourceGroup")
        if group is None or get(body, "type", "").lower() in DEPLOYMENTS:
            return self.scope
        return None

    def _holds(self, body: dict[str, Any], env: Env) -> bool | Unknown:
        key = next((key for key in body if key.lower() == "condition"), None)
        if key is None:
            return True
        value = self.settled(body, key, env)
        if isinstance(value, Unknown):
            return value
        try:
            return truth(value)
        except EvaluationError as error:
            self.session.say(self.session.line(body, key), f"condition: {error}")
            return Unknown("condition", str(error))

    def _identity(
        self, body: dict[str, Any], env: Env, line: int | None, parent: Instance | None
    ) -> tuple[str, Any, Any]:
        """The type and name of a resource with those of what it is a part of, and what an extension is about."""
        type_key = next((key for key in body if key.lower() == "type"), None)
        name_key = next((key for key in body if key.lower() == "name"), None)
        type_name = self.settled(body, type_key, env) if type_key else None
        if not isinstance(type_name, str) or not type_name.strip("/"):
            why = f": {type_name._root._why}" if isinstance(type_name, Unknown) else ""
            self.session.say(line, f"a resource has no type that is known{why}")
            return "", None, None
        type_name = type_name.strip("/")
        name = self.settled(body, name_key, env) if name_key else None
        if name is None and parent is None:
            self.session.say(line, f"a resource of type {_brief(type_name)} has no name")
            name = Unknown(f"{self.prefix}name of {type_name}", "it has none")
        name = text_of("" if name is None else name)
        if parent is not None:
            type_name, name = _below(parent, type_name, name)
        type_name, name, about = _unfolded(type_name, name)
        return canonical_type(type_name, self.session.types), name, about

    def resource(self, instance: Instance) -> Resource:
        """The resource with its document."""
        session, body, env = self.session, instance.body, instance.env
        document: dict[str, Any] = {}
        places: dict[Any, tuple[Any, Any]] = {}
        for key in body:
            folded = key.lower()
            if folded in NO_PART_OF_A_RESOURCE or key.startswith("@"):
                continue
            spelled = SPELLED.get(folded, key)
            if folded == "type":
                document[spelled] = instance.type_name
            elif folded == "name":
                document[spelled] = instance.name
            elif folded == "properties" and instance.type_name.lower() in DEPLOYMENTS:
                document[spelled] = self._own_properties(body[key], env)
            else:
                document[spelled] = self.settled(body, key, env)
            places[spelled] = body, key
        document.setdefault("name", instance.name)
        if instance.scope is not None:
            document.setdefault("scope", instance.scope)
        if _too_deep(document):
            session.problems[Problem(session.template.name, instance.line, TOO_DEEP)] = None
            properties = Unknown("properties", TOO_DEEP)
            document = {"type": instance.type_name, "name": instance.name, "properties": properties}
        session.made[id(document)] = document, places
        return resource_class(instance.type_name)(
            document,
            uid=f"{session.template.name}#{instance.address}",
            address=instance.address,
            file=session.template.name,
            lines=Lines(instance.line, document, session.line),
            type_name=instance.type_name,
        )

    def _own_properties(self, properties: Any, env: Env) -> Any:
        """What a deployment says of itself, without what it makes."""
        if not isinstance(properties, dict):
            return self.resolve(properties, env)
        made: dict[str, Any] = {}
        places: dict[Any, tuple[Any, Any]] = {}
        for key in properties:
            if key.lower() not in NO_PART_OF_A_DEPLOYMENT:
                made[key] = self.settled(properties, key, env)
                places[key] = properties, key
        self.session.made[id(made)] = made, places
        return made

    # Nested deployments

    def _nested(self, instance: Instance) -> Iterator[Instance]:
        properties = get(instance.body, "properties")
        root = get(properties, "template")
        name = name_of(instance.name)
        if not isinstance(root, dict):
            if get(properties, "templateLink") is not None or root is not None:
                self.session.linked.append(f"{self.prefix}{name}")
            else:
                self.session.say(instance.line, f"deployment {_brief(name)} has no template")
            return
        self.session.deployments += 1
        if self.session.deployments > DEPLOYMENTS_MAX or self.depth >= NESTING_MAX:
            raise TooLarge(f"it nests more than {DEPLOYMENTS_MAX} deployments, or deeper than {NESTING_MAX} levels")
        env = instance.env
        body: dict[str, Any] = {}
        for key in ("subscriptionId", "resourceGroup", "scope"):
            found = next((one for one in instance.body if one.lower() == key.lower()), None)
            if found is not None:
                body[key] = self.settled(instance.body, found, env)
        scope = self.scope.nested(body, kind_of(get(root, "$schema")))
        prefix = f"{instance.address if instance.symbol else self.prefix + name}."
        options = get(properties, "expressionEvaluationOptions")
        how = get(options, "scope")
        inner = how.lower() == "inner" if isinstance(how, str) else isinstance(get(self.root, "resources"), dict)
        if inner or instance.type_name.lower() == DEPLOYMENTS[1]:
            made = Deployment(
                self.session,
                root,
                scope,
                get(properties, "parameters"),
                outer=self,
                outer_env=env,
                prefix=prefix,
                name=instance.name,
                depth=self.depth + 1,
            )
            instance.inner = made
        else:
            made = _Outer(self, root, scope, env, prefix)
        yield from made.expand()

    def _note(self, what: str) -> None:
        self.session.notes[f"{self.session.template.name}: {what}"] = None

    def forget(self) -> None:
        """Compute values anew: what was computed before all resources were known may not lead to them."""
        self._values.clear()


class _Outer(Deployment):
    """A nested deployment whose expressions are those of the template around it."""

    def __init__(self, around: Deployment, root: dict[str, Any], scope: Scope, env: Env, prefix: str) -> None:
        super().__init__(around.session, root, scope, {}, prefix=prefix, depth=around.depth + 1)
        self.around = around
        self.env = env

    def resolve(self, node: Any, env: Env) -> Any:
        return self.around.resolve(node, self._env(env))

    def evaluate(self, node: Node, env: Env) -> Any:
        return self.around.evaluate(node, self._env(env))

    def _text(self, text: str, env: Env) -> Any:
        return self.around._text(text, self._env(env))

    def _env(self, env: Env) -> Env:
        """The loops inside it, within those around it."""
        return replace(
            self.env,
            copies={**self.env.copies, **env.copies},
            current=self.env.current if env.current is None else env.current,
        )


class _State:
    """What ``reference`` tells of a nested deployment: its outputs, which are evaluated when they are asked for."""

    def __init__(self, inner: Deployment, path: str) -> None:
        self.inner = inner
        self.path = path

    def part(self, key: Any) -> Any:
        if isinstance(key, str) and key.lower() == "outputs":
            return _Outputs(self.inner, f"{self.path}.outputs")
        return reached(self.plain(), key)

    def plain(self) -> Any:
        return Unknown(short(self.path), "a deployment tells it only when it is made")


class _Outputs(_State):
    def part(self, key: Any) -> Any:
        return _Output(self.inner, key) if isinstance(key, str) else reached(self.plain(), key)


class _Output(_State):
    def __init__(self, inner: Deployment, name: str) -> None:
        super().__init__(inner, f"{inner.prefix}outputs.{name}")
        self.name = name

    def part(self, key: Any) -> Any:
        if isinstance(key, str) and key.lower() == "value":
            return self.inner.output(self.name)
        return reached(self.plain(), key)


def deployed(
    template: Template, parameters: Mapping[str, Any], wants: Callable[[str], bool]
) -> tuple[list[Resource], Session]:
    """The resources of a template, and what was found out on the way.  Raises TooLarge when there are too many."""
    root = template.text.value
    session = Session(template, wants)
    outermost = Deployment(session, root, scopes.outermost(kind_of(get(root, "$schema"))), parameters)
    made: list[Resource] = []
    instances: list[Instance] = []
    try:
        instances += outermost.expand()
        for deployment in dict.fromkeys(one.deployment for one in instances):
            deployment.forget()
        for instance in instances:
            if not wants(instance.type_name):
                continue
            session.doubt += instance.doubtful
            try:
                made.append(instance.deployment.resource(instance))
            except RecursionError:
                session.problems[Problem(template.name, instance.line, TOO_DEEP)] = None
            finally:
                session.doubt -= instance.doubtful
    except TooLarge as error:
        session.problems[Problem(template.name, None, str(error))] = None
    except RecursionError:
        session.problems[Problem(template.name, None, TOO_DEEP)] = None
    if session.linked:
        names = ", ".join(session.linked[:3]) + (" and more" if len(session.linked) > 3 else "")
        count = f"{len(session.linked)} linked templates are" if len(session.linked) > 1 else "a linked template is"
        session.notes[f"{template.name}: {count} not read from here: {names}"] = None
    return made, session


def is_property_copy(node: Any) -> bool:
    """Whether a ``copy`` is a loop of properties or variables, and not a property of that name."""
    return (
        isinstance(node, list)
        and bool(node)
        and all(isinstance(one, dict) and isinstance(one.get("name"), str) and "input" in one for one in node)
    )


def _functions(namespaces: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in namespaces:
        namespace, members = get(one, "namespace"), get(one, "members")
        if isinstance(namespace, str) and isinstance(members, dict):
            for name, member in members.items():
                if isinstance(member, dict):
                    yield f"{namespace}.{name}".lower(), member


def _below(parent: Instance, type_name: str, name: Any) -> tuple[str, Any]:
    """The type and name of a resource written inside another one."""
    whole = parent.type_name.lower() + "/"
    if "." in type_name.split("/", 1)[0] and "/" in type_name:
        if not type_name.lower().startswith(whole) or len(_segments(name)) >= type_name.count("/"):
            return type_name, name
        return type_name, joined([parent.name, "/", name])
    return f"{parent.type_name}/{type_name}", joined([parent.name, "/", name])


def _segments(name: Any) -> list[Any]:
    """The parts of a name between slashes; a piece that is not known counts as having none."""
    pieces = name._pieces if isinstance(name, Partial) and not name._own_target else (name,)
    made: list[list[Any]] = [[]]
    for piece in pieces:
        if isinstance(piece, str):
            first, *more = piece.split("/")
            made[-1].append(first)
            made += [[one] for one in more]
        else:
            made[-1].append(piece)
    return [joined(one) for one in made]


def _unfolded(type_name: str, name: Any) -> tuple[str, Any, Any]:
    """``A/b/providers/c`` called ``x/D/y`` is the ``D/c`` called ``y`` of the ``A/b`` called ``x``."""
    before, mark, kind_name = type_name.lower().rpartition("/providers/")
    if not mark:
        return type_name, name, None
    base, kind_name = type_name[: len(before)], type_name[-len(kind_name) :]
    names = _segments(name)
    own = kind_name.count("/") + 1
    outer = base.count("/")
    if len(names) != outer + own + 1 or not isinstance(names[outer], str):
        return type_name, name, None
    pieces: list[Any] = [base.split("/")[0]]
    for part, one in zip(base.split("/")[1:], names[:outer], strict=True):
        pieces += ["/", part, "/", one]
    last: list[Any] = []
    for one in names[outer + 1 :]:
        last += ["/", one] if last else [one]
    return f"{names[outer]}/{kind_name}", joined(last), joined(pieces)


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DOCUMENT_DEPTH_MAX):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _brief(text: str) -> str:
    """A piece of a template in a message: on one line, and not all of it."""
    line = " ".join(text.split())
    line = "".join(one for one in line if one.isprintable())
    return line if len(line) <= 60 else f"{line[:57]}..."


def _shown(node: Node) -> str:
    """An expression as it is written, more or less: what tells it from another one."""
    if type(node) is Literal:
        return show(node.value)
    if type(node) is Member:
        return f"{_shown(node.of)}[{_shown(node.key)}]"
    assert type(node) is Call
    return f"{node.name}({', '.join(map(_shown, node.arguments))})"


def _copies(env: Env) -> str:
    """What tells the same expression in one round of a loop from that in another."""
    said = [f"{name}={show(position)}" for name, position in env.copies.items()]
    said += [f"{name}={show(value)}" for name, value in (env.parameters or {}).items()]
    return (f" at {', '.join(said)}" if said else "") + _variables_of(env)


def _variables_of(env: Env) -> str:
    said = [f"{name}={show(value)}" for name, value in env.lambdas.items()]
    return f" with {', '.join(said)}" if said else ""


def _arity(node: Node) -> int:
    return len(node.arguments) - 1 if type(node) is Call else 0


_SPECIAL: dict[str, Callable[[Deployment, Call, Env], Any]] = {
    "if": Deployment._if,
    "and": Deployment._and_or,
    "or": Deployment._and_or,
    "coalesce": Deployment._coalesce,
    "parameters": Deployment._parameters,
    "variables": Deployment._variables,
    "lambdavariables": Deployment._lambda_variables,
    "copyindex": Deployment._copy_index,
    "map": Deployment._map,
    "filter": Deployment._filter,
    "reduce": Deployment._reduce,
    "sort": Deployment._sort,
    "toobject": Deployment._to_object,
    "groupby": Deployment._to_object,
    "mapvalues": Deployment._map_values,
    "resourceid": Deployment._resource_id,
    "subscriptionresourceid": Deployment._subscription_resource_id,
    "managementgroupresourceid": Deployment._management_group_resource_id,
    "tenantresourceid": Deployment._tenant_resource_id,
    "extensionresourceid": Deployment._extension_resource_id,
    "reference": Deployment._reference,
    "references": Deployment._references,
    "resourceinfo": Deployment._resource_info,
    "deployment": Deployment._deployment,
    "fail": Deployment._fail,
    **dict.fromkeys(("resourcegroup", "subscription", "managementgroup", "tenant", "environment"), Deployment._scope),
    **dict.fromkeys(
        (
            *("deployer", "providers", "pickzones", "getsecret", "externalinput", "externalinputs"),
            *("extensions", "builduri"),
            *("parseuri", "tologicalzone", "tologicalzones", "tophysicalzone", "tophysicalzones"),
        ),
        Deployment._at_deployment,
    ),
}
