"""One use of a configuration: its variables, locals, resources and modules, each worked out when it is asked for.

A root and the modules that it calls make a tree of :class:`Module`; what is declared with ``count`` or ``for_each``
stands in it once an instance.  What cannot be known is :class:`Unknown`, and says on what it hangs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from koban.model.unknown import ANY_SHAPE, NON_EMPTY_SHAPE, TEXT_SHAPE, Maybe, OpenList, Partial, Unknown
from koban.sources.cloudformation.intrinsics import ARN_REST_SHAPE
from koban.sources.inputs import Inputs
from koban.sources.reading import Problem
from koban.sources.terraform import data_sources
from koban.sources.terraform.aws import id_of, names_of
from koban.sources.terraform.bodies import BodyDict, block_name
from koban.sources.terraform.configuration import (
    ENDINGS,
    META_ARGUMENTS,
    META_BLOCKS,
    Configuration,
    Declared,
    File,
    is_local,
)
from koban.sources.terraform.constraints import constraint
from koban.sources.terraform.expressions import (
    Expression,
    GetAttribute,
    Lazy,
    Object,
    Scope,
    Variable,
    as_number,
    follows,
    gap_of,
    iterated,
    references,
)
from koban.sources.terraform.functions import Context, convert
from koban.sources.terraform.syntax import Attribute, Block, Body, SyntaxProblem, parse_expression, parse_template
from koban.sources.terraform.values import EvaluationError, TooLarge, kind_of, text_of

INSTANCES_MAX = 2_000  # of one resource or module
TREE_INSTANCES_MAX = 50_000  # resources of one root, its modules included
STEPS_MAX = 3_000_000  # function calls and iterations of one root
MODULES_DEEP_MAX = 30  # modules within modules
# What of a provider's configuration says whose account it is for.
ROLES = ("assume_role", "assume_role_with_web_identity")
LOGIN = ("allowed_account_ids", "profile", "access_key", "shared_credentials_files", "shared_config_files")
NAMES_ACCOUNT = ("role_arn", "allowed_account_ids")
ACCOUNT = re.compile(r"(?:arn:[a-z-]+:iam::)?(\d{12})(?::.*)?")
ATTRIBUTES_OF_THE_THING = frozenset(("id", "arn", "name", "key_id", "self_link", "qualified_arn"))

_WORKING: Any = object()  # stands where a value is being worked out


class Spent:
    """What working out one root has cost so far."""

    def __init__(self) -> None:
        self.steps = 0
        self.instances = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise TooLarge(f"it comes to more than {STEPS_MAX:,} steps")

    def instance(self) -> None:
        self.instances += 1
        if self.instances > TREE_INSTANCES_MAX:
            raise TooLarge(f"it comes to more than {TREE_INSTANCES_MAX:,} resources")


@dataclass
class Tree:
    """What the modules of one root share.

    `given` are the root's variables by name, as texts or values.  `find` gives the configuration that a module call
    means, or why it is not here.
    """

    directory: str
    root: str
    given: Mapping[str, Any]
    find: Callable[[Module, str, str], Configuration | str]
    workspace: str = ""
    spent: Spent = field(default_factory=Spent)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    handed: dict[str, str] = field(
        default_factory=dict
    )  # address handed to a module that is not here: why that matters
    inputs: Inputs = field(default_factory=Inputs)

    def __post_init__(self) -> None:
        from pathlib import Path as FilePath

        self.context = Context(FilePath(self.directory), FilePath(self.root), self.render)

    def render(self, text: str, variables: dict[str, Any], name: str) -> Any:
        """A template's text with its variables filled in, for ``templatefile``."""
        try:
            template = parse_template(text)
        except SyntaxProblem as error:
            raise EvaluationError(f"{name} line {error.line}: {error.why}") from None
        return template.value(Names(self, variables))

    def reads(self, function: str, path: str) -> None:
        """Remember that a file, or the files below a directory, are looked at."""
        full = os.path.normpath(os.path.join(self.directory, path))
        (self.inputs.trees if function == "fileset" else self.inputs.files).add(full)

    def problem(self, file: File, line: int | None, why: str) -> None:
        made = Problem(file.name, line, why)
        if made not in self.problems:
            self.problems.append(made)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


