import sys

import pytest
from rich.console import Console

from cli import steps
from cli.steps import StepLines


def test_says_in_a_pipe_what_is_going_on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "err", Console(file=sys.stdout, force_terminal=False))
    with steps.show_steps() as tell:
        tell("bundle the functions", "…")
    assert capsys.readouterr().out == "bundle the functions …\n"


def test_tells_of_each_step_and_of_a_long_one_now_and_then() -> None:
    lines: list[str] = []
    clock = iter([0.0, 2.0, 2.0, 3.0, 9.0, 10.0, 12.4])
    tell = StepLines(lines.append, lambda: next(clock))
    event = "Inferstack-local-Web | {}/30 | 11:20:11 AM | CREATE_COMPLETE | AWS::S3::Bucket | Page/Bucket (PageBucket1)"
    for step, what in [
        ("bootstrap", "…"),
        ("bootstrap", ""),
        ("deploy", "…"),
        *[("deploy", event.format(at)) for at in (3, 9, 12)],
        ("deploy", ""),
    ]:
        tell(step, what)
    assert lines == [
        "bootstrap …",
        "bootstrap: done in 2 s",
        "deploy …",
        "deploy: Inferstack-local-Web, 9 of 30 resources",
        "deploy: done in 10 s",
    ]
