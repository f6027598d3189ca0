import json

from koban.sources.aws.cloudformation import stack_from_api

TEMPLATE = {
    "Parameters": {"DbPassword": {"Type": "String"}, "Hidden": {"Type": "String", "NoEcho": True}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"ApiKey": {"Value": {"Ref": "DbPassword"}}},
}


def test_a_stack_keeps_no_value_of_its_parameters_and_outputs(aws, collect):
    aws("cloudformation").create_stack(
        StackName="app",
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[
            {"ParameterKey": "DbPassword", "ParameterValue": "hunter2hunter2"},
            {"ParameterKey": "Hidden", "ParameterValue": "hunter3hunter3"},
        ],
        EnableTerminationProtection=True,
    )
    (stack,) = collect("cloudformation.stacks")
    assert stack.uid.startswith("arn:aws:cloudformation:eu-west-1:123456789012:stack/app/")
    assert stack.name == "app"
    assert stack.termination_protection
    assert stack.secret_parameters == ("DbPassword",)
    assert stack.secret_outputs == ("ApiKey",)
    assert "hunter" not in str(stack.document)
    assert collect.failures == []


def test_drift_and_parent():
    document = stack_from_api(
        {"StackName": "n", "StackId": "a", "ParentId": "p", "DriftInformation": {"StackDriftStatus": "DRIFTED"}}
    )
    assert document["DriftInformation"] == {"StackDriftStatus": "DRIFTED"}
    assert document["ParentId"] == "p"


def test_a_stack_set(aws, collect):
    aws("cloudformation").create_stack_set(StackSetName="baseline", TemplateBody=json.dumps(TEMPLATE))
    (stack_set,) = collect("cloudformation.stack_sets")
    assert stack_set.name == "baseline"
    assert stack_set.uid.startswith("arn:aws:cloudformation:eu-west-1:123456789012:stackset/baseline")
    assert collect.failures == []
