"""IAM policy documents: what they allow, and whom."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fnmatch import translate
from functools import cache, lru_cache
from typing import Any, cast
from urllib.parse import unquote

from koban.model.aws.networks import network_of
from koban.model.document import ABSENT, Field, Part, Path, dotted
from koban.model.resource import asked, derived, field, parts
from koban.model.unknown import Undecided, Unknown, WorldsNeeded, _world

# Condition keys that tie a request to known callers, whatever the principal says (IAM User Guide, "meaning of public").
TRUSTED_KEYS = (
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "kms:calleraccount",
    "lambda:functionurlauthtype",
    "lambda:invokedviafunctionurl",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "sns:endpoint",
    "elasticfilesystem:accesspointarn",
)
# Operators that let a request through only where its value is among those named.
POSITIVE = (
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "ArnEquals",
    "ArnLike",
    "IpAddress",
    "Bool",
)
EXACT = ("StringEquals", "StringEqualsIgnoreCase")  # to these a star is a star, not a wildcard
IPV4_PREFIX_MIN, IPV6_PREFIX_MIN = 8, 16  # a wider network names nobody


class Statement(Part):
    """One statement of a policy document."""

    effect: str = field("Effect", "Deny", "Allow or Deny")
    actions: tuple[str, ...] = field("Action", (), "The actions it speaks of, with wildcards")
    not_actions: tuple[str, ...] = field("NotAction", (), "All actions but these")
    resources: tuple[str, ...] = field("Resource", (), "The ARNs it speaks of, with wildcards")
    not_resources: tuple[str, ...] = field("NotResource", (), "All resources but these")
    condition: dict[str, Any] = field("Condition", {}, "Operator, to key, to value or values")

    @derived
    def allows(self) -> bool:
        return self.effect == "Allow"

    @derived
    def principals(self) -> tuple[str, ...]:
        """Everyone it names: ``*``, ARNs, account ids, service names; empty where it names nobody."""
        return self._named("Principal")

    @derived
    def not_principals(self) -> tuple[str, ...]:
        return self._named("NotPrincipal")

    def _named(self, key: str) -> tuple[str, ...]:
        raw = self.document.get(key)
        if isinstance(raw, Unknown):
            return cast("tuple[str, ...]", raw)
        if raw is None:
            return ()
        found: list[Any] = []
        for one in raw.values() if isinstance(raw, dict) else [raw]:
            if isinstance(one, list | tuple):
                found.extend(one)
            else:
                found.append(one)
        return tuple(found)

    @derived
    def anyone(self) -> bool:
        """Whether the principal alone lets in everyone: ``*``."""
        return any(who == "*" for who in self.principals) or bool(self.not_principals)

    @derived
    def every_action(self) -> bool:
        return any(_everything(action) for action in self.actions)

    @derived
    def every_resource(self) -> bool:
        return any(_everything(resource) for resource in self.resources)

    @derived
    def narrowed(self) -> bool:
        """Whether a condition ties the caller to accounts, organisations, sources or networks that are named."""
        condition = self.condition
        if isinstance(condition, Unknown):
            return bool(condition)
        return any(_narrows(operator, key, values) for operator, key, values in _positive(condition))

    @asked
    def values_for(self, key: str) -> tuple[Any, ...]:
        """The values, one of which the request's condition key `key` must have; empty where any will do."""
        condition = self.condition
        if isinstance(condition, Unknown):
            return cast("tuple[Any, ...]", condition)
        found = [values for _, name, values in _positive(condition) if name == key.lower()]
        return tuple(value for values in found for value in values)

    @asked
    def does(self, action: str) -> bool:
        """Whether it speaks of `action` (``s3:GetObject``), wildcards taken into account."""
        if self.not_actions:
            return not any(_like(action, one) for one in self.not_actions)
        for one in self.actions:
            if _like(action, one):
                return True
        return False

    @asked
    def accounts_beside(self, account: str) -> tuple[str, ...]:
        """The other accounts that it names as principals, as 12 digits."""
        found = (_account_of(who) for who in self.principals)
        return tuple(dict.fromkeys(other for other in found if other and other != account))

    @asked
    def on(self, arn: str) -> bool:
        """Whether it speaks of the resource `arn`, wildcards taken into account."""
        if self.not_resources:
            return not any(_like(arn, one) for one in self.not_resources)
        return any(_like(arn, one) for one in self.resources)


