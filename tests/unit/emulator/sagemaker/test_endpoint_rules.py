"""What SageMaker refuses of endpoints and transform jobs, through boto3's own clients."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.sagemaker.endpoints.endpoint import Endpoint
from emulator.sagemaker.errors import SageMakerError
from tests.unit.emulator.sagemaker.local_sagemaker import ROLE, FakeResponse, LocalSageMaker, wait_until

SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
GUARDED = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
        "TerminationWaitInSeconds": 0,
    }
}
WEIGHT = {"VariantName": "main", "DesiredWeight": 1.0}
Variant = dict[str, Any]


def instances(count: int = 1, type_: str = "ml.m5.large", **more: Any) -> Variant:
    return {"InstanceType": type_, "InitialInstanceCount": count, **more}


class Account:
    """An account with one model, whose endpoints' variants have the settings that a test gives."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.scalable_targets = folder, set[str]()
        self.local = LocalSageMaker(folder, scalable_targets=self.scalable_targets)
        self.sagemaker, self.runtime = self.local.client, self.local.runtime
        container = {"Image": "any", "ModelDataUrl": "s3://b/model.tar.gz"}
        self.sagemaker.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer=container)
        self._configs = 0

    def set_conditions(self, **conditions: Any) -> None:
        (self.folder / "sagemaker.json").write_text(json.dumps(conditions))

    def configure(self, **variants: Variant) -> str:
        self._configs += 1
        production = [{"VariantName": name, "ModelName": "model", **settings} for name, settings in variants.items()]
        self.sagemaker.create_endpoint_config(EndpointConfigName=f"config-{self._configs}", ProductionVariants=production)
        return f"config-{self._configs}"

    def create(self, name: str = "digits", **variants: Variant) -> dict[str, Any]:
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=self.configure(**variants))
        return self.settle(name)

    def update(self, variants: dict[str, Variant], **request: Any) -> dict[str, Any]:
        self.sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName=self.configure(**variants), **request)
        return self.settle()

    def settle(self, name: str = "digits") -> dict[str, Any]:
        wait_until(lambda: self.describe(name)["EndpointStatus"] in {"InService", "Failed"})
        return self.describe(name)

    def describe(self, name: str = "digits") -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=name)
        return found

    def invoke(self, body: bytes = b"x") -> bytes:
        answer: bytes = self.runtime.invoke_endpoint(EndpointName="digits", Body=body)["Body"].read()
        return answer


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def test_never_makes_a_serverless_endpoint_of_instances(account: Account) -> None:
    before = account.create(main=instances())
    with pytest.raises(ClientError, match="cannot be updated to serverless"):
        account.update({"main": SERVERLESS})
    assert account.describe()["EndpointConfigName"] == before["EndpointConfigName"]


@pytest.mark.parametrize(
    ("variants", "words"),
    [
        ({"main": {**SERVERLESS, **instances()}}, "ServerlessConfig cannot be set with InstanceType and InitialInstanceCount"),
        ({"main": SERVERLESS, "other": SERVERLESS}, "has one production variant; this configuration has 2"),
        ({"main": {"ServerlessConfig": {**SERVERLESS["ServerlessConfig"], "ProvisionedConcurrency": 6}}}, "ProvisionedConcurrency must be"),
    ],
)
def test_gives_a_serverless_endpoint_nothing_that_only_instances_have(account: Account, variants: dict[str, Variant], words: str) -> None:
    with pytest.raises(ClientError, match=words):
        account.configure(**variants)


def test_makes_instances_of_a_serverless_endpoint(account: Account) -> None:
    account.create(main=SERVERLESS)
    assert account.update({"main": instances()})["ProductionVariants"][0]["CurrentInstanceCount"] == 1


def test_keeps_the_variants_names_through_a_guarded_deployment(account: Account) -> None:
    account.create(main=instances())
    with pytest.raises(ClientError, match="must have the same variant names as the one before: it has other; expected main"):
        account.update({"other": instances()}, DeploymentConfig=GUARDED)
    assert account.update({"other": instances()})["ProductionVariants"][0]["VariantName"] == "other"  # unguarded


