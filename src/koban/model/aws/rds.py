"""Amazon RDS and Aurora."""

from __future__ import annotations

from typing import Any, cast

from koban.model.aws.engine_support import out_of_support
from koban.model.resource import Part, Resource, age, derived, fact, field, link, links, matches, parts, referring
from koban.model.unknown import Unknown

DEFAULT_PORTS = (
    ("mysql", 3306),
    ("mariadb", 3306),
    ("aurora-mysql", 3306),
    ("postgres", 5432),
    ("aurora-postgresql", 5432),
    ("oracle", 1521),
    ("sqlserver", 1433),
    ("db2", 50000),
)
# Whether a parameter group that does not say so asks for TLS, by family: pattern, answer.
TLS_BY_DEFAULT = (
    (r"^postgres(9|10|11|12|13|14)", False),
    (r"^postgres", True),
    (r"^mysql(5|8[.]0)", False),
    (r"^mariadb10", False),
    (r"^sqlserver", False),
)


def default_port(engine: Any) -> int:
    """The port that an engine listens on unless told otherwise; 0 for an engine not known here."""
    for name, port in DEFAULT_PORTS:
        if engine == name or (name in ("oracle", "sqlserver", "db2") and matches(f"^{name}-", engine)):
            return port
    return 0


class DBParameterGroup(
    Resource,
    type="AWS::RDS::DBParameterGroup",
    ids="DBParameterGroupName",
    arn="arn:{partition}:rds:{region}:{account}:pg:{DBParameterGroupName}",
):
    """The engine settings that database instances share.  Live, only those that bear on TLS are read."""

    family: str = field("Family", "", "The engine and version that it is for, such as postgres15")
    settings: dict[str, Any] = field("Parameters", {}, "Engine settings by name")

    @derived
    def forces_tls(self) -> bool:
        """Whether the server refuses connections without TLS."""
        for name in ("rds.force_ssl", "require_secure_transport"):
            value = self._setting(name)
            if isinstance(value, Unknown):
                return bool(value == "1" or value == "ON")
            if value != "":
                return str(value).upper() in ("1", "ON", "TRUE")
        for pattern, answer in TLS_BY_DEFAULT:
            if matches(pattern, self.family):
                return answer
        return cast(bool, Unknown("Parameters", f"the TLS default of family {self.family or '?'} is not known"))

    def _setting(self, name: str) -> Any:
        settings = self.settings
        if isinstance(settings, Unknown):
            return settings._child(f".{name}")
        value = settings.get(name, "")
        return "" if value is None else value


RESTORED = Unknown("StorageEncrypted", "what it is restored from decides")