class Policy(Part):
    """A policy document: of an identity, or of a resource."""

    statements: tuple[Statement, ...] = parts("Statement", Statement, "Its statements")

    @derived
    def admin(self) -> bool:
        """Whether it allows every action on every resource."""
        return any(s.allows and s.every_action and s.every_resource for s in self.statements)

    @derived
    def public(self) -> bool:
        """Whether it lets in anyone at all: a wildcard principal and no condition that names who."""
        return any(s.allows and s.anyone and not s.narrowed for s in self.statements)

    @derived
    def tls_only(self) -> bool:
        """Whether it denies everyone what does not come over TLS (``aws:SecureTransport`` false)."""
        return any(s.effect == "Deny" and s.anyone and _insecure(s.condition) for s in self.statements)

    @asked
    def allows(self, action: str) -> bool:
        """Whether a statement allows `action`, on whatever resource."""
        return any(s.allows and s.does(action) for s in self.statements)

    @asked
    def allows_everywhere(self, action: str) -> bool:
        """Whether it allows `action` on every resource, with no condition and no denial that takes it back."""
        wide = self._wide if _world.get() is None else None
        if wide is not None:
            allowing, denying = wide
            return any(s.does(action) for s in allowing) and not any(s.does(action) for s in denying)
        if any(s.effect == "Deny" and s.does(action) and s.every_resource and not s.condition for s in self.statements):
            return False
        return any(s.allows and s.does(action) and s.every_resource and not s.condition for s in self.statements)

    @derived
    def _wide(self) -> tuple[list[Statement], list[Statement]] | None:
        """The statements on every resource with no condition, that allow and that deny; None where it is not known."""
        try:
            wide = [s for s in self.statements if s.every_resource and not s.condition]
            return [s for s in wide if s.allows], [s for s in wide if s.effect == "Deny"]
        except (WorldsNeeded, Undecided):
            return None

    @asked
    def allows_on(self, action: str, arn: str) -> bool:
        """Whether a statement with no condition allows `action` on the resource `arn`."""
        return any(s.allows and s.does(action) and s.on(arn) and not s.condition for s in self.statements)

    @derived
    def escalations(self) -> tuple[str, ...]:
        """The actions allowed on every resource with which the holder can give itself any right."""
        wide = self._wide if _world.get() is None else None
        if wide is not None and all(_all_known(s) for found in wide for s in found):
            given, taken = ({one for s in found for one in _escalating(s)} for found in wide)
            allowed = given.difference(taken).__contains__
        else:
            allowed = cache(self.allows_everywhere)
        return tuple([" + ".join(actions) for actions in ESCALATIONS if all(map(allowed, actions))])

    @derived
    def whole_services(self) -> tuple[str, ...]:
        """The services of which it allows every action: ``s3`` for ``s3:*``."""
        named = (action for s in self.statements if s.allows for action in s.actions)
        return tuple(action[:-2] for action in named if action.endswith(":*") and not _everything(action))

    @asked
    def accounts_beside(self, account: str) -> tuple[str, ...]:
        """The other accounts that it lets in by name, as 12 digits."""
        found = [other for s in self.statements if s.allows for other in s.accounts_beside(account)]
        return tuple(dict.fromkeys(found))


def policy(path: str, doc: str = "") -> Policy:
    """A policy document at `path`: a mapping, or JSON text as some APIs give it (URL-encoded or not)."""

    def read(owner: Part, value: Any, at: Path) -> Any:
        if value is ABSENT or (value == "" and isinstance(value, str)):
            value = {}
        if isinstance(value, str):
            try:
                value = json.loads(unquote(value) if value.startswith("%7B") else value)
            except ValueError:
                value = Unknown(dotted(at), "the policy is not JSON")
        return Policy(value, path=at, owner=owner.owner)

    made = Field(path, None, doc, read)
    made.absent_is_default = False
    return cast(Policy, made)


def policy_fact(path: str, doc: str = "") -> Policy:
    """A policy document that the live API tells and the CloudFormation schema of the type does not have."""
    made = policy(path, doc)
    cast(Field, made).is_fact = True
    return made


