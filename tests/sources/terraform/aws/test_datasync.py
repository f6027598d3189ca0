from koban.model.aws.datasync import Task
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")


def test_a_task(twins, document):
    twins(
        "aws_datasync_task",
        {
            "name": "t",
            "cloudwatch_log_group_arn": "arn:g",
            "options": [{"log_level": "TRANSFER", "verify_mode": "NONE"}],
        },
        Task,
        {
            "Name": "t",
            "CloudWatchLogGroupArn": "arn:g",
            "Options": {"LogLevel": "TRANSFER", "VerifyMode": "NONE"},
        },
    )
    twins("aws_datasync_task", {"name": "t"}, Task, {"Name": "t"})
    assert isinstance(Task(document("aws_datasync_task", {"options": NOT_KNOWN})).verify, Unknown)