class Names:
    """A scope that has nothing but some names: a template's variables, a file of values."""

    def __init__(self, tree: Tree, names: Mapping[str, Any]) -> None:
        self.tree = tree
        self.names = dict(names)
        self.context = tree.context

    def named(self, name: str) -> Any:
        try:
            return self.names[name]
        except KeyError:
            raise EvaluationError(f"there is no {name} here") from None

    def with_names(self, names: dict[str, Any]) -> Scope:
        return Names(self.tree, {**self.names, **names})

    def reads(self, function: str, path: str) -> None:
        self.tree.reads(function, path)

    def step(self) -> None:
        self.tree.spent.step()


class Inside:
    """A module as seen from inside one of its blocks: with the names of iterations."""

    __slots__ = ("context", "module", "names")

    def __init__(self, module: Module, names: dict[str, Any]) -> None:
        self.module = module
        self.names = names
        self.context = module.tree.context

    def named(self, name: str) -> Any:
        return self.names[name] if name in self.names else self.module.named(name)

    def with_names(self, names: dict[str, Any]) -> Scope:
        return Inside(self.module, {**self.names, **names})

    def reads(self, function: str, path: str) -> None:
        self.module.tree.reads(function, path)

    def step(self) -> None:
        self.module.tree.spent.step()


class _Namespace(Lazy):
    """``var``, ``local``, ``module``, ``data``, and the name of a resource type: what stands behind their dot."""

    __slots__ = ("_look",)

    def __init__(self, path: str, look: Callable[[str], Any]) -> None:
        super().__init__(path, "it is a name alone")
        self._look = look

    def _attribute(self, name: str) -> Any:
        return self._look(name)


class Instance(Lazy):
    """One resource, with the ``each`` or ``count`` that it is made for."""

    __slots__ = ("address", "declared", "gap", "known", "module", "names", "type")

    def __init__(self, module: Module, declared: Declared, type_name: str, address: str, names: dict[str, Any]) -> None:
        super().__init__(address, f"{address} is known only when it is applied", target=address)
        self.module = module
        self.declared = declared
        self.type = type_name
        self.address = address
        self.names = names
        self.gap: Unknown | None = names.get("\0gap", module.gap)  # why it is open whether it is there
        self.known: dict[str, Any] = {}

    def _scope(self) -> Scope:
        return Inside(self.module, {**self.names, "self": self})

    def _attribute(self, name: str) -> Any:
        value = self.argument(name)
        if value is None and name == "id":
            named = id_of(self.type)
            own = self.argument(named) if named else None
            if isinstance(own, str) and own:
                return own
        return computed(self.address, name, self.type) if value is None else value

    def argument(self, name: str) -> Any:
        """What the configuration says of an argument or block; None where it says nothing."""
        found = self.known.get(name, self)
        if found is not self and found is not _WORKING:
            return found
        if found is _WORKING:
            raise EvaluationError(f"{self.address}.{name} refers to itself")
        self.known[name] = _WORKING
        try:
            value = self._worked_out(name)
        except BaseException:
            del self.known[name]
            raise
        self.known[name] = value
        return value

    def _worked_out(self, name: str) -> Any:
        body = self.declared.body
        attribute = body.attributes.get(name)
        if attribute is not None and name not in META_ARGUMENTS:
            return self.module.evaluated(attribute, self._scope(), self.declared, f"{self.address}.{name}")
        if any(block_name(one) == name for one in body.blocks):
            return self.module.blocks(body, name, self._scope(), self.declared, self.address)
        return None

    def body(self) -> BodyDict:
        """All of its arguments and blocks; with ``id`` and ``arn`` as references to itself."""
        made = BodyDict(self.declared.body, self.declared)
        for name in self.declared.body.attributes:
            if name not in META_ARGUMENTS:
                try:
                    made[name] = self.argument(name)
                except EvaluationError as error:
                    made[name] = Unknown(f"{self.address}.{name}", str(error))
        for name in dict.fromkeys(block_name(one) for one in self.declared.body.blocks):
            if name not in META_BLOCKS:
                made[name] = self.argument(name)
        for name in ("id", "arn"):
            if made.get(name) is None:
                made[name] = self._attribute(name)
        self._add_provider_tags(made)
        return made

    def _add_provider_tags(self, made: BodyDict) -> None:
        every = self.provider.tags
        own = made.get("tags")
        if every is None:
            return
        if isinstance(every, dict) and (own is None or isinstance(own, dict)):
            made["tags_all"] = {**every, **(own or {})}
        else:
            made["tags_all"] = every if isinstance(every, Unknown) else own

    @property
    def provider(self) -> Provider:
        """The configuration of the provider that makes it."""
        return self.module.provider_of(self.declared, self.type)

    @property
    def region(self) -> str:
        """The region that it is made in, where the provider's configuration says so."""
        own = self.declared.argument("region")
        if own is not None:
            value = self._attribute("region")
            return value if isinstance(value, str) else ""
        return self.provider.region


