"""Says of live resources which code made them, how they differ from it, what no code made, and what is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from koban.app.code import SAME_TYPE, Code
from koban.app.scan import Scan, Section
from koban.app.trace import ON, UNIQUE_ID, Made, NotMade, Tracer, Written, is_global
from koban.engines.drift import compare
from koban.engines.posture import line_of, subject_of
from koban.ledger.spool import Spool
from koban.model.resource import Resource, Spot, resource_class
from koban.model.result import Result, Subject, Verdict
from koban.model.rule import Rule
from koban.model.unknown import Unknown
from koban.rules import iac

DRIFT, UNMANAGED, MISSING = iac.DRIFT.id, iac.UNMANAGED.id, iac.MISSING.id
DRIFTS_SHOWN = 10
DIFFERENCES_SHOWN = 4

# What is a part of something else, a setting that every account has, or the deployment of code itself.
NOT_BY_ITSELF = frozenset(
    (
        "AWS::ApiGateway::Method",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Route",
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::StackSet",
        "AWS::EC2::NetworkAclEntry",
        "AWS::EC2::Route",
        "AWS::EC2::SubnetNetworkAclAssociation",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPCEndpointServicePermissions",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::ECR::RegistryPolicy",
        "AWS::ECR::RegistryScanningConfiguration",
        "AWS::ECS::TaskSet",
        "AWS::EFS::MountTarget",
        "AWS::Glue::DataCatalogEncryptionSettings",
        "AWS::IAM::VirtualMFADevice",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Macie::Session",
        "AWS::Organizations::Account",
        "AWS::Organizations::Organization",
        "AWS::Organizations::OrganizationalUnit",
        "AWS::RDS::DBSnapshot",
        "AWS::Route53::RecordSet",
        "AWS::SSO::Instance",
        "AWS::SecurityHub::Standard",
    )
)
# What AWS makes in every account, or for something else: its name, or how that begins.
OPEN_ENDS = (".", "/", "-", "FARGATE", "AWS", "Amazon", "Rule")
AWS_NAMES: dict[str, tuple[str, ...]] = {
    "AWS::Athena::WorkGroup": ("primary",),
    "AWS::Backup::BackupVault": ("Default", "aws/"),
    "AWS::DocDB::DBClusterParameterGroup": ("default.",),
    "AWS::ECS::CapacityProvider": ("FARGATE",),
    "AWS::ElastiCache::User": ("default",),
    "AWS::Events::EventBus": ("default",),
    "AWS::Events::Rule": ("AutoScalingManagedRule", "AWS"),
    "AWS::Logs::LogGroup": ("/aws/", "aws-"),
    "AWS::MemoryDB::User": ("default",),
    "AWS::RDS::DBParameterGroup": ("default.",),
    "AWS::RDS::DBSubnetGroup": ("default",),
    "AWS::Redshift::ClusterParameterGroup": ("default.",),
    "AWS::Redshift::ClusterSubnetGroup": ("default",),
    "AWS::SSM::Document": ("AWS", "Amazon", "SSM-"),
}
# Tags that a service puts on what it makes for something else.
SERVICE_TAGS = (
    "aws:autoscaling:",
    "aws:backup:",
    "aws:dlm:",
    "aws:ec2:fleet-id",
    "aws:ec2spot:",
    "aws:eks:",
    "aws:elasticmapreduce:",
    "aws:rds:",
    "aws:secretsmanager:",
    "aws:servicecatalog:",
    "AmazonECSManaged",
    "elasticbeanstalk:",
)


def made_by_aws(live: Resource) -> bool:
    """Whether AWS made a resource by itself: a default of every account, or something that a service needs."""
    if not live.type_name.startswith("AWS::") or live.type_name in NOT_BY_ITSELF:
        return True
    if any(key.startswith(SERVICE_TAGS) for key in live.tags):
        return True
    name = live.name or ""
    if any(_begins(name, one) for one in AWS_NAMES.get(live.type_name, ())):
        return True
    kind = live.type_name
    if kind in ("AWS::EC2::VPC", "AWS::EC2::NetworkAcl"):
        return _yes(live, "is_default")
    if kind == "AWS::EC2::SecurityGroup":
        return _is(live, "group_name", "default")
    if kind in ("AWS::EC2::Subnet", "AWS::EC2::RouteTable"):
        return _yes(live, "is_main") or _yes(_of(live, "vpc"), "is_default")
    if kind == "AWS::EC2::InternetGateway":
        attached = _of(live, "attachments")
        return isinstance(attached, tuple) and any(_yes(_of(one, "vpc"), "is_default") for one in attached)
    if kind == "AWS::EC2::NetworkInterface":
        return not _is(live, "status", "available")  # what is plugged in somewhere is a part of that
    if kind == "AWS::EC2::PrefixList":
        return bool(live.document.get("OwnerId") == "AWS")
    if kind == "AWS::SNS::TopicPolicy":
        return "__default_policy_ID" in str(live.document.get("PolicyDocument"))
    if kind == "AWS::KMS::Key":
        return _is(live, "manager", "AWS")
    if kind == "AWS::IAM::Role":
        path = _of(live, "iam_path")
        return isinstance(path, str) and path.startswith(("/aws-service-role/", "/aws-reserved/"))
    return False


def _begins(name: str, start: str) -> bool:
    """Whether a name is `start`, or begins with it where it is made to be gone on with."""
    return name == start or (start.endswith(OPEN_ENDS) and name.startswith(start))


def _of(thing: Any, name: str) -> Any:
    return getattr(thing, name, None) if isinstance(thing, Resource) else None


def _yes(thing: Any, name: str) -> bool:
    value = _of(thing, name)
    return value if isinstance(value, bool) else False


def _is(thing: Any, name: str, wanted: str) -> bool:
    value = _of(thing, name)
    return isinstance(value, str) and value == wanted


class CodeToCloud:
    """What the results of one live scan gain by the code.

    `amended` is what the baseline makes of results of our own.
    """

    def __init__(
        self,
        code: Code,
        spool: Spool,
        rules: Mapping[str, Rule],
        amended: Callable[[Result, Resource], Result] | None = None,
    ) -> None:
        self.amended = amended
        self.code = code
        self.spool = spool
        self.rules = rules
        self.tracer = Tracer(code, spool)
        # What the results of one resource share: its subject, what is said of its code, and the subject by line.
        self._shared: tuple[Subject, str, dict[int | None, Subject]] | None = None
        self.counts: Counter[str] = Counter()
        self.drifted: list[tuple[str, str, str]] = []
        self.drifts = 0
        # Live resources that may be something the code made under a name that nobody knows, by type and place.
        self.nameless: Counter[tuple[str, str, str]] = Counter()

    # Results of rules

    def amend(self, result: Result, live: Resource) -> Result:
        """The result with the file, the line and the address of the code that made the resource."""
        if live.type_name.startswith("Koban::"):
            return result
        made = self.tracer.trace(live)
        if isinstance(made, NotMade):
            return replace(result, because=(*result.because, made.said)) if made.candidates else result
        if self._shared is None or self._shared[0] is not result.resource:
            self._shared = result.resource, made.said, {}
        _, said, subjects = self._shared
        line = self._line(result, live, made)
        subject = subjects.get(line)
        if subject is None or isinstance(line, Spot):
            subject = subjects[line] = _linked(result.resource, made, line)
        return replace(result, resource=subject, because=(*result.because, said))

    def _line(self, result: Result, live: Resource, made: Made) -> int | None:
        """The line of the property in the code that decided a finding."""
        rule = self.rules.get(result.rule)
        if rule is None or not made.code.file or result.verdict == "pass" or type(live) is not type(made.code):
            return made.code.line
        twin = live.traced()
        twin.reads = None
        twin.lines = Written(made.code, live)
        return line_of(rule, twin, "fail")

    # Results of our own

    def results(self, types: Iterable[str]) -> Iterator[Result]:
        """How each live resource differs from its code, or that no code made it; then what is gone."""
        for live in self.spool.stream(types):
            if live.type_name.startswith("Koban::"):
                continue
            made = self.tracer.trace(live)
            if isinstance(made, Made):
                self.counts["linked"] += 1
                self.counts[made.certainty] += 1
                if made.template is not None and not made.stack:
                    self.nameless[live.type_name, live.account, live.region] += 1
                yield from self._drift(live, made)
                subject = _linked(subject_of(live), made, made.code.line)
                yield from self._result(UNMANAGED, "pass", live, subject, made.said)
            else:
                yield from self._unmanaged(live, made)
        yield from self._missing()

    def _drift(self, live: Resource, made: Made) -> Iterator[Result]:
        if DRIFT not in self.rules:
            return
        answer = compare(made.code, live, made.beside, whole=made.whole)
        if not answer.compared:
            return
        verdict: Verdict = "pass"
        said = [made.said]
        line: int | None = made.code.line
        if answer.differences:
            said = [*map(str, answer.differences), made.said]
            verdict = "unknown" if made.certainty == "medium" else "fail"
            if verdict == "unknown":
                said.insert(0, "it is not sure that this code made it")
            first = tuple(answer.differences[0].path.split("."))
            line = made.code.line_of(first) if made.code.file else None
        subject = _linked(subject_of(live), made, line)
        for result in self._result(DRIFT, verdict, live, subject, *said):
            if result.verdict == "fail":
                self.drifts += 1
                if len(self.drifted) < DRIFTS_SHOWN:
                    shown = "; ".join(map(str, answer.differences[:DIFFERENCES_SHOWN]))
                    self.drifted.append(("drift", f"{live.name or live.uid}: {shown}", _place(subject)))
            yield result

    def _unmanaged(self, live: Resource, found: NotMade) -> Iterator[Result]:
        if not self.tracer.tells(live):
            self.nameless[live.type_name, live.account, live.region] += 1
        if found.by_service or made_by_aws(live):
            return
        why = found.said if found.candidates else found.why
        verdict: Verdict = "unknown" if why else "fail"
        yield from self._result(UNMANAGED, verdict, live, subject_of(live), why or "nothing in the code names it")

    # What is gone

    def _missing(self) -> Iterator[Result]:
        for state in self.code.states:
            for one in state.resources:
                cls = resource_class(one.type_name)
                if id(one) in state.own and not cls.template_only and cls is not Resource:
                    made = Made(one, "exact", f"Terraform state {state.name}")
                    yield from self._gone(made, cls, id(one) in self.tracer.seen)
        for key, (source, certainty) in self.tracer.of.items():
            shown = self.tracer.stacks[key]
            there = self.tracer.seen_in.get(key, set())
            for logical_id, kind in source.types.items():
                cls = resource_class(SAME_TYPE.get(kind, kind))
                if cls is Resource or cls.template_only or cls.type in NOT_BY_ITSELF:
                    continue
                makes: Any = self.tracer.stack(key, source).makes(logical_id)
                if certainty == "medium":
                    makes = Unknown("template", f"it is not sure that {source.name} is the template of this stack")
                code = self.tracer.in_stack(key, source, logical_id) if makes is not False else None
                if code is not None:
                    code.account, code.region = shown.account, shown.region
                    yield from self._gone(
                        Made(code, certainty, f"CloudFormation stack {shown.name}"),
                        cls,
                        logical_id in there,
                        makes,
                        f"{key}#{logical_id}",
                    )

    def _gone(self, made: Made, cls: type[Resource], there: bool, makes: Any = True, uid: str = "") -> Iterator[Result]:
        """Whether something that the code made is there.

        `makes` says whether its stack makes it, and `uid` what it is called there, where a stack made it.
        """
        one = made.code
        own = one.document.get("Arn") if isinstance(one.document, dict) else None
        name = one.name if one.name != one.address else None
        subject = Subject(
            uid or (own if isinstance(own, str) else one.uid),
            cls.type,
            name,
            one.account or None,
            one.region or None,
            one.address or None,
            one.file or None,
            one.line if one.file else None,
        )
        if there:
            yield from self._result(MISSING, "pass", one, subject, made.said)
            return
        if not one.account and not is_global(one):
            why = "the account that it is in is not known"
            yield from self._result(MISSING, "unknown", one, subject, why, made.said)
            return
        unread = self._unread(one, cls)
        if unread == "":
            self.counts["elsewhere"] += 1
            return
        why = unread or self._open(one, cls, makes, bool(uid))
        verdict: Verdict = "unknown" if why else "fail"
        yield from self._result(MISSING, verdict, one, subject, *([why] if why else []), made.said)

    def _unread(self, one: Resource, cls: type[Resource]) -> str | None:
        if one.account:
            return self.spool.unread(cls, one.account, one.region)
        answers = [self.spool.unread(cls, each, "") for each in {place for place, _ in self.spool.places()}]
        return next((each for each in answers if each is not None), None) if answers else ""

    def _open(self, one: Resource, cls: type[Resource], makes: Any, in_stack: bool) -> str:
        """Why a thing that nothing live names may be there all the same; empty: it is gone."""
        if isinstance(makes, Unknown):
            return f"whether the stack makes it is not known: {makes._root._why}"
        if in_stack:
            alike = self.nameless[cls.type, one.account, one.region] + self.nameless[cls.type, one.account, ""]
            if cls.type in ON or alike:
                which = f"{alike} of its type there have" if alike > 1 else "one of its type there has"
                return (
                    f"{which} no tags that name its stack, and may be it" if alike else "it has no tags to know it by"
                )
            return ""
        names = [value for name in cls.ids if isinstance(value := one.document.get(name), str)]
        known = any(UNIQUE_ID.fullmatch(each) for each in names) or is_global(one) or cls.type in ON
        if known or cls.type in self.tracer.proven or _arn_is_ours(one, cls):
            return ""
        return "nothing that was read has its ARN, and the API may write it otherwise"

    # For people

    def section(self) -> Section:
        """The counts, and the first few drifts."""
        counts = self.counts
        made = Section("Code and cloud", f"{counts['linked']:,} resources linked to their code")
        sure = ", ".join(f"{counts[one]:,} {one}" for one in ("exact", "high", "medium") if counts[one])
        if sure:
            made.lines.append(("linked", sure, ""))
        made.lines += self.drifted
        if self.drifts > len(self.drifted):
            made.lines.append(("", f"and {self.drifts - len(self.drifted):,} more that differ from their code", ""))
        for word, key, text in (
            ("no code", "unmanaged fail", "that no code made"),
            ("gone", "missing fail", "that the code made and that are not there"),
            ("unknown", "unmanaged unknown", "of which it is not known whether the code made them"),
            ("unknown", "missing unknown", "of the code of which it is not known whether they are there"),
            ("elsewhere", "elsewhere", "of the code lie in accounts, regions or services that were not scanned"),
        ):
            if counts[key]:
                made.lines.append((word, f"{counts[key]:,} {text}", ""))
        return made

    def notes(self) -> Iterator[str]:
        for one in dict.fromkeys(self.code.problems):
            yield f"code not read: {one.file}{f' line {one.line}' if one.line else ''}: {one.why}"

    def _result(
        self, rule_id: str, verdict: Verdict, of: Resource, subject: Subject, *because: str
    ) -> Iterator[Result]:
        """The result of one of our own rules, as the baseline has it; none where the rule was not asked for."""
        rule = self.rules.get(rule_id)
        if rule is None:
            return
        lead = {"pass": "Not so: ", "unknown": "Cannot tell: "}.get(verdict, "")
        fix = None if verdict == "pass" else rule.fix
        made = Result(rule.id, verdict, rule.severity, subject, lead + rule.summary, because, (), fix)
        result = made if self.amended is None else self.amended(made, of)
        self.counts[f"{rule_id.removeprefix('iac-')} {result.verdict}"] += 1
        yield result


def _arn_is_ours(one: Resource, cls: type[Resource]) -> bool:
    """Whether the state's ARN is what the live resource would be called here."""
    own = one.document.get("Arn")
    if not isinstance(own, str) or not cls.arn:
        return False
    document = {key: value for key, value in one.document.items() if key != "Arn"}
    return cls(document, account=one.account, region=one.region).uid == own


def _linked(subject: Subject, made: Made, line: int | None) -> Subject:
    code = made.code
    file = line.file if isinstance(line, Spot) else code.file
    number = int(line) if line is not None and code.file else None
    return replace(subject, address=code.address or None, file=file or None, line=number)


def _place(subject: Subject) -> str:
    return f"{subject.file}:{subject.line}" if subject.line else subject.file or subject.address or ""


def linking(
    code: Code, spool: Spool, rules: Iterable[Rule], amend: Callable[[Result, Resource], Result] | None
) -> tuple[CodeToCloud, Callable[[Result, Resource], Result]]:
    """What links a scan to its code, and an `amend` that does so after the given one."""
    found = CodeToCloud(code, spool, {one.id: one for one in rules}, amend)
    found.tracer.survey()

    def both(result: Result, live: Resource) -> Result:
        return found.amend(result if amend is None else amend(result, live), live)

    return found, both


def finish(found: CodeToCloud, scan: Scan, types: Iterable[str]) -> Iterator[Result]:
    """The results about code, after those of the rules; tells the scan what there is to say beside."""
    scan.notes.extend(found.notes())
    yield from found.results(types)
    scan.sections.append(found.section())
