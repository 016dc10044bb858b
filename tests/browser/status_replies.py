"""What GET /status says: of a deployment where all is well, of one in trouble, and where a part cannot be read."""

from typing import Any

AT = "2026-11-29T14:00:00.000Z"


def job(number: int, state: str = "succeeded", **facts: Any) -> dict[str, Any]:
    """A job; the id is as long as a real one."""
    finished = {"finished_at": AT, "rows": 15, "failed": 0} if state == "succeeded" else {"finished_at": None, "rows": None, "failed": None}
    return {"id": f"{number:026}", "source": "api", "state": state, "created_at": AT, "problem": None, **finished, **facts}


def alarm(name: str, description: str, state: str = "OK") -> dict[str, Any]:
    return {"name": f"Inferstack-dev-Web-{name}", "description": f"inferstack-dev: {description}", "state": state, "since": AT}


ALARMS = [
    alarm("ApiErrors", "the API answers 5xx more than 5 times a minute"),
    alarm("DeadLetters", "failed uploads wait in the dead-letter queue"),
    alarm("OldestUpload", "an upload has waited over 15 minutes", "INSUFFICIENT_DATA"),
]
SERVERLESS = {"name": "AllTraffic", "weight": 1.0, "memory_mb": 2048, "max_at_once": 5, "kept_ready": 0}
STATUS: dict[str, Any] = {
    "stage": "dev",
    "recipe": "digits",
    "at": AT,
    "endpoint": {
        "name": "inferstack-dev-digits",
        "kind": "serverless",
        "state": "InService",
        "deployed_at": AT,
        "reason": None,
        "variants": [SERVERLESS],
    },
    "models": {
        "variants": [{"name": "AllTraffic", "version": 3}],
        "approved": {"version": 3, "approved_at": AT, "why": "better on photos"},
        "is_newest": True,
    },
    "uploads": {"waiting": 0, "in_progress": 0, "dead_letters": 0, "oldest_s": None},
    "jobs": {"newest": [job(1), job(2, failed=2), job(3, source="inbox")], "is_complete": True},
    "alarms": {"alarms": ALARMS, "missing": []},
    "unread": [],
    "request_id": "any-request",
}
TROUBLED = {
    **STATUS,
    "endpoint": {
        **STATUS["endpoint"],
        "kind": "gpu",
        "state": "Failed",
        "reason": "the image could not be pulled",
        "variants": [
            {"name": "champion", "weight": 0.9, "instances": 1, "wanted_instances": 2},
            {"name": "challenger", "weight": 0.1, "instances": 1, "wanted_instances": 1},
        ],
    },
    "models": {
        **STATUS["models"],
        "variants": [{"name": "champion", "version": None}, {"name": "challenger", "version": None}],
        "is_newest": False,
    },
    "uploads": {"waiting": 3, "in_progress": 1, "dead_letters": 2, "oldest_s": 1380},
    "jobs": {"newest": [job(1, "failed", problem="malformed"), job(2, "processing"), job(3, "waiting")], "is_complete": False},
    "alarms": {"alarms": [alarm("DeadLetters", "failed uploads wait in the dead-letter queue", "ALARM"), *ALARMS[::2]], "missing": []},
}
PARTLY_UNREAD = {
    **STATUS,
    "models": None,
    "unread": [{"part": "models", "detail": "AWS answered DescribeModel with ThrottlingException; the function's log says why"}],
}
