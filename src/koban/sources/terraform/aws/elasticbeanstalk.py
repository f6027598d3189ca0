"""AWS Elastic Beanstalk."""

from __future__ import annotations

from koban.model.aws.elasticbeanstalk import Environment
from koban.sources.terraform.mapping import blocks, maps

maps(
    "aws_elastic_beanstalk_environment",
    Environment,
    EnvironmentName="name",
    ApplicationName="application",
    TemplateName="template_name",
    OptionSettings=blocks("setting", Namespace="namespace", OptionName="name", Value="value"),
)