class DBInstance(
    Resource,
    type="AWS::RDS::DBInstance",
    ids="DBInstanceIdentifier DBInstanceArn",
    arn="arn:{partition}:rds:{region}:{account}:db:{DBInstanceIdentifier}",
):
    """A database instance, alone or as a member of a cluster; what a cluster decides for its members is read there."""

    engine: str = field("Engine", "", "mysql, postgres, aurora-mysql, oracle-ee, ...")
    version: str = field("EngineVersion", "", "The engine's version")
    cluster_name: str = field("DBClusterIdentifier", "", "The cluster that it is a member of; empty: it stands alone")
    cluster: Any = link("DBClusterIdentifier", "AWS::RDS::DBCluster", "The cluster that it is a member of")
    encrypted: bool = field("StorageEncrypted", False, "Whether its storage is encrypted with a KMS key")
    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The KMS key of its storage")
    public_setting: bool = field("PubliclyAccessible", False, "Whether its name resolves to a public address")
    subnet_group_name: str = field("DBSubnetGroupName", "", "The subnets that it may be in")
    subnet_group: Any = link("DBSubnetGroupName", "AWS::RDS::DBSubnetGroup", "The subnets that it may be in")
    security_groups: Any = links("VPCSecurityGroups", "AWS::EC2::SecurityGroup", "Its firewalls")
    classic_groups: tuple[str, ...] = field("DBSecurityGroups", (), "Firewalls from the time before VPCs")
    minor_upgrades: bool = field("AutoMinorVersionUpgrade", True, "Whether minor versions are installed by themselves")
    multi_az: bool = field("MultiAZ", False, "Whether a standby runs in another zone")
    deletion_protection: bool = field("DeletionProtection", False, "Whether deleting it is refused")
    backup_days: int = field("BackupRetentionPeriod", 1, "Days that automatic backups are kept; 0: none are made")
    copies_tags: bool = field("CopyTagsToSnapshot", False, "Whether snapshots get its tags")
    iam_auth: bool = field("EnableIAMDatabaseAuthentication", False, "Whether people can sign in with IAM")
    monitoring_seconds: int = field("MonitoringInterval", 0, "Seconds between OS metrics; 0: none")
    log_exports: tuple[str, ...] = field("EnableCloudwatchLogsExports", (), "Logs sent to CloudWatch Logs")
    insights: bool = field("EnablePerformanceInsights", False, "Whether Performance Insights is on")
    master_user: str = field("MasterUsername", "", "The administrator's name")
    managed_password: bool = field("ManageMasterUserPassword", False, "Whether Secrets Manager keeps the password")
    master_password: str = field("MasterUserPassword", "", "The administrator's password, where a template says it")
    port_setting: int = field("Port", 0, "The port; 0: the engine's own")
    parameter_group: Any = link("DBParameterGroupName", "AWS::RDS::DBParameterGroup", "Its engine settings")
    source_instance: str = field("SourceDBInstanceIdentifier", "", "What it is a read replica of")
    source_snapshot: str = field("DBSnapshotIdentifier", "", "The snapshot that a template restores it from")
    cluster_snapshot: str = field("DBClusterSnapshotIdentifier", "", "The cluster's snapshot that it is restored from")
    source_id: str = field("SourceDbiResourceId", "", "The instance whose past state a template restores")
    source_backups: str = field("SourceDBInstanceAutomatedBackupsArn", "", "The backups that a template restores")
    protections: tuple[Any, ...] = referring("Koban::Backup::ProtectedResource", "resource", "Backups by AWS Backup")
    certificate: str = field("CACertificateIdentifier", "", "The certificate authority of its TLS certificate")
    certificate_end: str = field("CertificateDetails.ValidTill", "", "When its TLS certificate ends")
    certificate_age_days: float = age("CertificateDetails.ValidTill", "Days since its certificate ended; < 0: it lasts")

    @derived
    def requires_tls(self) -> bool:
        """Whether it refuses connections without TLS; with no parameter group named, as its engine's own group says."""
        group = self.parameter_group
        if group is None:
            if isinstance(self.version, Unknown):
                return cast(bool, self.version._child(" requires TLS"))
            pieces = str(self.version).split(".")
            family = f"{self.engine}{'.'.join(pieces[: 1 if self.engine == 'postgres' else 2])}"
            return DBParameterGroup({"Family": family}).forces_tls
        return cast(bool, group.forces_tls)

    @derived
    def storage_encrypted(self) -> bool:
        """Whether its storage is encrypted; what a template restores takes after what it is restored from."""
        if self.encrypted:
            return True
        if self.is_code and (self.cluster_snapshot or self.source_id or self.source_backups):
            return cast(bool, RESTORED)
        return False

    @derived
    def alone(self) -> bool:
        """Whether it is in no cluster and so decides for itself."""
        return not self.cluster_name

    @derived
    def public(self) -> bool:
        """Whether it gets a public address; a template that does not say leaves it to the subnet group."""
        if self.is_code and "PubliclyAccessible" not in self.document:
            aurora = matches("^aurora", self.engine)
            return not aurora and (not self.subnet_group_name or self.subnet_group_name == "default")
        return self.public_setting

    @derived
    def port(self) -> int:
        """The port it listens on; 0 where that is not known."""
        return self.port_setting or default_port(self.engine)

    @derived
    def forces_tls(self) -> bool:
        """Whether it refuses connections without TLS; where no parameter group is named, the version decides."""
        if self.parameter_group:
            return cast(bool, self.parameter_group.forces_tls)
        if self.engine == "postgres":  # the version that AWS takes where none is named is newer than 14
            return not matches("^(9|10|11|12|13|14)([.]|$)", self.version)
        if self.engine == "mysql" or self.engine == "mariadb":
            old = matches("^(5[.]|8[.]0|10[.])", self.version)
            return not old and cast(bool, Unknown("EngineVersion", "the TLS default of this version is not known"))
        return False

    @derived
    def outdated(self) -> bool:
        """Whether standard support of its engine version has ended."""
        return out_of_support(self.engine, self.version, self.now())


