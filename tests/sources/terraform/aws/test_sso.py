from koban.model.aws.sso import Assignment, Instance, PermissionSet


def test_a_permission_set(twins):
    body = {"name": "p", "session_duration": "PT12H"}
    twins("aws_ssoadmin_permission_set", body, PermissionSet, {"Name": "p", "SessionDuration": "PT12H"})
    twins("aws_ssoadmin_permission_set", {"name": "p"}, PermissionSet, {"Name": "p"})


def test_what_is_put_into_a_permission_set(document):
    body = {"permission_set_arn": "p", "managed_policy_arn": "a"}
    assert document("aws_ssoadmin_managed_policy_attachment", body) == {"ManagedPolicies": ["a"]}
    body = {"permission_set_arn": "p", "managed_policy_arns": ["a", "b"]}
    assert document("aws_ssoadmin_managed_policy_attachments_exclusive", body) == {"ManagedPolicies": ["a", "b"]}
    body = {"permission_set_arn": "p", "inline_policy": '{"Statement": []}'}
    assert document("aws_ssoadmin_permission_set_inline_policy", body) == {"InlinePolicy": {"Statement": []}}


def test_an_assignment(twins):
    twins(
        "aws_ssoadmin_account_assignment",
        {"permission_set_arn": "p", "principal_type": "USER", "principal_id": "u", "target_id": "111122223333"},
        Assignment,
        {"PermissionSetArn": "p", "PrincipalType": "USER", "TargetId": "111122223333"},
    )


def test_an_instance(twins):
    twins("aws_ssoadmin_instance", {"name": "i"}, Instance, {"Name": "i"})