# What lets its holder reach more than it was given, when allowed on every resource.
ESCALATIONS = (
    ("iam:CreatePolicyVersion",),
    ("iam:SetDefaultPolicyVersion",),
    ("iam:AttachUserPolicy",),
    ("iam:AttachGroupPolicy",),
    ("iam:AttachRolePolicy",),
    ("iam:PutUserPolicy",),
    ("iam:PutGroupPolicy",),
    ("iam:PutRolePolicy",),
    ("iam:AddUserToGroup",),
    ("iam:UpdateAssumeRolePolicy",),
    ("iam:CreateAccessKey",),
    ("iam:CreateLoginProfile",),
    ("iam:UpdateLoginProfile",),
    ("iam:DeleteRolePermissionsBoundary",),
    ("iam:DeleteUserPermissionsBoundary",),
    ("iam:PassRole", "ec2:RunInstances"),
    ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
    ("iam:PassRole", "cloudformation:CreateStack"),
    ("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    ("iam:PassRole", "glue:CreateDevEndpoint"),
    ("iam:PassRole", "glue:CreateJob", "glue:StartJobRun"),
    ("iam:PassRole", "sagemaker:CreateNotebookInstance"),
    ("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"),
    ("iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"),
    ("iam:PassRole", "states:CreateStateMachine", "states:StartExecution"),
    ("lambda:UpdateFunctionCode",),
)


ESCALATING = {one.lower(): one for actions in ESCALATIONS for one in actions}


def _all_known(statement: Statement) -> bool:
    patterns = statement.not_actions or statement.actions
    return type(patterns) is tuple and all(isinstance(one, str) for one in patterns)


def _escalating(statement: Statement) -> set[str]:
    """The actions of ESCALATIONS that a statement, all of whose actions are known, speaks of."""
    patterns = statement.not_actions or statement.actions
    found = {name for test in map(_matcher, patterns) for lowered, name in ESCALATING.items() if test(lowered)}
    return set(ESCALATING.values()) - found if statement.not_actions else found


def _positive(condition: dict[str, Any]) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """The operator and the key, in lower case, that must have one of some values for the statement to apply."""
    for operator, keys in condition.items():
        # "IfExists" lets a request without the key through, and "ForAllValues" one where it has no value.
        name = operator.rsplit(":", 1)[-1]
        if operator.startswith("ForAllValues:") or name not in POSITIVE or not isinstance(keys, dict):
            continue
        for key, value in keys.items():
            yield name, key.lower(), tuple(value) if isinstance(value, list | tuple) else (value,)


def _narrows(operator: str, key: str, values: tuple[Any, ...]) -> bool:
    """Whether `key` having one of `values` names the caller, whatever the principal says."""
    if key == "aws:sourceip":
        return not any(_whole_internet(one) for one in values)
    if operator in EXACT:
        return key in TRUSTED_KEYS
    return key in TRUSTED_KEYS and not any(_names_nobody(one) for one in values)


def _whole_internet(network: Any) -> bool:
    if isinstance(network, Unknown):
        return bool(network == "0.0.0.0/0")
    found = network_of(str(network))
    return found is not None and found.prefixlen < (IPV4_PREFIX_MIN if found.version == 4 else IPV6_PREFIX_MIN)


def _names_nobody(value: Any) -> bool:
    """Whether a wildcard stands where the value would say whose it is."""
    if isinstance(value, Unknown) or not isinstance(value, str):
        return bool(value == "*")
    if not value.startswith("arn:"):
        return value.startswith("*") or value == "o-*"
    pieces = [*value.split(":", 5), "", "", "", "", ""]
    return "*" in pieces[4] or (not pieces[4] and pieces[5][:1] in ("*", ""))


def _everything(pattern: Any) -> bool:
    if isinstance(pattern, Unknown):
        return bool(pattern == "*")
    return isinstance(pattern, str) and "*" in pattern and not pattern.strip("*:")


OF_SERVICES = ("aws:principalisawsservice", "aws:viaawsservice")


def _insecure(condition: Any) -> bool:
    """Whether it holds for whatever does not come over TLS, save for what AWS services send themselves."""
    if isinstance(condition, Unknown):
        return bool(condition)
    insecure = False
    for operator, keys in condition.items():
        if not isinstance(keys, dict):
            return False
        for key, value in keys.items():
            if key.lower() == "aws:securetransport" and operator in ("Bool", "BoolIfExists"):
                values = value if isinstance(value, list | tuple) else (value,)
                insecure = all(one == "false" or one == False for one in values)  # noqa: E712
            elif key.lower() not in OF_SERVICES:  # a further condition must hold too: others may come without TLS
                return False
    return insecure


def _like(text: str, pattern: Any) -> bool:
    if isinstance(pattern, Unknown):
        return bool(pattern._child(f" covers {text!r}")) if not pattern == text else True
    if not isinstance(pattern, str):
        return False
    return bool(_matcher(pattern)(text.lower()))


@lru_cache(maxsize=8192)  # a policy names few patterns, and policies much the same
def _matcher(pattern: str) -> Callable[[str], Any]:
    """What says whether a text in lower case is like `pattern`, in which ``*`` and ``?`` stand for others."""
    lowered = pattern.lower()
    if "?" not in lowered:
        start, star, end = lowered.partition("*")
        if not star:
            return lambda text: text == lowered
        if not end:
            return lambda text: text.startswith(start)
    return re.compile(translate(lowered.replace("[", "[[]"))).match


def _account_of(who: Any) -> str:
    if isinstance(who, Unknown) or not isinstance(who, str):
        return ""
    if who.isdigit() and len(who) == 12:
        return who
    pieces = who.split(":")
    return pieces[4] if len(pieces) > 5 and pieces[0] == "arn" and pieces[2] in ("iam", "sts") else ""
