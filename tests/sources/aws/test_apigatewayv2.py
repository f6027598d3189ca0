from koban.model.aws.apigatewayv2 import Route
from koban.sources.aws.apigatewayv2 import route_from_api, stage_from_api


def test_an_http_api_with_what_belongs_to_it(aws, collect):
    client = aws("apigatewayv2")
    api = client.create_api(Name="orders", ProtocolType="HTTP", CorsConfiguration={"AllowOrigins": ["*"]})["ApiId"]
    client.create_route(ApiId=api, RouteKey="GET /orders", AuthorizationType="JWT")
    client.create_stage(ApiId=api, StageName="prod", AccessLogSettings={"DestinationArn": "arn:aws:logs:::g"})
    client.create_integration(ApiId=api, IntegrationType="HTTP_PROXY", IntegrationUri="http://example.com/")
    (made,) = collect("apigatewayv2.apis")
    assert made.uid == f"arn:aws:apigateway:eu-west-1::/apis/{api}"
    assert made.allowed_origins == ("*",)
    (route,) = collect("apigatewayv2.routes")
    assert route.authorization == "JWT"
    (stage,) = collect("apigatewayv2.stages")
    assert stage.access_log == "arn:aws:logs:::g"
    (integration,) = collect("apigatewayv2.integrations")
    assert integration.uri == "http://example.com/"
    assert collect.failures == []


def test_a_live_route_and_its_template_are_twins():
    live = route_from_api({"RouteId": "r1", "RouteKey": "$default", "AuthorizationType": "NONE"}, "a1")
    template = {"ApiId": "a1", "RouteId": "r1", "RouteKey": "$default", "AuthorizationType": "NONE"}
    assert Route(live) == Route(template)


def test_a_stage_keeps_its_log_settings():
    raw = {"StageName": "prod", "DefaultRouteSettings": {"LoggingLevel": "INFO", "DataTraceEnabled": True}}
    assert stage_from_api(raw, "a1")["DefaultRouteSettings"]["LoggingLevel"] == "INFO"
