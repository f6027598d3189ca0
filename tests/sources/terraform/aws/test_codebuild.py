from koban.model.aws.codebuild import Project, ReportGroup, SourceCredential
from koban.model.unknown import Maybe, OpenList, Unknown

ROLE = "arn:aws:iam::111122223333:role/build"


def test_a_project(twins):
    twins(
        "aws_codebuild_project",
        {
            "name": "p",
            "encryption_key": "k",
            "service_role": ROLE,
            "project_visibility": "PUBLIC_READ",
            "source": [{"type": "GITHUB", "location": "https://github.com/team/app", "insecure_ssl": True}],
            "secondary_sources": [{"type": "GITHUB", "location": "https://x-token:abc@github.com/team/app"}],
            "artifacts": [{"type": "S3", "encryption_disabled": True}],
            "secondary_artifacts": [{"type": "S3", "encryption_disabled": True}],
            "environment": [
                {
                    "privileged_mode": True,
                    "environment_variable": [{"name": "NPM_TOKEN", "value": "/ci/npm", "type": "PARAMETER_STORE"}],
                }
            ],
            "logs_config": [
                {
                    "cloudwatch_logs": [{"status": "DISABLED"}],
                    "s3_logs": [{"status": "ENABLED", "encryption_disabled": True}],
                }
            ],
        },
        Project,
        {
            "EncryptionKey": "k",
            "ServiceRole": ROLE,
            "Visibility": "PUBLIC_READ",
            "Source": {"Type": "GITHUB", "Location": "https://github.com/team/app", "InsecureSsl": True},
            "SecondarySources": [{"Type": "GITHUB", "Location": "https://x-token:abc@github.com/team/app"}],
            "Artifacts": {"Type": "S3", "EncryptionDisabled": True},
            "SecondaryArtifacts": [{"Type": "S3", "EncryptionDisabled": True}],
            "Environment": {
                "PrivilegedMode": True,
                "EnvironmentVariables": [{"Name": "NPM_TOKEN", "Value": "/ci/npm", "Type": "PARAMETER_STORE"}],
            },
            "LogsConfig": {
                "CloudWatchLogs": {"Status": "DISABLED"},
                "S3Logs": {"Status": "ENABLED", "EncryptionDisabled": True},
            },
        },
    )
    twins(
        "aws_codebuild_project",
        {"name": "p", "service_role": ROLE, "artifacts": [{"type": "NO_ARTIFACTS"}], "source": [{"type": "S3"}]},
        Project,
        {"ServiceRole": ROLE, "Artifacts": {"Type": "NO_ARTIFACTS"}, "Source": {"Type": "S3"}},
    )


def test_a_webhook_is_part_of_its_project(document):
    body = {
        "project_name": "p",
        "filter_group": [
            {
                "filter": [
                    {"type": "EVENT", "pattern": "PULL_REQUEST_CREATED", "exclude_matched_pattern": False},
                    {"type": "ACTOR_ACCOUNT_ID", "pattern": "^12$", "exclude_matched_pattern": None},
                ]
            },
            {"filter": [{"type": "EVENT", "pattern": "PUSH"}]},
        ],
        "pull_request_build_policy": [{"requires_comment_approval": "DISABLED"}],
    }
    assert document("aws_codebuild_webhook", body) == {
        "Triggers": {
            "Webhook": True,
            "FilterGroups": [
                [
                    {"Type": "EVENT", "Pattern": "PULL_REQUEST_CREATED", "ExcludeMatchedPattern": False},
                    {"Type": "ACTOR_ACCOUNT_ID", "Pattern": "^12$"},
                ],
                [{"Type": "EVENT", "Pattern": "PUSH"}],
            ],
            "PullRequestBuildPolicy": {"RequiresCommentApproval": "DISABLED"},
        }
    }
    assert document("aws_codebuild_webhook", {"project_name": "p"}) == {"Triggers": {"Webhook": True}}


def test_filters_of_a_webhook_that_are_not_known_stay_so(document):
    def groups(given):
        return document("aws_codebuild_webhook", {"filter_group": given})["Triggers"]["FilterGroups"]

    unknown = Unknown("var.filters", "no default")
    assert groups(unknown) is unknown
    assert groups([unknown])[0] is unknown
    assert groups([{"filter": unknown}])[0] is unknown
    assert groups([{"filter": [{"type": "EVENT", "pattern": unknown}]}])[0][0]["Pattern"] is unknown
    maybe = Maybe("filter_group", "var.on has no default", ({"filter": [{"type": "EVENT", "pattern": "PUSH"}]},))
    (found,) = groups(OpenList([maybe]))
    assert found._values == ([{"Type": "EVENT", "Pattern": "PUSH"}],)


def test_a_report_group(twins):
    twins(
        "aws_codebuild_report_group",
        {"name": "r", "export_config": [{"type": "S3", "s3_destination": [{"encryption_disabled": True}]}]},
        ReportGroup,
        {"ExportConfig": {"ExportConfigType": "S3", "S3Destination": {"EncryptionDisabled": True}}},
    )
    twins("aws_codebuild_report_group", {"export_config": [{"type": "NO_EXPORT"}]}, ReportGroup, {})


def test_a_source_credential(twins):
    twins(
        "aws_codebuild_source_credential",
        {"auth_type": "PERSONAL_ACCESS_TOKEN", "server_type": "GITHUB", "token": "t"},
        SourceCredential,
        {"AuthType": "PERSONAL_ACCESS_TOKEN", "ServerType": "GITHUB"},
    )
