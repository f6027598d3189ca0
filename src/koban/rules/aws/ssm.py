"""Posture rules for AWS Systems Manager."""

from __future__ import annotations

from koban.model.aws.ec2 import Instance
from koban.model.aws.ssm import Document, ManagedInstance, Parameter, Settings
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("high", Parameter, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01")
def ssm_parameter_secret_in_plain_text(parameter: Parameter) -> bool:
    """This parameter looks like a secret and is kept in plain text.

    Why: a String needs no key to be read, so every role that may read parameters reads the secret.
    Fix: keep the secret as a SecureString or in Secrets Manager, then rotate it and delete this parameter.
    """
    return parameter.plain_secret


ssm_parameter_secret_in_plain_text.cases(
    bad=[
        {"Name": "/app/db/password", "Type": "String"},
        {"Name": "/app/api-key", "Type": "String", "Value": "0123456789abcdef"},
    ],
    good=[
        {"Name": "/app/db/password", "Type": "SecureString", "KeyId": "alias/aws/ssm"},
        {"Name": "/app/db/host", "Type": "String"},
        {"Name": "/app/db/secret-arn", "Type": "String"},
        {"Name": "/app/secrets/host", "Type": "String"},
    ],
    unknown=[{"Name": "/app/db/password", "Type": Unknown("Type", "parameter Kind has no default")}],
)


@rule(
    "low",
    Parameter,
    "nist-csf-2.0:PR.DS-01",
    only="live",
    when=lambda parameter: parameter.kind == "SecureString",
)
def ssm_parameter_key_default(parameter: Parameter) -> bool:
    """This secret parameter is encrypted with the key that AWS manages for every parameter of the account.

    Why: that key lets every role of the account that may read parameters decrypt them; its policy cannot be changed.
    Fix: choose a customer managed key whose policy names who may decrypt.
    """
    return not parameter.key_id or parameter.key_id.endswith("alias/aws/ssm")


ssm_parameter_key_default.cases(
    bad=[{"Name": "/app/token", "Type": "SecureString", "KeyId": "alias/aws/ssm"}],
    good=[{"Name": "/app/token", "Type": "SecureString", "KeyId": "alias/app"}],
    skipped=[{"Name": "/app/host", "Type": "String"}],
)


@rule("critical", Document, "aws-fsbp:SSM.4", "nist-csf-2.0:PR.AA-05", only="live")
def ssm_document_public(document: Document) -> bool:
    """Everyone with an AWS account can read and run this document.

    Why: documents tell how your machines are run, and often hold addresses, paths and even passwords.
    Fix: stop sharing the document with all, and block public sharing for the region.
    """
    return any(who == "all" for who in document.shared_with)


ssm_document_public.cases(
    bad=[{"Name": "d", "SharedWith": ["all"]}],
    good=[{"Name": "d"}, {"Name": "d", "SharedWith": ["444455556666"]}],
    unknown=[{"Name": "d", "SharedWith": Unknown("SharedWith", "AccessDenied ssm:DescribeDocumentPermission")}],
)


@rule("high", Settings, "aws-fsbp:SSM.7", "nist-csf-2.0:PR.AA-05")
def ssm_document_public_sharing_allowed(settings: Settings) -> bool:
    """Documents in this region may be shared with everyone.

    Why: one wrong click then publishes a document, with all that it tells about your machines.
    Fix: turn on the block of public sharing in the preferences for documents, in every region.
    """
    return settings.public_sharing != "Disable"


ssm_document_public_sharing_allowed.cases(
    bad=[{}, {"PublicSharing": "Enable"}],
    good=[{"PublicSharing": "Disable"}],
    unknown=[{"PublicSharing": Unknown("PublicSharing", "AccessDenied ssm:GetServiceSetting")}],
)


@rule("low", Settings, "aws-fsbp:SSM.6", "nist-csf-2.0:PR.PS-04")
def ssm_automation_unlogged(settings: Settings) -> bool:
    """What scripts of automations print is not kept in this region.

    Why: when an automation changed something wrongly, its output is what tells how.
    Fix: send the output of automations to CloudWatch Logs in the preferences for automation.
    """
    return settings.automation_log != "CloudWatch"


ssm_automation_unlogged.cases(bad=[{}], good=[{"AutomationLogDestination": "CloudWatch"}])


@rule(
    "medium",
    Settings,
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-03",
    when=lambda settings: settings.in_region.every(ManagedInstance),
)
def ssm_sessions_unlogged(settings: Settings) -> bool:
    """What people do in shell sessions on the machines of this region is not recorded.

    Why: CloudTrail tells that a session was opened, not what was typed in it.
    Fix: send session logs to a log group or a bucket in the preferences of Session Manager.
    """
    return not settings.session_log_group and not settings.session_bucket


MACHINE = ManagedInstance({"InstanceId": "i-1"})

ssm_sessions_unlogged.cases(
    bad=[({}, MACHINE), ({"SessionPreferences": {"s3BucketName": "", "cloudWatchLogGroupName": ""}}, MACHINE)],
    good=[
        ({"SessionPreferences": {"cloudWatchLogGroupName": "sessions"}}, MACHINE),
        ({"SessionPreferences": {"s3BucketName": "sessions"}}, MACHINE),
    ],
    skipped=[{}],
)


@rule("low", Settings, "nist-csf-2.0:PR.DS-02", when=lambda settings: settings.in_region.every(ManagedInstance))
def ssm_sessions_key_missing(settings: Settings) -> bool:
    """Shell sessions on the machines of this region are not encrypted with a key of your own.

    Why: with a key, only those whom its policy names can open a session, on top of what IAM allows.
    Fix: choose a KMS key in the preferences of Session Manager, and let the instance roles use it.
    """
    return not settings.session_key


ssm_sessions_key_missing.cases(
    bad=[({}, MACHINE)], good=[({"SessionPreferences": {"kmsKeyId": "alias/sessions"}}, MACHINE)], skipped=[{}]
)


@rule(
    "medium",
    Instance,
    "aws-fsbp:SSM.1",
    "nist-csf-2.0:ID.AM-01",
    "nist-csf-2.0:PR.PS-02",
    only="live",
    when=lambda instance: instance.state == "running",
)
def ssm_ec2_instance_unmanaged(instance: Instance) -> bool:
    """Systems Manager does not manage this running EC2 instance.

    Why: it is in no inventory of software, gets no patches from it, and cannot be reached without SSH in an incident.
    Fix: let the agent run, and give the instance AmazonSSMManagedInstanceCore or turn on default host management.
    """
    return not instance.managed


RUNNING = {"InstanceId": "i-1", "State": {"Name": "running"}}

ssm_ec2_instance_unmanaged.cases(
    bad=[RUNNING, (RUNNING, ManagedInstance({"InstanceId": "i-2"}))],
    good=[(RUNNING, MACHINE)],
    skipped=[{"InstanceId": "i-1", "State": {"Name": "stopped"}}],
)


@rule("high", ManagedInstance, "aws-fsbp:SSM.2", "nist-csf-2.0:PR.PS-02", "nist-csf-2.0:ID.RA-01")
def ssm_instance_patches_missing(instance: ManagedInstance) -> bool:
    """This machine lacks patches that its patch baseline demands.

    Why: known holes that have a fix are what intruders and worms try first.
    Fix: run the baseline with Install in a maintenance window or a patch policy, and restart where needed.
    """
    return instance.patches == "NON_COMPLIANT"


ssm_instance_patches_missing.cases(
    bad=[{"InstanceId": "i-1", "PatchCompliance": "NON_COMPLIANT"}],
    good=[{"InstanceId": "i-1", "PatchCompliance": "COMPLIANT"}, {"InstanceId": "i-1"}],
    unknown=[{"InstanceId": "i-1", "PatchCompliance": Unknown("PatchCompliance", "AccessDenied")}],
)


@rule("medium", ManagedInstance, "nist-csf-2.0:PR.PS-02", "nist-csf-2.0:ID.RA-01")
def ssm_instance_patches_unscanned(instance: ManagedInstance) -> bool:
    """Nobody has looked which patches this machine lacks.

    Why: without a scan missing fixes stay unseen; no finding then means no knowledge.
    Fix: scan with Patch Manager daily, with a patch policy or an association of AWS-RunPatchBaseline.
    """
    return not instance.patches


ssm_instance_patches_unscanned.cases(
    bad=[{"InstanceId": "i-1"}], good=[{"InstanceId": "i-1", "PatchCompliance": "NON_COMPLIANT"}]
)


@rule("low", ManagedInstance, "aws-fsbp:SSM.3", "nist-csf-2.0:PR.PS-01")
def ssm_instance_associations_failed(instance: ManagedInstance) -> bool:
    """This machine is not in the state that its State Manager associations describe.

    Why: agents, settings or patches that an association should have brought are missing.
    Fix: look at the output of the associations that failed, mend them and apply them again.
    """
    return instance.associations == "NON_COMPLIANT"


ssm_instance_associations_failed.cases(
    bad=[{"InstanceId": "i-1", "AssociationCompliance": "NON_COMPLIANT"}],
    good=[{"InstanceId": "i-1", "AssociationCompliance": "COMPLIANT"}, {"InstanceId": "i-1"}],
)


@rule("low", ManagedInstance, "nist-csf-2.0:DE.CM-09", "nist-csf-2.0:ID.AM-01")
def ssm_instance_silent(instance: ManagedInstance, *, silent_days_max: int = 7) -> bool:
    """The agent on this machine has not been heard for days.

    Why: a machine that Systems Manager cannot reach gets no patches, and nobody can act on it in an incident.
    Fix: see whether the machine runs and reaches the service; start the agent again, or remove the machine.
    """
    return instance.ping != "Online" and instance.ping_days > silent_days_max


ssm_instance_silent.cases(
    bad=[{"InstanceId": "i-1", "PingStatus": "ConnectionLost", "LastPingDateTime": "2024-01-01T00:00:00+00:00"}],
    good=[{"InstanceId": "i-1", "PingStatus": "Online", "LastPingDateTime": "2024-01-01T00:00:00+00:00"}],
)


@rule("low", ManagedInstance, "nist-csf-2.0:PR.PS-02")
def ssm_instance_agent_outdated(instance: ManagedInstance) -> bool:
    """The agent on this machine is not the newest.

    Why: the agent runs as root; an old one misses security fixes and new features.
    Fix: turn on automatic update of the agent, or associate AWS-UpdateSSMAgent.
    """
    return not instance.agent_current


ssm_instance_agent_outdated.cases(
    bad=[{"InstanceId": "i-1", "IsLatestVersion": False}], good=[{"InstanceId": "i-1", "IsLatestVersion": True}]
)