def computed(address: str, name: str, type_name: str = "") -> Unknown:
    """An attribute that the provider makes up."""
    path = f"{address}.{name}"
    why = f"{address} gets its {name} when it is applied"
    if name == "arn" or (name.endswith("_arn") and name in ATTRIBUTES_OF_THE_THING):
        rest = Unknown(path, why, shape=ARN_REST_SHAPE, target=address)
        return Partial(path, ("arn:", rest), target=address)
    if name in ATTRIBUTES_OF_THE_THING or name in names_of(type_name):
        return Unknown(path, why, shape=NON_EMPTY_SHAPE, target=address)
    return Unknown(path, why)


class Counted(Lazy):
    """Resources of which it is not known for which keys there are any."""

    __slots__ = ("_element",)

    def __init__(self, path: str, gap: Unknown, element: Any) -> None:
        super().__init__(path, gap._why, root=gap._root)
        self._element = element

    def _index(self, key: Any) -> Any:
        return self._element

    def _attribute(self, name: str) -> Any:
        raise EvaluationError(f"{self._path} is there several times: .{name} is asked of all of them")


@dataclass(frozen=True)
class Provider:
    """What a provider's configuration says that matters to resources: the region, and tags for all (None: none).

    `name` is the address of the configuration, and `login` what it says of whose account it is.
    """

    region: str = ""
    tags: Any = None
    name: str = ""
    login: str = ""


class ModuleValue(Lazy):
    """A module as its caller sees it: its outputs."""

    __slots__ = ("module",)

    def __init__(self, module: Module) -> None:
        super().__init__(module.address, "it is a module")
        self.module = module

    def _attribute(self, name: str) -> Any:
        return self.module.output(name)


class _Missing(Lazy):
    """A module that is not here."""

    __slots__ = ()

    def _attribute(self, name: str) -> Any:
        return Unknown(f"{self._path}.{name}", self._why, root=self._root)

    def _index(self, key: Any) -> Any:
        return self


