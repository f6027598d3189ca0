"""What CloudFormation's intrinsic functions come to, as far as a template alone can tell.

Every function takes values that are known, :class:`Unknown`, or :data:`NO_VALUE`, and gives the same.  What cannot be
known becomes an Unknown that keeps what is certain of it: the pieces of a text, a shape, the resource it refers to.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import re
from collections.abc import Iterable
from typing import Any

from koban.model.resource import unknown_name
from koban.model.unknown import ANY_SHAPE, NON_EMPTY_SHAPE, Maybe, OpenList, Partial, Question, Unknown

TEXT_CHARACTERS_MAX = 1_000_000  # a longer text is not built
PATH_CHARACTERS_MAX = 80  # of the name that people see of a text that is built
CIDR_BLOCKS_MAX = 256  # as CloudFormation has it

ACCOUNT_SHAPE = r"[0-9]{12}"
# After "arn:" of what AWS names itself: partition, service, region, this account (S3 leaves both out), and the rest.
ARN_REST_SHAPE = r"aws(?:-[a-z]+)*:[a-z0-9-]+:[a-z0-9-]*:(?:[0-9]{12})?:[^*]+"
CIDR_SHAPE = r"(?!0\.0\.0\.0/0|::/0)[0-9a-fA-F:.]+/[0-9]+"
PARTITION_SHAPE = r"aws(?:-[a-z]+)*"
REGION_SHAPE = r"[a-z]{2,}(?:-[a-z]+)+-[0-9]"

ZONE_SHAPE = REGION_SHAPE + r"[a-z]"
GENERATED_SHAPE = r"[^*]+-[^*]+"  # a name that CloudFormation makes up: of the stack, the logical id and a random end

PSEUDO_SHAPES = {
    "AWS::AccountId": ACCOUNT_SHAPE,
    "AWS::Partition": PARTITION_SHAPE,
    "AWS::Region": REGION_SHAPE,
    "AWS::StackId": r"arn:aws[a-z-]*:cloudformation:[^*]+",
    "AWS::StackName": r"[A-Za-z][A-Za-z0-9-]*",
    "AWS::URLSuffix": r"[a-z0-9.]+",
    "AWS::NotificationARNs": ANY_SHAPE,
}

PARAMETER_SHAPES = {
    "Number": r"\s*[-+]?[0-9.]+\s*",
    "AWS::EC2::AvailabilityZone::Name": r"[a-z0-9-]+",
    "AWS::EC2::Image::Id": r"ami-[0-9a-f]+",
    "AWS::EC2::Instance::Id": r"i-[0-9a-f]+",
    "AWS::EC2::SecurityGroup::Id": r"sg-[0-9a-f]+",
    "AWS::EC2::Subnet::Id": r"subnet-[0-9a-f]+",
    "AWS::EC2::VPC::Id": r"vpc-[0-9a-f]+",
    "AWS::EC2::Volume::Id": r"vol-[0-9a-f]+",
    "AWS::EC2::KeyPair::KeyName": NON_EMPTY_SHAPE,
    "AWS::EC2::SecurityGroup::GroupName": NON_EMPTY_SHAPE,
    "AWS::Route53::HostedZone::Id": r"[A-Z0-9]+",
    "AWS::SSM::Parameter::Name": NON_EMPTY_SHAPE,
}

# What `Ref` gives, where that is a name that the template itself may set.  For all other types it is an id made by AWS.
REF_IS = {
    "AWS::ApiGateway::Stage": "StageName",
    "AWS::Athena::WorkGroup": "Name",
    "AWS::AutoScaling::AutoScalingGroup": "AutoScalingGroupName",
    "AWS::AutoScaling::LaunchConfiguration": "LaunchConfigurationName",
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CodeBuild::Project": "Name",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::EKS::Cluster": "Name",
    "AWS::ElastiCache::SubnetGroup": "CacheSubnetGroupName",
    "AWS::Glue::Crawler": "Name",
    "AWS::Glue::Job": "Name",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::OpenSearchService::Domain": "DomainName",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
    "AWS::Redshift::Cluster": "ClusterIdentifier",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SSM::Document": "Name",
    "AWS::SSM::Parameter": "Name",
}


# The types whose `Ref` is an ARN.
REF_IS_ARN = frozenset(
    (
        "AWS::CertificateManager::Certificate",
        "AWS::ECS::Service",
        "AWS::ECS::TaskDefinition",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::IAM::ManagedPolicy",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Version",
        "AWS::SNS::Topic",
        "AWS::SecretsManager::Secret",
        "AWS::StepFunctions::StateMachine",
    )
)


class _NoValue:
    """Where a property is left out: ``AWS::NoValue``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NO_VALUE"


