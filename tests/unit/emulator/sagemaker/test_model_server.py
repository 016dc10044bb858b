import json

import pytest

from emulator.sagemaker.models.server import find_last_message

LOADING = json.dumps({"level": "INFO", "message": "inference runs on cpu"})
FAILED = json.dumps({"level": "ERROR", "message": "the model takes 1 at a time", "advice": "Export it anew."})


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("", ""),
        (f"{LOADING}\n", "Its last message: inference runs on cpu"),
        (f"{LOADING}\n{FAILED}\n{LOADING}\n", "Its last message: the model takes 1 at a time. Export it anew."),
        (f"{LOADING}\nSegmentation fault\n", "Its last message: Segmentation fault"),
        (f"{LOADING}\n[1]\n", "Its last message: [1]"),
    ],
)
def test_finds_why_a_server_ended_and_what_to_do(log: str, said: str) -> None:
    assert find_last_message(log) == said
