from koban.model.aws.datasync import Task
from koban.sources.aws.datasync import task_from_api


def test_a_task(aws, collect):
    client = aws("datasync")
    location = client.create_location_s3(
        S3BucketArn="arn:aws:s3:::a", S3Config={"BucketAccessRoleArn": "arn:aws:iam::1:role/r"}
    )
    made = client.create_task(
        SourceLocationArn=location["LocationArn"], DestinationLocationArn=location["LocationArn"], Name="copy"
    )
    (task,) = collect("datasync.tasks")
    assert task.uid == made["TaskArn"]
    assert task.name == "copy"
    assert task.log_group == ""
    assert collect.failures == []


def test_a_live_task_and_its_template_agree():
    options = {"LogLevel": "BASIC", "VerifyMode": "NONE"}
    live = Task(task_from_api({"TaskArn": "a", "CloudWatchLogGroupArn": "g", "Options": {**options, "Uid": "NONE"}}))
    template = Task({"CloudWatchLogGroupArn": "g", "Options": options})
    for name in Task.fields:
        assert getattr(live, name) == getattr(template, name)
