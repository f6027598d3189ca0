import pytest

from koban.model.aws.secret_names import PLAIN, SECRET, holds_secret, masked, secret_names


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2hunter2"),
        ("dbPassword", "hunter2hunter2"),
        ("API_KEY", PLAIN),
        ("GITHUB_TOKEN", "abcdefgh"),
        ("ANYTHING", "AKIAABCDEFGHIJKLMNOP"),
        ("DATABASE_URL", "postgres://app:s3cret@db/app"),
        ("ANYTHING", SECRET),
    ],
)
def test_what_looks_like_a_secret(name, value):
    assert holds_secret(name, value)
    assert holds_secret(name, masked(value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STAGE", "production"),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:1:secret:db"),
        ("DB_PASSWORD_SECRET_ARN", "anything"),
        ("dbSecretName", "anything"),
        ("TOKEN_TTL", "3600"),
        ("MAX_TOKENS", "4096"),
        ("DATABASE_URL", "postgres://db/app"),
        ("KEYBOARD", "qwerty"),
    ],
)
def test_what_does_not(name, value):
    assert not holds_secret(name, value)
    assert not holds_secret(name, masked(value))


def test_a_mask_keeps_no_value():
    assert masked("hunter2hunter2") == PLAIN
    assert masked("-----BEGIN RSA PRIVATE KEY-----") == SECRET
    assert masked("true") == "true"


def test_names_come_out_alone():
    assert secret_names([("A_SECRET", "abcdefgh"), ("B", "1")]) == ("A_SECRET",)
