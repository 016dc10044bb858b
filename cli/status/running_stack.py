"""The stack that runs on this machine, as people and machines want to know it: where it is, who may ask, how to drop files."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cli.api.answers import CONFIG, MANIFEST
from cli.api.client import Api
from cli.api.sign_in import sign_in_here
from cli.failures import CommandFailed
from cli.http.client import CallFailed
from cli.jobs.inbox import Inbox
from cli.services import Services
from cli.status.what_runs import read_what_runs
from deployment.paths import state_dir
from functions.shared import areas
from functions.shared.aws.retries import Refused
from local.run_state import RunState
from recipes.errors import InferstackError

if TYPE_CHECKING:
    import httpx

UNKNOWN = "unknown"
PATIENCE_S = 10  # a stack on this machine answers in milliseconds
ADDRESSES = ("page_url", "api_url", "events_url", "events_realtime_url", "events_key")
BUCKETS = ("uploads_bucket", "results_bucket", "dump_bucket")
MODEL = ("recipe", "endpoint", "endpoint_status", "model_version")
PROCESS = ("port", "pid", "aws")


def describe_stack(state: RunState, services: Services) -> dict[str, Any]:
    """Return what `status --json` prints of a running stack: where it is, and what runs there, as its own operator sees it.

    Raises:  CommandFailed: it takes a call and does not answer.
    """
    with services.open_http() as http:
        events = read_events(state, http)
        api = Api(state.api_url, http, sign_in_here(state, services))
        runs = read_what_runs(api)
        known = {
            **asdict(state),
            **events,
            "inbox": build_inbox_url(state),
            "endpoint_status": (runs.get("endpoint") or {}).get("state", UNKNOWN),
            "model_version": read_model_version(api),
        }
    order = (*ADDRESSES, "s3_endpoint", *BUCKETS, "inbox", "auth", "demo_user", *MODEL, *PROCESS)
    several = {"recipes": state.recipes} if len(state.recipes) > 1 else {}
    return {"running": True, **{name: known[name] for name in order}, **several, "runs": runs}


def list_facts(state: RunState, services: Services) -> dict[str, str]:
    """Return what people want to know first: each address and each bucket, and what the bucket is for."""
    with services.open_http() as http:
        events = read_events(state, http)
    user = {"sign in": f"{state.demo_user['username']}  with  {state.demo_user['password']}"} if state.demo_user else {}
    return {
        "page": state.page_url,
        **user,
        "API": state.api_url,
        "events": events["events_realtime_url"] + (f"  (key {events['events_key']})" if events["events_key"] else "  (the API's sign-in)"),
        "S3": state.s3_endpoint,
        "uploads": f"{state.uploads_bucket}  (drop files into {areas.INBOX}/)",
        "results": f"{state.results_bucket}  (of a file: {areas.INBOX}/NAME/JOB/)",
        "dump": f"{state.dump_bucket}  (training data: raw/RECIPE/)",
    }


def build_drop_call(state: RunState) -> str:
    """Return the call of the AWS CLI that drops a file into the inbox; any other client of S3 does it as well."""
    return f"{format_environment(state)} aws s3 cp FILE {build_inbox_url(state)}"


def count_misplaced(state: RunState, services: Services) -> int:
    """Return how many files lie in buckets where nobody reads them; 0 where S3 does not answer."""
    names = {"uploads": state.uploads_bucket, "results": state.results_bucket, "dump": state.dump_bucket}
    try:
        with services.open_local_s3(state) as s3:
            return len(Inbox(s3, **names).list_misplaced())
    except (Refused, OSError, ValueError):  # nobody there, or no S3
        return 0


def build_inbox_url(state: RunState) -> str:
    """Return where dropped files go."""
    return f"s3://{state.uploads_bucket}/{areas.INBOX}/"


def format_environment(state: RunState) -> str:
    """Return the variables with which any AWS client reaches the stack."""
    return " ".join(f"{name}={value}" for name, value in state.aws.items())


def read_events(state: RunState, http: "httpx.Client") -> dict[str, str]:
    """Return the Event API's two addresses and its key, as the page gets them; the key is empty where there is a sign-in.

    Raises:  CommandFailed: the stack takes a call and does not answer. The next ones would wait as long, each.
    """
    import httpx  # noqa: PLC0415 - it takes a tenth of a second

    try:
        events = Api(state.page_url, http, timeout_s=PATIENCE_S).call("GET", "/config.json", CONFIG)["events"]
    except CallFailed as failure:
        if isinstance(failure.__cause__, httpx.ReadTimeout):
            advice = (
                f"it is stopped, or very busy; its log is {state_dir() / 'logs/emulator.log'}. `inferstack down`, then `up`, begins anew"
            )
            raise CommandFailed(f"the stack on port {state.port} does not answer", advice=advice) from failure
        events = {}
    except InferstackError:
        events = {}
    return {
        "events_url": str(events.get("url", state.events_url)),
        "events_realtime_url": str(events.get("realtimeUrl", UNKNOWN)),
        "events_key": str(events.get("auth", {}).get("apiKey", "")),
    }


def read_model_version(api: Api) -> str:
    """Return the version of the model that serves; "unknown" where the API does not tell."""
    try:
        manifest = api.call("GET", "/model", MANIFEST)
    except (CallFailed, InferstackError):
        return UNKNOWN
    return str(manifest.get("version", UNKNOWN))
