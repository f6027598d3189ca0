from koban.model.aws.codebuild import Project
from koban.sources.aws.codebuild import project_from_api, report_group_from_api, source_from_api

ROLE = "arn:aws:iam::123456789012:role/build"


def test_a_project_keeps_no_secret(aws, collect):
    aws("iam").create_role(RoleName="build", AssumeRolePolicyDocument="{}")
    aws("codebuild").create_project(
        name="app",
        source={"type": "S3", "location": "bucket/path"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": True,
            "environmentVariables": [{"name": "NPM_TOKEN", "value": "hunter2hunter2", "type": "PLAINTEXT"}],
        },
        serviceRole=ROLE,
    )
    (project,) = collect("codebuild.projects")
    assert project.uid == "arn:aws:codebuild:eu-west-1:123456789012:project/app"
    assert project.privileged
    assert [one.name for one in project.variables if one.secret] == ["NPM_TOKEN"]
    assert "hunter2" not in str(project.document)
    assert collect.failures == []


def test_a_token_in_an_address_is_masked_and_found():
    raw = {"type": "BITBUCKET", "location": "https://user:s3cret@bitbucket.org/team/app.git"}
    document = source_from_api(raw)
    assert "s3cret" not in document["Location"]
    assert document["Location"].endswith("@bitbucket.org/team/app.git")
    assert Project({"Source": document}).secret_in_source
    token = source_from_api({"location": "https://ghp_0123456789abcdefghij@github.com/team/app"})
    assert "ghp_" not in token["Location"]
    assert Project({"Source": token}).secret_in_source
    assert not Project({"Source": source_from_api({"location": "https://team@bitbucket.org/a"})}).secret_in_source


def test_a_live_project_and_its_template_are_twins():
    live = project_from_api(
        {
            "name": "app",
            "source": {"type": "GITHUB", "location": "https://github.com/team/app", "insecureSsl": False},
            "artifacts": {"type": "S3", "encryptionDisabled": True},
            "environment": {
                "privilegedMode": False,
                "image": "i",
                "environmentVariables": [{"name": "T", "value": "/ci/t", "type": "PARAMETER_STORE"}],
            },
            "logsConfig": {"s3Logs": {"status": "ENABLED", "location": "b/p", "encryptionDisabled": True}},
            "projectVisibility": "PRIVATE",
            "webhook": {
                "filterGroups": [[{"type": "EVENT", "pattern": "PULL_REQUEST_CREATED"}]],
                "pullRequestBuildPolicy": {"requiresCommentApproval": "DISABLED"},
            },
        }
    )
    template = {
        "Name": "app",
        "Source": {"Type": "GITHUB", "Location": "https://github.com/team/app", "InsecureSsl": False},
        "Artifacts": {"Type": "S3", "EncryptionDisabled": True},
        "Environment": {
            "PrivilegedMode": False,
            "Image": "i",
            "EnvironmentVariables": [{"Name": "T", "Value": "/ci/t", "Type": "PARAMETER_STORE"}],
        },
        "LogsConfig": {"S3Logs": {"Status": "ENABLED", "Location": "b/p", "EncryptionDisabled": True}},
        "Visibility": "PRIVATE",
        "Triggers": {
            "Webhook": True,
            "FilterGroups": [[{"Type": "EVENT", "Pattern": "PULL_REQUEST_CREATED"}]],
            "PullRequestBuildPolicy": {"RequiresCommentApproval": "DISABLED"},
        },
        "Tags": [],
    }
    assert live == template
    assert Project(template).strangers_build


def test_a_report_group_and_a_credential(answered):
    raw = {"name": "tests", "arn": "a", "exportConfig": {"exportConfigType": "S3", "s3Destination": {"bucket": "b"}}}
    assert report_group_from_api(raw)["ExportConfig"] == {"ExportConfigType": "S3", "S3Destination": {"Bucket": "b"}}
    answers = {
        "codebuild:ListSourceCredentials": {
            "sourceCredentialsInfos": [{"arn": "a", "authType": "OAUTH", "serverType": "GITHUB"}]
        }
    }
    (credential,) = answered("codebuild.source_credentials", answers)
    assert credential.kind == "OAUTH"
