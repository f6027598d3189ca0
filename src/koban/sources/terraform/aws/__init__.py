"""How each ``aws_*`` type of Terraform becomes a document, a file a service."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from koban.sources.cloudformation.intrinsics import REF_IS
from koban.sources.terraform.mapping import Argument, Table, tables

# Types of which Terraform's id is the name that their configuration gives them.
ID_IS_NAME = frozenset(
    (
        "AWS::AutoScaling::AutoScalingGroup",
        "AWS::CodeBuild::Project",
        "AWS::DynamoDB::Table",
        "AWS::ECR::Repository",
        "AWS::EKS::Cluster",
        "AWS::IAM::Group",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBSubnetGroup",
        "AWS::Redshift::Cluster",
        "AWS::S3::Bucket",
        "AWS::SSM::Document",
        "AWS::SSM::Parameter",
    )
)


@cache
def tables_of() -> dict[str, list[Table]]:
    """Every table, by Terraform type."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    from koban.sources.terraform import awscc

    return {**awscc.tables(), **tables}


@cache
def setters(type_name: str, property_name: str) -> tuple[str, ...]:
    """The Terraform types that set a property of a CloudFormation type from beside the resource."""
    found = (table for mine in tables_of().values() for table in mine if table.by and table.cls.type == type_name)
    return tuple(sorted({table.source for table in found if property_name in table.entries}))


@cache
def names_of(type_name: str) -> frozenset[str]:
    """The arguments of a Terraform type that name what it makes, so that a reference to one is one to the thing."""
    found = set()
    for table in tables_of().get(type_name, ()):
        for name in table.cls.ids if not table.by and not table.gathers else ():
            entry = table.entries.get(name)
            if isinstance(entry, Argument):
                found.add(entry.name)
    return frozenset(found)


@cache
def id_of(type_name: str) -> str:
    """The argument that the ``id`` of a Terraform type repeats: the name, of what is told by its name; empty: none."""
    for table in tables_of().get(type_name, ()):
        entry = table.entries.get(REF_IS.get(table.cls.type, "")) if not table.by else None
        if isinstance(entry, Argument) and table.cls.type in ID_IS_NAME:
            return entry.name
    return ""
