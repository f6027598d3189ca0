"""Posture rules for Amazon RDS and Aurora."""

from __future__ import annotations

from koban.model.aws.backup import ProtectedResource
from koban.model.aws.rds import (
    DBCluster,
    DBClusterSnapshot,
    DBInstance,
    DBParameterGroup,
    DBProxy,
    DBSecurityGroup,
    DBSnapshot,
    DBSubnetGroup,
    EventSubscription,
    GlobalCluster,
    default_port,
)
from koban.model.aws.securitygroup import SecurityGroup
from koban.model.aws.vpc import Route, RouteTable, RouteTableAssociation, Subnet
from koban.model.estate import Region
from koban.model.resource import Resource, matches, size
from koban.model.rule import rule
from koban.model.unknown import Unknown

DEFAULT_USERS = ("admin", "administrator", "postgres", "root", "sa", "master", "masteruser", "rdsadmin", "oracle")
# What an audit needs at least of each engine's logs.  Oracle and Db2 name theirs otherwise from edition to edition.
WANTED_LOGS = (
    ("mysql", ("audit", "error", "general", "slowquery")),
    ("mariadb", ("audit", "error", "general", "slowquery")),
    ("postgres", ("postgresql",)),
    ("oracle", ("alert", "audit", "listener", "trace")),
    ("sqlserver", ("error",)),
)
DENIED = Unknown("Parameters", "AccessDenied rds:DescribeDBParameters")


@rule(
    "high",
    DBInstance,
    "cis-aws-7.0:3.2.1",
    "cis-aws-3.0:2.3.1",
    "aws-fsbp:RDS.3",
    "nist-csf-2.0:PR.DS-01",
    when=lambda instance: instance.alone,
)
def rds_instance_unencrypted(instance: DBInstance) -> bool:
    """The database's storage is not encrypted.

    Why: whoever gets hold of the disk, a snapshot or a backup of it can read it all, and it cannot be encrypted later.
    Fix: copy a snapshot with a KMS key, restore the copy as a new instance, and move the application to it.
    """
    inherits = instance.is_code and (instance.source_snapshot or instance.source_instance)
    return not instance.storage_encrypted and not inherits


rds_instance_unencrypted.cases(
    bad=[
        {"Engine": "mysql"},
        {"StorageEncrypted": False},
        {"StorageEncrypted": False, "SourceDBInstanceIdentifier": "a"},
    ],
    good=[{"StorageEncrypted": True}, DBInstance({"DBSnapshotIdentifier": "s"}, file="t.yaml")],
    unknown=[
        {"StorageEncrypted": Unknown("StorageEncrypted", "parameter Encrypt has no default")},
        DBInstance({"SourceDbiResourceId": "db-ABC"}, file="t.yaml"),
        DBInstance({"SourceDBInstanceAutomatedBackupsArn": "arn:aws:rds:..."}, file="t.yaml"),
        DBInstance({"DBClusterSnapshotIdentifier": "s"}, file="t.yaml"),
    ],
    skipped=[{"DBClusterIdentifier": "c"}],
)


@rule(
    "critical",
    DBInstance,
    "cis-aws-7.0:3.2.3",
    "cis-aws-3.0:2.3.3",
    "aws-fsbp:RDS.2",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.IR-01",
)
def rds_instance_public(instance: DBInstance) -> bool:
    """The database has a public address.

    Why: it can be reached from the internet as soon as a firewall rule lets it, and then one password or bug is enough.
    Fix: set PubliclyAccessible to false and place the database in private subnets.
    """
    return instance.public


rds_instance_public.cases(
    bad=[
        {"PubliclyAccessible": True},
        DBInstance({"Engine": "mysql"}, file="t.yaml"),
        DBInstance({"Engine": "postgres", "DBSubnetGroupName": "default"}, file="t.yaml"),
    ],
    good=[
        {"PubliclyAccessible": False},
        DBInstance({"Engine": "mysql", "DBSubnetGroupName": "private"}, file="t.yaml"),
        DBInstance({"Engine": "aurora-mysql", "DBClusterIdentifier": "c"}, file="t.yaml"),
    ],
    unknown=[DBInstance({"Engine": "mysql", "DBSubnetGroupName": Unknown("DBSubnetGroupName", "parameter")}, file="t")],
)


@rule(
    "medium",
    DBInstance,
    "cis-aws-7.0:3.2.2",
    "cis-aws-3.0:2.3.2",
    "aws-fsbp:RDS.13",
    "nist-csf-2.0:PR.PS-02",
)
def rds_instance_no_minor_upgrades(instance: DBInstance) -> bool:
    """Minor engine versions are not installed by themselves.

    Why: minor versions carry the engine's security fixes; without them known holes stay open.
    Fix: set AutoMinorVersionUpgrade to true; upgrades then happen in the maintenance window.
    """
    return not instance.minor_upgrades


rds_instance_no_minor_upgrades.cases(
    bad=[{"AutoMinorVersionUpgrade": False}], good=[{}, {"AutoMinorVersionUpgrade": True}]
)


@rule(
    "medium",
    DBInstance,
    "cis-aws-7.0:3.2.4",
    "aws-fsbp:RDS.5",
    "nist-csf-2.0:PR.IR-04",
    when=lambda instance: instance.alone and not instance.source_instance,
)
def rds_instance_single_zone(instance: DBInstance) -> bool:
    """The database runs in one availability zone only.

    Why: when the zone or the host fails, the database is gone until it is restored by hand.
    Fix: set MultiAZ to true, so that a standby in another zone takes over.
    """
    return not instance.multi_az


rds_instance_single_zone.cases(
    bad=[{}, {"MultiAZ": False}],
    good=[{"MultiAZ": True}],
    skipped=[{"DBClusterIdentifier": "c"}, {"SourceDBInstanceIdentifier": "primary"}],
)


@rule(
    "low",
    DBInstance,
    "aws-fsbp:RDS.6",
    "nist-csf-2.0:DE.CM-09",
)
def rds_instance_no_enhanced_monitoring(instance: DBInstance) -> bool:
    """The database's operating system is not monitored.

    Why: without OS metrics a runaway or hostile process on the database host goes unseen.
    Fix: set MonitoringInterval to 60 seconds or less, with a role that may write the metrics.
    """
    return instance.monitoring_seconds == 0


