"""Where a deployment goes, and the ids that resources have there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from koban.model.resource import known_classes
from koban.model.unknown import TEXT_SHAPE, Partial, Unknown
from koban.sources.arm.functions import GUID_SHAPE
from koban.sources.arm.values import EvaluationError, Fault, is_text, joined, name_of, show

WHEN = "it is known only at deployment"
GROUP_SHAPE = r"[\w.()-]+"
LOCATION_SHAPE = r"[A-Za-z0-9 ]+"
GROUP, SUBSCRIPTION, MANAGEMENT_GROUP, TENANT = "group", "subscription", "management group", "tenant"
KINDS = {
    "deployment": GROUP,
    "subscriptionDeployment": SUBSCRIPTION,
    "managementGroupDeployment": MANAGEMENT_GROUP,
    "tenantDeployment": TENANT,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """A resource group, subscription, management group or the tenant; its names are known or not."""

    kind: str
    subscription: Any
    group: Any
    management_group: Any

    @property
    def key(self) -> str:
        """What tells it from other scopes of the same file."""
        names = {
            GROUP: (self.subscription, self.group),
            SUBSCRIPTION: (self.subscription,),
            MANAGEMENT_GROUP: (self.management_group,),
        }
        return f"{self.kind} {show(list(names.get(self.kind, ())))}".lower()

    @property
    def id(self) -> Any:
        if self.kind == GROUP:
            made = joined(["/subscriptions/", self.subscription, "/resourceGroups/", self.group])
            return _called("resourceGroup().id", made) if _is_outermost(self.group) else made
        if self.kind == SUBSCRIPTION:
            return subscription_id(self)
        if self.kind == MANAGEMENT_GROUP:
            return joined(["/providers/Microsoft.Management/managementGroups/", self.management_group])
        return "/"

    def nested(self, body: dict[str, Any], schema: str) -> Scope:
        """Where a nested deployment goes: `body` has its subscriptionId, resourceGroup and scope, evaluated."""
        made = self
        scope = body.get("scope")
        if isinstance(scope, str) and scope.strip("/").lower().startswith("microsoft.management/managementgroups/"):
            made = replace(made, kind=MANAGEMENT_GROUP, management_group=scope.rstrip("/").rpartition("/")[2])
        elif scope == "/" and isinstance(scope, str):
            made = replace(made, kind=TENANT)
        elif isinstance(scope, Unknown):
            made = replace(made, kind=MANAGEMENT_GROUP, management_group=scope)
        subscription, group = body.get("subscriptionId"), body.get("resourceGroup")
        if is_text(subscription):
            made = replace(made, kind=SUBSCRIPTION, subscription=subscription)
        if is_text(group) or isinstance(group, Unknown):
            made = replace(made, kind=GROUP, group=group)
        if schema in KINDS and schema != "deployment":
            made = replace(made, kind=KINDS[schema])
        return made


def subscription_id(scope: Scope) -> Any:
    made = joined(["/subscriptions/", scope.subscription])
    outer = isinstance(scope.subscription, Unknown) and scope.subscription._path == "subscription().subscriptionId"
    return _called("subscription().id", made) if outer else made


def _called(path: str, value: Any) -> Any:
    """A text under a name that people know it by."""
    return Partial(path, value._pieces) if isinstance(value, Partial) else value


def outermost(schema: str) -> Scope:
    """The scope of a template that nobody nests."""
    return Scope(
        KINDS.get(schema, GROUP),
        Unknown("subscription().subscriptionId", WHEN, shape=GUID_SHAPE),
        Unknown("resourceGroup().name", WHEN, shape=GROUP_SHAPE),
        Unknown("managementGroup().name", WHEN, shape=GROUP_SHAPE),
    )


def resource_group(scope: Scope) -> dict[str, Any]:
    if scope.kind != GROUP:
        raise Fault("resourceGroup() is only there where a deployment goes to a resource group")
    path = f"resourceGroup({'' if _is_outermost(scope.group) else name_of(scope.group)})"
    return {
        "id": scope.id,
        "name": scope.group,
        "type": "Microsoft.Resources/resourceGroups",
        "location": Unknown(f"{path}.location", WHEN, shape=LOCATION_SHAPE),
        "tags": Unknown(f"{path}.tags", WHEN),
        "managedBy": Unknown(f"{path}.managedBy", WHEN),
        "properties": {"provisioningState": "Succeeded"},
    }


def _is_outermost(group: Any) -> bool:
    return isinstance(group, Unknown) and group._path == "resourceGroup().name"


def subscription(scope: Scope) -> dict[str, Any]:
    if scope.kind not in (GROUP, SUBSCRIPTION):
        raise Fault("subscription() is only there where a deployment goes to a subscription or group")
    return {
        "id": subscription_id(scope),
        "subscriptionId": scope.subscription,
        "tenantId": tenant()["tenantId"],
        "displayName": Unknown("subscription().displayName", WHEN, shape=TEXT_SHAPE),
    }


def tenant() -> dict[str, Any]:
    tenant_id = Unknown("tenant().tenantId", WHEN, shape=GUID_SHAPE)
    return {
        "id": joined(["/tenants/", tenant_id]),
        "tenantId": tenant_id,
        "countryCode": Unknown("tenant().countryCode", WHEN, shape=TEXT_SHAPE),
        "displayName": Unknown("tenant().displayName", WHEN, shape=TEXT_SHAPE),
    }


def management_group(scope: Scope) -> dict[str, Any]:
    if scope.kind != MANAGEMENT_GROUP:
        raise Fault("managementGroup() is only there where a deployment goes to a management group")
    return {
        "id": scope.id,
        "name": scope.management_group,
        "type": "Microsoft.Management/managementGroups",
        "properties": Unknown("managementGroup().properties", WHEN),
    }


def environment() -> dict[str, Any]:
    """Which of Azure's clouds it is: nobody knows, so none of its addresses is known."""
    names = (
        "name gallery graph portal graphAudience activeDirectoryDataLake batch media resourceManager "
        "sqlManagement vmImageAliasDoc"
    )
    suffixes = "acrLoginServer azureDatalakeAnalyticsCatalogAndJob azureDatalakeStoreFileSystem keyvaultDns "
    suffixes += "sqlServerHostname storage azureFrontDoorEndpointSuffix"
    made: dict[str, Any] = {one: _address(one) for one in names.split()}
    made["suffixes"] = {one: _address(f"suffixes.{one}") for one in suffixes.split()}
    made["authentication"] = {
        "loginEndpoint": _address("authentication.loginEndpoint"),
        "audiences": Unknown("environment().authentication.audiences", WHEN),
        "tenant": _address("authentication.tenant"),
        "identityProvider": _address("authentication.identityProvider"),
    }
    return made


