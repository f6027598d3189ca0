"""Who asks, of which accounts and regions: credentials, the organisation, the regions that are enabled."""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.credentials
import botocore.exceptions
import botocore.session

from koban.model.resource import partition_of
from koban.sources.aws.api import BotoApi, Shared
from koban.sources.aws.limit import RATE
from koban.sources.aws.reader import DENIED, Api, Failure

# What is asked before any collector runs.  The first needs no permission, the last is given by the role's trust.
SETUP_CALLS = ("sts:GetCallerIdentity", "ec2:DescribeRegions", "account:ListRegions", "sts:AssumeRole")
ORGANISATION_CALLS = (
    "organizations:ListAccounts",
    "organizations:ListRoots",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListAccountsForParent",
    "organizations:ListTagsForResource",
)
# Enabled in every account from its first day; what is left to ask where an account may not list its regions.
REGIONS_BY_DEFAULT = (
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    *("ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
HOME_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
SESSION_NAME = "koban"


class AwsError(Exception):
    """AWS cannot be asked at all; the message is one line that says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class OrganisationAccount:
    """An account as its organisation knows it; `unit_path` is like ``r-ab12/ou-ab12-cdef``, by ids."""

    id: str
    name: str = ""
    unit_path: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    active: bool = True


@dataclass(frozen=True)
class Caller:
    """The identity that everything starts from."""

    account: str
    arn: str
    region: str
    api: Api
    session: botocore.session.Session

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1] if self.arn.startswith("arn:") else partition_of(self.region)

    @property
    def home(self) -> str:
        """The region where what is in no region is asked for."""
        return HOME_REGION.get(self.partition, self.region)


MakeApi = Callable[[botocore.session.Session, Any], Api]


class ApiMaker:
    """Makes the accounts' APIs, all over the same models and connections.  `rate_max` is in requests a second.

    `calls` are the operations that collectors declare: beside them only what a scan asks by itself can be asked.
    """

    def __init__(self, rate_max: float = RATE, calls: Collection[str] = ()) -> None:
        self.rate_max = rate_max
        self.calls = frozenset((*calls, *SETUP_CALLS, *ORGANISATION_CALLS)) if calls else frozenset()
        self.shared: Shared | None = None

    def __call__(self, session: botocore.session.Session, credentials: Any) -> Api:
        if self.shared is None:
            self.shared = Shared(session, self.calls)
        return BotoApi(session, credentials, self.shared, self.rate_max)


def connect(make: MakeApi, profile: str = "", role_arn: str = "", external_id: str = "") -> Caller:
    """The caller behind a profile (empty: the default credentials), in the role `role_arn` where one is named.

    Raises AwsError.
    """
    try:
        session = botocore.session.Session(profile=profile or None)
        region = session.get_config_variable("region") or HOME_REGION["aws"]
        credentials = session.get_credentials()
    except botocore.exceptions.ProfileNotFound:
        known = ", ".join(botocore.session.Session().available_profiles) or "none"
        raise AwsError(f"there is no AWS profile {profile!r} (there are: {known}): choose one with --profile") from None
    except botocore.exceptions.ConfigParseError as error:
        raise AwsError(_mend(str(error.kwargs.get("path", "")))) from None
    except botocore.exceptions.BotoCoreError as error:
        raise AwsError(f"AWS credentials cannot be read: {_one_line(error)}") from None
    if credentials is None:
        raise AwsError(
            "no AWS credentials found: run `aws sso login` or `aws configure`, set AWS_PROFILE, or use --profile"
        )
    api = make(session, credentials)
    caller = _identity(session, api, region)
    if not role_arn:
        return caller
    assumed = assume(make, caller, role_arn, external_id)
    try:
        return _identity(session, assumed, region)
    except AwsError as error:
        raise AwsError(f"the role {role_arn} cannot be used: {error}") from None


def _mend(path: str) -> str:
    """What is wrong with an AWS configuration file, where, and what to do about it."""
    line, wrong = _first_fault(Path(path).expanduser())
    where = f"{path}, line {line}" if line else path
    credentials = path == os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or Path(path).name == "credentials"
    variable = "AWS_SHARED_CREDENTIALS_FILE" if credentials else "AWS_CONFIG_FILE"
    return f"the AWS configuration file {where}: {wrong}; mend it, or name another file with {variable}"


def _first_fault(path: Path) -> tuple[int, str]:
    """The line of the first thing in a configuration file that is none, 0 where it has no line, and what it is."""
    try:
        raw = path.read_bytes()
        configparser.RawConfigParser().read_string(raw.decode())
    except OSError as error:
        return 0, f"it cannot be read ({error.strerror})"
    except UnicodeDecodeError as error:
        return raw[: error.start].count(b"\n") + 1, "it is not UTF-8 text"
    except configparser.MissingSectionHeaderError as error:
        return error.lineno, "neither a whole [section] header nor below one"
    except configparser.DuplicateSectionError as error:
        return error.lineno or 0, f"the section [{error.section}] is there twice"
    except configparser.DuplicateOptionError as error:
        return error.lineno or 0, f"the setting {error.option} is there twice in [{error.section}]"
    except configparser.ParsingError as error:
        return error.errors[0][0], "neither a [section] nor a setting of the form name = value"
    except configparser.Error as error:
        return 0, _one_line(error)
    return 0, "an indented line is not of the form name = value"


def _identity(session: botocore.session.Session, api: Api, region: str) -> Caller:
    try:
        answer = api.call("sts", "GetCallerIdentity", region, {})
    except Failure as failure:
        raise AwsError(advice(failure)) from None
    if not answer.get("Account") or not answer.get("Arn"):
        raise AwsError("what answers is not AWS: check the proxy and AWS_ENDPOINT_URL")
    return Caller(str(answer["Account"]), str(answer["Arn"]), region, api, session)


def assume(make: MakeApi, caller: Caller, role_arn: str, external_id: str = "") -> Api:
    """An API in another role, whose credentials are fetched when first needed and renewed before they expire."""

    def fetch() -> dict[str, Any]:
        params = {"RoleArn": role_arn, "RoleSessionName": SESSION_NAME}
        if external_id:
            params["ExternalId"] = external_id
        found = caller.api.call("sts", "AssumeRole", caller.region, params)["Credentials"]
        expires = found["Expiration"]
        return {
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["SessionToken"],
            "expiry_time": expires.isoformat() if hasattr(expires, "isoformat") else str(expires),
        }

    credentials = botocore.credentials.DeferredRefreshableCredentials(fetch, "assume-role")
    return make(caller.session, credentials)


def advice(failure: Failure) -> str:
    """What to do about a failure of the very first question, in one line."""
    code = failure.code
    if code in (
        "ExpiredToken",
        "ExpiredTokenException",
        "TokenRefreshRequired",
        "SSOTokenLoadError",
        "TokenRetrievalError",
    ):
        return "the AWS session has expired: sign in again (for instance `aws sso login`) and use --resume to go on"
    if code == "UnauthorizedSSOTokenError":
        return "the AWS single sign-on session has ended: run `aws sso login` again"
    if code in ("InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidAccessKeyId"):
        return "AWS does not know these credentials: check the access key, or choose another --profile"
    if code in ("RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch") and "key" not in failure.why.lower():
        return "AWS refuses the time of this machine's clock: set the clock right (ntp) and run again"
    if code in ("SignatureDoesNotMatch", "InvalidSignatureException"):
        return "AWS does not accept the secret key: check it, and that this machine's clock is right"
    if code in ("ProxyConnectionError", "InvalidProxiesConfigError"):
        return f"the proxy does not answer: check HTTPS_PROXY and NO_PROXY ({failure.why})"
    if code in ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"):
        return (
            "AWS does not answer: check the network, the proxy, AWS_ENDPOINT_URL and the profile's endpoint_url "
            f"({failure.why})"
        )
    if code == "NotAwsError":
        return f"what answers is not AWS: check the proxy, its sign-in page and AWS_ENDPOINT_URL ({failure.why})"
    if code == "SSLError":
        return f"the TLS certificate is not trusted: set AWS_CA_BUNDLE to your proxy's CA ({failure.why})"
    if code == "PartialCredentialsError":
        return f"the AWS credentials are incomplete: {failure.why}"
    if code in DENIED:
        return (
            "AWS refuses these credentials the first question: look for a policy (SCP, boundary, session) that denies "
            f"it, or choose another --profile or --role-arn ({failure.why})"
        )
    return f"AWS refuses the first question: {failure.why}; check the credentials with `aws sts get-caller-identity`"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def organisation(caller: Caller, note: Callable[[str], None]) -> list[OrganisationAccount]:
    """The organisation's accounts by id, with their unit and tags where those may be read.  Raises AwsError."""
    home = caller.home
    try:
        raw = list(_items(caller.api, "organizations", "ListAccounts", "Accounts", home, {}))
    except Failure as failure:
        if failure.code == "AWSOrganizationsNotInUseException":
            raise AwsError(f"account {caller.account} is in no organisation: scan without --org") from None
        raise AwsError(
            f"the organisation's accounts cannot be listed ({failure.why}): use the management account or a delegated "
            "administrator, or name accounts with --accounts"
        ) from None
    paths: dict[str, str] = {}
    try:
        paths = dict(_unit_paths(caller, home))
    except Failure as failure:
        note(f"the organisational units of the accounts are not known: {failure.why}")
    found = []
    for one in sorted(raw, key=lambda account: str(account["Id"])):
        pairs: tuple[tuple[str, str], ...] = ()
        try:
            params = {"ResourceId": one["Id"]}
            tags = list(_items(caller.api, "organizations", "ListTagsForResource", "Tags", home, params))
            pairs = tuple(sorted((tag["Key"], tag["Value"]) for tag in tags))
        except Failure as failure:
            note(f"the tags of the organisation's accounts are not known: {failure.why}")
        active = one.get("Status", "ACTIVE") == "ACTIVE"
        found.append(OrganisationAccount(one["Id"], one.get("Name", ""), paths.get(one["Id"], ""), pairs, active))
    return found


def _unit_paths(caller: Caller, home: str) -> Iterator[tuple[str, str]]:
    waiting = [root["Id"] for root in _items(caller.api, "organizations", "ListRoots", "Roots", home, {})]
    while waiting:
        path = waiting.pop()
        params = {"ParentId": path.rsplit("/", 1)[-1]}
        for account in _items(caller.api, "organizations", "ListAccountsForParent", "Accounts", home, params):
            yield account["Id"], path
        units = "ListOrganizationalUnitsForParent"
        found = _items(caller.api, "organizations", units, "OrganizationalUnits", home, params)
        waiting += [f"{path}/{unit['Id']}" for unit in found]


def _items(
    api: Api, service: str, operation: str, key: str, region: str, params: dict[str, Any]
) -> Iterable[dict[str, Any]]:
    for page in api.pages(service, operation, region, params):
        yield from page.get(key) or ()


def enabled_regions(api: Api, region: str) -> tuple[list[str], str]:
    """The regions that an account has enabled, sorted; with the reason where that may be fewer than there are."""
    try:
        answer = api.call("ec2", "DescribeRegions", region, {})
        return sorted(one["RegionName"] for one in answer["Regions"]), ""
    except Failure as failure:
        why = failure.why
        if failure.code in ("ExpiredToken", "ExpiredTokenException"):
            raise
    try:
        wanted = {"RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"]}
        found = _items(api, "account", "ListRegions", "Regions", region, wanted)
        return sorted(one["RegionName"] for one in found), ""
    except Failure:
        partition = partition_of(region)
        if partition == "aws":
            return list(REGIONS_BY_DEFAULT), f"only regions enabled by default were read: {why}"
        return [region], f"only region {region} was read: {why}"
