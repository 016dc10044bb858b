"""ministack's EventBridge: events of AWS services, and pipelines as targets of rules."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import eventbridge

StartPipeline = Callable[[str, list[dict[str, Any]]], object]  # (the pipeline's ARN, the target's parameters)


def put_event(source: str, detail_type: str, detail: Mapping[str, Any]) -> None:
    """Put an event of an AWS service on the default bus."""
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail, default=str)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def register_pipeline_targets(start: StartPipeline) -> None:
    """Let rules have SageMaker pipelines as targets, which ministack does not know."""
    invoke = eventbridge._invoke_target
    eventbridge._SUPPORTED_TARGET_SERVICES = {*eventbridge._SUPPORTED_TARGET_SERVICES, "sagemaker"}

    def invoke_or_start(target: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        arn = str(target.get("Arn", ""))
        if ":sagemaker:" not in arn or ":pipeline/" not in arn:
            return invoke(target, *args, **kwargs)
        return start(arn, (target.get("SageMakerPipelineParameters") or {}).get("PipelineParameterList", []))

    eventbridge._invoke_target = invoke_or_start
