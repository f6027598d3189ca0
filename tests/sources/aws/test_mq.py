from koban.model.aws.mq import Broker
from koban.sources.aws.mq import broker_from_api


def test_a_broker(aws, collect):
    aws("mq").create_broker(
        BrokerName="orders",
        EngineType="ACTIVEMQ",
        EngineVersion="5.18",
        HostInstanceType="mq.t3.micro",
        DeploymentMode="SINGLE_INSTANCE",
        PubliclyAccessible=True,
        AutoMinorVersionUpgrade=False,
        Users=[{"Username": "app", "Password": "hunter2hunter2"}],
        Logs={"General": True, "Audit": False},
    )
    (broker,) = collect("mq.brokers")
    assert broker.uid.startswith("arn:aws:mq:eu-west-1:123456789012:broker:")
    assert broker.active_mq
    assert broker.public
    assert broker.general_log
    assert not broker.audit_log
    assert "hunter2" not in str(broker.document)
    assert collect.failures == []


def test_a_live_broker_and_its_template_agree():
    live = Broker(broker_from_api({"EngineType": "RABBITMQ", "DeploymentMode": "CLUSTER_MULTI_AZ", "Logs": {}}))
    template = Broker({"EngineType": "RabbitMQ", "DeploymentMode": "CLUSTER_MULTI_AZ"})
    assert live.rabbit_mq
    assert template.rabbit_mq
    assert live.mode == template.mode
