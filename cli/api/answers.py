"""What the command reads of an API's answers, and the one place where an answer is held to it.

An address may be another service's, and a stage older or newer than the command. What it does not read may be anything.
"""

import json
from typing import Any

# A type, None for null, several of which one fits, a list of a shape, or the fields of an object: one with "?" may be missing, EACH is any.
Shape = Any
EACH = "*"
NUMBER, LABEL = (int, float), (str, int)
WORDS = {None: "null", str: "a text", int: "a whole number", float: "a number", bool: "true or false"}

NOTE = {"code?": str, "detail?": str}
PREDICTION = {
    **{"label?": LABEL, "value?": (*NUMBER, None), "probability?": NUMBER, "trust?": NUMBER, "verdict?": str},
    **{"line?": int, "picture?": int, "before?": str, "after?": str},
}
PREDICTIONS = {"predictions": [PREDICTION], "model": {"name": str, "version": str}, "id?": str, "notes?": [NOTE]}
FEEDBACK = {"right": int, "wrong": int}
MANIFEST = {"recipe?": str, "version?": str, "output?": {"unit?": str}}
MODELS = {"models": [{"recipe": str}]}

CONFIG = {"events": {"url?": str, "realtimeUrl?": str, "auth?": {"apiKey?": str}}}

PROBLEM = {"title?": str, "detail?": str, "advice?": str}
SCORE = {
    **{"labelled?": int, "scored?": int, "accuracy?": (*NUMBER, None), "mae?": (*NUMBER, None), "r2?": (*NUMBER, None)},
    **{"confusion?": {EACH: {EACH: int}}, "unknown_labels?": {EACH: int}},
}
SUMMARY = {
    **{"format?": str, "rows?": int, "succeeded?": int, "failed?": int, "unread_count?": int},
    **{"labels?": {EACH: int}, "verdicts?": {EACH: int}, "values?": {"min": NUMBER, "median": NUMBER, "max": NUMBER}},
    **{"predictions?": [PREDICTION], "notes?": [NOTE], "score?": SCORE},
    "reasons?": [{"code": str, "count": int, "row": int, "detail?": str}],
    "failures?": [{"row": int, "detail?": str}],
}
JOB = {
    **{"id": str, "state": str, "name?": str, "recipe?": str, "rows?": int, "failed?": int},
    **{"created_at?": str, "started_at?": (str, None), "finished_at?": str, "error?": PROBLEM, "summary?": SUMMARY},
    "results?": [{"name": str, "url": str, "size_bytes": int}],
}
NEW_JOB = {**JOB, "upload": {"url": str, "fields": {EACH: str}}}
JOBS = {"jobs": [JOB], "next?": (str, None)}

ON_INSTANCES = {"instances?": int, "wanted_instances?": int}
SERVERLESS = {"memory_mb?": int, "max_at_once?": int, "kept_ready?": int}
ENDPOINT = {
    **{"state": str, "kind": str, "reason": (str, None), "deployed_at": str},
    "variants": [{"name": str, "weight": NUMBER, **ON_INSTANCES, **SERVERLESS}],
}
SERVING = {
    "variants": [{"name": str, "version": (int, None)}],
    "approved": ({"version": int, "approved_at": str, "why": (str, None)}, None),
    "is_newest": bool,
}
RECENT_JOB = {
    **{"id": str, "state": str, "source": str, "rows": (int, None), "failed": (int, None)},
    **{"created_at": (str, None), "problem": (str, None)},
}
STATUS = {
    **{"stage": str, "unread": [{"part": str, "detail": str}]},
    "endpoint": (ENDPOINT, None),
    "models": (SERVING, None),
    "uploads": ({"waiting": int, "in_progress": int, "dead_letters": int, "oldest_s": (int, None)}, None),
    "alarms": ({"alarms": [{"name": str, "state": str, "since": str, "description": str}], "missing": [str]}, None),
    "jobs": ({"newest": [RECENT_JOB], "is_complete": bool}, None),
}


def find_mistake(answer: Any, shape: Shape, place: str = "") -> str:
    """Return the first place where an answer has another shape, what is there and what is expected; "" where there is none.

    Args:    place: of the answer in a whole one.
    """
    if isinstance(shape, dict):
        return _find_in_object(answer, shape, place)
    if isinstance(shape, list):
        if not isinstance(answer, list):
            return _describe(answer, place, "a list")
        return next(filter(None, (find_mistake(each, shape[0], f"{place}[{at}]") for at, each in enumerate(answer))), "")
    if isinstance(shape, tuple):
        first, *others = mistakes = [find_mistake(answer, each, place) for each in shape]
        return "" if "" in mistakes else " or ".join([first, *(each.rpartition("expected ")[2] for each in others)])
    is_of_type = answer is None if shape is None else isinstance(answer, shape) and (shape is bool or not isinstance(answer, bool))
    return "" if is_of_type else _describe(answer, place, WORDS[shape])  # in Python True is 1


def _find_in_object(answer: Any, shape: dict[str, Shape], place: str) -> str:
    if not isinstance(answer, dict):
        return _describe(answer, place, "an object")
    fields = dict.fromkeys(answer, shape[EACH]) if EACH in shape else shape
    for field, of in fields.items():
        name = field.removesuffix("?")
        where = f"{place}.{name}" if place else name
        if name not in answer:
            if field == name:
                return f"it has no {where}"
        elif mistake := find_mistake(answer[name], of, where):
            return mistake
    return ""


def _describe(answer: Any, place: str, expected: str) -> str:
    got = "an object" if isinstance(answer, dict) else "a list" if isinstance(answer, list) else json.dumps(answer)[:40]
    return f"{place or 'it'} is {got}; expected {expected}"
