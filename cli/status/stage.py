"""What `inferstack status` shows of a stage: where it is, by its stacks' outputs, and what runs, by its API."""

from typing import Any

from cli.api.client import Api
from cli.api.sign_in import find_keys, send_token, sign_requests
from cli.services import Services
from cli.stage.outputs import read_all_outputs
from cli.status.what_runs import explain_missing_token, read_what_runs

OUTPUTS = {
    "page_url": "PageUrl",
    "api_url": "ApiUrl",
    "events_url": "EventsUrl",
    "uploads_bucket": "UploadsBucketName",
    "results_bucket": "ResultsBucketName",
    "dump_bucket": "DumpBucketName",
    "auth": "Auth",
    "recipe": "Recipe",
    "endpoint": "EndpointName",
}


def describe_stage(stage: str, services: Services, token: str | None) -> dict[str, Any]:
    """Return what `status --json` prints of a deployed stage.

    Raises:  AwsFailed: there is no such stage, or AWS does not answer.
    """
    outputs = read_all_outputs(stage, services.connect_aws(stage)("cloudformation"))
    known = {name: outputs[output] for name, output in OUTPUTS.items() if output in outputs}
    return {"stage": stage, **known, "runs": _read_what_runs(stage, outputs["ApiUrl"], outputs["Auth"], services, token)}


def _read_what_runs(stage: str, url: str, auth: str, services: Services, token: str | None) -> dict[str, Any]:
    if auth == "jwt" and not token:
        return explain_missing_token(stage)
    sign_in = send_token(lambda: token) if token else sign_requests(find_keys(None, url)) if auth == "iam" else None
    with services.open_http() as http:
        return read_what_runs(Api(url, http, sign_in))
