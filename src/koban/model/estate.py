"""An estate held in memory: what one template, or one row of a rule's table, contains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from koban.model.document import ABSENT, walk
from koban.model.resource import Place, Resource, derived, field, partition_of, resource_class, unknown_name
from koban.model.result import Gap
from koban.model.unknown import Several, Unknown


class EstateError(Exception):
    """The estate itself can no longer be asked (its file is gone, broken or the disk is full): the scan cannot go on.

    No fact about a resource, so never a verdict: rules and engines let it through.
    """


class Account(Place, type="Koban::AWS::Account", ids="AccountId", arn="arn:{partition}:iam::{account}:root"):
    """An AWS account.  Rules about what an account must have take it and ask it for `every` trail, key, ..."""

    alias: str = field("Alias", "", "The name in its sign-in address; empty: it has none")
    organization_id: str = field("OrganizationId", "", "The organisation it is in; empty: none")
    management_account: str = field("ManagementAccountId", "", "The account that manages its organisation")

    @derived
    def is_management(self) -> bool:
        """Whether it is the account that manages an organisation."""
        return self.management_account == self.account and bool(self.account)

    @derived
    def is_member(self) -> bool:
        """Whether it is in an organisation that another account manages."""
        return bool(self.organization_id) and not self.is_management


class Region(Place, type="Koban::AWS::Region", ids="RegionName", arn="arn:{partition}:iam:{region}:{account}:region"):
    """One region of one account.  Rules about what each region must have take it."""

    @derived
    def in_use(self) -> bool:
        """Whether the account runs something in it: a server, a function, a database, or a network of its own."""
        if any(self.every(resource_class(name)) for name in SIGNS_OF_USE):
            return True
        networks: Any = self.every(resource_class("AWS::EC2::VPC"))
        return any(not network.is_default for network in networks)


SIGNS_OF_USE = (
    "AWS::EC2::Instance",
    "AWS::Lambda::Function",
    "AWS::RDS::DBInstance",
    "AWS::ECS::Cluster",
    "AWS::EKS::Cluster",
)


class MemoryEstate:
    """Resources that all fit in memory and, where they are code, belong to one template.

    Templates are closed: what a template does not declare is taken as not there, since nothing else is shown.
    What a reference names outside it is unknown.
    """

    def __init__(
        self, resources: Iterable[Resource] = (), gaps: Iterable[Gap] = (), now: datetime | None = None
    ) -> None:
        self.now = now or datetime.now(UTC)
        self.gaps = tuple(gaps)
        self.resources: list[Resource] = []
        self.by_type: dict[str, list[Resource]] = defaultdict(list)
        self._names: dict[tuple[str, str], list[Resource]] | None = None
        self._lists: dict[tuple[str, str, str], tuple[Resource, ...]] = {}
        self._places: dict[tuple[str, str, str], Resource] = {}
        self._referring: dict[tuple[str, str], dict[str, list[Resource]]] = {}
        for resource in resources:
            self.add(resource)

    def add(self, resource: Resource) -> None:
        resource.estate = self
        self.resources.append(resource)
        self.by_type[resource.type_name].append(resource)
        self._names = None
        self._lists.clear()
        self._places.clear()
        self._referring.clear()

    def _named(self, type_name: str, name: str) -> list[Resource]:
        if self._names is None:
            self._names = defaultdict(list)
            for resource in self.resources:
                for one in {*resource.names, resource.address} - {""}:
                    self._names[resource.type_name, one].append(resource)
        return self._names.get((type_name, name), [])

    def named(self, cls: type[Resource], name: Any, near: Resource) -> Any:
        target = unknown_name(name) if isinstance(name, Unknown) else name
        if not target or not isinstance(target, str):
            return name if isinstance(name, Unknown) else Unknown(cls.type, "the reference is not a name")
        for found in self._named(cls.type, target):
            return found
        if isinstance(name, Unknown):
            return name
        where = "the template" if near.is_code else "what was read"
        return Unknown(cls.type, f"{name} is not in {where}")

    def referring(self, cls: type[Resource], field: str, to: Resource) -> Any:
        key = cls.type, field
        index = self._referring.get(key)
        if index is None:
            index = defaultdict(list)
            path = cls.link_fields[field].path
            for resource in self.by_type[cls.type]:
                for name in link_names(resource, path):
                    index[name].append(resource)
            self._referring[key] = index
        found: dict[str, Resource] = {}
        for name in {*to.names, to.address} - {""} if index else ():
            for one in index.get(name, ()):
                found[one.uid] = one
        items = tuple([found[uid] for uid in sorted(found)])
        if not self.gaps:
            return items
        gaps = tuple(Unknown(cls.type, g.why) for g in self.gaps if g.covers(cls.type, to.account, to.region))
        return Several(items, gaps) if gaps else items

    def every(self, cls: type[Resource], account: str, region: str) -> Any:
        key = cls.type, account, region
        items = self._lists.get(key)
        if items is None:
            items = tuple(
                [r for r in self.by_type[cls.type] if (not region or r.region == region) and r.account == account]
            )
            self._lists[key] = items
        if not self.gaps:
            return items
        gaps = tuple(Unknown(cls.type, g.why) for g in self.gaps if g.covers(cls.type, account, region))
        return Several(items, gaps) if gaps else items

    def owner(self, resource: Resource) -> Any:
        return self._place(Account, resource, "")

    def home(self, resource: Resource) -> Any:
        return self._place(Region, resource, resource.region)

    def _place(self, cls: type[Resource], resource: Resource, region: str) -> Any:
        key = cls.type, resource.account, region
        made = self._places.get(key)
        if made is None:
            for found in self.by_type[cls.type]:
                if found.account == resource.account and (not region or found.region == region):
                    break
            else:
                found = cls({}, account=resource.account, region=region, estate=self)
            made = self._places[key] = found
        return made


def link_names(resource: Resource, path: str) -> tuple[str, ...]:
    """What the link at `path` of `resource` names: names, ARNs, or addresses inside its template."""
    value, _ = walk(resource.document, tuple(path.split(".")), ())
    if value is ABSENT:
        return ()
    values = value if isinstance(value, list | tuple) else (value,)
    names = (unknown_name(one) if isinstance(one, Unknown) else one for one in values)
    return tuple(name for name in names if isinstance(name, str) and name)


def gap_subject(gap: Gap, cls: type[Resource]) -> Resource:
    """What stands in a result for the resources that could not be listed."""
    made = cls({}, uid="-", account=gap.account, region=gap.region)
    made.uid = f"arn:{partition_of(gap.region)}:*:{gap.region}:{gap.account}:{cls.type}"
    return made