NO_VALUE = _NoValue()

_HOLE = re.compile(r"\$\{([^{}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:([a-z0-9-]+):([^{}]*)\}\}")


def pseudo(name: str) -> Any:
    """The value of a pseudo parameter, or None where there is no such."""
    if name == "AWS::NoValue":
        return NO_VALUE
    shape = PSEUDO_SHAPES.get(name)
    return None if shape is None else Unknown(f"Ref {name}", f"{name} is known only at deployment", shape=shape)


def text_of(value: Any) -> str | Unknown:
    """A scalar as CloudFormation writes it into a text."""
    if isinstance(value, str | Unknown):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ",".join(str(text_of(one)) for one in value)
    return Unknown("text", "a list or mapping stands where a text is wanted")


def concatenated(pieces: Iterable[Any]) -> Any:
    """A text out of pieces that are known or not."""
    flat: list[str | Unknown] = []
    for one in pieces:
        text = text_of(one)
        for piece in text._pieces if isinstance(text, Partial) and not text._own_target else (text,):
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif isinstance(piece, Unknown) or piece:
                flat.append(piece)
    if sum(len(piece) for piece in flat if isinstance(piece, str)) > TEXT_CHARACTERS_MAX:
        return Unknown("text", f"the text is longer than {TEXT_CHARACTERS_MAX:,} characters")
    if all(isinstance(piece, str) for piece in flat):
        return "".join(str(piece) for piece in flat)
    if len(flat) == 1:
        return flat[0]
    shown = "".join(piece if isinstance(piece, str) else f"<{piece._path}>" for piece in flat)
    return Partial(short(shown), tuple(flat))


