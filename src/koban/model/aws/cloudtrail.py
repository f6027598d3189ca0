"""AWS CloudTrail."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Part, Resource, age, as_fact, asked, derived, fact, field, link, parts

READ_WRITE = {"read": ("All", "ReadOnly"), "write": ("All", "WriteOnly")}
READ_ONLY = {"read": "true", "write": "false"}
EVERY_BUCKET = ("arn:aws:s3", "arn:aws:s3:::", "arn:aws-cn:s3:::", "arn:aws-us-gov:s3:::")


class DataResource(Part):
    """The resources of one type whose data events a selector records."""

    type: str = field("Type", "", "AWS::S3::Object, AWS::Lambda::Function or AWS::DynamoDB::Table")
    values: tuple[str, ...] = field("Values", (), "ARNs or their beginnings; arn:aws:s3 is every bucket")


class EventSelector(Part):
    """What a trail records, the basic way."""

    read_write: str = field("ReadWriteType", "All", "All, ReadOnly or WriteOnly")
    management: bool = field("IncludeManagementEvents", True, "Whether management events are recorded")
    excluded: tuple[str, ...] = field("ExcludeManagementEventSources", (), "Services that are left out")
    resources: tuple[DataResource, ...] = parts("DataResources", DataResource, "Whose data events are recorded")

    @derived
    def every_bucket(self) -> bool:
        """Whether it records data events of all S3 objects."""
        return any(
            one.type == "AWS::S3::Object" and any(value in EVERY_BUCKET for value in one.values)
            for one in self.resources
        )


class FieldSelector(Part):
    """One condition of an advanced selector."""

    name: str = field("Field", "", "eventCategory, readOnly, resources.type, resources.ARN, eventSource, ...")
    equals: tuple[str, ...] = field("Equals", (), "Values of which the field has one")
    not_equals: tuple[str, ...] = field("NotEquals", (), "Values of which the field has none")
    starts_with: tuple[str, ...] = field("StartsWith", (), "Beginnings of which the field has one")


class AdvancedSelector(Part):
    """What a trail records, the advanced way: events that meet all of the conditions."""

    conditions: tuple[FieldSelector, ...] = parts("FieldSelectors", FieldSelector, "The conditions")

    @asked
    def says(self, name: str, value: str) -> bool:
        """Whether a condition demands that the field `name` equals `value` (or one of a few more)."""
        return any(one.name == name and value in one.equals for one in self.conditions)

    @asked
    def whole(self, which: str, *names: str) -> bool:
        """Whether it takes every read or write (`which`): conditions on nothing but the fields `names`."""
        return all(_takes_all(one, which, names) for one in self.conditions)

    @derived
    def excluded(self) -> tuple[str, ...]:
        """Services whose management events are left out."""
        if not self.says("eventCategory", "Management"):
            return ()
        return tuple(value for one in self.conditions if one.name == "eventSource" for value in one.not_equals)


def _takes_all(condition: FieldSelector, which: str, names: tuple[str, ...]) -> bool:
    if condition.name == "readOnly":
        return any(value == READ_ONLY[which] for value in condition.equals)
    if condition.name == "resources.ARN":
        return any(value in EVERY_BUCKET for value in condition.starts_with)
    if condition.name == "eventSource":  # one that leaves out a service or two still takes the rest
        return condition.name in names and not (condition.equals or condition.starts_with)
    return any(condition.name == name for name in names)


class Trail(
    Resource,
    type="AWS::CloudTrail::Trail",
    ids="TrailName",
    arn="arn:{partition}:cloudtrail:{region}:{account}:trail/{TrailName}",
    elsewhere={"IsMultiRegionTrail": False},  # any region lists all that record every region
):
    """A trail: which API calls are recorded, and where the record goes."""

    logging: bool = field("IsLogging", True, "Whether it records now")
    multi_region: bool = field("IsMultiRegionTrail", False, "Whether it records in every region")
    organization: bool = field("IsOrganizationTrail", False, "Whether it records in every account of the organisation")
    global_events: bool = field("IncludeGlobalServiceEvents", True, "Whether IAM, STS and CloudFront are recorded")
    validated: bool = field("EnableLogFileValidation", False, "Whether signed digests prove that no log was changed")
    key: Any = link("KMSKeyId", "AWS::KMS::Key", "The KMS key that log files are encrypted with")
    key_id: str = field("KMSKeyId", "", "The id, ARN or alias of that key; empty: keys of S3")
    bucket: Any = link("S3BucketName", "AWS::S3::Bucket", "Where log files go")
    prefix: str = field("S3KeyPrefix", "", "The start of the log files' names")
    log_group: Any = link("CloudWatchLogsLogGroupArn", "AWS::Logs::LogGroup", "The log group that gets the events too")
    log_group_arn: str = field("CloudWatchLogsLogGroupArn", "", "The ARN of that log group")
    selectors: tuple[EventSelector, ...] = parts("EventSelectors", EventSelector, "What it records")
    advanced: tuple[AdvancedSelector, ...] = parts(
        "AdvancedEventSelectors", AdvancedSelector, "What it records, in place of the basic selectors"
    )
    insight_types: tuple[str, ...] = field("InsightSelectors[].InsightType", (), "Which unusual activity is reported")
    has_insights: bool = fact("HasInsightSelectors", False, "Whether unusual activity is reported")
    own: bool = fact("Own", True, "False in member accounts for a trail that the organisation's management account has")
    delivery_error: str = fact("LatestDeliveryError", "", "What S3 said to the last delivery; empty: it worked")
    log_group_error: str = fact("LatestCloudWatchLogsDeliveryError", "", "What CloudWatch Logs said to the last one")
    log_group_delivery_days: float = as_fact(
        age("LatestCloudWatchLogsDeliveryTime", "Days since events last reached the log group")
    )

    @asked
    def manages(self, which: str) -> bool:
        """Whether it records all management events that read, or that write (`which`)."""
        if self.advanced:
            return any(
                one.says("eventCategory", "Management") and one.whole(which, "eventCategory", "eventSource")
                for one in self.advanced
            )
        if self.selectors:
            return any(one.management and one.read_write in READ_WRITE[which] for one in self.selectors)
        return True

    @asked
    def touches_objects(self, which: str) -> bool:
        """Whether it records each reading, or writing (`which`), of an object in any S3 bucket."""
        if self.advanced:
            return any(
                one.says("eventCategory", "Data")
                and one.says("resources.type", "AWS::S3::Object")
                and one.whole(which, "eventCategory", "resources.type")
                for one in self.advanced
            )
        return any(one.every_bucket and one.read_write in READ_WRITE[which] for one in self.selectors)

    @derived
    def log_start(self) -> str:
        """The start of its log files' names in the bucket."""
        return self.prefix + "/AWSLogs/" if self.prefix else "AWSLogs/"

    @derived
    def all_management(self) -> bool:
        """Whether it records all management events."""
        return self.manages("read") and self.manages("write")

    @derived
    def covers_account(self) -> bool:
        """Whether it alone records all that happens to the account: on, in every region, all management events."""
        return self.logging and self.multi_region and self.all_management

    @derived
    def excluded_sources(self) -> tuple[str, ...]:
        """Services whose management events it leaves out."""
        basic = tuple(source for one in self.selectors for source in one.excluded)
        return basic + tuple(source for one in self.advanced for source in one.excluded)


class EventDataStore(Resource, type="AWS::CloudTrail::EventDataStore", ids="Name EventDataStoreArn"):
    """A store of CloudTrail Lake."""

    key_id: str = field("KmsKeyId", "", "The KMS key that events are encrypted with; empty: a key of CloudTrail")
    retention_days: int = field("RetentionPeriod", 366, "Days that events are kept")
    protected: bool = field("TerminationProtectionEnabled", True, "Whether it refuses to be deleted")
    multi_region: bool = field("MultiRegionEnabled", True, "Whether it records in every region")