rds_instance_no_enhanced_monitoring.cases(bad=[{}, {"MonitoringInterval": 0}], good=[{"MonitoringInterval": 60}])


@rule(
    "medium",
    DBInstance,
    "aws-fsbp:RDS.8",
    "nist-csf-2.0:PR.DS-11",
    when=lambda instance: instance.alone,
)
def rds_instance_deletable(instance: DBInstance) -> bool:
    """The database can be deleted with one call.

    Why: a mistake, a wrong script or a thief with the right permission destroys it at once.
    Fix: set DeletionProtection to true.
    """
    return not instance.deletion_protection


rds_instance_deletable.cases(
    bad=[{}, {"DeletionProtection": False}],
    good=[{"DeletionProtection": True}, {"DeletionProtection": "true"}],
    skipped=[{"DBClusterIdentifier": "c"}],
)


@rule(
    "medium",
    DBInstance,
    "aws-fsbp:RDS.9",
    "aws-fsbp:RDS.36",
    "aws-fsbp:RDS.40",
    "aws-fsbp:RDS.42",
    "nist-csf-2.0:PR.PS-04",
    when=lambda instance: instance.alone,
)
def rds_instance_logs_not_exported(instance: DBInstance) -> bool:
    """Not all logs of the database are sent to CloudWatch Logs.

    Why: logs that stay on the host are lost with it, and nobody can search or alert on them.
    Fix: list every log of the engine (audit, error, ...) in EnableCloudwatchLogsExports.
    """
    return any(
        (instance.engine == name or matches(f"^{name}-", instance.engine))
        and not all(any(log == one for one in instance.log_exports) for log in wanted)
        for name, wanted in WANTED_LOGS
    )


rds_instance_logs_not_exported.cases(
    bad=[
        {"Engine": "postgres"},
        {"Engine": "mysql", "EnableCloudwatchLogsExports": ["error"]},
        {"Engine": "sqlserver-se", "EnableCloudwatchLogsExports": ["agent"]},
    ],
    good=[
        {"Engine": "postgres", "EnableCloudwatchLogsExports": ["postgresql", "upgrade"]},
        {"Engine": "oracle-ee", "EnableCloudwatchLogsExports": ["alert", "audit", "listener", "trace"]},
    ],
    skipped=[{"Engine": "aurora-mysql", "DBClusterIdentifier": "c"}],
)


@rule(
    "medium",
    DBInstance,
    "aws-fsbp:RDS.10",
    "nist-csf-2.0:PR.AA-03",
    when=lambda instance: instance.alone and matches("^(mysql|postgres|mariadb)$", instance.engine),
)
def rds_instance_no_iam_auth(instance: DBInstance) -> bool:
    """Nobody can sign in to the database with IAM, only with passwords.

    Why: passwords are shared, leak and seldom change; IAM tokens last 15 minutes and belong to one identity.
    Fix: set EnableIAMDatabaseAuthentication to true and let applications sign in with their roles.
    """
    return not instance.iam_auth


rds_instance_no_iam_auth.cases(
    bad=[{"Engine": "mysql"}, {"Engine": "postgres", "EnableIAMDatabaseAuthentication": False}],
    good=[{"Engine": "mysql", "EnableIAMDatabaseAuthentication": True}],
    skipped=[{"Engine": "sqlserver-ee"}, {"Engine": "aurora-mysql", "DBClusterIdentifier": "c"}],
)


@rule(
    "medium",
    DBInstance,
    "aws-fsbp:RDS.11",
    "nist-csf-2.0:PR.DS-11",
    "nist-csf-2.0:RC.RP-03",
    when=lambda instance: instance.alone and not instance.source_instance,
)
def rds_instance_backups_short(instance: DBInstance, *, backup_days_min: int = 7) -> bool:
    """Automatic backups of the database are off or kept too briefly.

    Why: damage that is noticed after the last backup has gone cannot be undone.
    Fix: set BackupRetentionPeriod to at least 7 days.
    """
    return instance.backup_days < backup_days_min


rds_instance_backups_short.cases(
    bad=[{}, {"BackupRetentionPeriod": 0}, {"BackupRetentionPeriod": "3"}],
    good=[{"BackupRetentionPeriod": 7}, {"BackupRetentionPeriod": 35}],
    skipped=[{"SourceDBInstanceIdentifier": "primary"}, {"DBClusterIdentifier": "c"}],
)


@rule("low", DBInstance, "aws-fsbp:RDS.17", "nist-csf-2.0:ID.AM-08", when=lambda instance: instance.alone)
def rds_instance_tags_not_copied(instance: DBInstance) -> bool:
    """Snapshots do not get the database's tags.

    Why: permissions and clean-up that go by tags miss the snapshots, which hold the same data.
    Fix: set CopyTagsToSnapshot to true.
    """
    return not instance.copies_tags


rds_instance_tags_not_copied.cases(
    bad=[{}, {"CopyTagsToSnapshot": False}],
    good=[{"CopyTagsToSnapshot": True}],
    skipped=[{"DBClusterIdentifier": "c"}],
)


@rule("high", DBInstance, "aws-fsbp:RDS.18", "nist-csf-2.0:PR.IR-01")
def rds_instance_outside_vpc(instance: DBInstance) -> bool:
    """The database uses the firewalls of EC2-Classic rather than a VPC.

    Why: outside a VPC there are no private subnets, no network ACLs and no flow logs.
    Fix: create the database in a VPC with a subnet group and VPC security groups.
    """
    return bool(size(instance.classic_groups) > 0)


rds_instance_outside_vpc.cases(
    bad=[{"DBSecurityGroups": ["default"]}], good=[{}, {"DBSubnetGroupName": "private", "VPCSecurityGroups": ["sg-1"]}]
)


@rule("low", DBInstance, "aws-fsbp:RDS.23", "nist-csf-2.0:PR.PS-01", when=lambda instance: instance.alone)
def rds_instance_default_port(instance: DBInstance) -> bool:
    """The database listens on its engine's well-known port.

    Why: scanners and worms try well-known ports first, so it is found and attacked sooner.
    Fix: choose another port in Port, and update the security groups and connection strings.
    """
    known = default_port(instance.engine)
    return known != 0 and instance.port == known


