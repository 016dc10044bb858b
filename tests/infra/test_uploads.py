"""The upload path, as the templates have it."""

import json
import re
from typing import Any

import pytest

from tests.grants import as_list
from tests.infra.conftest import telemetry

HANDLERS = {
    "functions.predict.function.handler",
    "functions.process_upload.function.handler",
    "functions.jobs.function.handler",
    "functions.feedback.function.handler",
}


def function(stage: Any, name: str) -> Any:
    handler = f"functions.{name}.function.handler"
    (found,) = [f for f in stage.resources("AWS::Lambda::Function").values() if f["Properties"]["Handler"] == handler]
    return found


def environment(stage: Any, name: str) -> dict[str, Any]:
    variables: dict[str, Any] = function(stage, name)["Properties"]["Environment"]["Variables"]
    return variables


def allowed(stage: Any, name: str) -> dict[str, str]:
    """Return each action of a function's role with its resources as text."""
    found: dict[str, str] = {}
    for statement in stage.statements(stage.role_of(function(stage, name))):
        for action in as_list(statement["Action"]):
            found[action] = found.get(action, "") + json.dumps(statement["Resource"])
    return found


def queues(stage: Any) -> tuple[str, dict[str, Any], str, dict[str, Any]]:
    """Return the queue's and the dead-letter queue's logical ids and properties."""
    found = {name.split("/")[1]: each["Properties"] for name, each in stage.of("Web").resources("AWS::SQS::Queue").items()}
    (queue,) = [name for name, properties in found.items() if "RedrivePolicy" in properties]
    (dead,) = [name for name in found if name != queue]
    return queue, found[queue], dead, found[dead]


def uploads_bucket(stage: Any) -> tuple[str, dict[str, Any]]:
    (found,) = [
        (name.split("/")[1], each["Properties"])
        for name, each in stage.resources("AWS::S3::Bucket").items()
        if "NotificationConfiguration" in each["Properties"]
    ]
    return found


def test_gives_a_message_to_another_only_after_six_times_the_functions_time(stage: Any) -> None:
    _, queue, _, _ = queues(stage)
    assert queue["VisibilityTimeout"] >= 6 * function(stage, "process_upload")["Properties"]["Timeout"]


def test_keeps_messages_encrypted_for_two_weeks_and_those_that_failed_apart(stage: Any) -> None:
    _, queue, dead_name, dead = queues(stage)
    for each in (queue, dead):
        assert (each["SqsManagedSseEnabled"], each["MessageRetentionPeriod"]) == (True, 14 * 86_400)
    # Once more than there are attempts: for the job to be ended in words.
    assert queue["RedrivePolicy"]["maxReceiveCount"] == stage.settings.upload_attempts + 1
    assert environment(stage, "process_upload")["UPLOAD_ATTEMPTS"] == str(stage.settings.upload_attempts)
    assert queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] == dead_name


def test_lets_only_this_stacks_buckets_and_its_rules_send(stage: Any) -> None:
    name, _, _, _ = queues(stage)
    (policy,) = [p for p in stage.properties("AWS::SQS::QueuePolicy") if p["Queues"] == [{"Ref": name}]]
    senders, rules = {}, []
    for statement in policy["PolicyDocument"]["Statement"]:
        if statement["Effect"] == "Deny":
            assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        else:
            senders[statement["Principal"]["Service"]] = statement
            rules += [statement["Condition"]] if statement["Principal"]["Service"] == "events.amazonaws.com" else []
    assert set(senders) == {"s3.amazonaws.com", "events.amazonaws.com"}
    condition = senders["s3.amazonaws.com"]["Condition"]
    assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert json.dumps(condition["ArnLike"]).endswith(f':s3:::inferstack-{stage.settings.stage}-web-*"]]}}}}')
    found = stage.of("Web").resources("AWS::Events::Rule")
    assert len(found) == len(rules) == 2
    assert all(rule.split("/")[1] in json.dumps(rules) for rule in found)
    assert [each["Properties"]["ScheduleExpression"] for each in found.values() if "EventPattern" not in each["Properties"]] == [
        "rate(1 hour)"
    ]


