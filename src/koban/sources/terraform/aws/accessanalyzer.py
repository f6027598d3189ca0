"""IAM Access Analyzer."""

from __future__ import annotations

from koban.model.aws.accessanalyzer import Analyzer
from koban.sources.terraform.mapping import maps

maps("aws_accessanalyzer_analyzer", Analyzer, AnalyzerName="analyzer_name", Type="type")
