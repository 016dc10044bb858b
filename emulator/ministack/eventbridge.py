"""ministack's EventBridge: events of AWS services, and pipelines as targets of rules."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import eventbridge, sqs

from deployment.this_machine import ACCOUNT
from emulator.access import AccessDeniedError, Assume, Check

log = logging.getLogger("inferstack.events")
SERVICE = "events.amazonaws.com"
StartPipeline = Callable[[str, list[dict[str, Any]]], object]  # (the pipeline's ARN, the target's parameters)


def put_event(source: str, detail_type: str, detail: Mapping[str, Any]) -> None:
    """Put an event of an AWS service on the default bus."""
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail, default=str)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def register_pipeline_targets(start: StartPipeline, assume: Assume) -> None:
    """Let rules have SageMaker pipelines as targets, which ministack does not know; they start as the target's role.

    A queue gets a rule's events only if its own policy lets the rule send, which ministack asks for S3 and SNS alone.
    """
    invoke = eventbridge._invoke_target
    eventbridge._SUPPORTED_TARGET_SERVICES = {*eventbridge._SUPPORTED_TARGET_SERVICES, "sagemaker"}

    def invoke_or_start(target: Mapping[str, Any], event: Any, rule: Mapping[str, Any], *rest: Any) -> Any:
        arn = str(target.get("Arn", ""))
        if ":sqs:" in arn and not sqs.queue_policy_allows(arn, SERVICE, str(rule.get("Arn", "")), ACCOUNT):
            log.warning("the policy of %s does not let the rule %s send", arn, rule.get("Name"))
            return None
        if ":sagemaker:" not in arn or ":pipeline/" not in arn:
            return invoke(target, event, rule, *rest)
        try:
            assume(str(target.get("RoleArn", "")), SERVICE).require(Check("sagemaker:StartPipelineExecution", arn))
        except AccessDeniedError as error:
            log.warning("%s was not started: %s", arn, error)
            return None
        return start(arn, (target.get("SageMakerPipelineParameters") or {}).get("PipelineParameterList", []))

    eventbridge._invoke_target = invoke_or_start
