"""One template, and the stack that it makes: resources with plain documents.

A :class:`Template` is what the file says.  A :class:`Stack` is one use of it, with its parameters: twice
nested, a template makes two stacks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from koban.model.resource import Resource, resource_class
from koban.model.unknown import ANY_SHAPE, NON_EMPTY_SHAPE, TEXT_SHAPE, Maybe, OpenList, Partial, Unknown
from koban.sources.cloudformation import intrinsics
from koban.sources.cloudformation.intrinsics import (
    GENERATED_SHAPE,
    NO_VALUE,
    PARAMETER_SHAPES,
    REF_IS,
    REF_IS_ARN,
    ZONE_SHAPE,
    malformed,
)
from koban.sources.cloudformation.text import LineTable, Text, is_function_key
from koban.sources.reading import Lines, Problem, TooLarge

if TYPE_CHECKING:
    from koban.sources.cloudformation.library import Library
    from koban.sources.suppression import Suppression

STEPS_MAX = 2_000_000  # values resolved for one file, its nested stacks included
STACKS_MAX = 200  # stacks nested in one file
NESTING_MAX = 20  # stacks within stacks
COPIES_MAX = 20_000  # resources and values that Fn::ForEach makes in one template

_FOR_EACH = "Fn::ForEach::"
NESTED_TYPES = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
    "AWS::CloudFormation::StackSet": "TemplateURL",
}
PATTERN_CHARACTERS_MAX = 500


@dataclass(slots=True)
class Template:
    """What a file says, before any parameter is known.

    `name` is how people call the file, `path` where it lies (empty: in another template or on standard input), `root`
    its text.  `suppressions` are the findings in it that its author has accepted.
    """

    name: str
    path: str
    text: Text
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    line_offset: int = 0
    named: set[str] = field(default_factory=set)  # the files that it names, there or not

    def section(self, name: str) -> dict[str, Any]:
        """A top-level mapping; empty where the template has none."""
        value = self.text.value.get(name) if isinstance(self.text.value, dict) else None
        return value if isinstance(value, dict) else {}

    def line(self, container: Any, key: Any) -> int | None:
        found = self.text.line(container, key)
        return None if found is None else found + self.line_offset

    @property
    def transforms(self) -> tuple[str, ...]:
        """The names of the macros that the whole template goes through."""
        value = self.text.value.get("Transform") if isinstance(self.text.value, dict) else None
        values = value if isinstance(value, list) else [value]
        names = [one.get("Name") if isinstance(one, dict) else one for one in values]
        return tuple(one for one in names if isinstance(one, str))


@dataclass(slots=True)
class Spent:
    """What evaluating one file has cost so far, its nested stacks included."""

    steps: int = 0
    stacks: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise TooLarge(f"it comes to more than {STEPS_MAX:,} values")


class Stack:
    """A template with its parameters.

    `given` are the parameters' values; `prefix` is what addresses of its resources start with (``Network.``);
    `origin` is the file of the outermost stack, which with the address makes a resource's uid.
    """

    def __init__(
        self,
        template: Template,
        library: Library,
        given: Mapping[str, Any],
        *,
        origin: str = "",
        prefix: str = "",
        parents: tuple[str, ...] = (),
        spent: Spent | None = None,
    ) -> None:
        self.template = template
        self.library = library
        self.origin = origin or template.name
        self.prefix = prefix
        self.parents = parents
        self.spent = spent or Spent()
        self.problems: list[Problem] = []
        self.dynamic = template.text.dynamic
        self.made: dict[int, tuple[Any, LineTable]] = {}
        self._conditions: dict[str, bool | Unknown] = {}
        self._deciding: set[str] = set()
        self._nested: dict[str, Stack | Unknown] = {}
        self._nesting: set[str] = set()
        self._outputs: dict[str, Any] = {}
        self._referred: dict[str, Any] = {}
        self._copies = 0
        self.parameters = {
            name: self._parameter(name, declared, given) for name, declared in template.section("Parameters").items()
        }
        self.bodies = self._expanded(template.section("Resources"))

    # Parameters

    def _parameter(self, name: str, declared: Any, given: Mapping[str, Any]) -> Any:
        declared = declared if isinstance(declared, dict) else {}
        kind = declared.get("Type")
        kind = kind if isinstance(kind, str) else "String"
        path = f"Ref {self.prefix}{name}"
        from_store = kind.startswith("AWS::SSM::Parameter::Value")
        inner = kind[len("AWS::SSM::Parameter::Value<") : -1] if from_store else kind
        many = inner == "CommaDelimitedList" or inner.startswith("List<")
        element = inner[5:-1] if inner.startswith("List<") else inner
        shape = ANY_SHAPE if many else PARAMETER_SHAPES.get(element, ANY_SHAPE)
        if name in given:
            value = given[name]
        elif "Default" in declared:
            value = declared["Default"]
        else:
            allowed = declared.get("AllowedValues")
            if isinstance(allowed, list) and allowed and not many and not from_store:
                texts = [intrinsics.text_of(one) for one in allowed]
                if len(texts) == 1 and isinstance(texts[0], str):
                    return texts[0]
                if all(isinstance(one, str) for one in texts) and sum(map(len, map(str, texts))) < 10_000:
                    shape = "(?:" + "|".join(re.escape(str(one)) for one in texts) + ")"
            elif shape == ANY_SHAPE and not many:
                shape = r"(?s:.+)" if _positive(declared.get("MinLength")) and not from_store else TEXT_SHAPE
                if not from_store:
                    shape = _shape_of_pattern(declared.get("AllowedPattern")) or shape
            return Unknown(path, f"parameter {name} has no default", shape=shape)
        if from_store and not isinstance(value, Unknown):
            shape = TEXT_SHAPE if shape == ANY_SHAPE and not many else shape
            return Unknown(path, f"parameter {name} is read from the parameter store: {value}", shape=shape)
        if isinstance(value, Unknown):
            return value
        if many and not isinstance(value, list):
            text = intrinsics.text_of(value)
            return text if isinstance(text, Unknown) else [one.strip() for one in text.split(",")] if text else []
        if isinstance(value, str) and "{{resolve:" in value:
            return intrinsics.with_dynamic_references(value)
        if isinstance(value, dict) or (isinstance(value, list) and not many):
            return intrinsics.text_of(value)
        return value

    # Values

    def resolve(self, node: Any) -> Any:
        """The plain value of what a template says: no functions left, only what is known, Unknown, or NO_VALUE."""
        if type(node) is str:
            return intrinsics.with_dynamic_references(node) if "{{resolve:" in node else node
        if id(node) not in self.dynamic:
            return node
        self.spent.step()
        if type(node) is dict:
            if len(node) == 1:
                ((key, argument),) = node.items()
                if key == "Ref" or key.startswith("Fn::"):
                    return self._call(key, argument, node)
            return self._mapping(node)
        values: list[Any] = []
        lines: list[Any] = []
        for position, one in enumerate(node):
            value = self.resolve(one)
            if value is not NO_VALUE:
                values.append(value)
                lines.append(self._line_of(node, position))
        if any(isinstance(one, Maybe) for one in values):
            values = OpenList(values)
        self.made[id(values)] = values, lines
        return values

    def _mapping(self, node: dict[str, Any]) -> Any:
        made: dict[str, Any] = {}
        lines: dict[str, Any] = {}
        for key, one in node.items():
            if key.startswith("Fn::"):
                if key.startswith(_FOR_EACH):
                    for copy_key, copy, line in self._copied(key, one, self._line_of(node, key)):
                        made[copy_key] = intrinsics.settled(self.resolve(copy))
                        lines[copy_key] = line
                    continue
                if key == "Fn::Transform":
                    included = self._transformed(one)
                    if isinstance(included, Unknown):
                        return included
                    if isinstance(included, dict):
                        for name, value in included.items():
                            made.setdefault(name, value)
                            lines.setdefault(name, self._line_of(node, key))
                    continue
            value = intrinsics.settled(self.resolve(one))
            if value is not NO_VALUE:
                made[key] = value
                lines[key] = self._line_of(node, key)
        self.made[id(made)] = made, lines
        return made

    def _line_of(self, container: Any, key: Any) -> int | None:
        found = self.made.get(id(container))
        if found is not None and found[0] is container:
            try:
                return found[1][key]
            except (KeyError, IndexError):
                return None
        return self.template.line(container, key)

    def _call(self, key: str, argument: Any, node: Any) -> Any:
        function = _FUNCTIONS.get(key)
        if function is not None:
            return function(self, argument)
        if key.startswith(_FOR_EACH) or key == "Fn::Transform":
            return self._mapping(node) if key != "Fn::Transform" else self._transformed(argument)
        return Unknown(key, f"{key} is no function that Koban knows")

    def _ref(self, argument: Any) -> Any:
        name = self.resolve(argument)
        if isinstance(name, Unknown):
            return name
        if not isinstance(name, str):
            return malformed("Ref", "takes a name")
        return self.named(name)

    def named(self, name: str) -> Any:
        """What a parameter, pseudo parameter or logical id stands for."""
        if name in self.parameters:
            return self.parameters[name]
        if name in self._referred:
            return self._referred[name]
        if name in self.bodies:
            value = self._reference(name)
        else:
            value = intrinsics.pseudo(name)
            if value is None:
                value = Unknown(f"Ref {self.prefix}{name}", f"the template has no parameter or resource {name}")
        self._referred[name] = value
        return value

    def _reference(self, logical_id: str) -> Any:
        """`Ref` to a resource: its name if the template sets it and `Ref` gives names of this type."""
        body = self.bodies[logical_id]
        type_name = body.get("Type") if isinstance(body, dict) else None
        address = self.prefix + logical_id
        why = f"{logical_id} is named only when it is made"
        unknown: Unknown = Unknown(f"Ref {address}", why, shape=NON_EMPTY_SHAPE, target=address)
        if type_name in REF_IS_ARN:
            unknown = self._arn(f"Ref {address}", why, address)
        own = REF_IS.get(type_name) if isinstance(type_name, str) else None
        if own is None:
            return unknown
        self._referred[logical_id] = unknown  # a name that refers to itself ends here
        name = self._property(logical_id, own)
        if name is NO_VALUE:
            return Unknown(f"Ref {address}", why, shape=GENERATED_SHAPE, target=address)
        if own not in resource_class(str(type_name)).ids:
            return unknown  # nothing would lead from the name back to the resource
        return name if isinstance(name, str) and name else unknown

    @staticmethod
    def _arn(path: str, why: str, address: str) -> Partial:
        """The ARN of a resource of this template."""
        rest = Unknown(path, why, shape=intrinsics.ARN_REST_SHAPE, target=address)
        return Partial(path, ("arn:", rest), target=address)

    def _property(self, logical_id: str, name: str) -> Any:
        body = self.bodies.get(logical_id)
        properties = body.get("Properties") if isinstance(body, dict) else None
        if not isinstance(properties, dict) or name not in properties:
            return NO_VALUE
        return self.resolve(properties[name])

    def _get_att(self, argument: Any) -> Any:
        if isinstance(argument, str):
            logical_id, _, attribute = argument.partition(".")
        elif isinstance(argument, list) and len(argument) >= 2 and isinstance(argument[0], str):
            pieces = [self.resolve(one) for one in argument[1:]]
            unknown = intrinsics.first_unknown(pieces)
            if unknown is not None:
                return Unknown(f"GetAtt {self.prefix}{argument[0]}", unknown._root._why)
            logical_id, attribute = argument[0], ".".join(str(one) for one in pieces)
        else:
            unknown = intrinsics.first_unknown(self.resolve(argument))
            return unknown if unknown is not None else malformed("Fn::GetAtt", "takes a resource and an attribute")
        return self.attribute(logical_id, attribute)

    def attribute(self, logical_id: str, attribute: str) -> Any:
        """``Fn::GetAtt``."""
        key = f"{logical_id}.{attribute}"
        if key in self._referred:
            return self._referred[key]
        address = self.prefix + logical_id
        if logical_id not in self.bodies:
            return Unknown(f"GetAtt {self.prefix}{key}", f"the template has no resource {logical_id}")
        why = f"{logical_id} gets its {attribute} only when it is made"
        if attribute.startswith("Outputs."):
            stack = self.nested(logical_id)
            if isinstance(stack, Stack):
                return stack.output(attribute[len("Outputs.") :])
            return Unknown(f"GetAtt {self.prefix}{key}", stack._root._why if stack is not None else why)
        whole = Unknown(f"GetAtt {self.prefix}{key}", why, shape=NON_EMPTY_SHAPE, target=address)
        value: Any = whole
        if attribute.endswith("Arn"):
            value = self._arn(f"GetAtt {self.prefix}{key}", why, address)
        self._referred[key] = value
        if value is whole:
            own = self._property(logical_id, attribute)
            if isinstance(own, str | int) and own != "":
                value = self._referred[key] = own
        return value

    def _sub(self, argument: Any) -> Any:
        variables: dict[str, Any] = {}
        text = argument
        if isinstance(argument, list):
            if not argument:
                return malformed("Fn::Sub", "takes a text, or a text and a mapping")
            text = argument[0]
            if len(argument) > 1:
                resolved = self.resolve(argument[1])
                if not isinstance(resolved, dict):
                    return malformed("Fn::Sub", "takes a text, or a text and a mapping")
                variables = resolved
        if isinstance(text, dict):
            text = self.resolve(text)
        if not isinstance(text, str):
            return text if isinstance(text, Unknown) else malformed("Fn::Sub", "takes a text, or a text and a mapping")

        def value_of(name: str) -> Any:
            if name in variables:
                return variables[name]
            if "." in name:
                logical_id, _, attribute = name.partition(".")
                return self.attribute(logical_id, attribute)
            return self.named(name)

        made = intrinsics.substituted(text, value_of)
        return intrinsics.read_at_deployment(made)

    def _join(self, argument: Any) -> Any:
        values = self._arguments(argument)
        if isinstance(values, Unknown):
            return values
        if len(values) != 2:
            return malformed("Fn::Join", "takes a text and a list")
        made = intrinsics.joined(values[0], values[1])
        return intrinsics.read_at_deployment(made)

    def _arguments(self, argument: Any) -> Any:
        """A function's list of arguments, resolved; Unknown where it is no list."""
        if not isinstance(argument, list):
            value = self.resolve(argument)
            return value if isinstance(value, list | Unknown) else Unknown("arguments", "a function takes a list here")
        return [self.resolve(one) for one in argument]

    def _select(self, argument: Any) -> Any:
        values = self._arguments(argument)
        if isinstance(values, Unknown):
            return values
        if len(values) != 2:
            return malformed("Fn::Select", "takes a number and a list")
        if isinstance(argument, list) and isinstance(argument[1], dict) and "Fn::GetAZs" in argument[1]:
            why = "availability zones are known only at deployment"
            return Unknown(f"GetAZs {_shown(values[0])}", why, shape=ZONE_SHAPE)
        return intrinsics.selected(values[0], values[1])

    def _split(self, argument: Any) -> Any:
        values = self._arguments(argument)
        if isinstance(values, Unknown):
            return values
        return intrinsics.split(*values) if len(values) == 2 else malformed("Fn::Split", "takes two texts")

    def _find_in_map(self, argument: Any) -> Any:
        if not isinstance(argument, list) or not 3 <= len(argument) <= 4:
            return malformed("Fn::FindInMap", "takes a map and two keys")
        name, first, second = (self.resolve(one) for one in argument[:3])
        if any(isinstance(one, list | dict) for one in (name, first, second)):
            return malformed("Fn::FindInMap", "takes a map and two keys")
        options = argument[3] if len(argument) == 4 else None
        has_default = isinstance(options, dict) and "DefaultValue" in options
        maps = self.template.section("Mappings")
        unknown = intrinsics.first_unknown([name, first, second])
        rows = [maps[name]] if isinstance(name, str) and name in maps else []
        if isinstance(name, Unknown):
            rows = [maps[one] for one in maps if bool_or_open(name == one)]
        cells = [cell for row in rows for cell in _under(row, first)]
        values = [self.resolve(value) for cell in cells for value in _under(cell, second)]
        if unknown is None:
            if values:
                return values[0]
            if has_default:
                return self.resolve(options["DefaultValue"])  # type: ignore[index]
            return Unknown("Fn::FindInMap", f"the mappings have no {name}.{first}.{second}")
        if has_default:
            values.append(self.resolve(options["DefaultValue"]))  # type: ignore[index]
        path = f"FindInMap {self.prefix}{_shown(name)}.{_shown(first)}.{_shown(second)}"
        if not values:
            return Unknown(path, unknown._root._why)
        return intrinsics.either(path, unknown._root._why, values)

    def _import(self, argument: Any) -> Any:
        name = self.resolve(argument)
        if isinstance(name, str):
            found = self.library.exported(name)
            return found if found is not None else Unknown(f"import {name}", f"no template here exports {name}")
        if isinstance(name, Unknown):
            return Unknown(f"import {name._path}", name._root._why)
        return malformed("Fn::ImportValue", "takes a name")

    def _get_azs(self, argument: Any) -> Any:
        # Every region has two or more; how many more depends on the account.
        why = "availability zones are known only at deployment"
        return [Unknown(f"GetAZs {position}", why, shape=ZONE_SHAPE) for position in range(2)]

    def _if(self, argument: Any) -> Any:
        if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
            return malformed("Fn::If", "takes a condition and two values")
        holds = self.condition(argument[0])
        if holds is True:
            return self.resolve(argument[1])
        if holds is False:
            return self.resolve(argument[2])
        values = [self.resolve(argument[1]), self.resolve(argument[2])]
        for position, (one, other) in enumerate((values, values[::-1])):
            if other is NO_VALUE and one is not NO_VALUE and not isinstance(one, Maybe):
                name = f"{'not ' if position else ''}condition {self.prefix}{argument[0]}"
                return Maybe(name, holds._root._why, (one,))
        path = intrinsics.short(f"If {self.prefix}{argument[0]}, {values[0]!r} or {values[1]!r}")
        made = intrinsics.either(path, holds._root._why, values)
        if isinstance(made, dict | list):
            table: Any = {key: self._line_of(values[0], key) for key in made} if isinstance(made, dict) else None
            if table is not None:
                self.made[id(made)] = made, {key: line for key, line in table.items() if line is not None}
        return made

    def _transformed(self, argument: Any) -> Any:
        """``Fn::Transform``: a local file that AWS::Include names, else unknown."""
        if not isinstance(argument, dict):
            return malformed("Fn::Transform", "takes a name and parameters")
        name = argument.get("Name")
        parameters = self.resolve(argument.get("Parameters") or {})
        if name == "AWS::Include" and isinstance(parameters, dict):
            included = self.library.included(parameters.get("Location"), self.template)
            if not isinstance(included, Text):
                return included
            # Line numbers of another file would mislead: the lines of this one, around it, stand for them.
            self.dynamic.update(included.dynamic)
            self.made[id(included)] = (included, {})
            return self.resolve(included.value)
        return Unknown(f"macro {name}", f"what the macro {name} makes is known only at deployment")

    # Conditions

    def condition(self, name: str) -> bool | Unknown:
        """Whether a condition holds; Unknown where that depends on what is not known."""
        if name in self._conditions:
            return self._conditions[name]
        conditions = self.template.section("Conditions")
        if name not in conditions:
            return Unknown(f"condition {name}", f"the template has no condition {name}")
        if name in self._deciding:
            return Unknown(f"condition {name}", f"condition {name} depends on itself")
        self._deciding.add(name)
        try:
            value = self._holds(conditions[name])
        finally:
            self._deciding.discard(name)
        self._conditions[name] = value
        return value

    def _holds(self, node: Any) -> bool | Unknown:
        self.spent.step()
        if isinstance(node, bool):
            return node
        if isinstance(node, str) and node.lower() in ("true", "false"):
            return node.lower() == "true"
        if not isinstance(node, dict) or len(node) != 1:
            return Unknown("condition", "it is no condition")
        ((key, argument),) = node.items()
        if key == "Condition" and isinstance(argument, str):
            return self.condition(argument)
        if key == "Fn::Not":
            inner = self._holds(argument[0] if isinstance(argument, list) and argument else argument)
            return inner if isinstance(inner, Unknown) else not inner
        if key in ("Fn::And", "Fn::Or") and isinstance(argument, list):
            settles = key == "Fn::Or"
            outcome: bool | Unknown = not settles
            for one in argument:
                inner = self._holds(one)
                if inner is settles:
                    return settles
                if isinstance(inner, Unknown):
                    outcome = inner
            return outcome
        if key == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:
            return intrinsics.equal(self.resolve(argument[0]), self.resolve(argument[1]))
        value = self.resolve(node)
        if isinstance(value, Unknown):
            return value
        if isinstance(value, bool):
            return value
        return Unknown("condition", "it is no condition")

    # Loops

    def _expanded(self, section: dict[str, Any]) -> dict[str, Any]:
        """A section with its Fn::ForEach loops and includes written out."""
        if not any(is_function_key(key) for key in section):
            return section
        made: dict[str, Any] = {}
        lines: dict[str, Any] = {}
        for key, one in section.items():
            line = self._line_of(section, key)
            if key.startswith(_FOR_EACH):
                for copy_key, copy, _ in self._copied(key, one, line):
                    made[copy_key] = copy
                    lines[copy_key] = line
            elif key == "Fn::Transform":
                for entry in one if isinstance(one, list) else [one]:
                    self._include_resources(entry, made, lines, line)
            else:
                made[key] = one
                lines[key] = line
        self.made[id(made)] = made, lines
        return made

    def _include_resources(self, entry: Any, made: dict[str, Any], lines: dict[str, Any], line: int | None) -> None:
        name = entry.get("Name") if isinstance(entry, dict) else None
        parameters = entry.get("Parameters") if isinstance(entry, dict) else None
        if name != "AWS::Include" or not isinstance(parameters, dict):
            self._say(line, f"what the macro {name} adds is known only at deployment")
            return
        included = self.library.included(self.resolve(parameters.get("Location")), self.template)
        if not isinstance(included, Text) or not isinstance(included.value, dict):
            why = included._root._why if isinstance(included, Unknown) else "it has no mapping of resources"
            self._say(line, f"AWS::Include: {why}")
            return
        self.dynamic.update(included.dynamic)
        self.made[id(included)] = (included, {})
        for logical_id, body in included.value.items():
            made[logical_id] = body
            lines[logical_id] = line

    def _copied(self, key: str, loop: Any, line: int | None) -> Iterator[tuple[str, Any, int | None]]:
        """What one Fn::ForEach stands for, inner loops included: (key, value, line)."""
        if (
            not isinstance(loop, list)
            or len(loop) != 3
            or not isinstance(loop[0], str)
            or not isinstance(loop[2], dict)
        ):
            self._say(line, f"{key} takes a name, a list and a mapping")
            return
        identifier, collection, body = loop
        values: Any = collection
        if isinstance(values, list):
            values = [self.resolve(one) for one in values]
            values = [inner for one in values for inner in (one if isinstance(one, list) else [one])]
        else:
            values = self.resolve(values)
        unknown = intrinsics.first_unknown(values)
        if unknown is not None or not isinstance(values, list):
            why = unknown._root._why if unknown is not None else "it is not a list"
            self._say(line, f"what {key} makes is not known: {why}")
            return
        for value in values:
            text = str(intrinsics.text_of(value))
            for copy_key, one in body.items():
                self._copies += 1
                if self._copies > COPIES_MAX:
                    raise TooLarge(f"its Fn::ForEach loops make more than {COPIES_MAX:,} copies")
                made_key = _filled(copy_key, identifier, text)
                made = self._copy(one, identifier, text)
                inner_line = self._line_of(body, copy_key) or line
                if made_key.startswith(_FOR_EACH):
                    yield from self._copied(made_key, made, inner_line)
                else:
                    yield made_key, made, inner_line

    def _copy(self, node: Any, identifier: str, value: str) -> Any:
        """`node` with the loop's variable filled in."""
        self.spent.step()
        if isinstance(node, str):
            return _filled(node, identifier, value)
        if isinstance(node, dict):
            if len(node) == 1 and node.get("Ref") == identifier:
                return value
            made: dict[str, Any] = {}
            lines: dict[str, Any] = {}
            for key, one in node.items():
                made_key = _filled(key, identifier, value)
                made[made_key] = self._copy(one, identifier, value)
                lines[made_key] = self._line_of(node, key)
            self._keep(node, made, lines)
            return made
        if isinstance(node, list):
            items = [self._copy(one, identifier, value) for one in node]
            self._keep(node, items, [self._line_of(node, position) for position in range(len(node))])
            return items
        return node

    def _keep(self, node: Any, made: Any, lines: Any) -> None:
        self.made[id(made)] = made, lines
        if id(node) in self.dynamic:
            self.dynamic.add(id(made))

    def _note(self, what: str) -> None:
        note = f"{self.template.name}: {what}"
        if note not in self.template.notes:
            self.template.notes.append(note)

    def _say(self, line: int | None, why: str) -> None:
        self.problems.append(Problem(self.template.name, line, why))

    # Resources

    def resources(self) -> Iterator[Resource]:
        """The stack's resources, and those of the stacks nested in it.  Raises TooLarge."""
        for logical_id, body in self.bodies.items():
            line = self._line_of(self.bodies, logical_id)
            if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
                self._say(line, f"resource {logical_id} has no Type")
                continue
            condition = body.get("Condition")
            if isinstance(condition, str) and self.condition(condition) is False:
                continue
            type_name: str = body["Type"]
            if self.library.wants(type_name):
                yield self._resource(logical_id, type_name, body, line)
            if type_name.endswith("::MODULE"):
                self._note(
                    f"module {self.prefix}{logical_id} is not judged: what {type_name} makes is not in the template"
                )
            if type_name in NESTED_TYPES:
                stack = self.nested(logical_id)
                if isinstance(stack, Stack):
                    yield from stack.resources()
                    self.problems += stack.problems
                    stack.problems = []

    def resource(self, logical_id: str) -> Resource | None:
        """One resource of the stack; None where the template has none of that name.  Raises TooLarge."""
        body = self.bodies.get(logical_id)
        if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
            return None
        return self._resource(logical_id, body["Type"], body, self._line_of(self.bodies, logical_id))

    def makes(self, logical_id: str) -> bool | Unknown:
        """Whether the stack makes a resource, by its condition."""
        body = self.bodies.get(logical_id)
        condition = body.get("Condition") if isinstance(body, dict) else None
        return self.condition(condition) if isinstance(condition, str) else isinstance(body, dict)

    def _resource(self, logical_id: str, type_name: str, body: dict[str, Any], line: int | None) -> Resource:
        properties = body.get("Properties")
        document: Any = {}
        if isinstance(properties, dict):
            document = intrinsics.settled(self.resolve(properties))
            if document is NO_VALUE:
                document = {}
        elif properties is not None:
            document = Unknown("Properties", "they are not a mapping")
        address = self.prefix + logical_id
        lines = Lines(line, document, self._line_of)
        cls = resource_class(type_name)
        return cls(
            document,
            uid=f"{self.origin}#{address}",
            address=address,
            file=self.template.name,
            lines=lines,
            type_name=type_name,
        )

    # Nested stacks

    def nested(self, logical_id: str) -> Stack | Unknown | None:
        """The stack that a resource makes out of a template in reach; Unknown where it is not; None for others."""
        if logical_id in self._nested:
            return self._nested[logical_id]
        body = self.bodies.get(logical_id)
        if not isinstance(body, dict) or body.get("Type") not in NESTED_TYPES:
            return None
        if logical_id in self._nesting:
            return Unknown(f"stack {self.prefix}{logical_id}", f"stack {logical_id} depends on itself")
        self._nesting.add(logical_id)
        try:
            stack = self._nest(logical_id, body)
        finally:
            self._nesting.discard(logical_id)
        self._nested[logical_id] = stack
        return stack

    def _nest(self, logical_id: str, body: dict[str, Any]) -> Stack | Unknown:
        properties = body.get("Properties")
        properties = self.resolve(properties) if isinstance(properties, dict) else {}
        properties = properties if isinstance(properties, dict) else {}
        line = self._line_of(self.bodies, logical_id)
        path = f"stack {self.prefix}{logical_id}"
        source = body.get("Properties") or {}
        if isinstance(properties.get("TemplateBody"), str):
            inner_line = self._line_of(source, "TemplateBody") or line or 1
            found = self.library.inline(properties["TemplateBody"], self.template, inner_line)
        else:
            found = self.library.nested(properties.get(NESTED_TYPES[str(body["Type"])]), self.template)
        if isinstance(found, str):
            self._note(f"stack {self.prefix}{logical_id} is not judged: {found}")
            return Unknown(path, found)
        if isinstance(found, Problem):
            self._say(line, f"stack {logical_id}: {found.why}")
            return Unknown(path, found.why)
        if found.path and (found.path in self.parents or found.path == self.template.path):
            self._say(line, f"stack {logical_id}: {found.name} nests itself")
            return Unknown(path, f"{found.name} nests itself")
        self.spent.stacks += 1
        if self.spent.stacks > STACKS_MAX or len(self.parents) >= NESTING_MAX:
            raise TooLarge(f"it nests more than {STACKS_MAX} stacks, or deeper than {NESTING_MAX} levels")
        given = properties.get("Parameters")
        if isinstance(given, list):
            given = {
                one.get("ParameterKey"): one.get("ParameterValue")
                for one in given
                if isinstance(one, dict) and isinstance(one.get("ParameterKey"), str)
            }
        if isinstance(given, Unknown):
            given = dict.fromkeys(found.section("Parameters"), given)
        return Stack(
            found,
            self.library,
            given if isinstance(given, dict) else {},
            origin=self.origin,
            prefix=f"{self.prefix}{logical_id}.",
            parents=(*self.parents, self.template.path),
            spent=self.spent,
        )

    # Outputs

    def output(self, name: str) -> Any:
        """The value of an output."""
        if name in self._outputs:
            return self._outputs[name]
        path = f"output {self.prefix}{name}"
        self._outputs[name] = Unknown(path, f"output {name} depends on itself")
        outputs = self._expanded(self.template.section("Outputs"))
        body = outputs.get(name)
        if not isinstance(body, dict) or "Value" not in body:
            value: Any = Unknown(path, f"{self.template.name} has no output {name}")
        else:
            condition = body.get("Condition")
            if isinstance(condition, str) and self.condition(condition) is False:
                value = Unknown(path, f"output {name} is not made under its condition")
            else:
                value = self.resolve(body["Value"])
        self._outputs[name] = value
        return value

    def exports(self) -> Iterator[tuple[str, str]]:
        """The exports whose names are known: (export name, output name)."""
        for name, body in self._expanded(self.template.section("Outputs")).items():
            export = body.get("Export") if isinstance(body, dict) else None
            if isinstance(export, dict):
                export_name = self.resolve(export.get("Name"))
                if isinstance(export_name, str):
                    yield export_name, name


