from koban.model.aws.accessanalyzer import Analyzer


def test_an_analyzer(twins):
    body = {"analyzer_name": "a", "type": "ORGANIZATION_UNUSED_ACCESS"}
    code = {"AnalyzerName": "a", "Type": "ORGANIZATION_UNUSED_ACCESS"}
    twins("aws_accessanalyzer_analyzer", body, Analyzer, code)
    twins("aws_accessanalyzer_analyzer", {"analyzer_name": "a"}, Analyzer, {"AnalyzerName": "a"})
