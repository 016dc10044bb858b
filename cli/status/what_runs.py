"""What GET /status tells an operator, in the words of a terminal: endpoint, model, queue, alarms and the newest jobs."""

from collections.abc import Mapping
from typing import Any

from cli.ages import format_age, format_duration
from cli.api.answers import STATUS
from cli.api.client import Api
from cli.console import out, print_facts, print_table
from cli.http.client import CallFailed
from functions.status.interface import OPERATORS

JOBS_SHOWN = 5
NAMES = {"models": "model"}
SHIPPED = "the deployment's own model"
Part = Mapping[str, Any]


def read_what_runs(api: Api) -> dict[str, Any]:
    """Return GET /status's answer, or an `error` and `advice` where there is none: the addresses are worth showing without it."""
    try:
        status: dict[str, Any] = api.call("GET", "/status", STATUS)
    except CallFailed as failure:
        return {"error": str(failure), "advice": failure.advice}
    return status


def print_what_runs(status: Mapping[str, Any]) -> None:
    """Print an answer of `read_what_runs`."""
    if "error" in status:
        out.print(f"\nwhat runs is not told: {status['error']}", soft_wrap=True, markup=False)
        if status["advice"]:
            out.print(f"  {status['advice']}", soft_wrap=True, markup=False)
        return
    out.print("\nwhat runs\n")
    print_facts(describe_parts(status))
    raised = [each for each in (status["alarms"] or {}).get("alarms", []) if each["state"] == "ALARM"]
    if raised:
        out.print()
        print_table([{"raised": each["name"], "for": format_age(each["since"]), "means": each["description"]} for each in raised])
    if jobs := (status["jobs"] or {}).get("newest", [])[:JOBS_SHOWN]:
        out.print()
        print_table([_build_row(job) for job in jobs])


def describe_parts(status: Mapping[str, Any]) -> dict[str, str]:
    """Return each part in a sentence, by its name; one that could not be read says why."""
    sentences = {
        "endpoint": describe_endpoint,
        "models": describe_models,
        "uploads": lambda part: describe_uploads(part, status["stage"]),
        "alarms": describe_alarms,
        "jobs": describe_jobs,
    }
    why = {each["part"]: f"not known: {each['detail']}" for each in status["unread"]}
    return {
        NAMES.get(name, name): why.get(name) or (sentence(status[name]) if status[name] else "not known")
        for name, sentence in sentences.items()
    }


def describe_endpoint(endpoint: Part) -> str:
    """Return the endpoint's state in SageMaker's word, why it failed, what it runs on, and since when."""
    reason = f": {endpoint['reason']}" if endpoint["reason"] else ""
    runs_on = [endpoint["kind"], *(_describe_variant(each, endpoint["variants"]) for each in endpoint["variants"])]
    return f"{endpoint['state']}{reason}; {', '.join(runs_on)}; deployed {format_age(endpoint['deployed_at'])} ago"


def describe_models(models: Part) -> str:
    """Return what serves, and how that stands to the newest approved version."""
    variants, approved = models["variants"], models["approved"]
    if len(variants) == 1:
        serving = f"{_name_version(variants[0]['version'])} serves"
    else:
        serving = ", ".join(f"{each['name']} serves {_name_version(each['version'])}" for each in variants)
    if not approved:
        newest = "no version is approved"
    else:
        why = f', "{approved["why"]}"' if approved["why"] else ""
        newest = f"the newest approved is version {approved['version']}, {format_age(approved['approved_at'])} ago{why}"
    behind = "" if models["is_newest"] else "; a rollout is under way, or was rolled back"
    return f"{serving}; {newest}{behind}"


def describe_uploads(uploads: Part, stage: str) -> str:
    """Return how many uploads wait and are worked on, and what failed for good with the command that shows it."""
    oldest = "" if uploads["oldest_s"] is None else f", the oldest for {format_duration(uploads['oldest_s'])}"
    dead = f"{uploads['dead_letters']} failed for good: `inferstack jobs dead --stage {stage}`" if uploads["dead_letters"] else ""
    waiting = f"{uploads['waiting']} waiting{oldest}" if uploads["waiting"] else "none waits"
    busy = f"{uploads['in_progress']} being worked on" if uploads["in_progress"] else ""
    return "; ".join(filter(None, [waiting, busy, dead or "none has failed for good"]))


def describe_alarms(alarms: Part) -> str:
    """Return how many alarms are raised, of how many, and which CloudWatch does not know."""
    states = [each["state"] for each in alarms["alarms"]]
    missing = f"; CloudWatch does not know {', '.join(alarms['missing'])}" if alarms["missing"] else ""
    return f"{states.count('ALARM') or 'none'} of {len(states)} raised{missing}"


def describe_jobs(jobs: Part) -> str:
    """Return how many of the newest are shown below."""
    shown = min(len(jobs["newest"]), JOBS_SHOWN)
    more = "" if jobs["is_complete"] else "; there are too many callers or dropped files to look at all of them"
    return f"the newest {shown}, of all callers{more}:" if shown else f"none yet{more}"


def explain_missing_token(stage: str) -> dict[str, str]:
    """Return, as `read_what_runs` does, that what runs is told to operators, where users sign in and no token was passed."""
    call = f"INFERSTACK_TOKEN=$(inferstack token --stage {stage} --user YOU) inferstack status --stage {stage}"
    return {"error": f"it is for members of the user pool's group {OPERATORS}", "advice": f"pass the token of one: {call}"}


def _describe_variant(variant: Part, all_: list[Part]) -> str:
    total = sum(each["weight"] for each in all_)
    share = f"{variant['name']} ({variant['weight'] / total:.0%} of the requests) " if len(all_) > 1 and total else ""
    if "instances" not in variant:
        if not {"max_at_once", "memory_mb"} <= variant.keys():
            return f"{share}a size that is not told"
        ready = f", {variant['kept_ready']} kept ready" if variant.get("kept_ready") else ""
        return f"{share}up to {variant['max_at_once']} requests at once with {variant['memory_mb'] / 1024:g} GB each{ready}"
    number, wanted = variant["instances"], variant.get("wanted_instances", variant["instances"])
    of = "" if number == wanted else f" of {wanted}"
    return f"{share}{number}{of} {'instance' if (wanted if of else number) == 1 else 'instances'}"


def _name_version(version: int | None) -> str:
    return SHIPPED if version is None else f"version {version}"


def _build_row(job: Part) -> dict[str, Any]:
    rows, failed, problem = ("" if job[name] is None else job[name] for name in ("rows", "failed", "problem"))
    known = {"job": job["id"], "state": job["state"], "rows": rows, "failed": failed}
    return {**known, "age": format_age(job["created_at"]), "from": job["source"], "problem": problem}
