"""Whether the API answers: each form of an instance, errors in their shape, strangers refused, in time."""

import math
import statistics
from functools import partial
from typing import Any

from cli.api.answers import MANIFEST, MODELS, PREDICTIONS
from cli.api.client import Api
from cli.http.retry import retry
from cli.verify.check import Check, CheckSkipped, require
from cli.verify.deployment import Deployment
from cli.verify.samples import Sample, build_samples, read_values
from recipes.columns import Quantity
from recipes.media_types import JSON, PNG
from recipes.recipe import Recipe

PROBLEM = "application/problem+json"
WARM_REQUESTS = 20
SLOWEST_WARM_MS = 3_000  # of the alarm on the API's latency
FIX = "look for the request's id in the function's log, and see docs/operating.md, The API and its functions"


def list_checks(recipe: Recipe) -> list[Check]:
    """Return the checks, the one that measures a cold start first."""
    latency, *others = list_recipe_checks(recipe)
    return [
        latency,
        Check("API", "health", check_health, "the endpoint does not answer: look at its status and its log"),
        Check("API", "says what it has", check_models, "the functions know other recipes than the stacks: deploy the stage again"),
        *others,
        Check("API", "nobody without a sign-in", check_strangers, "the API's routes have no authorizer: deploy the stage again"),
    ]


def list_recipe_checks(recipe: Recipe) -> list[Check]:
    """Return the checks of each recipe, the one that measures a cold start first."""
    return [
        Check("API", "cold and warm latency", measure_latency, "see docs/operating.md, Endpoint"),
        *(Check("API", sample.name, partial(check_sample, sample=sample), FIX) for sample in build_samples(recipe)),
        Check("API", "errors have their shape", check_errors, "something between the function and the caller rewrites errors"),
    ]


def measure_latency(deployment: Deployment) -> str:
    """Ask once, and then often: the first may find everything cold."""
    sample = build_samples(deployment.recipe)[0]
    first_ms = _time_request(deployment, sample)
    warm_ms = sorted(_time_request(deployment, sample) for _ in range(WARM_REQUESTS))
    warm = f"{statistics.median(warm_ms):.0f} ms (median of {WARM_REQUESTS}), slowest {warm_ms[-1]:.0f} ms"
    found = f"first request {first_ms:.0f} ms; then {warm}"
    require(warm_ms[-1] <= SLOWEST_WARM_MS, f"{found}; expected at most {SLOWEST_WARM_MS} ms")
    return found


def check_health(deployment: Deployment) -> str:
    """GET /health, without a sign-in as monitors ask it."""
    answer = deployment.stranger.send("GET", "/health")
    require(answer.status_code == 200, f"GET /health answers {answer.status_code}: {answer.text[:200]}")
    return "the endpoint answers"


def check_models(deployment: Deployment) -> str:
    """Ask for the recipe of the model that runs, and of each recipe's where there are several."""
    names = [each.recipe.name for each in deployment.split()]
    if deployment.others:
        listed = [str(each["recipe"]) for each in deployment.api.call("GET", "/models", MODELS)["models"]]
        require(listed == names, f"GET /models names {', '.join(listed)}, expected {', '.join(names)}")
    for each in deployment.split():
        got = each.api.call("GET", each.model_path, MANIFEST).get("recipe")
        require(got == each.recipe.name, f"GET {each.model_path} is a model of {got}, expected {each.recipe.name}")
    return ", ".join(names)


def check_sample(deployment: Deployment, *, sample: Sample) -> str:
    """Ask for one instance in one form; the answer must be right and complete."""
    answer = deployment.api.call(
        "POST", f"{deployment.path}/predictions", PREDICTIONS, body=sample.body, headers={"content-type": sample.content_type}
    )
    require("request_id" in answer, f"the answer is {str(answer)[:200]}")
    require(len(answer["predictions"]) == 1, f"got {len(answer['predictions'])} predictions, expected 1")
    require("variant" in answer["model"], f"the answer's model is {answer['model']}")
    return _describe_prediction(deployment.recipe, answer["predictions"][0], sample)


