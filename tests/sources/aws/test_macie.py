import pytest

from koban.sources.aws.macie import sessions
from koban.sources.aws.reader import Failure, Reader


class Answers:
    """An API that gives one answer, or one failure, an operation."""

    def __init__(self, **answers):
        self.answers = answers

    def call(self, service, operation, region, params):
        answer = self.answers[operation]
        if isinstance(answer, Failure):
            raise answer
        return answer


def read(**answers):
    calls = ("macie2:GetMacieSession", "macie2:GetAutomatedDiscoveryConfiguration")
    return list(sessions(Reader(Answers(**answers), "111122223333", "eu-west-1", calls)))


def test_macie_that_is_on():
    (found,) = read(
        GetMacieSession={"status": "ENABLED", "findingPublishingFrequency": "ONE_HOUR"},
        GetAutomatedDiscoveryConfiguration={"status": "ENABLED"},
    )
    assert found == {"AwsAccountId": "111122223333", "Status": "ENABLED", "AutomatedDiscoveryStatus": "ENABLED"}


def test_macie_that_was_never_turned_on():
    off = Failure("macie2:GetMacieSession", "AccessDeniedException", "Macie is not enabled")
    (found,) = read(GetMacieSession=off)
    assert found["Status"] == "DISABLED"


def test_who_may_not_ask_is_told_so():
    denied = Failure("macie2:GetMacieSession", "AccessDeniedException", "User x is not authorized to perform y")
    with pytest.raises(Failure, match="AccessDenied macie2:GetMacieSession"):
        read(GetMacieSession=denied)


def test_the_emulated_macie(aws, collect):
    (found,) = collect("macie.sessions")
    assert found.status == aws("macie2").get_macie_session()["status"]