rds_instance_default_port.cases(
    bad=[{"Engine": "mysql"}, {"Engine": "postgres", "Port": "5432"}, {"Engine": "oracle-ee", "Port": 1521}],
    good=[{"Engine": "mysql", "Port": "3307"}, {"Engine": "custom-oracle", "Port": 1521}],
    skipped=[{"Engine": "aurora-mysql", "DBClusterIdentifier": "c"}],
)


@rule(
    "medium",
    DBInstance,
    "aws-fsbp:RDS.25",
    "nist-csf-2.0:PR.AA-01",
    when=lambda instance: instance.alone and not instance.source_instance,
)
def rds_instance_default_user(instance: DBInstance) -> bool:
    """The database's administrator has a name that everyone guesses.

    Why: half of what an attacker must guess is known; password lists start with these names.
    Fix: create the database with a MasterUsername of your own; it cannot be changed later.
    """
    return any(instance.master_user == name for name in DEFAULT_USERS)


rds_instance_default_user.cases(
    bad=[{"MasterUsername": "admin"}, {"MasterUsername": "postgres"}],
    good=[{"MasterUsername": "ledger_owner"}, {}],
    skipped=[{"MasterUsername": "admin", "DBClusterIdentifier": "c"}],
)


@rule(
    "medium",
    DBInstance,
    "aws-fsbp:RDS.38",
    "aws-fsbp:RDS.39",
    "aws-fsbp:RDS.41",
    "aws-fsbp:RDS.44",
    "nist-csf-2.0:PR.DS-02",
    when=lambda instance: instance.alone and matches("^(mysql|mariadb|postgres|sqlserver-.*)$", instance.engine),
)
def rds_instance_tls_not_required(instance: DBInstance) -> bool:
    """The database accepts connections without TLS.

    Why: passwords and data cross the network in plain text whenever a client does not ask for TLS.
    Fix: set rds.force_ssl (PostgreSQL, SQL Server) or require_secure_transport (MySQL, MariaDB) in its parameter group.
    """
    return not instance.requires_tls


OLD_GROUP = DBParameterGroup({"DBParameterGroupName": "g", "Family": "postgres13"})
NEW_GROUP = DBParameterGroup({"DBParameterGroupName": "g", "Family": "postgres16"})
PG = {"Engine": "postgres", "DBParameterGroupName": "g"}

rds_instance_tls_not_required.cases(
    bad=[
        (PG, OLD_GROUP),
        {"Engine": "postgres", "EngineVersion": "14.9"},
        {"Engine": "mysql", "EngineVersion": "8.0.40"},
        {"Engine": "sqlserver-se"},
        {"Engine": "postgres", "EngineVersion": "13.20"},
        (
            {"Engine": "mysql", "DBParameterGroupName": "g"},
            DBParameterGroup({"DBParameterGroupName": "g", "Parameters": {"require_secure_transport": "OFF"}}),
        ),
    ],
    good=[
        (PG, NEW_GROUP),
        {"Engine": "postgres", "EngineVersion": "16.3"},
        {"Engine": "postgres"},
        {"Engine": "postgres", "EngineVersion": "16.10"},
        {"Engine": "postgres"},
        (
            PG,
            DBParameterGroup({"DBParameterGroupName": "g", "Family": "postgres13", "Parameters": {"rds.force_ssl": 1}}),
        ),
    ],
    unknown=[
        (PG, DBParameterGroup({"DBParameterGroupName": "g", "Family": "postgres13", "Parameters": DENIED})),
        PG,
        {"Engine": "postgres", "EngineVersion": Unknown("EngineVersion", "parameter Version has no default")},
    ],
    skipped=[{"Engine": "aurora-mysql", "DBClusterIdentifier": "c"}, {"Engine": "oracle-ee"}],
)


@rule("high", DBInstance, "nist-csf-2.0:PR.PS-02", when=lambda instance: instance.alone)
def rds_instance_engine_out_of_support(instance: DBInstance) -> bool:
    """The database's engine version is out of standard support.

    Why: it gets no ordinary fixes any more; AWS bills extended support, or upgrades it at a time of its choosing.
    Fix: upgrade to a supported major version, first on a copy restored from a snapshot.
    """
    return instance.outdated


rds_instance_engine_out_of_support.cases(
    bad=[{"Engine": "mysql", "EngineVersion": "5.7.44"}, {"Engine": "postgres", "EngineVersion": "11"}],
    good=[{"Engine": "mysql", "EngineVersion": "8.4.3"}, {"Engine": "postgres", "EngineVersion": "17.2"}, {}],
    unknown=[{"Engine": "mysql", "EngineVersion": Unknown("EngineVersion", "parameter Version has no default")}],
)


@rule("medium", DBInstance, "nist-csf-2.0:PR.DS-02", only="live", when=lambda instance: bool(instance.certificate_end))
def rds_instance_certificate_expiring(instance: DBInstance, *, days_left_min: int = 60) -> bool:
    """The database's TLS certificate ends soon.

    Why: clients that check certificates can no longer connect once it, or the authority behind it, has expired.
    Fix: switch the instance to a newer certificate authority, and clients to its bundle, before that day.
    """
    return instance.certificate_age_days > -days_left_min


rds_instance_certificate_expiring.cases(
    bad=[{"CertificateDetails": {"ValidTill": "2024-08-22T17:08:50+00:00"}}],
    good=[{"CertificateDetails": {"ValidTill": "2061-05-18T22:53:38+00:00"}}],
    skipped=[{}],
)


@rule("high", DBInstance, "nist-csf-2.0:PR.DS-02", only="code")
def rds_instance_old_certificate_authority(instance: DBInstance) -> bool:
    """The template asks for a certificate authority that has expired.

    Why: clients that check certificates refuse the connection, and people then turn the check off.
    Fix: use rds-ca-rsa2048-g1 or a newer authority, or leave the property out.
    """
    return any(instance.certificate == old for old in ("rds-ca-2015", "rds-ca-2019"))


