from koban.model.aws.macie import MacieSession


def test_a_session(twins):
    twins("aws_macie2_account", {"status": "PAUSED"}, MacieSession, {"Status": "PAUSED"})
    twins("aws_macie2_account", {}, MacieSession, {})
