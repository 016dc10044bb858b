"""Where a harness can lie in silence: a server that answers wrongly, refuses, or mixes up a batch is not faster, and its figures say so."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from benchmarks.harness import ROOT
from benchmarks.server import contenders, wrk
from benchmarks.server.compare import MODELS, keep, note_fault, start_all
from benchmarks.server.contenders import CONTENDERS, INFERSTACK
from benchmarks.server.process import Server, ServerFault
from benchmarks.server.questions import FORMS, Asker
from benchmarks.server.tables import format_overview, format_scene, summarize_rounds, write_tables
from benchmarks.server.wrk import load_with_wrk


@pytest.fixture(scope="module")
def asker() -> Asker:
    return Asker(MODELS["linear"])


def say(values: Sequence[float]) -> bytes:
    """What our server says of a regression."""
    return json.dumps({"predictions": [{"value": value} for value in values]}).encode()


def test_a_right_answer_has_no_fault(asker: Asker) -> None:
    question = asker.ask(asker.draw(2), "npy")
    assert not question.describe_fault(say(question.expected.ravel().tolist()))


def test_an_answer_may_differ_in_its_last_digits(asker: Asker) -> None:
    question = asker.ask(asker.draw(2), "npy")
    assert not question.describe_fault(say((question.expected.ravel() * (1 + 1e-6)).tolist()))


def test_a_wrong_number_is_a_fault(asker: Asker) -> None:
    question = asker.ask(asker.draw(2), "npy")
    assert "expected" in question.describe_fault(say((question.expected.ravel() * 1.01).tolist()))


def test_answers_in_another_order_are_a_fault(asker: Asker) -> None:
    question = asker.ask(asker.draw(2), "npy")
    assert "expected" in question.describe_fault(say(question.expected.ravel()[::-1].tolist()))


def test_an_answer_too_few_is_a_fault(asker: Asker) -> None:
    question = asker.ask(asker.draw(2), "npy")
    assert "expected [2, 1]" in question.describe_fault(say(question.expected.ravel()[:1].tolist()))


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"predictions": []}', b'{"predictions": [{}]}', b"<html>", b'{"error": {"code": "x"}}'])
def test_what_is_no_answer_is_a_fault(asker: Asker, answer: bytes) -> None:
    assert asker.ask(asker.draw(1), "json").describe_fault(answer)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_tells_the_same_instances(asker: Asker, form: str) -> None:
    instances = np.array([[2.5], [4.0]], np.float32)
    question = asker.ask(instances, form)
    assert question.expected == pytest.approx(asker.engine.predict(instances).reshape(2, 1))
    if form == "v2 binary":
        assert question.body.endswith(instances.tobytes())
    elif form != "npy":
        assert b"2.5" in question.body
        assert b"4.0" in question.body


def test_a_wrong_server_cannot_be_measured(asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server("peer", [], 1, {}, tmp_path / "log")
    questions = [asker.ask(asker.draw(1), "npy") for _ in range(3)]
    answers = iter([questions[0].expected, questions[0].expected, questions[2].expected])  # the second gets the first's
    monkeypatch.setattr(server, "_find_fault", lambda question: question.describe_fault(say(next(answers).ravel().tolist())))
    with pytest.raises(ServerFault, match="peer: the answer is"):
        server.check(questions)


def test_refused_and_broken_requests_are_errors_and_no_answers(asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = 'FIGURES {"requests":1000,"duration_us":1000000,"p50_us":1,"p99_us":2,"max_us":3,"refused":900,"broken":7}\n'
    monkeypatch.setattr(wrk.subprocess, "run", lambda *_, **__: CompletedProcess([], 0, stdout=said))
    server = Server("peer", [], 1, {}, tmp_path / "log")
    monkeypatch.setattr(server, "measure_cpu_s", lambda: 0.0)
    figures = load_with_wrk(server, asker.ask(asker.draw(1), "npy"), 8, 1)
    assert (figures["requests_s"], figures["errors"]) == (100, 907)


def test_a_peer_is_told_by_name_when_it_is_not_measured() -> None:
    faults: dict[str, str] = {}
    note_fault(faults, "Triton", ServerFault("Triton: it has not answered. The end of its log:\nno such library"))
    told = format_scene("cnn, 1", build_scene({INFERSTACK: 9}, faults))
    assert "- Not measured: Triton: Triton: it has not answered" in told
    assert "no such library" not in told


def build_scene(rates: Mapping[str, float], faults: Mapping[str, str] = {}) -> dict[str, object]:
    rounds = {name: [dict.fromkeys(("requests_s", "requests_core_s", "p50_ms", "p99_ms", "errors"), rate)] for name, rate in rates.items()}
    summary = {name: {"1": summarize_rounds(each)} for name, each in rounds.items()}
    return {"servers": {}, "faults": dict(faults), "model_core_s": [1.0], "summary": summary}


def test_the_best_peer_is_compared_and_not_ourselves_nor_the_limit() -> None:
    scene = build_scene({INFERSTACK: 30, "Inferstack, JSON": 25, "FastAPI, raw": 10, "BentoML": 5, "HTTP alone": 90})
    assert "| cnn | 2 | 1 | 30 | FastAPI, raw 10 | 3.0 | 3.0 |" in format_overview({"cnn, 2": scene})


def test_tables_are_written_between_their_marks_only(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- servers -->\nold\n<!-- /servers -->\nafter\n")
    write_tables(page, [{"scenes": {"cnn, 1": build_scene({INFERSTACK: 2, "BentoML": 1})}}], overview=True)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "BentoML 1" in text


def test_one_overview_has_the_scenes_of_all_records_and_the_last_of_each(tmp_path: Path) -> None:
    first = {"scenes": {"cnn, 1": build_scene({INFERSTACK: 2, "BentoML": 1}), "tree, 1": build_scene({INFERSTACK: 9, "BentoML": 3})}}
    write_tables(tmp_path / "README.md", [first, {"scenes": {"cnn, 1": build_scene({INFERSTACK: 8, "LitServe": 4})}}], overview=True)
    lines = [line for line in (tmp_path / "README.md").read_text().splitlines() if line.startswith("| ")]
    assert [line.split(" | ")[4] for line in lines[1:]] == ["LitServe 4", "BentoML 3"]


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(ValueError, match="has no <!-- servers -->"):
        write_tables(tmp_path / "README.md", [])


def test_each_peers_file_names_its_documentation() -> None:
    for path in ROOT.glob("benchmarks/peers/*.py"):
        if path.stem not in ("model", "constant"):
            assert "https://" in path.read_text().split('"""')[1], path