def check_errors(deployment: Deployment) -> str:
    """Send what is wrong in several ways: each must be a problem detail with its own type and the request's id."""
    wrong = [
        ("a broken picture", PNG, b"\x89PNG\r\n\x1a\n" + bytes(64), 400 if deployment.recipe.takes_pictures else 415),
        ("HTML", "text/html", b"<p>", 415),
        ("a row too short", JSON, b'{"instances": [[1, 2, 3, 4, 5, 6, 7]]}', 422),
        ("text in place of a number", JSON, f'{{"instances": [["{deployment.marker}"]]}}'.encode(), 422),
        ("JSON that ends early", JSON, b'{"instances": [', 400),
    ]
    for name, content_type, body, status in wrong:
        _check_problem(deployment.api, name, "POST", f"{deployment.path}/predictions", status, body, {"content-type": content_type})
    _check_problem(deployment.api, "an unknown job", "GET", f"/jobs/{deployment.marker}", 404)
    return f"{len(wrong) + 1} kinds of wrong requests are problem details"


def check_strangers(deployment: Deployment) -> str:
    """Ask without a sign-in: refused before a function runs."""
    if deployment.auth == "none":
        raise CheckSkipped("this stage has no sign-in (auth=none)")
    expected = 401 if deployment.auth == "jwt" else 403
    calls = ["POST /predictions", "GET /model", "POST /jobs", "GET /jobs", "POST /predictions/x/feedback", "GET /status"]
    for other in deployment.others:
        calls += ["GET /models", f"GET /models/{other}", f"POST /models/{other}/predictions"]
    for call in calls:
        method, path = call.split()
        got = deployment.stranger.send(method, path).status_code
        require(got == expected, f"{call} without a sign-in answers {got}, expected {expected}")
    return f"{len(calls)} routes refuse with {expected}"


def _time_request(deployment: Deployment, sample: Sample) -> float:
    """Return how long a request takes, in milliseconds."""
    begin_s = deployment.clock()
    # A cold endpoint may take longer than the API waits: then it says when to ask again, and that time counts.
    headers = {"content-type": sample.content_type}
    retry(
        lambda: deployment.api.call("POST", f"{deployment.path}/predictions", PREDICTIONS, body=sample.body, headers=headers),
        sleep=deployment.sleep,
    )
    return (deployment.clock() - begin_s) * 1000


def _describe_prediction(recipe: Recipe, prediction: dict[str, Any], sample: Sample) -> str:
    if isinstance(recipe.target, Quantity):
        value = prediction.get("value")
        require(isinstance(value, int | float) and math.isfinite(value), f"the prediction is {prediction}, expected a value")
        return f"{read_values(recipe)} gives {value:,.2f} {recipe.target.unit}"
    probabilities = prediction.get("probabilities") or []
    require(len(probabilities) == len(recipe.labels), f"got {len(probabilities)} probabilities, expected {len(recipe.labels)}")
    require(abs(sum(probabilities) - 1) < 0.01, f"the probabilities' sum is {sum(probabilities)}, expected 1")
    got = prediction.get("label")
    require(sample.label is None or got == sample.label, f"the label is {got}, expected {sample.label}")
    return f"{got}, as expected" if sample.label is not None else str(got)


def _check_problem(  # noqa: PLR0917 - a request and what it is called
    api: Api, name: str, method: str, path: str, status: int, body: bytes | None = None, headers: dict[str, str] | None = None
) -> None:
    answer = api.send(method, path, body=body, headers=headers)
    require(answer.status_code == status, f"{name} answers {answer.status_code}, expected {status}: {answer.text[:200]}")
    content_type = answer.headers.get("content-type", "")
    require(content_type.startswith(PROBLEM), f"{name} answers {content_type}, expected {PROBLEM}")
    problem = answer.json()
    missing = [field for field in ("type", "title", "status", "detail", "request_id") if field not in problem]
    require(not missing, f"the problem of {name} has no {', '.join(missing)}")
    require(problem["type"].startswith("urn:inferstack:problem:"), f"the problem of {name} has type {problem['type']}")
    require("Traceback" not in answer.text, f"the problem of {name} shows a traceback")
    require(answer.headers.get("x-request-id"), f"the answer to {name} has no x-request-id")