def _address(name: str) -> Unknown:
    return Unknown(f"environment().{name}", WHEN, shape=r"[^*\s]+")


def split_type(arguments: list[Any], most: int) -> tuple[list[Any], str, list[Any]]:
    """The arguments of resourceId and its like: what stands before the type (at most `most`), the type, the names."""
    for position in range(min(most, len(arguments) - 1) + 1):
        one = arguments[position]
        if isinstance(one, str) and "/" in one.strip("/") and not one.startswith("/"):
            names = arguments[position + 1 :]
            if one.strip("/").count("/") == len(names):
                return arguments[:position], one.strip("/"), names
    raise EvaluationError("it takes a type and as many names as the type has parts after its provider")


def id_below(prefix: Any, type_name: str, names: list[Any], target: str = "") -> Any:
    """The id of a resource: `prefix` is the id of the scope or resource that it is in."""
    namespace, *parts = type_name.split("/")
    pieces: list[Any] = ["" if isinstance(prefix, str) and prefix == "/" else prefix, "/providers/", namespace]
    for part, name in zip(parts, names, strict=True):
        pieces += ["/", part, "/", name]
    made = joined(pieces)
    if target and isinstance(made, Partial):
        return Partial(made._path, made._pieces, target)
    return made


def type_names() -> dict[str, str]:
    """The types that are declared, as their providers write them, by their names in lower case."""
    return {one.type.lower(): one.type for one in known_classes()}


def canonical_type(type_name: str, known: dict[str, str]) -> str:
    """A type as its provider writes it, as far as that is `known`; types are the same in any case."""
    if type_name.lower() in known:
        return known[type_name.lower()]
    if type_name.lower().startswith("microsoft."):
        return f"Microsoft.{type_name[10:]}"
    return type_name