def bool_or_open(answer: Any) -> bool:
    """False only where the answer is known to be no."""
    return isinstance(answer, Unknown) or bool(answer)


def _under(mapping: Any, key: Any) -> list[Any]:
    """What stands under a key of a mapping; under each key that it may be where it is not known."""
    if not isinstance(mapping, dict):
        return []
    if isinstance(key, Unknown):
        return [value for name, value in mapping.items() if bool_or_open(key == name)]
    text = intrinsics.text_of(key)
    return [mapping[text]] if isinstance(text, str) and text in mapping else []


def _shown(value: Any) -> str:
    return value._path if isinstance(value, Unknown) else str(value)


def _shape_of_pattern(pattern: Any) -> str:
    """What an AllowedPattern makes certain: how the text starts, or that there is one; empty where neither.

    The pattern itself is Java's and somebody else's, so nothing but its plain beginning is taken over.
    """
    if not isinstance(pattern, str) or len(pattern) > PATTERN_CHARACTERS_MAX or "|" in pattern:
        return ""
    plain = re.match(r"\^?((?:[\w:/ -]|\\[.:/-])*)(.?)", pattern)
    start, after = (plain.group(1).replace("\\", ""), plain.group(2)) if plain else ("", "")
    if after and after in "*?{":
        start = start[:-1]
    if start:
        return f"{re.escape(start)}(?s:.*)"
    try:
        return "" if re.fullmatch(pattern, "") else r"(?s:.+)"
    except (re.error, RecursionError, OverflowError):
        return ""