@pytest.mark.parametrize("variants", [{"main": instances(type_="ml.c5.large")}, {"other": instances()}])
def test_changes_no_instance_type_that_autoscaling_follows(account: Account, variants: dict[str, Variant]) -> None:
    account.create(main=instances())
    account.scalable_targets.add("endpoint/digits/variant/main")
    with pytest.raises(ClientError, match="must be deregistered as scalable targets with AWS Auto Scaling"):
        account.update(variants)
    account.scalable_targets.clear()
    assert account.update(variants)["EndpointStatus"] == "InService"


def test_keeps_weights_and_counts_where_asked_to(account: Account) -> None:
    before, after = instances(2, InitialVariantWeight=1.0), instances(3, InitialVariantWeight=5.0)
    account.create(main=before)

    def read(**request: Any) -> tuple[float, int]:
        (variant,) = account.update({"main": after}, **request)["ProductionVariants"]
        return variant["CurrentWeight"], variant["CurrentInstanceCount"]

    excluded = [{"VariantPropertyType": "DesiredWeight"}]
    assert read(RetainAllVariantProperties=True) == (1.0, 2)
    assert read(RetainAllVariantProperties=True, ExcludeRetainedVariantProperties=excluded) == (5.0, 2)
    assert read() == (5.0, 3)


def test_changes_and_deletes_nothing_while_an_endpoint_changes(account: Account) -> None:
    account.create(main=instances())
    account.local.control_plane.find_endpoint("digits").status = "Updating"
    for call in (
        lambda: account.sagemaker.delete_endpoint(EndpointName="digits"),
        lambda: account.sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="config-1"),
        lambda: account.sagemaker.update_endpoint_weights_and_capacities(EndpointName="digits", DesiredWeightsAndCapacities=[WEIGHT]),
    ):
        with pytest.raises(ClientError, match=r'\(ValidationException\).*Cannot update in-progress endpoint "arn:'):
            call()


def test_only_deletes_an_endpoint_that_failed(account: Account) -> None:
    account.create(main=instances())
    account.local.control_plane.find_endpoint("digits").status = "Failed"
    with pytest.raises(ClientError, match="in Failed state"):
        account.update({"main": instances()})
    account.sagemaker.delete_endpoint(EndpointName="digits")


def test_deletes_the_configuration_of_an_endpoint_that_is_in_service(account: Account) -> None:
    config = account.create(main=instances())["EndpointConfigName"]
    account.sagemaker.delete_endpoint_config(EndpointConfigName=config)  # AWS advises against it, and allows it
    assert account.invoke() == b"ok"


def test_goes_back_without_a_word_where_asked_to(account: Account) -> None:
    before = account.create(main=instances())["EndpointConfigName"]
    account.set_conditions(silent_rollback=True)
    after = account.update({"main": instances()}, DeploymentConfig=GUARDED)
    assert (after["EndpointStatus"], after["EndpointConfigName"], "FailureReason" in after) == ("InService", before, False)


