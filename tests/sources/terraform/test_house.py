"""What holds for every table: each property that a rule may read has an argument, or a reason why it has none."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

import pytest

import koban.model.aws
from koban.model.document import Field, fields_of
from koban.model.resource import known_classes, resource_class
from koban.sources.terraform.aws import tables_of
from koban.sources.terraform.awscc import Identity
from koban.sources.terraform.mapping import Entry, Table
from koban.sources.terraform.mapping import not_made as NOT_MADE

for module in iter_modules(koban.model.aws.__path__):
    import_module(f"koban.model.aws.{module.name}")

TABLES = tables_of()
BY_CLASS: dict[str, list[Table]] = {}
for of_type in TABLES.values():
    for one in of_type:
        if isinstance(one, Identity):
            continue  # it takes every property
        BY_CLASS.setdefault(one.cls.type, []).append(one)
# What no argument sets: it comes about by what happens in an account.
LIVE_ONLY = (
    "Koban::AWS::Account",
    "Koban::AWS::Region",
    "Koban::Backup::ProtectedResource",
    "Koban::Backup::RecoveryPoint",
    "Koban::IAM::AccessKey",
    "Koban::IAM::AccountSummary",
    "Koban::IAM::CredentialReport",
    "Koban::Inspector::Status",
    "Koban::SSM::ManagedInstance",
)
OF_AWS = [cls for cls in known_classes() if cls.__module__.startswith("koban.model.")]
CLASSES = [cls for cls in OF_AWS if cls.type not in (*NOT_MADE, *LIVE_ONLY)]


def paths(fields: Iterator[Field], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every field, of those inside its parts too."""
    for field in fields:
        if field.is_fact:
            continue
        here = (*above, *(step.removesuffix("[]") for step in field.steps))
        inner = list(fields_of(field.of_part)) if field.of_part is not None else []
        if inner and all(one.steps for one in inner):
            yield from paths(iter(inner), here)
        else:
            yield here


def covered(entries: Mapping[str, Entry], steps: tuple[str, ...]) -> bool:
    for step in steps:
        found = entries.get(step)
        if found is None:
            return False
        inner = found.properties()
        if inner is None:
            return True
        entries = inner
    return True


def lacking(table: Table, steps: tuple[str, ...]) -> bool:
    return any(".".join(steps[:end]) in table.lacks for end in range(1, len(steps) + 1))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.type)
def test_every_field_has_an_argument_or_a_reason(cls):
    mine = BY_CLASS.get(cls.type)
    assert mine, f"no table makes a {cls.type}: write one, or say makes_no(...) with the reason"
    for steps in paths(fields_of(cls)):
        found = any(covered(table.entries, steps) or lacking(table, steps) for table in mine)
        assert found, f"{cls.type}: nothing sets {'.'.join(steps)}; map it, or give the reason in `lacks`"


def test_what_only_lives_has_no_table():
    assert set(LIVE_ONLY) <= {cls.type for cls in OF_AWS}
    assert not set(LIVE_ONLY) & set(BY_CLASS)


def test_reasons_are_given_only_where_they_are_needed():
    for name, reason in NOT_MADE.items():
        assert reason, name
        assert name not in BY_CLASS, f"{name} has a table"
        assert resource_class(name).type == name, f"nothing is declared as {name}"
    for mine in BY_CLASS.values():
        for table in mine:
            for path, reason in table.lacks.items():
                assert reason, (table.source, path)
                assert not any(covered(one.entries, tuple(path.split("."))) for one in mine), (table.source, path)
