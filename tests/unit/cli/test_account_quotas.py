"""What a stage needs of an account, against the quotas that a new account has."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.account.quotas import Quota, ServiceQuotas, judge_memory, judge_quota, list_needs
from cli.stage.aws import AwsFailed
from deployment.quotas import BUILDS, CODES, FUNCTIONS, SERVERLESS
from deployment.stages import settings_for
from recipes.recipe import load
from tests.new_account import NewAccountQuotas


def judge_all(client: Any, stage: str = "prod", **settings: Any) -> dict[str, tuple[bool, str, str]]:
    quotas = ServiceQuotas(client)
    findings = [judge_quota(need, quotas.find(need.service, need.name)) for need in list_needs(settings_for(stage, **settings))]
    return {finding.name.partition(": ")[2]: (finding.ok, finding.found, finding.fix) for finding in findings}


def test_names_what_a_new_account_lacks_and_what_to_request() -> None:
    found = judge_all(NewAccountQuotas(), serverless_concurrency=20)
    assert {name for name, (ok, *_) in found.items() if not ok} == {
        SERVERLESS,
        FUNCTIONS,
        "ml.m5.large for transform job usage",
        "ml.m5.xlarge for processing job usage",
        "ml.m5.xlarge for spot training job usage",
    }
    ok, what, fix = found[SERVERLESS]
    assert (ok, what) == (False, "10, 20 needed (L-96300102)")
    request = "aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-96300102 --desired-value 20"
    assert request in fix
    assert "serverless_concurrency" in fix


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_needs_no_increase_of_a_new_account_to_serve(stage: str) -> None:
    found = judge_all(NewAccountQuotas(), stage)
    assert [found[name][0] for name in (SERVERLESS, FUNCTIONS, BUILDS)] == [True, True, True]


def test_reserves_concurrency_only_in_an_account_that_keeps_a_hundred_for_others() -> None:
    ok, what, fix = judge_all(NewAccountQuotas(), "dev", reserved_concurrency=5)[FUNCTIONS]
    assert (ok, what) == (False, "10, 107 needed (L-B99A9384)")
    assert "-c reserved_concurrency=0" in fix


def test_counts_both_fleets_of_a_rollout_and_every_candidate() -> None:
    needs = {need.name: need.amount for need in list_needs(settings_for("prod", endpoint_kind="cpu", instances_max=6, training_spot=False))}
    assert needs["ml.c7i.large for endpoint usage"] == 12
    assert needs["ml.m5.xlarge for training job usage"] == 3
    assert SERVERLESS not in needs


def test_counts_the_endpoints_of_all_recipes() -> None:
    found = judge_all(NewAccountQuotas(), "dev", recipes="digits,salary,stop_search")
    assert found[SERVERLESS][:2] == (False, "10, 15 needed (L-96300102)")
    needs = {need.name: need.amount for need in list_needs(settings_for("dev", recipes="digits,salary", endpoint_kind="cpu"))}
    alone = {need.name: need.amount for need in list_needs(settings_for("dev", recipe="salary", endpoint_kind="cpu"))}
    assert needs["ml.c7i.large for endpoint usage"] == 2 * alone["ml.c7i.large for endpoint usage"]
    most = max(needs[name] for name in needs if "training job" in name)
    assert most == len(load("salary").candidates)


def test_asks_for_no_more_than_the_settings_use() -> None:
    names = {need.name for need in list_needs(settings_for("dev"))}
    assert not [name for name in names if "notebook" in name or "ml.g4dn" in name]
    assert "ml.t3.medium for notebook instance usage" in {need.name for need in list_needs(settings_for("dev", notebook=True))}


def test_finds_a_quota_without_a_known_code_by_its_name() -> None:
    client = NewAccountQuotas()
    assert ServiceQuotas(client).find("sagemaker", "ml.c7i.large for endpoint usage") == Quota("L-0000C71A", 0)
    assert client.lists == 1


def test_lists_a_service_once_and_asks_for_known_codes_one_by_one() -> None:
    client = NewAccountQuotas()
    judge_all(client, endpoint_kind="cpu", notebook=True)
    assert client.lists == 2  # SageMaker's and CodeBuild's


def test_trusts_no_code_whose_quota_has_another_name() -> None:
    client = NewAccountQuotas()
    client.quotas["sagemaker"] = {"Other": ("L-96300102", 500.0), SERVERLESS: ("L-NEW", 10.0)}
    assert ServiceQuotas(client).find("sagemaker", SERVERLESS) == Quota("L-NEW", 10)


def test_says_so_where_the_region_has_no_such_quota() -> None:
    ok, found, _ = judge_all(NewAccountQuotas(), endpoint_kind="cpu", instance_type="ml.c99.large")["ml.c99.large for endpoint usage"]
    assert (ok, found) == (False, "the region lists none of this name")
    without_serverless = NewAccountQuotas()
    del without_serverless.quotas["sagemaker"][SERVERLESS]
    ok, _, fix = judge_all(without_serverless, "dev")[SERVERLESS]
    assert (ok, "-c endpoint_kind=cpu" in fix) == (False, True)


def test_passes_a_denial_on() -> None:
    class Denying(NewAccountQuotas):
        def get_service_quota(self, **_: str) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetServiceQuota")

    with pytest.raises(AwsFailed, match="AccessDenied"):
        ServiceQuotas(Denying()).find("lambda", FUNCTIONS)


def test_knows_codes_as_service_quotas_writes_them() -> None:
    assert all(len(code) == 10 and code.startswith("L-") for code in CODES.values())


@pytest.mark.parametrize(
    ("functions", "settings", "ok", "told"),
    [
        (Quota("L-B99A9384", 10), {}, True, "1769 MB at most"),
        (Quota("L-B99A9384", 10), {"upload_memory_mb": 3008}, True, "3008 MB"),
        (Quota("L-B99A9384", 10), {"upload_memory_mb": 3009}, False, "upload_memory_mb is 3009"),
        (Quota("L-B99A9384", 10), {"function_memory_mb": 4096}, False, "function_memory_mb is 4096"),
        (Quota("L-B99A9384", 1000), {"upload_memory_mb": 3538}, True, "3538 MB at most"),
        (None, {"upload_memory_mb": 3538}, True, "3538 MB at most"),
    ],
)
def test_gives_functions_no_more_memory_than_a_new_account_has(
    functions: Quota | None, settings: dict[str, Any], ok: bool, told: str
) -> None:
    finding = judge_memory(settings_for("dev", **settings), functions)
    assert (finding.ok, "=3008, or ask AWS Support" in finding.fix) == (ok, not ok)
    assert told in finding.found
