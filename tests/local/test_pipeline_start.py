"""What may start a pipeline besides a person: a rule of EventBridge, as the data's marker has one where the settings say so."""

import json
import time
from typing import Any

from local.run_state import RunState
from tests.local.conftest import create_role


def test_a_rule_starts_the_pipeline_with_its_parameters(stack: RunState, client: Any) -> None:
    bus, sagemaker = client("events"), client("sagemaker")
    pipeline = sagemaker.describe_pipeline(PipelineName=stack.endpoint)["PipelineArn"]
    bus.put_rule(Name="test-data", EventPattern=json.dumps({"source": ["test.data"]}))
    parameters = [{"Name": "DataPrefix", "Value": "raw/digits/nothing-here"}]
    role = create_role(client, "starts", "events.amazonaws.com", ["sagemaker:StartPipelineExecution"], pipeline)
    target = {"Id": "p", "Arn": pipeline, "RoleArn": role, "SageMakerPipelineParameters": {"PipelineParameterList": parameters}}
    try:
        assert bus.put_targets(Rule="test-data", Targets=[target])["FailedEntryCount"] == 0
        before = {each["PipelineExecutionArn"] for each in executions(sagemaker, stack)}
        bus.put_events(Entries=[{"Source": "test.data", "DetailType": "Ready", "Detail": "{}"}])
        deadline = time.monotonic() + 60
        while not (new := [each for each in executions(sagemaker, stack) if each["PipelineExecutionArn"] not in before]):
            assert time.monotonic() < deadline, "no execution was started"
            time.sleep(0.2)
        (arn,) = [each["PipelineExecutionArn"] for each in new]
        while (found := sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn))["PipelineExecutionStatus"] == "Executing":
            assert time.monotonic() < deadline, "the execution did not end"
            time.sleep(0.2)
        assert found["PipelineExecutionStatus"] == "Failed"
        assert "raw/digits/nothing-here" in found["FailureReason"]
    finally:
        bus.remove_targets(Rule="test-data", Ids=["p"])
        bus.delete_rule(Name="test-data")


def executions(sagemaker: Any, stack: RunState) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sagemaker.list_pipeline_executions(PipelineName=stack.endpoint)["PipelineExecutionSummaries"]
    return found