def test_goes_back_where_that_was_asked_for_when_the_update_began(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def deploy_later(endpoint: Endpoint, *arguments: Any, **named: Any) -> None:
        account.set_conditions()
        deploy(endpoint, *arguments, **named)

    before, deploy = account.create(main=instances())["EndpointConfigName"], Endpoint.deploy
    account.set_conditions(silent_rollback=True)
    monkeypatch.setattr(Endpoint, "deploy", deploy_later)
    assert account.update({"main": instances()})["EndpointConfigName"] == before


def test_puts_an_event_when_a_deployment_has_ended_however_it_ended(account: Account) -> None:
    config = account.create(main=instances())["EndpointConfigName"]
    account.set_conditions(silent_rollback=True)
    account.update({"main": instances()})
    wait_until(lambda: len(account.local.events) == 2)
    for source, kind, detail in account.local.events:
        assert (source, kind) == ("aws.sagemaker", "SageMaker Endpoint State Change")
        assert (detail["EndpointName"], detail["EndpointStatus"], detail["EndpointConfigName"]) == ("digits", "IN_SERVICE", config)


def test_has_no_more_instances_than_the_account_may(account: Account) -> None:
    account.set_conditions(quotas={"ml.m5.large for endpoint usage": 3})
    account.create(main=instances(2))
    with pytest.raises(ClientError, match="ResourceLimitExceeded") as refused:
        account.create("other", main=instances(2))
    assert (
        "The account-level service limit 'ml.m5.large for endpoint usage' is 3 Instances, with current utilization of 2 Instances and a "
        "request delta of 2 Instances." in str(refused.value)
    )
    with pytest.raises(ClientError, match="current utilization of 2 Instances and a request delta of 2"):
        account.update({"main": instances(2)})  # the new fleet stands beside the old one
    account.create("third", main=instances(1))


def test_has_no_more_serverless_concurrency_than_the_account_may(account: Account) -> None:
    account.set_conditions(quotas={"Maximum total concurrency that can be allocated across all serverless endpoints": 10})
    account.create(main=SERVERLESS)
    assert account.update({"main": {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 10}}})["EndpointStatus"] == "InService"
    with pytest.raises(ClientError, match="is 10 Concurrency, with current utilization of 10 Concurrency and a request delta of 5"):
        account.create("other", main=SERVERLESS)


def test_starts_no_transform_job_where_the_account_may_run_none(account: Account) -> None:
    account.set_conditions(quotas={"ml.m5.large for transform job usage": 0})
    with pytest.raises(ClientError, match=r"'ml\.m5\.large for transform job usage' is 0 Instances"):
        account.sagemaker.create_transform_job(
            TransformJobName="job",
            ModelName="model",
            TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in/"}}},
            TransformOutput={"S3OutputPath": "s3://b/out/"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
    assert account.sagemaker.list_transform_jobs()["TransformJobSummaries"] == []


MB = 1 << 20


@pytest.mark.parametrize(
    ("variant", "limit", "code", "words"),
    [
        (SERVERLESS, 4 * MB, "ValidationError", "has oversize body"),
        (instances(), 25 * MB, "413", f"HTTP content length exceeded {25 * MB} bytes"),
    ],
    ids=["serverless", "instances"],
)
def test_takes_and_answers_no_more_than_its_kind_may(account: Account, variant: Variant, limit: int, code: str, words: str) -> None:
    account.create(main=variant)
    main = account.local.control_plane.find_endpoint("digits").fleets.blue["main"]
    main.require_request_size(limit)
    main.require_response_size(limit, "digits")
    with pytest.raises(SageMakerError, match=words) as refused:
        main.require_request_size(limit + 1)
    assert refused.value.code == code
    with pytest.raises(SageMakerError, match="Response payload size exceeded"):
        main.require_response_size(limit + 1, "digits")


def test_says_so_to_who_sends_or_gets_too_much(account: Account) -> None:
    account.create(main=SERVERLESS)
    (server,) = account.local.servers
    with pytest.raises(ClientError, match=r"\(ValidationError\).*has oversize body"):
        account.invoke(bytes(4 * MB + 1))
    assert server.invoked == 0
    server.response = FakeResponse(data=bytes(4 * MB + 1))
    with pytest.raises(ClientError, match=r"\(ModelError\).*Response payload size exceeded"):
        account.invoke()


def test_says_what_is_wrong_with_its_conditions_and_keeps_those_before(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    account.set_conditions(quotas={"ml.m5.large for transform job usage": 0}, speed=9)
    account.create(main=instances())
    assert "expected an object with cold_start_s, idle_s, lost_events, quotas, silent_rollback; got ['speed']" in caplog.text