class EngineCluster(Resource):
    """What clusters of Aurora, RDS, Neptune and DocumentDB have in common: one API makes and lists them all."""

    engine: str = ""
    version: str = field("EngineVersion", "", "The engine's version")
    encrypted: bool = field("StorageEncrypted", False, "Whether its storage is encrypted")
    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The KMS key of its storage")
    deletion_protection: bool = field("DeletionProtection", False, "Whether deleting it is refused")
    backup_days: int = field("BackupRetentionPeriod", 1, "Days that automatic backups are kept")
    log_exports: tuple[str, ...] = field("EnableCloudwatchLogsExports", (), "Logs sent to CloudWatch Logs")
    source_snapshot: str = field("SnapshotIdentifier", "", "The snapshot that a template restores it from")
    source_cluster: str = field("SourceDBClusterIdentifier", "", "The cluster that a template restores it from")
    spans_zones: bool = fact("MultiAZ", False, "Whether its instances run in more than one zone")

    @derived
    def outdated(self) -> bool:
        """Whether standard support of its engine version has ended."""
        return out_of_support(self.engine, self.version, self.now())


class DBCluster(
    EngineCluster,
    type="AWS::RDS::DBCluster",
    ids="DBClusterIdentifier DBClusterArn",
    arn="arn:{partition}:rds:{region}:{account}:cluster:{DBClusterIdentifier}",
):
    """An Aurora cluster, or a Multi-AZ cluster of RDS for MySQL or PostgreSQL."""

    engine: str = field("Engine", "", "aurora-mysql, aurora-postgresql, mysql, postgres")
    encrypted: bool = field("StorageEncrypted", False, "Whether its storage is encrypted with a KMS key of the account")
    copies_tags: bool = field("CopyTagsToSnapshot", False, "Whether snapshots get its tags")
    iam_auth: bool = field("EnableIAMDatabaseAuthentication", False, "Whether people can sign in with IAM")
    minor_upgrades: bool = field("AutoMinorVersionUpgrade", True, "Multi-AZ clusters: minor versions by themselves")
    monitoring_seconds: int = field("MonitoringInterval", 0, "Seconds between OS metrics; 0: none")
    public_setting: bool = field("PubliclyAccessible", False, "Multi-AZ clusters: whether it gets public addresses")
    subnet_group_name: str = field("DBSubnetGroupName", "", "The subnets that it may be in")
    backtrack_seconds: int = field("BacktrackWindow", 0, "Aurora MySQL: seconds that it can be wound back")
    instance_class: str = field("DBClusterInstanceClass", "", "Set for Multi-AZ clusters, which run in three zones")
    master_user: str = field("MasterUsername", "", "The administrator's name")
    managed_password: bool = field("ManageMasterUserPassword", False, "Whether Secrets Manager keeps the password")
    master_password: str = field("MasterUserPassword", "", "The administrator's password, where a template says it")
    replica_of: str = field("ReplicationSourceIdentifier", "", "What it is a read replica of")
    port_setting: int = field("Port", 0, "The port; 0: the engine's own")
    engine_mode: str = field("EngineMode", "provisioned", "provisioned, serverless (v1), ...")
    instances: tuple[Any, ...] = referring("AWS::RDS::DBInstance", "cluster", "Its instances")
    serverless_max: float = field("ServerlessV2ScalingConfiguration.MaxCapacity", 0.0, "Serverless v2: most capacity")

    @derived
    def storage_encrypted(self) -> bool:
        """Whether its storage is encrypted, as that of a serverless one (v1) always is."""
        return self.encrypted or self.engine_mode == "serverless"

    @derived
    def public(self) -> bool:
        """Whether a Multi-AZ cluster gets public addresses; a template that does not say leaves it to the subnets."""
        if self.is_code and "PubliclyAccessible" not in self.document:
            return not self.subnet_group_name or self.subnet_group_name == "default"
        return self.public_setting

    @derived
    def multi_az_cluster(self) -> bool:
        """Whether it is a Multi-AZ cluster rather than an Aurora one."""
        return bool(self.instance_class)

    @derived
    def port(self) -> int:
        """The port it listens on; 0 where that is not known."""
        return self.port_setting or default_port(self.engine)


class Snapshot(Resource):
    """What snapshots of instances and of clusters have in common."""

    kind: str = "manual"
    shared_with: tuple[str, ...] = ()

    @derived
    def public(self) -> bool:
        """Whether every AWS account can restore it."""
        return any(who == "all" for who in self.shared_with)

    @derived
    def accounts(self) -> tuple[str, ...]:
        """The accounts that it is shared with by name."""
        return tuple(who for who in self.shared_with if who != "all")


