import json

from koban.model.aws.secretsmanager import RotationSchedule, Secret, SecretPolicy
from koban.model.estate import MemoryEstate
from koban.sources.aws.secretsmanager import schedule_from_api, secret_from_api

POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}]}


def test_secrets_with_their_policies_and_without_their_values(aws, collect):
    client = aws("secretsmanager")
    client.create_secret(Name="db", SecretString="the-value", Tags=[{"Key": "team", "Value": "blue"}])
    client.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(POLICY))
    found = collect("secretsmanager.secrets")
    (secret,) = [one for one in found if isinstance(one, Secret)]
    (policy,) = [one for one in found if isinstance(one, SecretPolicy)]
    MemoryEstate(found)
    assert secret.name == "db"
    assert secret.uid.startswith("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-")
    assert secret.tags == {"team": "blue"}
    assert secret.policies == (policy,)
    assert policy.policy.public
    assert not secret.schedules
    assert "the-value" not in str(secret.document)
    assert collect.failures == []


def test_a_secret_that_is_rotated():
    raw = {
        "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf",
        "Name": "db",
        "RotationEnabled": True,
        "RotationLambdaARN": "arn:aws:lambda:eu-west-1:111122223333:function:rotate",
        "RotationRules": {"AutomaticallyAfterDays": 30},
        "CreatedDate": "2023-01-01T00:00:00+00:00",
        "LastRotatedDate": "2024-01-01T00:00:00+00:00",
        "NextRotationDate": "2024-02-01T00:00:00+00:00",
    }
    secret, schedule = Secret(secret_from_api(raw)), RotationSchedule(schedule_from_api(raw))
    MemoryEstate([secret, schedule])
    assert secret.schedules == (schedule,)
    assert schedule.days == 30
    assert secret.value_days == secret.rotated_days < secret.created_days
    assert secret.overdue_days > 1
    template = RotationSchedule({"SecretId": raw["ARN"], "RotationRules": {"AutomaticallyAfterDays": 30}})
    assert template.days == schedule.days