class Module:
    """A configuration with values for its variables.

    `address` is empty for a root, else ``module.net["a"]``; `chain` says, outermost first, where it is called.
    """

    def __init__(
        self,
        tree: Tree,
        configuration: Configuration,
        parent: Module | None = None,
        call: Declared | None = None,
        address: str = "",
        names: dict[str, Any] | None = None,
        chain: tuple[str, ...] = (),
        key: tuple[str, ...] = (),
    ) -> None:
        self.tree = tree
        self.configuration = configuration
        self.parent = parent
        self.call = call
        self.address = address
        self.chain = chain
        self.key = key
        self.names = names or {}
        self.gap: Unknown | None = self.names.get("\0gap", parent.gap if parent is not None else None)
        tree.modules.append(self)
        tree.inputs.directories.setdefault(configuration.directory, ENDINGS)
        tree.inputs.files.update(one.path for one in configuration.files)
        self.scope = Inside(self, {})
        self._known: dict[tuple[str, ...], Any] = {}
        self._providers: dict[str, Provider] = {}
        self._roots: dict[str, Any] = {}

    # Names

    def named(self, name: str) -> Any:
        found = self._roots.get(name)
        if found is None:
            found = self._roots[name] = self._root_name(name)
        return found

    def _root_name(self, name: str) -> Any:
        if name == "var":
            return _Namespace("var", self.variable)
        if name == "local":
            return _Namespace("local", self.local)
        if name == "module":
            return _Namespace("module", self.called)
        if name == "data":
            return _Namespace("data", lambda kind: _Namespace(f"data.{kind}", lambda one: self.data(kind, one)))
        if name == "path":
            return _Namespace("path", self._path)
        if name in ("terraform", "tofu"):
            return _Namespace(name, self._terraform)
        if name in ("each", "count", "self"):
            raise EvaluationError(f"{name} is used where there is none")
        if name == "resource":
            return _Namespace("resource", self.named)
        if name == "ephemeral":
            return Unknown("ephemeral", "ephemeral values are known only when it is applied")
        return _Namespace(name, lambda one: self.resource(name, one))

    def _path(self, name: str) -> Any:
        if name == "root":
            return "."
        if name == "module":
            return os.path.relpath(self.configuration.directory, self.tree.directory).replace(os.sep, "/")
        if name == "cwd":
            return Unknown("path.cwd", "the directory is known only where it is applied", shape=NON_EMPTY_SHAPE)
        raise EvaluationError(f"there is no path.{name}")

    def _terraform(self, name: str) -> Any:
        if name == "workspace":
            if self.tree.workspace:
                return self.tree.workspace
            why = "the workspace is chosen when it is applied; give it with --workspace"
            return Unknown("terraform.workspace", why, shape=NON_EMPTY_SHAPE)
        if name == "applying":
            return Unknown("terraform.applying", "it is known only when it is applied")
        raise EvaluationError(f"there is no terraform.{name}")

    def _once(self, key: tuple[str, ...], work: Callable[[], Any]) -> Any:
        found = self._known.get(key, self)
        if found is _WORKING:
            raise EvaluationError(f"{'.'.join(key)} refers to itself")
        if found is not self:
            if isinstance(found, EvaluationError):
                raise found
            return found
        self._known[key] = _WORKING
        try:
            value = work()
        except EvaluationError as error:
            self._known[key] = error
            raise
        except BaseException:
            del self._known[key]
            raise
        self._known[key] = value
        return value

    def local(self, name: str) -> Any:
        found = self.configuration.locals.get(name)
        if found is None:
            return self._undeclared(f"local.{name}")
        return self._once(("local", name), lambda: found[0].value.value(self.scope))

    def _undeclared(self, what: str) -> Any:
        """What stands for a name that nothing declares: an error, unless a file that may do so could not be read."""
        if self.configuration.broken:
            return Unknown(f"{self.prefix}{what}", self.configuration.broken)
        raise EvaluationError(f"{what} is not declared")

    @property
    def prefix(self) -> str:
        return f"{self.address}." if self.address else ""

    def output(self, name: str) -> Any:
        found = self.configuration.outputs.get(name)
        attribute = found.argument("value") if found is not None else None
        if found is None or attribute is None:
            return self._undeclared(f"output {name}")
        if _is_true(found.argument("sensitive")):
            return Unknown(f"{self.address}.{name}", f"output {name} is marked sensitive, so it is not looked at")
        return self._once(("output", name), lambda: attribute.value.value(self.scope))

    # Variables

    def variable(self, name: str) -> Any:
        declared = self.configuration.variables.get(name)
        if declared is None:
            return self._undeclared(f"var.{name}")
        return self._once(("var", name), lambda: self._variable(name, declared))

    def _variable(self, name: str, declared: Declared) -> Any:
        path = f"{self.prefix}var.{name}"
        wanted = declared.argument("type")
        default = declared.argument("default")
        value = self._given(name)
        nullable = not _is_false(declared.argument("nullable"))
        if value is _WORKING or (value is None and not nullable):
            if default is None:
                return Unknown(path, f"variable {name} has no default", shape=_shape_of_type(wanted))
            value = default.value.value(self.scope)
        if _is_true(declared.argument("sensitive")) or _is_true(declared.argument("ephemeral")):
            if isinstance(value, Unknown) or value is None or value == "":
                return value
            return Unknown(path, f"variable {name} is sensitive, so its value is not looked at", shape=TEXT_SHAPE)
        if wanted is None:
            return value
        return convert(value, constraint(wanted.value, Names(self.tree, {})), path)

    def _given(self, name: str) -> Any:
        """What the caller gives for a variable; _WORKING where it gives nothing."""
        if self.parent is None or self.call is None:
            if name not in self.tree.given:
                return _WORKING
            value = self.tree.given[name]
            return self._from_text(name, value) if isinstance(value, Text) else value
        attribute = self.call.argument(name)
        if attribute is None:
            return _WORKING
        return attribute.value.value(Inside(self.parent, self.names))

    def _from_text(self, name: str, given: Text) -> Any:
        """A value from the command line or the environment: a text, or an expression where the type is no text."""
        declared = self.configuration.variables.get(name)
        wanted = declared.argument("type") if declared is not None else None
        if wanted is None or (isinstance(wanted.value, Variable) and wanted.value.name == "string"):
            return str(given)
        try:
            return parse_expression(given).value(Names(self.tree, {}))
        except (SyntaxProblem, EvaluationError) as error:
            raise EvaluationError(f"the value given for variable {name} is no value: {error}") from None

    # Evaluation

    def evaluated(self, attribute: Attribute, scope: Scope, declared: Declared, path: str) -> Any:
        """The value of an argument; what Terraform would refuse is unknown because of that, and on record."""
        try:
            return attribute.value.value(scope)
        except EvaluationError as error:
            why = str(error)
        except RecursionError:
            why = "its values refer to one another too deeply"
        except TooLarge as error:
            if self.tree.spent.steps > STEPS_MAX:
                raise
            why = str(error)
        if "[*]" not in path:  # of what may not be there, nothing is said
            self.tree.problem(declared.file_of(attribute), attribute.line, f"{path}: {why}")
        return Unknown(path, why)

    def blocks(self, body: Body, name: str, scope: Scope, declared: Declared, where: str) -> Any:
        """The nested blocks of a type, each worked out; dynamic ones as often as they say."""
        made: list[Any] = []
        for block in body.blocks:
            if block_name(block) != name:
                continue
            if block.type != "dynamic":
                made.append(self.body_of(block.body, scope, declared, f"{where}.{name}[{len(made)}]"))
            else:
                try:
                    made += self._dynamic(block, name, scope, declared, where, len(made))
                except EvaluationError as error:
                    self.tree.problem(declared.file_of(block), block.line, f"{where}.{name}: {error}")
                    path, why = f"{where}.{name}", str(error)
                    made.append(Maybe(path, why, tuple(Unknown(f"{path}[{i}]", why) for i in range(2)), more=True))
        return OpenList(made) if any(isinstance(one, Maybe) for one in made) else made

    def _dynamic(
        self, block: Block, name: str, scope: Scope, declared: Declared, where: str, before: int
    ) -> Iterator[Any]:
        each = block.body.attributes.get("for_each")
        content = next(block.body.blocks_of("content"), None)
        if each is None or content is None:
            raise EvaluationError("a dynamic block needs for_each and content")
        named = block.body.attributes.get("iterator")
        iterator = named.value.name if named is not None and isinstance(named.value, Variable) else name
        for count, (key, value, gap) in enumerate(iterated(each.value.value(scope))):
            scope.step()
            if count >= INSTANCES_MAX:
                raise TooLarge(f"a dynamic block comes to more than {INSTANCES_MAX:,}")
            inner = scope.with_names({iterator: {"key": key, "value": value}})
            made = self.body_of(content.body, inner, declared, f"{where}.{name}[{before + count}]")
            yield made if gap is None else gap._with((made,))

    def body_of(self, body: Body, scope: Scope, declared: Declared, where: str) -> BodyDict:
        """A nested block, worked out."""
        made = BodyDict(body, declared)
        for name, attribute in body.attributes.items():
            made[name] = self.evaluated(attribute, scope, declared, f"{where}.{name}")
        for name in dict.fromkeys(block_name(one) for one in body.blocks):
            made[name] = self.blocks(body, name, scope, declared, where)
        return made

    # Resources

    def resource(self, type_name: str, name: str) -> Any:
        """What a reference to a resource means: an instance, a list or mapping of them, or something open."""
        declared = self.configuration.resources.get((type_name, name))
        if declared is None:
            return self._undeclared(f"{type_name}.{name}")

        def make(address: str, names: dict[str, Any]) -> Any:
            self.tree.spent.instance()
            return Instance(self, declared, type_name, address, names)

        return self._once(
            (type_name, name), lambda: self._multiplied(declared, f"{self.prefix}{type_name}.{name}", make)
        )

    def data(self, type_name: str, name: str) -> Any:
        """What a reference to a data source means."""
        declared = self.configuration.data.get((type_name, name))
        if declared is None:
            return self._undeclared(f"data.{type_name}.{name}")

        def make(address: str, names: dict[str, Any]) -> Any:
            return Data(Instance(self, declared, type_name, address, names))

        address = f"{self.prefix}data.{type_name}.{name}"
        return self._once(("data", type_name, name), lambda: self._multiplied(declared, address, make))

    def _multiplied(self, declared: Declared, address: str, make: Callable[[str, dict[str, Any]], Any]) -> Any:
        """One, a list or a mapping of what `make` makes, as ``count`` or ``for_each`` say."""
        try:
            return self._by_count(declared, address, make)
        except (EvaluationError, TooLarge, RecursionError) as error:
            if self.tree.spent.steps > STEPS_MAX or self.tree.spent.instances > TREE_INSTANCES_MAX:
                raise
            why = "its values refer to one another too deeply" if isinstance(error, RecursionError) else str(error)
            attribute = declared.argument("count") or declared.argument("for_each")
            line = attribute.line if attribute is not None else declared.block.line
            self.tree.problem(declared.file, line, f"{address}: {why}")
            return Counted(address, Unknown(address, why), make(f"{address}[*]", _open_names(Unknown(address, why))))

    def _by_count(self, declared: Declared, address: str, make: Callable[[str, dict[str, Any]], Any]) -> Any:
        count, each = declared.argument("count"), declared.argument("for_each")
        scope = self.scope
        if count is not None:
            number = as_number(count.value.value(scope))
            if isinstance(number, Unknown):
                why = f"{address} has an open count: {number._why}"
                index = Unknown(f"{address} count.index", why, root=number._root)
                one = make(f"{address}[*]", {"count": {"index": index}, "\0gap": number})
                return OpenList([Maybe(number._path, number._why, (one,), number._root)])
            if number is None or not isinstance(number, int) or number < 0:
                raise EvaluationError("count is not a whole number from 0 on")
            if number > INSTANCES_MAX:
                raise TooLarge(f"count is {number}, more than {INSTANCES_MAX:,}")
            return [make(f"{address}[{index}]", {"count": {"index": index}}) for index in range(number)]
        if each is None:
            return make(address, {})
        value = each.value.value(scope)
        if isinstance(value, OpenList):
            value = gap_of(value)
        if isinstance(value, Unknown):
            gap = follows(value, f"for_each of {address}: {value._path}")
            return Counted(address, gap, make(f"{address}[*]", _open_names(gap)))
        if isinstance(value, dict):
            items = [(key, value[key]) for key in sorted(value)]
        elif isinstance(value, list):
            # A plain list is refused by Terraform, and means the same as its set.
            items = [(one, one) for one in value]
        else:
            raise EvaluationError(f"for_each is {kind_of(value)}, not a map or a set")
        if len(items) > INSTANCES_MAX:
            raise TooLarge(f"for_each has {len(items)} elements, more than {INSTANCES_MAX:,}")
        made: dict[str, Any] = {}
        for key, one in items:
            if isinstance(key, Unknown):
                return Counted(address, key, make(f"{address}[*]", _open_names(key)))
            text = text_of(key)
            made[text] = make(f"{address}[{quoted(text)}]", {"each": {"key": text, "value": one}})
        return made

    # Modules

    def called(self, name: str) -> Any:
        """What a reference to a module means."""
        call = self.configuration.calls.get(name)
        if call is None:
            return self._undeclared(f"module.{name}")

        def make(address: str, names: dict[str, Any]) -> Any:
            found = self._callee(call, name, address)
            if isinstance(found, str):
                return _Missing(address, found)
            self.tree.spent.instance()
            line = call.block.line
            chain = (*self.chain, f"{address} is called at {call.file.name} line {line}")
            return ModuleValue(Module(self.tree, found, self, call, address, names, chain, (*self.key, name)))

        return self._once(("module", name), lambda: self._multiplied(call, f"{self.prefix}module.{name}", make))

    def _callee(self, call: Declared, name: str, address: str) -> Configuration | str:
        source = call.text_of("source")
        if source is None:
            return f"module {name} says no source that is a text"
        if len(self.key) >= MODULES_DEEP_MAX:
            why = f"modules nest more than {MODULES_DEEP_MAX} deep"
            self.tree.problem(call.file, call.block.line, why)
            return why
        found = self.tree.find(self, name, source)
        if any(one.configuration is found for one in self.around()):
            found = "it calls itself, directly or through others"
        if isinstance(found, str):
            if is_local(source):
                self.tree.problem(call.file, call.block.line, f"module {name}: {found}")
            else:
                self.tree.note(f"{call.file.name} line {call.block.line}: module {name} is not judged: {found}")
                why = f"module {name} may set it: {found}"
                for given in call.body.attributes.values():
                    self.tree.handed.update(dict.fromkeys(self._handed(given.value, set()), why))
        return found

    def _handed(self, expression: Expression, seen: set[str]) -> Iterator[str]:
        """The addresses of the resources whose names an expression passes on."""
        for reference in references(expression):
            if reference[0] == "local" and len(reference) > 1 and reference[1] not in seen:
                seen.add(reference[1])
                found = self.configuration.locals.get(reference[1])
                if found is not None:
                    yield from self._handed(found[0].value, seen)
            elif reference[:2] in self.configuration.resources:
                if len(reference) == 2 or reference[2] in (*ATTRIBUTES_OF_THE_THING, *names_of(reference[0])):
                    yield f"{self.prefix}{'.'.join(reference[:2])}"

    def around(self) -> Iterator[Module]:
        """This module and those that call it, inside out."""
        here: Module | None = self
        while here is not None:
            yield here
            here = here.parent

    # Providers

    def provider_of(self, declared: Declared, type_name: str) -> Provider:
        """The configuration of the provider that a resource uses."""
        chosen = declared.argument("provider")
        key = _provider_key(chosen.value) if chosen is not None else type_name.partition("_")[0]
        return self.provider(key)

    def provider(self, key: str) -> Provider:
        found = self._providers.get(key)
        if found is None:
            self._providers[key] = Provider()  # for what refers to itself
            found = self._providers[key] = self._provider(key)
        return found

    def _provider(self, key: str) -> Provider:
        name, _, alias = key.partition(".")
        for declared in self.configuration.providers:
            if declared.block.labels[0] == name and (declared.text_of("alias") or "") == alias:
                return self._configured(declared)
        if self.parent is None or self.call is None:
            return Provider()
        passed = self.call.argument("providers")
        if passed is not None and isinstance(passed.value, Object):
            for key_expression, value, _ in passed.value.items:
                known = key_expression.known_text()
                if (known if known is not None else _provider_key(key_expression)) == key:
                    return self.parent.provider(_provider_key(value))
        return self.parent.provider(key) if not alias else Provider()

    def _configured(self, declared: Declared) -> Provider:
        region = declared.argument("region")
        value = self.evaluated(region, self.scope, declared, "provider.region") if region is not None else ""
        tags = None
        for block in declared.body.blocks_of("default_tags"):
            attribute = block.body.attributes.get("tags")
            if attribute is not None:
                tags = self.evaluated(attribute, self.scope, declared, "provider.default_tags")
        name = ".".join(filter(None, (declared.block.labels[0], declared.text_of("alias"))))
        return Provider(value if isinstance(value, str) else "", tags, f"{self.prefix}{name}", self._login(declared))

    def _login(self, declared: Declared) -> str:
        """Whose account a provider's configuration is for: its id, else all that it says of it."""
        roles = [(one.body, ("role_arn",)) for one in declared.body.blocks if one.type in ROLES]
        said: list[str] = []
        for body, names in (*roles, (declared.body, LOGIN)):
            for name in names:
                attribute = body.attributes.get(name)
                if attribute is None:
                    continue
                value = self.evaluated(attribute, self.scope, declared, f"provider.{name}")
                only = value[0] if isinstance(value, list) and len(value) == 1 else value
                found = ACCOUNT.fullmatch(only) if isinstance(only, str) and name in NAMES_ACCOUNT else None
                if found is not None:
                    return f"account {found[1]}"
                said.append(f"{name} {value._path if isinstance(value, Unknown) else value!r}")
        return "; ".join(said)

    # All of it

    def instances(self, wanted: Callable[[str], bool]) -> Iterator[Instance]:
        """Every resource of a wanted type, of the modules that it calls too, in the order of the files."""
        for type_name, name in self.configuration.resources:
            if wanted(type_name):
                yield from _flat(self.resource(type_name, name), Instance)
        for name in self.configuration.calls:
            for one in _flat(self.called(name), ModuleValue):
                yield from one.module.instances(wanted)


