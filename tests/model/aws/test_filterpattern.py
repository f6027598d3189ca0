import pytest

from koban.model.aws.filterpattern import passes

EVENT = {
    "eventName": "DeleteTrail",
    "eventSource": "cloudtrail.amazonaws.com",
    "errorCode": "Client.UnauthorizedOperation",
    "readOnly": False,
    "userIdentity": {"type": "Root"},
    "resources": [{"ARN": "a"}, {"ARN": "b"}],
    "size": 12,
}


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "{ $.eventName = DeleteTrail }",
        '{($.eventName="DeleteTrail")}',
        "{ ($.eventName = CreateTrail) || ($.eventName = DeleteTrail) }",
        "{ $.eventName = CreateTrail || $.eventName = DeleteTrail && $.size = 12 }",
        '{ $.errorCode = "*UnauthorizedOperation" }',
        "{ $.eventName = Delete* && $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS }",
        '{ $.eventName != "CreateTrail" }',
        "{ $.resources[1].ARN = b }",
        "{ $.readOnly IS FALSE }",
        "{ $.size >= 12 && $.size < 13 }",
        "{ $.eventName = %^Delete|^Stop% }",
        "DeleteTrail",
        '"DeleteTrail" Root',
        "?StopLogging ?DeleteTrail -CreateTrail",
    ],
)
def test_an_event_that_passes(pattern):
    assert passes(pattern, EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.eventName = deletetrail }",
        "{ ($.eventName = CreateTrail) && ($.eventName = DeleteTrail) }",
        "{ ($.eventName = CreateTrail || $.eventName = DeleteTrail) && $.size = 13 }",
        '{ $.errorMessage != "x" }',
        "{ $.eventName NOT EXISTS }",
        "{ $.resources[2].ARN = b }",
        "{ $.eventName > 3 }",
        "{ $.readOnly IS TRUE }",
        "CreateTrail",
        "?CreateTrail ?StopLogging",
        "-DeleteTrail",
    ],
)
def test_an_event_that_does_not_pass(pattern):
    assert not passes(pattern, EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        "{",
        "{ $.a }",
        "{ $.a = }",
        "{ ($.a = b }",
        "{ a = b }",
        "{ $.a = b ) }",
        "[a, b]",
        "{" + "(" * 99,
        "{ $.a IS X }",
    ],
)
def test_a_pattern_that_cannot_be_understood(pattern):
    with pytest.raises(ValueError, match="pattern"):
        passes(pattern, EVENT)