class DBSnapshot(
    Snapshot,
    type="AWS::RDS::DBSnapshot",
    ids="DBSnapshotIdentifier DBSnapshotArn",
    arn="arn:{partition}:rds:{region}:{account}:snapshot:{DBSnapshotIdentifier}",
):
    """A snapshot of a database instance."""

    kind: str = field("SnapshotType", "manual", "manual, automated, shared, public or awsbackup")
    encrypted: bool = field("Encrypted", False, "Whether it is encrypted")
    shared_with: tuple[str, ...] = fact("SharedWith", (), "Accounts that may restore it; all: everyone")


class ClusterSnapshot(Snapshot):
    """A snapshot of a cluster of any of these engines."""

    kind: str = field("SnapshotType", "manual", "manual, automated, shared, public or awsbackup")
    encrypted: bool = field("StorageEncrypted", False, "Whether it is encrypted")
    shared_with: tuple[str, ...] = field("SharedWith", (), "Accounts that may restore it; all: everyone")


class DBClusterSnapshot(
    ClusterSnapshot,
    type="Koban::RDS::DBClusterSnapshot",
    ids="DBClusterSnapshotIdentifier DBClusterSnapshotArn",
    arn="arn:{partition}:rds:{region}:{account}:cluster-snapshot:{DBClusterSnapshotIdentifier}",
):
    """A snapshot of an Aurora or Multi-AZ cluster."""

    encrypted: bool = field("StorageEncrypted", False, "Whether it is encrypted with a KMS key")


class EventSubscription(
    Resource,
    type="AWS::RDS::EventSubscription",
    ids="SubscriptionName",
    arn="arn:{partition}:rds:{region}:{account}:es:{SubscriptionName}",
):
    """A subscription that sends RDS events to an SNS topic."""

    enabled: bool = field("Enabled", True, "Whether it sends anything")
    source_type: str = field("SourceType", "", "db-instance, db-cluster, db-parameter-group, ...; empty: all")
    categories: tuple[str, ...] = field("EventCategories", (), "Kinds of events; empty: all")
    sources: tuple[str, ...] = field("SourceIds", (), "Ids that it is limited to; empty: all")

    def covers(self, source_type: str, *categories: str) -> bool:
        """Whether it tells of these kinds of events for every source of a type."""
        of_type = not self.source_type or self.source_type == source_type
        every = not self.categories or all(any(c == wanted for c in self.categories) for wanted in categories)
        return self.enabled and of_type and not self.sources and every


class DBSubnetGroup(
    Resource,
    type="AWS::RDS::DBSubnetGroup",
    ids="DBSubnetGroupName",
    arn="arn:{partition}:rds:{region}:{account}:subgrp:{DBSubnetGroupName}",
):
    """The subnets that a database may be in."""

    subnets: Any = links("SubnetIds", "AWS::EC2::Subnet", "Its subnets")


class ProxyAuth(Part):
    """How clients sign in to a proxy."""

    iam: str = field("IAMAuth", "DISABLED", "DISABLED, REQUIRED or ENABLED")


class DBProxy(
    Resource,
    type="AWS::RDS::DBProxy",
    ids="DBProxyName DBProxyArn",
):
    """A connection pool in front of a database."""

    requires_tls: bool = field("RequireTLS", False, "Whether clients must use TLS")
    debug_logging: bool = field("DebugLogging", False, "Whether SQL statements are written to the log")
    auth: tuple[ProxyAuth, ...] = parts("Auth", ProxyAuth, "How clients sign in")


class GlobalCluster(
    Resource,
    type="AWS::RDS::GlobalCluster",
    ids="GlobalClusterIdentifier",
    arn="arn:{partition}:rds::{account}:global-cluster:{GlobalClusterIdentifier}",
):
    """An Aurora database that spans regions."""

    engine: str = field("Engine", "", "aurora-mysql or aurora-postgresql")
    encrypted: bool = field("StorageEncrypted", False, "Whether its storage is encrypted")
    source_cluster: str = field("SourceDBClusterIdentifier", "", "The cluster that decides its settings")
    deletion_protection: bool = field("DeletionProtection", False, "Whether deleting it is refused")


class DBSecurityGroup(Resource, type="AWS::RDS::DBSecurityGroup", template_only=True, ids="Id"):
    """A database firewall from the time before VPCs; only templates still speak of it."""

    ranges: tuple[str, ...] = field("DBSecurityGroupIngress[].CIDRIP", (), "Address ranges that it lets in")