class Data(Lazy):
    """One data source: what can be computed without asking anybody, and unknown for the rest."""

    __slots__ = ("known", "of")

    def __init__(self, of: Instance) -> None:
        super().__init__(of.address, "it is read only when it is applied")
        self.of = of
        self.known: dict[str, Any] = {}

    def _attribute(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = _WORKING
            try:
                self.known[name] = data_sources.attribute(self.of, name)
            except BaseException:
                del self.known[name]
                raise
        if self.known[name] is _WORKING:
            raise EvaluationError(f"{self.of.address}.{name} refers to itself")
        return self.known[name]


class Text(str):
    """A value of a variable as a text, from the command line or the environment."""


def _flat(value: Any, kind: type[Any]) -> Iterator[Any]:
    if isinstance(value, kind):
        yield value
    elif isinstance(value, dict):
        for key in value:
            yield from _flat(value[key], kind)
    elif isinstance(value, list):
        for one in value:
            yield from _flat(one, kind)
    elif isinstance(value, Maybe):
        for one in value._values:
            yield from _flat(one, kind)
    elif isinstance(value, Counted):
        yield from _flat(value._element, kind)


def _open_names(gap: Unknown) -> dict[str, Any]:
    return {
        "each": {"key": follows(gap, f"each.key of {gap._path}"), "value": follows(gap, f"each.value of {gap._path}")},
        "count": {"index": follows(gap, f"count.index of {gap._path}")},
        "\0gap": gap,
    }


def _is_true(attribute: Attribute | None) -> bool:
    return attribute is not None and getattr(attribute.value, "constant", None) is True


def _is_false(attribute: Attribute | None) -> bool:
    return attribute is not None and getattr(attribute.value, "constant", None) is False


def _provider_key(expression: Expression) -> str:
    if isinstance(expression, GetAttribute) and isinstance(expression.of, Variable):
        return f"{expression.of.name}.{expression.name}"
    if isinstance(expression, Variable):
        return expression.name
    return expression.known_text() or ""


def _shape_of_type(wanted: Attribute | None) -> str:
    """The shape of a value of which only the type is known."""
    name = wanted.value.name if wanted is not None and isinstance(wanted.value, Variable) else ""
    return {"string": TEXT_SHAPE, "number": r"-?[0-9.]+", "bool": "(?:true|false)"}.get(name, ANY_SHAPE)


def quoted(text: str) -> str:
    """A key as it stands in an address."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("${", "$${")
    return f'"{escaped}"'