def test_takes_messages_one_by_one_and_no_more_than_the_endpoint_answers(stage: Any) -> None:
    source = stage.of("Web").one("AWS::Lambda::EventSourceMapping")
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BatchSize"] == 1  # what stops the function holds up no other message
    most = source["ScalingConfig"]["MaximumConcurrency"]
    assert most >= 2
    assert most * 2 < stage.settings.serverless_concurrency  # two requests of each at once; the rest is for who waits


def test_reserves_concurrency_only_where_it_is_asked_for(stage: Any, synthesize: Any) -> None:
    assert not [each for each in stage.properties("AWS::Lambda::Function") if "ReservedConcurrentExecutions" in each]
    reserving = synthesize("prod", reserved_concurrency=20)
    reserved = {name: function(reserving, name)["Properties"]["ReservedConcurrentExecutions"] for name in ("predict", "process_upload")}
    assert reserved["predict"] == 20
    assert reserved["process_upload"] >= reserving.of("Web").one("AWS::Lambda::EventSourceMapping")["ScalingConfig"]["MaximumConcurrency"]


def test_cannot_start_itself(stage: Any) -> None:
    name, bucket = uploads_bucket(stage)
    rules = [each["Filter"]["S3Key"]["Rules"] for each in bucket["NotificationConfiguration"]["QueueConfigurations"]]
    assert rules == [[{"Name": "prefix", "Value": "uploads/"}], [{"Name": "prefix", "Value": "inbox/"}]]
    assert name not in allowed(stage, "process_upload")["s3:PutObject"]
    assert not stage.properties("Custom::S3BucketNotifications")


def test_keeps_uploads_versioned_private_and_for_a_while(stage: Any) -> None:
    _, bucket = uploads_bucket(stage)
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["CorsConfiguration"]["CorsRules"] == [
        {"AllowedHeaders": ["*"], "AllowedMethods": ["POST"], "AllowedOrigins": ["*"], "MaxAge": 3600}
    ]
    days = [rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in rule]
    assert days == [stage.settings.upload_days]


def test_lets_the_process_function_do_just_its_work(stage: Any) -> None:
    found, (uploads, _) = allowed(stage, "process_upload"), uploads_bucket(stage)
    assert set(found) == telemetry(stage) | {
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "sagemaker:InvokeEndpoint",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:CreateTransformJob",
        "sagemaker:DescribeTransformJob",
        "events:PutEvents",
        "appsync:EventPublish",
        "sqs:SendMessage",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
    }
    assert uploads in found["s3:GetObjectVersion"]
    assert "/transform-job/" not in found["sagemaker:InvokeEndpoint"]
    assert f"transform-job/inferstack-{stage.settings.stage}-*" in found["sagemaker:CreateTransformJob"]


def conditions(stage: Any, name: str, action: str) -> list[Any]:
    """Return the condition of each statement with an action, None for one without."""
    statements = stage.statements(stage.role_of(function(stage, name)))
    return [each.get("Condition") for each in statements if action in as_list(each["Action"])]


def test_transforms_with_the_stages_models_on_the_settings_machines_only(stage: Any) -> None:
    (condition,) = conditions(stage, "process_upload", "sagemaker:CreateTransformJob")
    assert condition["ForAllValues:StringEquals"] == {"sagemaker:InstanceTypes": [stage.settings.batch_instance_type]}
    assert condition["Null"] == {"sagemaker:InstanceTypes": "false"}
    models = json.dumps(condition["ForAnyValue:ArnLike"]["sagemaker:ModelArn"])
    assert f":model/*inferstack{stage.settings.stage}model*" in models


def test_puts_its_own_event_only(stage: Any) -> None:
    (condition,) = conditions(stage, "process_upload", "events:PutEvents")
    own = {"events:source": ["inferstack"], "events:detail-type": ["Inferstack Job Finished"]}
    assert condition == {"ForAllValues:StringEquals": own, "Null": dict.fromkeys(own, "false")}


@pytest.mark.parametrize("name", ["jobs", "process_upload"])
def test_lists_no_bucket_without_a_prefix(stage: Any, name: str) -> None:
    found = conditions(stage, name, "s3:ListBucket") + conditions(stage, name, "s3:ListBucketVersions")
    assert found
    assert all(set(each) == {"StringLike"} and all(value.endswith("/*") for value in each["StringLike"]["s3:prefix"]) for each in found)


