"""Posture rules for AWS CodeBuild."""

from __future__ import annotations

from koban.model.aws.codebuild import Project, ReportGroup, SourceCredential
from koban.model.aws.iam import Role
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("high", Project, "aws-fsbp:CodeBuild.1", "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01")
def codebuild_project_secret_in_source_url(project: Project) -> bool:
    """The address of this project's source code carries a password or token.

    Why: everyone who may see the project reads it, and it often opens all repositories of its owner.
    Fix: take it out of the address, connect the provider through CodeConnections or OAuth, and revoke the token.
    """
    return project.secret_in_source


codebuild_project_secret_in_source_url.cases(
    bad=[
        {"Source": {"Type": "BITBUCKET", "Location": "https://user:s3cret@bitbucket.org/team/app.git"}},
        {"Source": {}, "SecondarySources": [{"Location": "https://x-token:abc@github.com/team/app"}]},
    ],
    good=[
        {},
        {"Source": {"Type": "BITBUCKET", "Location": "https://team@bitbucket.org/team/app.git"}},
        {"Source": {"Type": "GITHUB", "Location": "https://github.com/team/app"}},
    ],
    unknown=[{"Source": {"Location": Unknown("Location", "parameter Repository has no default")}}],
)


@rule("high", Project, "aws-fsbp:CodeBuild.2", "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01")
def codebuild_project_secret_in_environment(project: Project) -> bool:
    """An environment variable of this project looks like a secret in plain text.

    Why: everyone who may see the project, or a build log that prints its environment, reads the secret.
    Fix: set its type to SECRETS_MANAGER or PARAMETER_STORE, use the service role in place of keys, rotate the secret.
    """
    return any(one.secret for one in project.variables)


def _variables(**one: object) -> dict[str, object]:
    return {"Environment": {"EnvironmentVariables": [one]}}


codebuild_project_secret_in_environment.cases(
    bad=[
        _variables(Name="AWS_SECRET_ACCESS_KEY", Value="(a value)"),
        _variables(Name="NPM_TOKEN", Value="abcdefgh", Type="PLAINTEXT"),
    ],
    good=[
        {},
        _variables(Name="NPM_TOKEN", Value="/ci/npm", Type="PARAMETER_STORE"),
        _variables(Name="STAGE", Value="prod"),
    ],
    unknown=[_variables(Name="NPM_TOKEN", Value=Unknown("Value", "parameter Token has no default"))],
)


@rule(
    "low",
    Project,
    "aws-fsbp:CodeBuild.3",
    "nist-csf-2.0:PR.DS-01",
    when=lambda project: project.log_bucket_status == "ENABLED",
)
def codebuild_project_logs_unencrypted(project: Project) -> bool:
    """Build logs of this project are put into a bucket without encryption.

    Why: build logs tell much about code and environment, and now and then a secret.
    Fix: set EncryptionDisabled of S3Logs to false.
    """
    return project.log_bucket_unencrypted


LOGS = {"Status": "ENABLED", "Location": "logs/builds"}

codebuild_project_logs_unencrypted.cases(
    bad=[{"LogsConfig": {"S3Logs": {**LOGS, "EncryptionDisabled": True}}}],
    good=[{"LogsConfig": {"S3Logs": LOGS}}],
    skipped=[{}],
)


@rule("medium", Project, "aws-fsbp:CodeBuild.4", "nist-csf-2.0:PR.PS-04")
def codebuild_project_unlogged(project: Project) -> bool:
    """Builds of this project leave no log.

    Why: a build can change production; without its log nobody can tell what it did.
    Fix: turn on CloudWatchLogs or S3Logs in LogsConfig.
    """
    return project.log_group_status != "ENABLED" and project.log_bucket_status != "ENABLED"


codebuild_project_unlogged.cases(
    bad=[{"LogsConfig": {"CloudWatchLogs": {"Status": "DISABLED"}}}],
    good=[{}, {"LogsConfig": {"CloudWatchLogs": {"Status": "DISABLED"}, "S3Logs": LOGS}}],
)


