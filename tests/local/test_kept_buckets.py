"""What a run that was stopped on its way leaves: the emulator's own functions in its own environment, without a stack."""

import subprocess

from deployment.paths import EMULATOR_PYTHON, ROOT

CREATED_AND_IN_NO_OUTPUT = """
import sys
sys.path[:0] = [".", "lambda"]
from ministack.core.responses import request_scope
from ministack.services.cloudformation import provisioners
from emulator.kept import KeptBucket, KeptState
from emulator.ministack import kept_buckets

state = KeptState({"Web/Results": KeptBucket("results", [])})
kept_buckets.fill_buckets(state)
with request_scope("000000000000", "us-east-1"):
    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["create"]("Results", {}, "Web")
print(sorted(kept_buckets.collect_buckets(state.buckets)))
"""


def test_loses_nothing_of_the_run_before_where_a_run_is_stopped_on_its_way() -> None:
    """Stacks name their buckets in outputs only once they are whole."""
    command = [EMULATOR_PYTHON, "-c", CREATED_AND_IN_NO_OUTPUT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "['Web/Results']"
