"""The cdk CLI's events and errors."""

from local.cdk import EVENT, find_reason

CREATING = "Web | 10/30 | 5:20:12 AM | CREATE_IN_PROGRESS   | AWS::Lambda::Function   | Predict/Function (PredictFunction51F85491) "
FAILED = "Inference |   1 | 5:52:14 AM | CREATE_FAILED        | AWS::SageMaker::Endpoint | Endpoint (E80) The model server ended"


def test_reads_the_cdk_clis_events() -> None:
    creating, failed = EVENT.match(CREATING), EVENT.match(FAILED)
    assert creating
    assert (creating["done"], creating["all"], creating["status"], creating["type"]) == (
        "10",
        "30",
        "CREATE_IN_PROGRESS",
        "AWS::Lambda::Function",
    )
    assert failed
    assert (failed["all"], failed["resource"]) == (None, "Endpoint (E80) The model server ended")


def test_gives_the_failed_resource_as_the_reason_once() -> None:
    assert find_reason([CREATING, FAILED, "Failed resources:", FAILED, "noise"]) == "Endpoint (E80) The model server ended"
    assert find_reason(["Error: no such stage", "noise"]) == "Error: no such stage"
    assert find_reason(["one", "two"]) == "one\ntwo"
