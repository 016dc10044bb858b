"""The API, the function behind it and the page in front."""

import json
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.jobs.presign import Presigner
from functions.predict.answering.csv_answer import build_csv
from functions.shared.aws.s3 import open_s3
from recipes.recipe import load
from tests.routes import list_routes

OPEN = {"GET /health", "GET /v2/health/live", "GET /v2/health/ready"}
ROUTES = {f"{route.method} {route.path}" for route in list_routes()}


def routes(stage: Any) -> dict[str, dict[str, Any]]:
    return {route["RouteKey"]: route for route in stage.properties("AWS::ApiGatewayV2::Route")}


def test_offers_the_contract_s_routes_and_no_other(stage: Any) -> None:
    assert set(routes(stage)) == ROUTES


def test_answers_strangers_only_about_its_health(deployed: Any) -> None:
    for key, route in routes(deployed).items():
        assert route["AuthorizationType"] == ("NONE" if key in OPEN else "JWT"), key
        assert ("AuthorizerId" in route) == (key not in OPEN)


def test_checks_a_token_s_issuer_and_audience(deployed: Any) -> None:
    authorizer = deployed.one("AWS::ApiGatewayV2::Authorizer")
    (client,) = deployed.resources("AWS::Cognito::UserPoolClient")
    assert authorizer["JwtConfiguration"]["Audience"] == [{"Ref": client.split("/")[1]}]
    assert "cognito-idp" in json.dumps(authorizer["JwtConfiguration"]["Issuer"])
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]