def _positive(value: Any) -> bool:
    try:
        return int(value) > 0
    except (TypeError, ValueError):
        return False


def _filled(text: str, identifier: str, value: str) -> str:
    if "{" not in text:
        return text
    text = text.replace("${" + identifier + "}", value)
    if "&{" in text:
        text = text.replace("&{" + identifier + "}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text


_FUNCTIONS: dict[str, Callable[[Stack, Any], Any]] = {
    "Ref": Stack._ref,
    "Fn::GetAtt": Stack._get_att,
    "Fn::Sub": Stack._sub,
    "Fn::Join": Stack._join,
    "Fn::Select": Stack._select,
    "Fn::Split": Stack._split,
    "Fn::If": Stack._if,
    "Fn::FindInMap": Stack._find_in_map,
    "Fn::ImportValue": Stack._import,
    "Fn::GetAZs": Stack._get_azs,
    "Fn::Base64": lambda stack, argument: intrinsics.encoded(stack.resolve(argument)),
    "Fn::Cidr": lambda stack, argument: intrinsics.cidr_blocks(stack._arguments(argument)),
    "Fn::Length": lambda stack, argument: intrinsics.length(stack.resolve(argument)),
    "Fn::ToJsonString": lambda stack, argument: intrinsics.json_text(stack.resolve(argument)),
    "Fn::And": lambda stack, argument: stack._holds({"Fn::And": argument}),
    "Fn::Or": lambda stack, argument: stack._holds({"Fn::Or": argument}),
    "Fn::Not": lambda stack, argument: stack._holds({"Fn::Not": argument}),
    "Fn::Equals": lambda stack, argument: stack._holds({"Fn::Equals": argument}),
}