rds_instance_old_certificate_authority.cases(
    bad=[{"CACertificateIdentifier": "rds-ca-2019"}], good=[{}, {"CACertificateIdentifier": "rds-ca-rsa2048-g1"}]
)


@rule(
    "low",
    DBInstance,
    "nist-csf-2.0:PR.AA-01",
    when=lambda instance: instance.alone and not instance.source_instance,
)
def rds_instance_password_not_managed(instance: DBInstance) -> bool:
    """The administrator's password is not kept and rotated by Secrets Manager.

    Why: a password that people set is written down somewhere and stays the same for years.
    Fix: set ManageMasterUserPassword to true and read the password from the secret.
    """
    return not instance.managed_password and not instance.source_snapshot


rds_instance_password_not_managed.cases(
    bad=[{"MasterUsername": "owner"}],
    good=[{"ManageMasterUserPassword": True}],
    skipped=[{"DBClusterIdentifier": "c"}],
)


@rule("high", DBInstance, "nist-csf-2.0:PR.AA-01", only="code", when=lambda instance: bool(instance.master_password))
def rds_instance_password_in_template(instance: DBInstance) -> bool:
    """The administrator's password stands in the template.

    Why: everyone who can read the repository or the stack can sign in as administrator.
    Fix: use ManageMasterUserPassword, or a dynamic reference to Secrets Manager; change the password that leaked.
    """
    return not instance.master_password.startswith("{{resolve:")


rds_instance_password_in_template.cases(
    bad=[{"MasterUserPassword": "not-a-real-one"}],
    good=[{"MasterUserPassword": "{{resolve:secretsmanager:db:SecretString:password}}"}],
    unknown=[{"MasterUserPassword": Unknown("MasterUserPassword", "parameter Password has no default")}],
    skipped=[{}],
)


# Clusters


@rule("high", DBCluster, "cis-aws-7.0:3.2.1", "cis-aws-3.0:2.3.1", "aws-fsbp:RDS.27", "nist-csf-2.0:PR.DS-01")
def rds_cluster_unencrypted(cluster: DBCluster) -> bool:
    """The cluster's storage is not encrypted with a KMS key of the account.

    Why: access to snapshots and backups cannot be withdrawn by a key, and it cannot be changed later.
    Fix: restore a snapshot into a new cluster with StorageEncrypted and a KMS key.
    """
    inherits = cluster.is_code and (cluster.source_snapshot or cluster.source_cluster or cluster.replica_of)
    return not cluster.storage_encrypted and not inherits


rds_cluster_unencrypted.cases(
    bad=[{}, {"StorageEncrypted": False}],
    good=[
        {"StorageEncrypted": True},
        {"EngineMode": "serverless"},
        DBCluster({"SnapshotIdentifier": "s"}, file="t.yaml"),
    ],
)


@rule("medium", DBCluster, "aws-fsbp:RDS.7", "nist-csf-2.0:PR.DS-11")
def rds_cluster_deletable(cluster: DBCluster) -> bool:
    """The cluster can be deleted with one call.

    Why: a mistake, a wrong script or a thief with the right permission destroys it at once.
    Fix: set DeletionProtection to true.
    """
    return not cluster.deletion_protection


rds_cluster_deletable.cases(bad=[{}, {"DeletionProtection": False}], good=[{"DeletionProtection": True}])


@rule("medium", DBCluster, "aws-fsbp:RDS.12", "nist-csf-2.0:PR.AA-03")
def rds_cluster_no_iam_auth(cluster: DBCluster) -> bool:
    """Nobody can sign in to the cluster with IAM, only with passwords.

    Why: passwords are shared, leak and seldom change; IAM tokens last 15 minutes and belong to one identity.
    Fix: set EnableIAMDatabaseAuthentication to true and let applications sign in with their roles.
    """
    return not cluster.iam_auth


rds_cluster_no_iam_auth.cases(bad=[{}], good=[{"EnableIAMDatabaseAuthentication": True}])


@rule(
    "low",
    DBCluster,
    "aws-fsbp:RDS.14",
    "nist-csf-2.0:RC.RP-03",
    when=lambda cluster: cluster.engine == "aurora-mysql" and cluster.engine_mode == "provisioned",
)
def rds_cluster_no_backtrack(cluster: DBCluster) -> bool:
    """The Aurora MySQL cluster cannot be wound back in time.

    Why: after a bad statement, only a slow restore into a new cluster brings the data back.
    Fix: create the cluster with a BacktrackWindow; it cannot be turned on later.
    """
    return cluster.backtrack_seconds == 0


rds_cluster_no_backtrack.cases(
    bad=[{"Engine": "aurora-mysql"}],
    good=[{"Engine": "aurora-mysql", "BacktrackWindow": 86400}],
    skipped=[{"Engine": "aurora-postgresql"}],
)


@rule("medium", DBCluster, "aws-fsbp:RDS.15", "cis-aws-7.0:3.2.4", "nist-csf-2.0:PR.IR-04")
def rds_cluster_single_zone(cluster: DBCluster) -> bool:
    """The cluster's instances run in one availability zone only.

    Why: when the zone fails, there is no instance left to take over.
    Fix: add a reader instance in another zone.
    """
    planned = cluster.is_code and size(cluster.instances) > 1
    return not cluster.spans_zones and not cluster.multi_az_cluster and not planned


C = {"DBClusterIdentifier": "c"}
rds_cluster_single_zone.cases(
    bad=[
        {"MultiAZ": False},
        (DBCluster(C, file="t.yaml"), DBInstance({**C, "DBInstanceIdentifier": "i"}, file="t.yaml")),
    ],
    good=[
        {"MultiAZ": True},
        {"DBClusterInstanceClass": "db.m6gd.large"},
        (
            DBCluster(C, file="t.yaml"),
            DBInstance({**C, "DBInstanceIdentifier": "i"}, file="t.yaml", uid="i"),
            DBInstance({**C, "DBInstanceIdentifier": "j"}, file="t.yaml", uid="j"),
        ),
    ],
)