@pytest.mark.parametrize("name", ["jobs", "feedback", "process_upload"])
def test_writes_results_once(stage: Any, name: str) -> None:
    """What one job wrote no other can replace; only what is staged for Batch Transform is written again, with the same."""
    writes = [each for each in stage.statements(stage.role_of(function(stage, name))) if "s3:PutObject" in as_list(each["Action"])]
    of_results = [each for each in writes if not any(text in json.dumps(each["Resource"]) for text in ('"/transform/', '"/uploads/'))]
    assert of_results
    for statement in of_results:
        new, part = {"Null": {"s3:if-none-match": "false"}}, {"Bool": {"s3:ObjectCreationOperation": "false"}}
        counts = name == "feedback" and statement["Condition"] == {"Null": {"s3:if-match": "false"}}  # replaces what it has read
        assert statement["Condition"] in (new, part) or (counts and '"/feedback/' not in json.dumps(statement["Resource"]))


def test_lets_the_jobs_function_sign_uploads_and_read_results_only(stage: Any) -> None:
    found, (uploads, _) = allowed(stage, "jobs"), uploads_bucket(stage)
    assert set(found) == telemetry(stage) | {"s3:PutObject", "s3:GetObject", "s3:ListBucket"}
    assert uploads not in found["s3:GetObject"]
    assert "summary" not in found["s3:PutObject"]
    assert "inbox" not in found["s3:PutObject"]
    assert "/jobs/*/job.json" in found["s3:PutObject"]


def test_lets_the_feedback_function_keep_what_people_say_and_nothing_else(stage: Any) -> None:
    found = allowed(stage, "feedback")
    assert set(found) == telemetry(stage) | {"s3:PutObject", "s3:GetObject"}
    assert set(re.findall(r'"/([\w/]+)/\*"', found["s3:PutObject"])) == {"allowances", "feedback"}
    assert sorted(re.findall(r'"/([\w/]+)/\*"', found["s3:GetObject"])) == ["allowances", "feedback/given"]


def test_lets_the_same_clients_tokens_listen_that_may_call_the_api(deployed: Any) -> None:
    (audience,) = deployed.one("AWS::ApiGatewayV2::Authorizer")["JwtConfiguration"]["Audience"]
    (people,) = [each for each in deployed.one("AWS::AppSync::Api")["EventConfig"]["AuthProviders"] if "CognitoConfig" in each]
    assert people["CognitoConfig"]["AppIdClientRegex"] == audience


@pytest.mark.parametrize(("auth", "kind"), [("jwt", "AMAZON_COGNITO_USER_POOLS"), ("iam", "AWS_IAM")])
def test_lets_functions_publish_and_callers_subscribe(synthesize: Any, auth: str, kind: str) -> None:
    stage = synthesize("dev", auth=auth)
    namespace = stage.one("AWS::AppSync::ChannelNamespace")
    assert namespace["PublishAuthModes"] == [{"AuthType": "AWS_IAM"}]
    assert namespace["SubscribeAuthModes"] == [{"AuthType": kind}]
    assert ("unauthorized" in namespace.get("CodeHandlers", "")) == (auth == "jwt")
    assert not stage.properties("AWS::AppSync::ApiKey")


def test_wakes_somebody_at_the_first_dead_letter(stage: Any) -> None:
    _, _, dead, _ = queues(stage)
    (alarm,) = [a for a in stage.of("Web").properties("AWS::CloudWatch::Alarm") if a["MetricName"] == "ApproximateNumberOfMessagesVisible"]
    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["ComparisonOperator"]) == (0, 1, "GreaterThanThreshold")
    assert dead in json.dumps(alarm["Dimensions"])


def test_lets_the_page_talk_to_uploads_and_events_of_its_region_only(deployed: Any) -> None:
    policy = json.dumps(deployed.one("AWS::CloudFront::ResponseHeadersPolicy"))
    assert "https://*.s3." in policy
    assert "wss://*.appsync-realtime-api." in policy
    assert "ws://127" not in policy
