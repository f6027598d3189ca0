from koban.model.aws.accessanalyzer import Analyzer
from koban.model.unknown import Unknown
from koban.sources.aws.accessanalyzer import analyzer_from_api

RAW = {
    "arn": "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/outside",
    "name": "outside",
    "type": "ACCOUNT",
    "status": "ACTIVE",
    "tags": {"team": "blue"},
}


def test_an_analyzer_with_what_it_found():
    statistics = [
        {
            "externalAccessFindingsStatistics": {
                "totalActiveFindings": 4,
                "resourceTypeStatistics": {
                    "AWS::S3::Bucket": {"totalActivePublic": 1, "totalActiveCrossAccount": 2},
                    "AWS::IAM::Role": {"totalActiveCrossAccount": 1},
                },
            }
        }
    ]
    analyzer = Analyzer(analyzer_from_api(RAW, statistics))
    assert (analyzer.name, analyzer.uid, analyzer.tags) == ("outside", RAW["arn"], {"team": "blue"})
    assert (analyzer.active_findings, analyzer.public_findings) == (4, 1)
    assert analyzer.finds_outsiders


def test_an_analyzer_of_a_template_and_one_whose_findings_may_not_be_read():
    assert Analyzer({"Type": "ACCOUNT"}).finds_outsiders == Analyzer(analyzer_from_api(RAW, [])).finds_outsiders
    assert not Analyzer({"Type": "ACCOUNT_UNUSED_ACCESS"}).finds_outsiders
    denied = Unknown("findingsStatistics", "AccessDenied accessanalyzer:GetFindingsStatistics")
    assert analyzer_from_api(RAW, denied)["PublicFindings"] is denied


def test_analyzers_of_a_region(answered):
    answers = {
        "accessanalyzer:ListAnalyzers": {"analyzers": [RAW]},
        "accessanalyzer:GetFindingsStatistics": {"findingsStatistics": []},
    }
    (analyzer,) = answered("accessanalyzer.analyzers", answers)
    assert analyzer.active_findings == 0
    (analyzer,) = answered(
        "accessanalyzer.analyzers", {**answers, "accessanalyzer:GetFindingsStatistics": "AccessDenied"}
    )
    assert answered.failures == ["AccessDenied accessanalyzer:GetFindingsStatistics"]