@rule("high", Project, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-01")
def codebuild_project_privileged(project: Project) -> bool:
    """Builds of this project have root on the machine that they run on.

    Why: code from a pull request or a dependency can then get at everything on the build machine.
    Fix: set PrivilegedMode to false; it is needed only to build container images with Docker.
    """
    return project.privileged


codebuild_project_privileged.cases(
    bad=[{"Environment": {"PrivilegedMode": True}}], good=[{}, {"Environment": {"PrivilegedMode": False}}]
)


@rule("high", Project, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def codebuild_project_public(project: Project) -> bool:
    """Everyone on the internet can read the builds, logs and artifacts of this project.

    Why: logs and artifacts show code, internal addresses and sometimes secrets.
    Fix: set Visibility to PRIVATE.
    """
    return project.visibility == "PUBLIC_READ"


codebuild_project_public.cases(bad=[{"Visibility": "PUBLIC_READ"}], good=[{}, {"Visibility": "PRIVATE"}])


@rule("high", Project, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-06")
def codebuild_project_builds_for_strangers(project: Project) -> bool:
    """A pull request of anyone starts a build of this project.

    Why: the stranger's code then runs with the build's role, token and network.
    Fix: ask for approval by comment on pull requests, or filter by ACTOR_ACCOUNT_ID.
    """
    return project.strangers_build


OPEN_HOOK = {"Webhook": True, "PullRequestBuildPolicy": {"RequiresCommentApproval": "DISABLED"}}
ON_PULL = {"Type": "EVENT", "Pattern": "PUSH, PULL_REQUEST_CREATED"}

codebuild_project_builds_for_strangers.cases(
    bad=[
        {"Triggers": OPEN_HOOK},
        {"Triggers": {**OPEN_HOOK, "FilterGroups": [[ON_PULL]]}},
        {"Triggers": {**OPEN_HOOK, "FilterGroups": [[{**ON_PULL, "ExcludeMatchedPattern": "false"}]]}},
    ],
    good=[
        {},
        {"Triggers": {"Webhook": True}},
        {"Triggers": {**OPEN_HOOK, "FilterGroups": [[{"Type": "EVENT", "Pattern": "PUSH"}]]}},
        {"Triggers": {**OPEN_HOOK, "FilterGroups": [[ON_PULL, {"Type": "ACTOR_ACCOUNT_ID", "Pattern": "^12$"}]]}},
    ],
    unknown=[
        {"Triggers": {**OPEN_HOOK, "FilterGroups": Unknown("FilterGroups", "parameter Filters")}},
        {
            "Triggers": {
                **OPEN_HOOK,
                "FilterGroups": [[{"Type": "EVENT", "Pattern": Unknown("Pattern", "parameter On")}]],
            }
        },
        {"Triggers": {**OPEN_HOOK, "FilterGroups": [[ON_PULL, Unknown("FilterGroups", "parameter Who")]]}},
    ],
)


@rule("medium", Project, "nist-csf-2.0:PR.DS-02")
def codebuild_project_certificate_unchecked(project: Project) -> bool:
    """This project does not check the certificate of the server that its code comes from.

    Why: whoever is on the way can then replace the code that is built.
    Fix: set InsecureSsl to false, and give the project the server's own certificate if it needs one.
    """
    return project.source.insecure_tls or any(one.insecure_tls for one in project.more_sources)


codebuild_project_certificate_unchecked.cases(
    bad=[{"Source": {"InsecureSsl": True}}], good=[{}, {"Source": {"InsecureSsl": False}}]
)


@rule("medium", Project, "nist-csf-2.0:PR.DS-01")
def codebuild_project_artifacts_unencrypted(project: Project) -> bool:
    """What this project builds is stored without encryption.

    Why: artifacts are the code that runs in production, with its configuration.
    Fix: set EncryptionDisabled of the artifacts to false.
    """
    return project.artifacts.unencrypted or any(one.unencrypted for one in project.more_artifacts)


codebuild_project_artifacts_unencrypted.cases(
    bad=[
        {"Artifacts": {"Type": "S3", "EncryptionDisabled": True}},
        {"SecondaryArtifacts": [{"Type": "S3", "EncryptionDisabled": True}]},
    ],
    good=[{}, {"Artifacts": {"Type": "S3"}}],
)


@rule("medium", ReportGroup, "aws-fsbp:CodeBuild.7", "nist-csf-2.0:PR.DS-01", when=lambda group: group.export == "S3")
def codebuild_report_group_export_unencrypted(group: ReportGroup) -> bool:
    """Test reports of this group are exported to a bucket without encryption.

    Why: reports show code, paths and data of tests to whoever can read the files.
    Fix: set EncryptionDisabled of S3Destination to false.
    """
    return group.unencrypted


codebuild_report_group_export_unencrypted.cases(
    bad=[{"ExportConfig": {"ExportConfigType": "S3", "S3Destination": {"EncryptionDisabled": True}}}],
    good=[{"ExportConfig": {"ExportConfigType": "S3", "S3Destination": {"Bucket": "reports"}}}],
    skipped=[{}, {"ExportConfig": {"ExportConfigType": "NO_EXPORT"}}],
)


@rule("medium", SourceCredential, "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:PR.AA-03")
def codebuild_source_credential_personal(credential: SourceCredential) -> bool:
    """CodeBuild signs in to the source provider with a password or token of one person.

    Why: it has all rights of that person, never expires by itself, and goes on working after they leave the team.
    Fix: connect the provider through CodeConnections (or OAuth) and delete this credential.
    """
    return credential.kind == "PERSONAL_ACCESS_TOKEN" or credential.kind == "BASIC_AUTH"


codebuild_source_credential_personal.cases(
    bad=[{"AuthType": "PERSONAL_ACCESS_TOKEN"}, {"AuthType": "BASIC_AUTH", "ServerType": "BITBUCKET"}],
    good=[{"AuthType": "CODECONNECTIONS"}, {"AuthType": "OAUTH"}],
)


@rule("high", Project, "nist-csf-2.0:PR.AA-05", when=lambda project: project.role)
def codebuild_project_role_administrator(project: Project) -> bool:
    """Builds of this project have the rights of an administrator.

    Why: whoever can change the code or one of its dependencies controls the whole account.
    Fix: give the project a role of its own with the few actions that it needs.
    """
    return project.role.has_aws_policy("AdministratorAccess") or any(one.admin for one in project.role.all_documents)


ROLE_ARN = "arn:aws:iam::111122223333:role/build"
ADMIN_ARN = "arn:aws:iam::aws:policy/AdministratorAccess"

codebuild_project_role_administrator.cases(
    bad=[({"ServiceRole": ROLE_ARN}, Role({"RoleName": "build", "Arn": ROLE_ARN, "ManagedPolicyArns": [ADMIN_ARN]}))],
    good=[({"ServiceRole": ROLE_ARN}, Role({"RoleName": "build", "Arn": ROLE_ARN}))],
    skipped=[{}],
)
