"""An endpoint with a shadow, through boto3's own clients: the caller's answers are the variant's, whatever the shadow does."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.emulator.sagemaker.local_sagemaker import ROLE, FakeResponse, FakeServer, LocalSageMaker, wait_until

INSTANCES = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


def answer(label: int, status: int = 200) -> FakeResponse:
    return FakeResponse(status, json.dumps({"predictions": [{"label": label}]}).encode())


class ShadowedEndpoint:
    """An endpoint whose variant "main" has a shadow that gets every request."""

    def __init__(self, folder: Path, *, share: float = 1.0) -> None:
        self.local = LocalSageMaker(folder)
        self.sagemaker, self.runtime = self.local.client, self.local.runtime
        self.configure("first", share=share)
        self.sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="first")
        wait_until(lambda: self.describe()["EndpointStatus"] == "InService")
        self.main.response, self.shadow.response = answer(7), answer(7)

    def configure(self, name: str, **more: Any) -> None:
        for model in ("main", "shadow"):
            container = {"Image": "inferstack/serving", "ModelDataUrl": f"s3://b/{model}.tar.gz"}
            self.sagemaker.create_model(ModelName=f"{name}-{model}", ExecutionRoleArn=ROLE, PrimaryContainer=container)
        share = more.pop("share", 1.0)
        variants = {
            key: [{"VariantName": model, "ModelName": f"{name}-{model}", "InitialVariantWeight": weight, **INSTANCES}]
            for key, model, weight in (("ProductionVariants", "main", 2.0), ("ShadowProductionVariants", "shadow", 2.0 * share))
        }
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, **{**variants, **more})

    @property
    def main(self) -> FakeServer:
        return self._of("main")

    @property
    def shadow(self) -> FakeServer:
        return self._of("shadow")

    def _of(self, name: str) -> FakeServer:
        return next(server for server in reversed(self.local.servers) if f"-{name}-" in server.name)

    def describe(self) -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName="digits")
        return found

    def invoke(self, **more: Any) -> tuple[str, int]:
        found = self.runtime.invoke_endpoint(EndpointName="digits", Body=b"x", ContentType="application/x-npy", **more)
        return found["InvokedProductionVariant"], json.load(found["Body"])["predictions"][0]["label"]

    def tally(self) -> Any:
        return self.local.control_plane.find_endpoint("digits").traffic.shadows.tally("digits: shadow")


@pytest.fixture
def shadowed(tmp_path: Path) -> ShadowedEndpoint:
    return ShadowedEndpoint(tmp_path)


def test_answers_as_the_variant_and_compares_the_shadow(shadowed: ShadowedEndpoint) -> None:
    shadowed.shadow.response = answer(1)
    assert [shadowed.invoke() for _ in range(3)] == [("main", 7)] * 3
    wait_until(lambda: shadowed.tally().copied == 3)
    assert (shadowed.tally().agreed, shadowed.tally().predictions, shadowed.shadow.invoked) == (0, 3, 3)


def test_tells_of_the_shadow_apart(shadowed: ShadowedEndpoint) -> None:
    endpoint = shadowed.describe()
    names = [[variant["VariantName"] for variant in endpoint[key]] for key in ("ProductionVariants", "ShadowProductionVariants")]
    assert names == [["main"], ["shadow"]]


def test_lets_nobody_ask_the_shadow_itself(shadowed: ShadowedEndpoint) -> None:
    with pytest.raises(ClientError, match="Variant shadow not found"):
        shadowed.invoke(TargetVariant="shadow")


def test_copies_the_share_that_the_weights_say(tmp_path: Path) -> None:
    shadowed = ShadowedEndpoint(tmp_path, share=0.25)
    for _ in range(100):
        shadowed.invoke()
    wait_until(lambda: shadowed.tally().copied == shadowed.shadow.invoked > 0)
    assert 8 < shadowed.shadow.invoked < 45


def test_does_not_wait_for_a_shadow_that_hangs(shadowed: ShadowedEndpoint) -> None:
    release = threading.Event()
    shadowed.shadow.before = lambda: require(release.wait(10))
    assert [shadowed.invoke() for _ in range(60)] == [("main", 7)] * 60
    assert shadowed.tally().left_out > 0
    release.set()
    wait_until(lambda: shadowed.tally().copied + shadowed.tally().left_out == 60)


def test_does_not_fail_with_a_shadow_that_fails(shadowed: ShadowedEndpoint) -> None:
    shadowed.shadow.response = answer(7, 500)
    assert shadowed.invoke() == ("main", 7)
    wait_until(lambda: shadowed.tally().failed == 1)


def test_copies_no_request_that_failed(shadowed: ShadowedEndpoint) -> None:
    shadowed.main.response = answer(7, 500)
    with pytest.raises(ClientError):
        shadowed.invoke()
    shadowed.main.response = answer(7)
    shadowed.invoke()
    wait_until(lambda: shadowed.tally().copied == 1)
    assert shadowed.shadow.invoked == 1


def test_lets_a_copy_end_before_its_shadow_is_replaced(shadowed: ShadowedEndpoint) -> None:
    release, old = threading.Event(), shadowed.shadow
    old.before = lambda: require(release.wait(10))
    shadowed.invoke()
    wait_until(lambda: old.in_flight == 1)
    shadowed.configure("second")
    shadowed.sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="second")
    wait_until(lambda: shadowed.describe()["EndpointStatus"] == "InService")
    assert not old.stopped
    release.set()
    wait_until(lambda: old.stopped)
    assert shadowed.shadow is not old


@pytest.mark.parametrize("kind", ["ProductionVariants", "ShadowProductionVariants"])
def test_takes_one_shadow_beside_one_variant(shadowed: ShadowedEndpoint, kind: str) -> None:
    two = [{"VariantName": name, "ModelName": "first-main", "InitialVariantWeight": 1.0, **INSTANCES} for name in "ab"]
    with pytest.raises(ClientError, match="takes one variant, beside one"):
        shadowed.configure("other", **{kind: two})


def require(true: bool) -> None:
    assert true