def test_a_run_that_is_stopped_has_written_what_it_measured(tmp_path: Path) -> None:
    machine = {"date": "today", "cores": 2, "cpu": "any", "kernel": "1", "commit": "abc", "command": "python -m benchmarks.server.compare"}
    scenes = {"cnn, 1": build_scene({INFERSTACK: 2, "BentoML": 1})}
    record = {"machine": machine, "rounds": 1, "seconds": 1.0, "versions": {}, "missing": ["Triton"], "scenes": scenes, "bodies": {}}
    keep(tmp_path / "record.json", record)
    assert json.loads((tmp_path / "record.json").read_text())["scenes"]
    assert "Not installed: Triton" in (tmp_path / "record.md").read_text()


def test_a_server_is_stopped_where_its_start_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(contenders, "find_free_port", lambda: 20000)
    monkeypatch.setattr(Server, "start", lambda *_: sys.exit("stopped"))
    monkeypatch.setattr(Server, "stop", lambda server: stopped.append(server.name))
    with pytest.raises(SystemExit), start_all("linear", 1, CONTENDERS[:1], {}):
        pass
    assert stopped == [INFERSTACK]


def test_each_contender_has_a_form_that_is_known() -> None:
    assert all(set(contender.forms) <= set(FORMS) for contender in CONTENDERS)