def test_signs_in_with_a_code_and_no_secret_and_returns_only_to_the_page(deployed: Any) -> None:
    client = deployed.one("AWS::Cognito::UserPoolClient")
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    (callback,) = client["CallbackURLs"]
    assert "DomainName" in json.dumps(callback)
    pool = deployed.one("AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 12
    assert all(policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]


def test_gives_tokens_that_end_soon_and_sessions_that_can_be_ended(synthesize: Any, deployed: Any) -> None:
    client = deployed.one("AWS::Cognito::UserPoolClient")
    assert client["EnableTokenRevocation"] is True
    assert client["TokenValidityUnits"] == dict.fromkeys(("AccessToken", "IdToken", "RefreshToken"), "minutes")
    assert [client[f"{kind}Validity"] for kind in ("AccessToken", "IdToken", "RefreshToken")] == [5, 5, 8 * 60]
    longer = synthesize("dev", token_minutes="60", session_hours="720").one("AWS::Cognito::UserPoolClient")
    assert [longer[f"{kind}Validity"] for kind in ("AccessToken", "IdToken", "RefreshToken")] == [60, 60, 720 * 60]


def test_makes_sign_in_resources_only_where_the_settings_ask(stage: Any) -> None:
    kinds = {resource["Type"] for _, _, resource in stage.all()}
    assert any(kind.startswith("AWS::Cognito") for kind in kinds) == (stage.settings.auth == "jwt")


def test_asks_for_a_signature_where_auth_is_iam(synthesize: Any) -> None:
    iam = synthesize("dev", auth="iam")
    kinds = {key: route["AuthorizationType"] for key, route in routes(iam).items()}
    assert kinds == {**dict.fromkeys(ROUTES, "AWS_IAM"), **dict.fromkeys(OPEN, "NONE")}
    assert not iam.properties("AWS::Cognito::UserPool")


def test_throttles(stage: Any) -> None:
    settings = stage.one("AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] == stage.settings.throttle_rate_per_s
    assert settings["ThrottlingBurstLimit"] == stage.settings.throttle_burst


def test_lets_nobody_use_up_the_throttle_or_bill_the_owner_without_a_sign_in(stage: Any) -> None:
    """A route's settings are refused before there is the route."""
    (api,) = stage.resources("AWS::ApiGatewayV2::Stage").values()
    limits = api["Properties"]["RouteSettings"]
    assert limits == {key: {"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 20} for key in OPEN}
    keys = {name.split("/")[1]: each["Properties"]["RouteKey"] for name, each in stage.resources("AWS::ApiGatewayV2::Route").items()}
    assert {keys.get(name) for name in api["DependsOn"]} >= OPEN


def test_measures_what_is_free_and_logs_the_route_of_each_request(stage: Any) -> None:
    """Metrics by route bill each as a metric of one's own: nothing here reads one, in a graph or in an alarm."""
    api = stage.one("AWS::ApiGatewayV2::Stage")
    assert not api["DefaultRouteSettings"].get("DetailedMetricsEnabled")
    assert json.loads(api["AccessLogSettings"]["Format"])["route"] == "$context.routeKey"
    of_api = [
        {dimension["Name"] for dimension in alarm["Dimensions"]}
        for alarm in stage.properties("AWS::CloudWatch::Alarm")
        if alarm.get("Namespace") == "AWS/ApiGateway"
    ]
    assert of_api
    assert all(names == {"ApiId"} for names in of_api)


def test_logs_each_request_without_what_people_send(stage: Any) -> None:
    logged = stage.one("AWS::ApiGatewayV2::Stage")["AccessLogSettings"]
    entry = json.loads(logged["Format"])
    assert {"requestId", "status", "route", "latencyMs"} <= set(entry)
    text = logged["Format"].lower()
    assert not [
        word
        for word in ("authorization", "authorizer", "header", "body", "querystring", "claims", "cookie", "$context.path")
        if word in text
    ]


def test_opens_a_deployed_api_to_the_page_only(deployed: Any) -> None:
    cors = deployed.one("AWS::ApiGatewayV2::Api")["CorsConfiguration"]
    (origin,) = cors["AllowOrigins"]
    assert "DomainName" in json.dumps(origin)
    assert not cors.get("AllowCredentials")
    assert {"authorization", "content-type"} <= set(cors["AllowHeaders"])


def test_lets_pages_of_other_origins_read_what_an_answer_in_csv_says_in_headers(deployed: Any) -> None:
    answer = {"model": {"version": "1"}, "predictions": [{"label": 7}], "id": "x", "notes": [{"code": "faint"}]}
    named = build_csv(answer, load("digits")).headers.keys() - {"content-type"}
    assert named == {"x-prediction-id", "x-notes"}
    assert named <= set(deployed.one("AWS::ApiGatewayV2::Api")["CorsConfiguration"]["ExposeHeaders"])


def test_adds_the_origins_that_the_settings_name(every_option: Any) -> None:
    cors = every_option.one("AWS::ApiGatewayV2::Api")["CorsConfiguration"]
    assert "https://app.example" in cors["AllowOrigins"]
    assert len(cors["AllowOrigins"]) == 2


def test_gives_up_on_the_function_only_after_it_gave_up_itself(stage: Any) -> None:
    (function,) = [f for f in stage.properties("AWS::Lambda::Function") if f["Handler"] == "functions.predict.function.handler"]
    for integration in stage.properties("AWS::ApiGatewayV2::Integration"):
        assert function["Timeout"] < integration.get("TimeoutInMillis", 30_000) / 1000 <= 30
        assert integration["PayloadFormatVersion"] == "2.0"


def test_runs_the_bundle_on_what_it_was_built_for(stage: Any) -> None:
    (function,) = [f for f in stage.properties("AWS::Lambda::Function") if f["Handler"] == "functions.predict.function.handler"]
    assert function["Runtime"] == f"python{stage.settings.function_python}"
    assert function["Architectures"] == [stage.settings.function_architecture]
    environment = function["Environment"]["Variables"]
    assert environment["ENDPOINT_NAMES"] == stage.settings.endpoint_name
    assert environment["RECIPES"] == stage.settings.recipe


def test_traces_functions_where_the_settings_say(stage: Any) -> None:
    functions = [f for f in stage.properties("AWS::Lambda::Function") if str(f["Handler"]).startswith("functions.")]
    modes = {f.get("TracingConfig", {}).get("Mode", "PassThrough") for f in functions}
    assert (len(functions), modes) == (6, {"Active" if stage.settings.tracing else "PassThrough"})


def test_every_log_group_forgets(stage: Any) -> None:
    named = stage.resources("AWS::Logs::LogGroup")
    groups = [group["Properties"] for group in named.values()]
    assert len(groups) >= 4
    assert all(group.get("RetentionInDays") for group in groups)
    ours = [group for name, group in named.items() if not name.split("/")[1].startswith("DeployTimeBuild")]
    assert {group["Properties"]["RetentionInDays"] for group in ours} == {stage.settings.log_retention_days}


def test_writes_the_apis_log_where_the_accounts_policy_needs_no_line_for_it(stage: Any) -> None:
    """CloudWatch Logs refuses the policy at 5,120 characters, which some forty deployments of an API fill: each group stays named."""
    group = stage.one("AWS::ApiGatewayV2::Stage")["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"][0]
    name = stage.templates["Web"]["Resources"][group]["Properties"]["LogGroupName"]["Fn::Join"][1]
    assert name[0].startswith("/aws/vendedlogs/")
    assert "AWS::StackId" in json.dumps(name)  # where data is retained, the group is there when the stage is deployed again


def policy(stage: Any, region: str = "REGION") -> dict[str, list[str]]:
    """Return the sources that the page's policy allows by directive, as deployed to a region."""
    headers = stage.one("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    parts = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Join"][1]
    values = {"AWS::Region": region, "AWS::URLSuffix": "amazonaws.com"}
    text = "".join(part if isinstance(part, str) else values[part["Ref"]] for part in parts)
    return {directive.split()[0]: directive.split()[1:] for directive in text.split("; ")}


def test_lets_the_page_run_only_its_own_files(stage: Any) -> None:
    directives = policy(stage)
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == directives["style-src"] == ["'self'"]
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["form-action"] == ["'none'"]
    assert (directives["require-trusted-types-for"], directives["trusted-types"]) == (["'script'"], ["'none'"])
    assert not [source for sources in directives.values() for source in sources if "unsafe" in source or source in ("*", "https:", "http:")]


def test_lets_a_deployed_page_talk_over_tls_only(deployed: Any) -> None:
    assert all(source == "'self'" or source.startswith(("https://*.", "wss://*.")) for source in policy(deployed)["connect-src"])


@pytest.mark.parametrize("region", ["eu-central-1", "ap-southeast-2", "us-east-1"])
def test_lets_the_page_talk_to_the_hosts_that_the_function_signs_for(synthesize: Any, region: str) -> None:
    s3 = open_s3({"AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"})
    presigner = Presigner(s3, "inferstack-dev-web-uploads", "inferstack-dev-storage-results")
    form, url = presigner.sign_upload("uploads/a", "image/png", 1, 2, 900)["url"], presigner.sign_download("jobs/a", "a", 900)
    allowed = policy(synthesize("dev"), region)["connect-src"]
    hosts = [f"https://{urlsplit(address).hostname}" for address in (form, url)]
    assert [host for host in hosts if not any(fnmatch(host, source) for source in allowed)] == []


def test_sends_the_other_headers_that_protect_the_page(stage: Any) -> None:
    headers = stage.one("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert headers["ContentTypeOptions"] == {"Override": True}
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"


def test_serves_the_page_over_https_from_a_bucket_that_only_it_reads(stage: Any) -> None:
    distribution = stage.one("AWS::CloudFront::Distribution")["DistributionConfig"]
    assert distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert "ResponseHeadersPolicyId" in distribution["DefaultCacheBehavior"]
    (origin,) = distribution["Origins"]
    assert "OriginAccessControlId" in origin


def test_tells_the_page_where_the_api_is_without_a_secret(stage: Any) -> None:
    deployment = stage.one("Custom::CDKBucketDeployment")
    markers = json.dumps(deployment["SourceMarkers"])
    assert markers.count("ApiEndpoint") == 2  # in config.json, and as the server in openapi.yaml
    assert ("RefUsers" in markers) == (stage.settings.auth == "jwt")
    assert deployment["SystemMetadata"]["cache-control"] == "no-cache"


def test_tells_the_operator_where_everything_is(stage: Any) -> None:
    outputs = {
        name for template in stage.templates.values() for name in template.get("Outputs", {}) if not name.startswith("PublishOutput")
    }
    wanted = {
        "ApiUrl",
        "PageUrl",
        "DumpBucketName",
        "EndpointName",
        "EndpointConfigName",
        "EventsUrl",
        "EventsRealtimeUrl",
        "Auth",
        "Recipe",
    }
    wanted |= {
        "UploadsBucketName",
        "ResultsBucketName",
        "UploadQueueUrl",
        "DeadLetterQueueUrl",
        "PipelineName",
        "ServingImage",
        "ModelPackageGroupName",
        "ImageRepositoryName",
    }
    wanted |= {"UserPoolId", "UserPoolClientId", "AuthDomain"} if stage.settings.auth == "jwt" else set()
    wanted |= {"ServingRepository"} if stage.settings.is_image_built else set()
    assert wanted == outputs


def test_ties_no_stack_to_another_by_an_export(stage: Any) -> None:
    assert "Fn::ImportValue" not in json.dumps(stage.templates)


def test_publishes_the_client_beside_the_page(stage: Any) -> None:
    """The page imports it; web/client is a link, and an asset would hold a link too."""
    (page,) = stage.folder.glob("asset.*/app.js")
    files = list((page.parent / "client").glob("*.js"))
    assert "index.js" in {file.name for file in files}
    assert not any(file.is_symlink() for file in [page.parent / "client", *files])