def short(path: str) -> str:
    """A path that fits on a line, and still is no other's."""
    if len(path) <= PATH_CHARACTERS_MAX and path.isprintable():
        return path
    digest = hashlib.blake2b(path.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{' '.join(path.split())[:PATH_CHARACTERS_MAX]}... ({digest})"


def substituted(text: str, value_of: Any) -> Any:
    """``Fn::Sub``: `value_of(name)` gives what stands in each ``${name}``."""
    pieces: list[Any] = []
    end = 0
    for hole in _HOLE.finditer(text):
        pieces.append(text[end : hole.start()])
        name = hole[1].strip()
        pieces.append("${" + name[1:] + "}" if name.startswith("!") else value_of(name))
        end = hole.end()
    pieces.append(text[end:])
    return concatenated("" if piece is NO_VALUE else piece for piece in pieces)


def holes(text: str) -> list[str]:
    """The names in the ``${name}`` of a text."""
    return [name for name in (hole[1].strip() for hole in _HOLE.finditer(text)) if not name.startswith("!")]


def with_dynamic_references(text: str) -> Any:
    """A text in which ``{{resolve:...}}`` stands.

    A reference to a secret can only end up in a property that holds one, and starts with ``{{resolve:`` for certain:
    rules tell it from a secret written out by that.  A plain parameter can be anything.
    """
    pieces: list[Any] = []
    end = 0
    for found in _DYNAMIC.finditer(text):
        pieces.append(text[end : found.start()])
        service, rest = found[1], found[2]
        why = "a dynamic reference is read at deployment"
        if service in ("secretsmanager", "ssm-secure"):
            inner = Unknown(f"{{{{resolve:{service}:{rest}}}}}", why, shape=r"(?s:[^{}]*)")
            pieces += [f"{{{{resolve:{service}:", inner, "}}"]
        else:
            pieces.append(Unknown(found[0], why))
        end = found.end()
    pieces.append(text[end:])
    return concatenated(pieces)


def read_at_deployment(text: Any) -> Any:
    """A text built by a function, with the dynamic references that it may turn out to have."""
    if isinstance(text, str):
        return with_dynamic_references(text) if "{{resolve:" in text else text
    if isinstance(text, Partial) and any(isinstance(one, str) and "{{resolve:ssm:" in one for one in text._pieces):
        return Unknown(text._path, "a dynamic reference is read at deployment")
    return text


def joined(delimiter: Any, values: Any) -> Any:
    if isinstance(values, OpenList):
        gap = first_unknown([one for one in values if isinstance(one, Maybe)])
        values = Unknown(_paths(values), gap._root._why) if gap is not None else values
    if isinstance(values, Unknown):
        return Unknown(short(f"Join of {values._path} by {delimiter!r}"), values._root._why)
    if not isinstance(delimiter, str) or not isinstance(values, list):
        return malformed("Fn::Join", "takes a text and a list")
    pieces: list[Any] = []
    for position, one in enumerate(values):
        pieces += [delimiter, one] if position else [one]
    return concatenated(pieces)


def split(delimiter: Any, text: Any) -> Any:
    if isinstance(text, Unknown) and text._target and not isinstance(text, Partial) and delimiter in (",", ";", " "):
        return [text]  # an id or a name that AWS makes has none of these in it
    if isinstance(text, Unknown):
        return Unknown(short(f"Split of {text._path} at {delimiter!r}"), text._root._why)
    if not isinstance(delimiter, str) or not delimiter or not isinstance(text, str):
        return malformed("Fn::Split", "takes a text to split at, and a text")
    return text.split(delimiter)


def selected(index: Any, values: Any) -> Any:
    if isinstance(index, Unknown):
        return Unknown(short(f"Select {index._path} of {_paths(values)}"), index._root._why)
    if isinstance(values, Unknown):
        return Unknown(f"Select {index} of {values._path}", values._root._why)
    try:
        position = int(index)
    except (TypeError, ValueError):
        return malformed("Fn::Select", "takes a number and a list")
    if not isinstance(values, list):
        return malformed("Fn::Select", "takes a number and a list")
    if isinstance(values, OpenList) and any(isinstance(one, Maybe) for one in values[: position + 1]):
        gap = next(one for one in values if isinstance(one, Maybe))
        return Unknown(short(f"Select {position} of {_paths(values)}"), gap._root._why)
    if not 0 <= position < len(values):
        return Unknown("Fn::Select", f"the list has no element {position}")
    return values[position]


def encoded(text: Any) -> Any:
    """``Fn::Base64``; a text with pieces that are not known stays as it is, so that rules may look at the others."""
    if isinstance(text, str):
        return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    if isinstance(text, Partial):
        return text
    if isinstance(text, Unknown):
        return Unknown(f"Base64 of {text._path}", text._root._why, shape=r"[A-Za-z0-9+/=]*")
    return malformed("Fn::Base64", "takes a text")


def cidr_blocks(arguments: Any) -> Any:
    """``Fn::Cidr``: `count` blocks of `bits` host bits out of one block."""
    if isinstance(arguments, Unknown):
        return Unknown(f"Cidr of {arguments._path}", arguments._root._why)
    if not isinstance(arguments, list) or not 2 <= len(arguments) <= 3:
        return malformed("Fn::Cidr", "takes a block, a count and a number of bits")
    block, count, bits = (*arguments, 8)[:3]
    for one in (count, bits):
        if isinstance(one, Unknown):
            return Unknown(short(f"Cidr of {_paths(arguments)}"), one._root._why)
    try:
        number, host_bits = int(count), int(bits)
    except (TypeError, ValueError):
        return malformed("Fn::Cidr", "takes a block, a count and a number of bits")
    if not 1 <= number <= CIDR_BLOCKS_MAX:
        return malformed("Fn::Cidr", f"makes 1 to {CIDR_BLOCKS_MAX} blocks")
    if isinstance(block, Unknown):
        return [Unknown(f"Cidr {i} of {block._path}", block._root._why, shape=CIDR_SHAPE) for i in range(number)]
    try:
        network = ipaddress.ip_network(str(block), strict=False)
        step, first = 1 << host_bits, int(network.network_address)
        prefix = network.max_prefixlen - host_bits
        if prefix < network.prefixlen or step * number > network.num_addresses:
            return malformed("Fn::Cidr", f"{block} has no room for {number} blocks of {host_bits} bits")
        return [f"{ipaddress.ip_address(first + i * step)}/{prefix}" for i in range(number)]
    except (ValueError, OverflowError):
        return malformed("Fn::Cidr", f"{block} is not a block of addresses")


def length(values: Any) -> Any:
    if isinstance(values, Unknown):
        return Unknown(f"Length of {values._path}", values._root._why, shape=r"[0-9]+")
    if isinstance(values, OpenList):
        gap = next(one for one in values if isinstance(one, Maybe))
        return Unknown(short(f"Length of {_paths(values)}"), gap._root._why, shape=r"[0-9]+")
    return len(values) if isinstance(values, list) else malformed("Fn::Length", "takes a list")


def _paths(values: Any) -> str:
    """What tells a list that is not all known from another one."""
    if isinstance(values, Unknown):
        return values._path
    if isinstance(values, list):
        return "[" + ", ".join(map(_paths, values)) + "]"
    return repr(values)


def json_text(value: Any) -> Any:
    unknown = first_unknown(value)
    if unknown is not None:
        return Unknown(short(f"ToJsonString of {value!r}"), unknown._root._why, shape=r"(?s:[\[{].*[\]}])")
    return json.dumps(value, separators=(",", ":"))


def malformed(function: str, why: str) -> Unknown:
    return Unknown(function, f"{function} {why}")


def first_unknown(value: Any) -> Unknown | None:
    """The first unknown value in a document, or None."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            found = first_unknown(one)
            if found is not None:
                return found
    return None


def equal(one: Any, other: Any) -> bool | Unknown:
    """Whether two scalars are the same text; Unknown where that is open."""
    left, right = text_of(one), text_of(other)
    if isinstance(left, Unknown) and isinstance(right, Unknown) and same(left, right):
        return True
    if isinstance(right, Unknown) and not isinstance(left, Unknown):
        left, right = right, left
    answer = left == right
    if isinstance(answer, Question):
        root = answer._root
        return Unknown(root._path, root._why)
    return answer if isinstance(answer, Unknown) else bool(answer)


def settled(value: Any) -> Any:
    """What stands under a key: there or not is what any unknown value may be."""
    if isinstance(value, Maybe):
        return Unknown(short(f"{value._path}, {', '.join(map(_paths, value._values))} or nothing"), value._root._why)
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two values are certainly the same, whatever the unknown ones turn out to be."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        if one is other:
            return True
        return (
            isinstance(one, Unknown)
            and isinstance(other, Unknown)
            and (type(one), one._path, one._shape, unknown_name(one))
            == (type(other), other._path, other._shape, unknown_name(other))
        )
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def either(path: str, why: str, values: list[Any]) -> Any:
    """One of several values, nobody knows which: known where they agree, else with the shape of any of them."""
    first = values[0]
    if any(one is NO_VALUE or isinstance(one, Maybe) for one in values):
        return Maybe(path, why, (Unknown(path, why),))
    if all(same(first, one) for one in values[1:]):
        return first
    if all(isinstance(one, dict) for one in values):
        keys = list(dict.fromkeys(key for one in values for key in one))
        made = {key: either(f"{path}.{key}", why, [one.get(key, NO_VALUE) for one in values]) for key in keys}
        return {key: settled(one) for key, one in made.items()}
    if all(type(one) is list and len(one) == len(first) for one in values):
        return [either(f"{path}.{i}", why, [one[i] for one in values]) for i in range(len(first))]
    shapes = []
    for one in values:
        if isinstance(one, str | bool | int | float):
            shapes.append(re.escape(str(text_of(one))))
        elif isinstance(one, Unknown) and one._shape != ANY_SHAPE:
            shapes.append(one._shape)
        else:
            return Unknown(path, why)
    targets = {one._target if isinstance(one, Unknown) else "" for one in values}
    # A shape of very many or long values costs more to match than it tells.
    if sum(map(len, shapes)) > 10_000:
        return Unknown(path, why)
    target = targets.pop() if len(targets) == 1 else ""
    return Unknown(path, why, shape="(?:" + "|".join(dict.fromkeys(shapes)) + ")", target=target)
