from koban.model.aws.securityhub import Hub, Standard


def test_a_hub(twins):
    twins("aws_securityhub_account", {"auto_enable_controls": False}, Hub, {"AutoEnableControls": False})
    twins("aws_securityhub_account", {}, Hub, {})


def test_a_standard(twins):
    arn = "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0"
    twins("aws_securityhub_standards_subscription", {"standards_arn": arn}, Standard, {"StandardsArn": arn})
