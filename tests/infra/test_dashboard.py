"""The operator's page of figures, and what the pages for operators say of the alarms."""

import json
import re
from pathlib import Path
from typing import Any

from scale.bill import list_lines
from scale.load import Load
from scale.ways import find_way
from tests.routes import list_routes


def graphs(stage: Any) -> dict[str, dict[str, Any]]:
    """Return the dashboard's graphs by title; what is known only when deployed is REF."""
    parts = stage.one("AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else "REF" for part in parts))
    return {widget["properties"]["title"]: widget for widget in body["widgets"]}


def lines(graph: dict[str, Any]) -> set[str]:
    return {metric[-1]["label"] for metric in graph["properties"]["metrics"]}


def test_shows_each_variant_and_the_shadow_beside_the_others(synthesize: Any) -> None:
    shown = graphs(synthesize("dev", endpoint_kind="cpu", variants="champion:2", shadow="challenger:0.25:models/digits/new.tar.gz"))
    assert lines(shown["Invocations a minute, by variant"]) == {"champion", "challenger"}
    assert lines(shown["Failed invocations (5XX) a minute, by variant"]) == {"champion", "challenger"}
    assert lines(shown["Model latency in µs, by variant"]) == {f"{name} {p}" for name in ("champion", "challenger") for p in ("p50", "p99")}


def test_asks_for_figures_by_the_names_aws_gives_them(stage: Any) -> None:
    metrics = [metric for graph in graphs(stage).values() for metric in graph["properties"]["metrics"]]
    assert {(metric[0], metric[1]) for metric in metrics} == {
        *(("AWS/SageMaker", name) for name in ("Invocations", "Invocation5XXErrors", "ModelLatency")),
        *(("AWS/ApiGateway", name) for name in ("Count", "4xx", "5xx", "Latency")),
        *(("AWS/SQS", name) for name in ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage")),
        ("AWS/Lambda", "Errors"),
    }
    endpoints = {tuple(metric[2:-1]) for metric in metrics if metric[0] == "AWS/SageMaker"}
    assert endpoints == {("EndpointName", stage.settings.endpoint_name, "VariantName", "AllTraffic")}


def test_watches_every_function_that_people_wait_for(stage: Any) -> None:
    assert lines(graphs(stage)["Function crashes a minute"]) == {*list_routes().values(), "process_upload"}


def test_has_a_name_of_its_own_in_each_region(stage: Any) -> None:
    name = json.dumps(stage.one("AWS::CloudWatch::Dashboard")["DashboardName"])
    assert stage.settings.name in name
    assert "AWS::Region" in name


def test_leaves_no_gap_and_overlaps_nothing(stage: Any) -> None:
    rows: dict[int, int] = {}
    for widget in graphs(stage).values():
        assert widget["x"] == rows.get(widget["y"], 0)
        rows[widget["y"]] = widget["x"] + widget["width"]
    assert set(rows.values()) == {24}


def test_the_bill_counts_as_many_alarms_as_the_stage_has(synthesize: Any) -> None:
    stage = synthesize("dev")
    (billed,) = [line.units for line in list_lines(find_way(stage.settings, "serverless"), Load(), stage.settings) if line.what == "alarms"]
    assert len(stage.properties("AWS::CloudWatch::Alarm")) == billed


def test_operators_read_what_each_alarm_means_and_of_no_other(synthesize: Any) -> None:
    """A variant's alarms are called after it, so the page has their ends, after `…`."""
    stage = synthesize("dev")
    variants = "|".join(each.name for each in stage.settings.variants)
    raised = {re.sub(f"^({variants})", "…", each["AlarmName"].rpartition("-")[2]) for each in stage.properties("AWS::CloudWatch::Alarm")}
    page = "".join(path.read_text() for path in (Path(__file__).resolve().parents[2] / "docs").glob("*.md"))
    tables = re.findall(r"^\| alarm \| means \| do \|\n.*\n((?:\|.*\n)+)", page, re.MULTILINE)
    told = [name for table in tables for row in table.splitlines() for name in re.findall(r"`(…?[A-Z]\w+)`", row.split("|")[1])]
    assert sorted(told) == sorted(raised)
