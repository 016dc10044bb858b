"""Whether operators see what runs, and nobody else does."""

from cli.api.answers import STATUS
from cli.api.client import Api
from cli.verify.check import Check, CheckSkipped, require
from cli.verify.deployment import Deployment

FORBIDDEN = 403


def list_checks() -> list[Check]:
    """Return the checks."""
    fix = "see docs/operating.md, Who may see what runs; the status function's log says what it may not read"
    return [Check("operators", "see what runs", check_status, fix)]


def check_status(deployment: Deployment) -> str:
    """Ask for what runs: as a user who is no operator where there are users, then as an operator."""
    if deployment.auth != "jwt":
        return _read_status(deployment, deployment.api)
    got = deployment.api.send("GET", "/status").status_code
    if deployment.operator is None:
        if got == FORBIDDEN:
            raise CheckSkipped("the token's user is no operator, and was refused; the answer to an operator was not seen")
        return _read_status(deployment, deployment.api)
    require(got == FORBIDDEN, f"GET /status as a user who is no operator answers {got}, expected {FORBIDDEN}")
    return f"a user is refused with {FORBIDDEN}; {_read_status(deployment, deployment.operator())}"


def _read_status(deployment: Deployment, operator: Api) -> str:
    found = []
    for each in deployment.split():
        status = operator.call("GET", f"/status?recipe={each.choice}" if each.choice else "/status", STATUS)
        unread = "; ".join(f"{part['part']}: {part['detail']}" for part in status["unread"])
        require(not unread, f"not all can be read: {unread}")
        name, expected = status["endpoint"]["name"], each.outputs["EndpointName"]
        require(name == expected, f"it tells of the endpoint {name}, expected {expected}")
        require(not status["alarms"]["missing"], f"CloudWatch does not know {', '.join(status['alarms']['missing'])}")
        found.append(f"endpoint {status['endpoint']['state']}")
    return f"an operator is told: {', '.join(found)}, {len(status['alarms']['alarms'])} alarms"
