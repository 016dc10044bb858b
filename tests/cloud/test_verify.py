"""The acceptance test of a stage that is deployed in AWS: `INFERSTACK_CLOUD_STAGE=dev pytest -m cloud`, with an operator's credentials.

It is deselected unless it is asked for. INFERSTACK_CLOUD_ROLLOUT=1 also rolls a version out and back, which takes many minutes.
"""

import os

import pytest

from cli.commands.verify import verify_stage
from cli.services import Services

HOURS_S = 3 * 3600


@pytest.mark.cloud
@pytest.mark.timeout(HOURS_S)
def test_proves_that_the_deployment_works() -> None:
    stage = os.environ.get("INFERSTACK_CLOUD_STAGE", "")
    assert stage, "name the stage: INFERSTACK_CLOUD_STAGE=dev"
    results = verify_stage(stage, Services(), with_rollout=bool(os.environ.get("INFERSTACK_CLOUD_ROLLOUT")))
    assert [each for each in results if each.status == "failed"] == []
    assert sum(each.status == "passed" for each in results) > len(results) / 2