@rule("low", DBCluster, "aws-fsbp:RDS.16", "aws-fsbp:RDS.47", "aws-fsbp:RDS.48", "nist-csf-2.0:ID.AM-08")
def rds_cluster_tags_not_copied(cluster: DBCluster) -> bool:
    """Snapshots do not get the cluster's tags.

    Why: permissions and clean-up that go by tags miss the snapshots, which hold the same data.
    Fix: set CopyTagsToSnapshot to true.
    """
    return not cluster.copies_tags


rds_cluster_tags_not_copied.cases(bad=[{}], good=[{"CopyTagsToSnapshot": True}])


@rule("low", DBCluster, "aws-fsbp:RDS.23", "nist-csf-2.0:PR.PS-01")
def rds_cluster_default_port(cluster: DBCluster) -> bool:
    """The cluster listens on its engine's well-known port.

    Why: scanners and worms try well-known ports first, so it is found and attacked sooner.
    Fix: choose another port in Port, and update the security groups and connection strings.
    """
    known = default_port(cluster.engine)
    return known != 0 and cluster.port == known


rds_cluster_default_port.cases(
    bad=[{"Engine": "aurora-mysql"}, {"Engine": "aurora-postgresql", "Port": 5432}],
    good=[{"Engine": "aurora-postgresql", "Port": 6432}],
)


@rule("medium", DBCluster, "aws-fsbp:RDS.24", "nist-csf-2.0:PR.AA-01", when=lambda cluster: not cluster.replica_of)
def rds_cluster_default_user(cluster: DBCluster) -> bool:
    """The cluster's administrator has a name that everyone guesses.

    Why: half of what an attacker must guess is known; password lists start with these names.
    Fix: create the cluster with a MasterUsername of your own; it cannot be changed later.
    """
    return any(cluster.master_user == name for name in DEFAULT_USERS)


rds_cluster_default_user.cases(
    bad=[{"MasterUsername": "admin"}, {"MasterUsername": "postgres"}],
    good=[{"MasterUsername": "ledger_owner"}, {}],
)


@rule(
    "medium",
    DBCluster,
    "aws-fsbp:RDS.34",
    "aws-fsbp:RDS.45",
    "nist-csf-2.0:PR.PS-04",
    when=lambda cluster: cluster.engine == "aurora-mysql" or cluster.engine == "mysql",
)
def rds_cluster_mysql_audit_not_exported(cluster: DBCluster) -> bool:
    """The cluster's audit log is not sent to CloudWatch Logs.

    Why: without it nobody can tell afterwards who read or changed what.
    Fix: turn on server_audit_logging in the cluster's parameters and add audit to EnableCloudwatchLogsExports.
    """
    return "audit" not in cluster.log_exports


rds_cluster_mysql_audit_not_exported.cases(
    bad=[{"Engine": "aurora-mysql"}, {"Engine": "aurora-mysql", "EnableCloudwatchLogsExports": ["error"]}],
    good=[{"Engine": "aurora-mysql", "EnableCloudwatchLogsExports": ["audit"]}],
    skipped=[{"Engine": "aurora-postgresql"}],
)


@rule(
    "medium",
    DBCluster,
    "aws-fsbp:RDS.37",
    "nist-csf-2.0:PR.PS-04",
    when=lambda cluster: cluster.engine == "aurora-postgresql" or cluster.engine == "postgres",
)
def rds_cluster_postgres_log_not_exported(cluster: DBCluster) -> bool:
    """The cluster's PostgreSQL log is not sent to CloudWatch Logs.

    Why: logs that stay on the hosts are lost with them, and nobody can search or alert on them.
    Fix: add postgresql to EnableCloudwatchLogsExports.
    """
    return "postgresql" not in cluster.log_exports


rds_cluster_postgres_log_not_exported.cases(
    bad=[{"Engine": "aurora-postgresql"}],
    good=[{"Engine": "aurora-postgresql", "EnableCloudwatchLogsExports": ["postgresql"]}],
    skipped=[{"Engine": "aurora-mysql"}],
)


@rule("medium", DBCluster, "aws-fsbp:RDS.35", "nist-csf-2.0:PR.PS-02", when=lambda cluster: cluster.multi_az_cluster)
def rds_cluster_no_minor_upgrades(cluster: DBCluster) -> bool:
    """Minor engine versions are not installed by themselves on the Multi-AZ cluster.

    Why: minor versions carry the engine's security fixes; without them known holes stay open.
    Fix: set AutoMinorVersionUpgrade to true on the cluster.
    """
    return not cluster.minor_upgrades


rds_cluster_no_minor_upgrades.cases(
    bad=[{"DBClusterInstanceClass": "db.m6gd.large", "AutoMinorVersionUpgrade": False}],
    good=[{"DBClusterInstanceClass": "db.m6gd.large"}],
    skipped=[{"Engine": "aurora-mysql", "AutoMinorVersionUpgrade": False}],
)


