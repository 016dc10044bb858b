"""What SageMaker's own SDK says, asked in the environment it needs for itself."""

import json
import subprocess
from dataclasses import asdict
from typing import Any

from deployment.paths import ROOT
from recipes.recipe import Recipe
from tests.infra.any_pipeline import PLACE, RECIPE, SETTINGS

PYTHON = ROOT / ".venvs/sdk/bin/python"
# No credentials, no network, and no configuration of whoever runs the tests.
ENVIRONMENT = {
    **{"SAGEMAKER_VALIDATE_ROLE": "false", "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1"},
    **dict.fromkeys(("HOME", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), "/nowhere"),
}
READ = (
    *("stage", "endpoint_name", "training_instance_type", "training_gpu_instance_type", "training_timeout_s"),
    *("endpoint_instance_type", "batch_instance_type", "log_level"),
)


def ask() -> dict[str, Any]:
    """Return the images of every region and the definition of RECIPE with SETTINGS at PLACE: what tests/sdk/generate.py prints."""
    assert PYTHON.exists(), "the SDK's environment is missing: make test-sdk"
    told = {"recipe": _plain(RECIPE), "settings": {name: getattr(SETTINGS, name) for name in READ}, "place": asdict(PLACE)}
    command = [PYTHON, ROOT / "tests/sdk/generate.py"]
    ran = subprocess.run(command, input=json.dumps(told), env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))


def _plain(recipe: Recipe) -> dict[str, Any]:
    candidates = [candidate._asdict() for candidate in recipe.candidates]
    return {**{name: getattr(recipe, name) for name in ("name", "title", "metric", "threshold", "test_share")}, "candidates": candidates}