@rule("medium", DBCluster, "aws-fsbp:RDS.50", "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def rds_cluster_backups_short(cluster: DBCluster, *, backup_days_min: int = 7) -> bool:
    """The cluster's backups are kept too briefly.

    Why: damage that is noticed after the last backup has gone cannot be undone.
    Fix: set BackupRetentionPeriod to at least 7 days.
    """
    return cluster.backup_days < backup_days_min


rds_cluster_backups_short.cases(bad=[{}, {"BackupRetentionPeriod": 1}], good=[{"BackupRetentionPeriod": 14}])


@rule(
    "critical",
    DBCluster,
    "aws-fsbp:RDS.2",
    "cis-aws-7.0:3.2.3",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.IR-01",
    when=lambda cluster: cluster.multi_az_cluster,
)
def rds_cluster_public(cluster: DBCluster) -> bool:
    """The Multi-AZ cluster has public addresses.

    Why: it can be reached from the internet as soon as a firewall rule lets it, and then one password or bug is enough.
    Fix: create the cluster with PubliclyAccessible false, in private subnets.
    """
    return cluster.public


rds_cluster_public.cases(
    bad=[
        {"DBClusterInstanceClass": "db.m6gd.large", "PubliclyAccessible": True},
        DBCluster({"DBClusterInstanceClass": "db.m6gd.large"}, file="t.yaml"),
    ],
    good=[
        {"DBClusterInstanceClass": "db.m6gd.large", "PubliclyAccessible": False},
        DBCluster({"DBClusterInstanceClass": "db.m6gd.large", "DBSubnetGroupName": "private"}, file="t.yaml"),
    ],
    unknown=[
        DBCluster({"DBClusterInstanceClass": "m", "DBSubnetGroupName": Unknown("Group", "parameter")}, file="t.yaml")
    ],
    skipped=[{"Engine": "aurora-mysql"}],
)


@rule("high", DBCluster, "nist-csf-2.0:PR.PS-02")
def rds_cluster_engine_out_of_support(cluster: DBCluster) -> bool:
    """The cluster's engine version is out of standard support.

    Why: it gets no ordinary fixes any more; AWS bills extended support, or upgrades it at a time of its choosing.
    Fix: upgrade to a supported major version, first on a clone of the cluster.
    """
    return cluster.outdated


rds_cluster_engine_out_of_support.cases(
    bad=[
        {"Engine": "aurora-mysql", "EngineVersion": "5.7.mysql_aurora.2.11.1"},
        {"Engine": "aurora-postgresql", "EngineVersion": "11.9"},
    ],
    good=[{"Engine": "aurora-mysql", "EngineVersion": "8.0.mysql_aurora.3.08.0"}, {"Engine": "aurora-mysql"}],
)


@rule("high", DBCluster, "nist-csf-2.0:PR.AA-01", only="code", when=lambda cluster: bool(cluster.master_password))
def rds_cluster_password_in_template(cluster: DBCluster) -> bool:
    """The administrator's password stands in the template.

    Why: everyone who can read the repository or the stack can sign in as administrator.
    Fix: use ManageMasterUserPassword, or a dynamic reference to Secrets Manager; change the password that leaked.
    """
    return not cluster.master_password.startswith("{{resolve:")


rds_cluster_password_in_template.cases(
    bad=[{"MasterUserPassword": "not-a-real-one"}],
    good=[{"MasterUserPassword": "{{resolve:secretsmanager:db:SecretString:password}}"}],
    skipped=[{}],
)


@rule("low", DBCluster, "nist-csf-2.0:PR.AA-01", when=lambda cluster: not cluster.replica_of)
def rds_cluster_password_not_managed(cluster: DBCluster) -> bool:
    """The administrator's password is not kept and rotated by Secrets Manager.

    Why: a password that people set is written down somewhere and stays the same for years.
    Fix: set ManageMasterUserPassword to true and read the password from the secret.
    """
    return not cluster.managed_password and not cluster.source_snapshot


rds_cluster_password_not_managed.cases(bad=[{"MasterUsername": "owner"}], good=[{"ManageMasterUserPassword": True}])


@rule(
    "low",
    DBCluster,
    "aws-fsbp:RDS.6",
    "nist-csf-2.0:DE.CM-09",
    when=lambda cluster: cluster.multi_az_cluster,
)
def rds_cluster_no_enhanced_monitoring(cluster: DBCluster) -> bool:
    """The operating systems of the Multi-AZ cluster are not monitored.

    Why: without OS metrics a runaway or hostile process on a database host goes unseen.
    Fix: set MonitoringInterval to 60 seconds or less, with a role that may write the metrics.
    """
    return cluster.monitoring_seconds == 0


rds_cluster_no_enhanced_monitoring.cases(
    bad=[{"DBClusterInstanceClass": "db.m6gd.large"}],
    good=[{"DBClusterInstanceClass": "db.m6gd.large", "MonitoringInterval": 30}],
    skipped=[{"Engine": "aurora-mysql"}],
)


# Snapshots


@rule("critical", DBSnapshot, "aws-fsbp:RDS.1", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01", only="live")
def rds_snapshot_public(snapshot: DBSnapshot) -> bool:
    """Every AWS account can restore this database snapshot.

    Why: anyone can copy the whole database into an account of their own; public snapshots are searched all the time.
    Fix: remove "all" from the snapshot's restore attribute, and treat the data as leaked.
    """
    return snapshot.public


rds_snapshot_public.cases(
    bad=[{"SharedWith": ["all"]}],
    good=[{"SharedWith": []}, {"SharedWith": ["444455556666"]}, {"SnapshotType": "automated"}],
    unknown=[{"SharedWith": Unknown("SharedWith", "AccessDenied rds:DescribeDBSnapshotAttributes")}],
)


@rule("medium", DBSnapshot, "nist-csf-2.0:PR.AA-05", only="live")
def rds_snapshot_shared(snapshot: DBSnapshot) -> bool:
    """Other AWS accounts can restore this database snapshot.

    Why: whoever controls that account has a full copy of the data, outside your own controls and logs.
    Fix: remove the accounts that need it no longer from the snapshot's restore attribute.
    """
    return bool(size(snapshot.accounts) > 0)


rds_snapshot_shared.cases(bad=[{"SharedWith": ["444455556666"]}], good=[{"SharedWith": []}, {"SharedWith": ["all"]}])


@rule("high", DBSnapshot, "aws-fsbp:RDS.4", "nist-csf-2.0:PR.DS-01", only="live")
def rds_snapshot_unencrypted(snapshot: DBSnapshot) -> bool:
    """The database snapshot is not encrypted.

    Why: it can be shared with anyone and read by whoever restores it, without a key that could be withdrawn.
    Fix: copy the snapshot with a KMS key and delete the original.
    """
    return not snapshot.encrypted


rds_snapshot_unencrypted.cases(bad=[{"Encrypted": False}], good=[{"Encrypted": True}])


@rule("critical", DBClusterSnapshot, "aws-fsbp:RDS.1", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def rds_cluster_snapshot_public(snapshot: DBClusterSnapshot) -> bool:
    """Every AWS account can restore this cluster snapshot.

    Why: anyone can copy the whole database into an account of their own; public snapshots are searched all the time.
    Fix: remove "all" from the snapshot's restore attribute, and treat the data as leaked.
    """
    return snapshot.public


rds_cluster_snapshot_public.cases(
    bad=[{"SharedWith": ["all"]}],
    good=[{"SharedWith": []}, {}],
    unknown=[{"SharedWith": Unknown("SharedWith", "AccessDenied rds:DescribeDBClusterSnapshotAttributes")}],
)


@rule("medium", DBClusterSnapshot, "nist-csf-2.0:PR.AA-05")
def rds_cluster_snapshot_shared(snapshot: DBClusterSnapshot) -> bool:
    """Other AWS accounts can restore this cluster snapshot.

    Why: whoever controls that account has a full copy of the data, outside your own controls and logs.
    Fix: remove the accounts that need it no longer from the snapshot's restore attribute.
    """
    return bool(size(snapshot.accounts) > 0)


rds_cluster_snapshot_shared.cases(bad=[{"SharedWith": ["444455556666"]}], good=[{"SharedWith": []}])


@rule("high", DBClusterSnapshot, "aws-fsbp:RDS.4", "nist-csf-2.0:PR.DS-01")
def rds_cluster_snapshot_unencrypted(snapshot: DBClusterSnapshot) -> bool:
    """The cluster snapshot is not encrypted.

    Why: it can be shared with anyone and read by whoever restores it, without a key that could be withdrawn.
    Fix: copy the snapshot with a KMS key and delete the original.
    """
    return not snapshot.encrypted


rds_cluster_snapshot_unencrypted.cases(bad=[{"StorageEncrypted": False}], good=[{"StorageEncrypted": True}])


# Event subscriptions: what a region must have once it has databases


@rule(
    "low",
    Region,
    "aws-fsbp:RDS.19",
    "nist-csf-2.0:DE.CM-09",
    only="live",
    when=lambda region: size(region.every(DBCluster)) > 0,
)
def rds_cluster_events_not_notified(region: Region) -> bool:
    """Nobody is told of failures and maintenance of the region's database clusters.

    Why: people learn of a failing cluster from their users rather than from AWS.
    Fix: create an RDS event subscription to SNS for clusters, with the categories failure and maintenance.
    """
    return not any(one.covers("db-cluster", "maintenance", "failure") for one in region.every(EventSubscription))


@rule(
    "low",
    Region,
    "aws-fsbp:RDS.20",
    "nist-csf-2.0:DE.CM-09",
    only="live",
    when=lambda region: size(region.every(DBInstance)) > 0,
)
def rds_instance_events_not_notified(region: Region) -> bool:
    """Nobody is told of failures, configuration changes and maintenance of the region's databases.

    Why: people learn of a failing or changed database from their users rather than from AWS.
    Fix: create an RDS event subscription for instances: maintenance, configuration change and failure.
    """
    return not any(
        one.covers("db-instance", "maintenance", "configuration change", "failure")
        for one in region.every(EventSubscription)
    )


@rule(
    "low",
    Region,
    "aws-fsbp:RDS.21",
    "nist-csf-2.0:DE.CM-09",
    only="live",
    when=lambda region: size(region.every(DBInstance)) > 0,
)
def rds_parameter_group_events_not_notified(region: Region) -> bool:
    """Nobody is told when database parameter groups change.

    Why: switching off TLS or the audit log is one parameter, and would pass unseen.
    Fix: create an RDS event subscription for parameter groups with the category configuration change.
    """
    return not any(one.covers("db-parameter-group", "configuration change") for one in region.every(EventSubscription))


@rule(
    "low",
    Region,
    "aws-fsbp:RDS.22",
    "nist-csf-2.0:DE.CM-09",
    only="live",
    when=lambda region: size(region.every(DBInstance)) > 0,
)
def rds_security_group_events_not_notified(region: Region) -> bool:
    """Nobody is told when database security groups change or fail.

    Why: opening a database's firewall to the world would pass unseen.
    Fix: create an RDS event subscription for security groups: configuration change and failure.
    """
    return not any(
        one.covers("db-security-group", "configuration change", "failure") for one in region.every(EventSubscription)
    )


HERE = {"RegionName": "eu-west-1"}
EVERYTHING = EventSubscription({"SubscriptionName": "s"})
SWITCHED_OFF = EventSubscription({"SubscriptionName": "s", "Enabled": False})
ONE_ONLY = EventSubscription({"SubscriptionName": "s", "SourceType": "db-instance", "EventCategories": ["backup"]})

rds_cluster_events_not_notified.cases(
    bad=[(HERE, DBCluster(C)), (HERE, DBCluster(C), SWITCHED_OFF), (HERE, DBCluster(C), ONE_ONLY)],
    good=[(HERE, DBCluster(C), EVERYTHING)],
    skipped=[HERE],
)
for made in (
    rds_instance_events_not_notified,
    rds_parameter_group_events_not_notified,
    rds_security_group_events_not_notified,
):
    made.cases(
        bad=[(HERE, DBInstance({})), (HERE, DBInstance({}), ONE_ONLY)],
        good=[(HERE, DBInstance({}), EVERYTHING)],
        skipped=[HERE],
    )


# The rest


@rule("medium", DBProxy, "aws-fsbp:RDS.43", "nist-csf-2.0:PR.DS-02")
def rds_proxy_tls_not_required(proxy: DBProxy) -> bool:
    """The database proxy accepts connections without TLS.

    Why: passwords and data cross the network in plain text whenever a client does not ask for TLS.
    Fix: set RequireTLS to true.
    """
    return not proxy.requires_tls


rds_proxy_tls_not_required.cases(bad=[{}, {"RequireTLS": False}], good=[{"RequireTLS": True}])


@rule("low", DBProxy, "nist-csf-2.0:PR.AA-03")
def rds_proxy_iam_not_required(proxy: DBProxy) -> bool:
    """Clients sign in to the database proxy with passwords.

    Why: every client then keeps a database password, which the proxy was to take out of their hands.
    Fix: set IAMAuth to REQUIRED for each entry of Auth.
    """
    return any(one.iam != "REQUIRED" for one in proxy.auth)


rds_proxy_iam_not_required.cases(
    bad=[{"Auth": [{}]}, {"Auth": [{"IAMAuth": "DISABLED"}]}], good=[{"Auth": [{"IAMAuth": "REQUIRED"}]}, {}]
)


@rule("medium", DBProxy, "nist-csf-2.0:PR.DS-01")
def rds_proxy_logs_statements(proxy: DBProxy) -> bool:
    """The database proxy writes SQL statements to its log.

    Why: statements carry personal data and passwords, which then lie in CloudWatch Logs for all who read logs.
    Fix: set DebugLogging to false; turn it on only while hunting a bug.
    """
    return proxy.debug_logging


rds_proxy_logs_statements.cases(bad=[{"DebugLogging": True}], good=[{}, {"DebugLogging": False}])


@rule("medium", GlobalCluster, "aws-fsbp:RDS.7", "nist-csf-2.0:PR.DS-11")
def rds_global_cluster_deletable(cluster: GlobalCluster) -> bool:
    """The global database can be deleted with one call.

    Why: deleting it by mistake cuts every region off from the others.
    Fix: set DeletionProtection to true on the global cluster.
    """
    return not cluster.deletion_protection


rds_global_cluster_deletable.cases(bad=[{}], good=[{"DeletionProtection": True}])


@rule(
    "high", GlobalCluster, "aws-fsbp:RDS.27", "nist-csf-2.0:PR.DS-01", when=lambda cluster: not cluster.source_cluster
)
def rds_global_cluster_unencrypted(cluster: GlobalCluster) -> bool:
    """The global database is not encrypted with a KMS key.

    Why: every region's copy, and every snapshot of one, is readable without a key that could be withdrawn.
    Fix: create a new global cluster from an encrypted cluster and move to it.
    """
    return not cluster.encrypted


rds_global_cluster_unencrypted.cases(
    bad=[{}], good=[{"StorageEncrypted": True}], skipped=[{"SourceDBClusterIdentifier": "c"}]
)


@rule("critical", DBSecurityGroup, "aws-fsbp:RDS.18", "nist-csf-2.0:PR.IR-01", only="code")
def rds_security_group_open(group: DBSecurityGroup) -> bool:
    """The database security group lets in the whole internet.

    Why: anyone can try passwords and exploits against the database.
    Fix: move to a VPC security group that lets in only the application.
    """
    return any(one == "0.0.0.0/0" or one == "::/0" for one in group.ranges)


rds_security_group_open.cases(
    bad=[{"DBSecurityGroupIngress": [{"CIDRIP": "0.0.0.0/0"}]}],
    good=[{"DBSecurityGroupIngress": [{"CIDRIP": "10.0.0.0/8"}]}, {}],
)


@rule(
    "low",
    DBInstance,
    "aws-fsbp:RDS.26",
    "nist-csf-2.0:PR.DS-11",
    "nist-csf-2.0:RC.RP-03",
    only="live",
    when=lambda instance: instance.alone,
)
def rds_instance_no_backup_plan(instance: DBInstance, *, backup_age_days_max: int = 35) -> bool:
    """AWS Backup has no recent backup of the database.

    Why: backups that only the service itself keeps go when the database or the account does.
    Fix: add the database to a backup plan, with copies in a locked vault of another account.
    """
    return not any(one.backup_age_days <= backup_age_days_max for one in instance.protections)


rds_instance_no_backup_plan.cases(
    bad=[
        {"DBInstanceArn": "arn:it"},
        (
            {"DBInstanceArn": "arn:it"},
            ProtectedResource({"ResourceArn": "arn:it", "LastBackupTime": "2020-01-01T00:00:00+00:00"}, uid="p"),
        ),
    ],
    good=[
        (
            {"DBInstanceArn": "arn:it"},
            ProtectedResource({"ResourceArn": "arn:it", "LastBackupTime": "2999-01-01T00:00:00+00:00"}, uid="p"),
        )
    ],
)


# How the network meets the database

PLACED = {"DBInstanceIdentifier": "db", "DBSubnetGroupName": "data"}


def network(*routes: Route) -> tuple[Resource, ...]:
    """The database's subnet group, its only subnet, and the table that routes it."""
    return (
        DBSubnetGroup({"DBSubnetGroupName": "data", "SubnetIds": ["subnet-1"]}),
        Subnet({"SubnetId": "subnet-1"}),
        RouteTableAssociation({"SubnetId": "subnet-1", "RouteTableId": "rtb-1"}),
        RouteTable({"RouteTableId": "rtb-1"}),
        *routes,
    )


TO_INTERNET = Route({"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"})


@rule("high", DBInstance, "aws-fsbp:RDS.46", "nist-csf-2.0:PR.IR-01", when=lambda instance: instance.subnet_group_name)
def rds_instance_in_public_subnet(instance: DBInstance) -> bool:
    """The database may be in a subnet with a route to an internet gateway.

    Why: one changed setting, or one wrong firewall rule, then puts it on the internet.
    Fix: move it to a subnet group of private subnets only.
    """
    group = instance.subnet_group
    return bool(group) and any(subnet.internet_facing for subnet in group.subnets)


rds_instance_in_public_subnet.cases(
    bad=[(PLACED, *network(TO_INTERNET))],
    good=[(PLACED, *network())],
    unknown=[PLACED],
    skipped=[{}],
)


@rule(
    "critical",
    DBInstance,
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.IR-01",
    when=lambda instance: instance.public,
)
def rds_instance_exposed(instance: DBInstance) -> bool:
    """Anyone on the internet can connect to the database.

    Why: it has a public address and a firewall that lets in everyone, so passwords are being tried on it now.
    Fix: limit the security group to the application, and set PubliclyAccessible to false.
    """
    return any(group.open_to_anyone(instance.port) for group in instance.security_groups)


OPEN_GROUP = SecurityGroup(
    {
        "GroupId": "sg-1",
        "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "0.0.0.0/0"}],
    }
)
ON_THE_INTERNET = {"Engine": "postgres", "PubliclyAccessible": True, "VPCSecurityGroups": ["sg-1"]}
rds_instance_exposed.cases(
    bad=[(ON_THE_INTERNET, OPEN_GROUP)],
    good=[
        ({**ON_THE_INTERNET, "Port": 6000}, OPEN_GROUP),
        (ON_THE_INTERNET, SecurityGroup({"GroupId": "sg-1"})),
    ],
    unknown=[ON_THE_INTERNET],
    skipped=[({**ON_THE_INTERNET, "PubliclyAccessible": False}, OPEN_GROUP)],
)
