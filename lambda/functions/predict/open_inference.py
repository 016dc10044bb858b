"""The Open Inference Protocol, version 2, as REST: clients of KServe, Triton, MLServer and others ask it. Imported only when one does.

Source:  github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md; its extension for binary tensors in requests.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from functions.predict.answering.answer import tell_likeness
from functions.predict.config import MAX_BODY_BYTES
from functions.predict.reading.body import Body
from functions.predict.reading.packing import check_encoding, unwrap
from functions.predict.reading.tensors import read_request
from functions.predict.routes import V2_INFER, V2_LIVE, V2_MODEL, V2_READY, V2_SERVER, V2_VERSION, V2_VERSION_INFER
from functions.predict.service import Service
from functions.shared.endpoint.response import IN_THE_LOGS
from functions.shared.http.invocation import Invocation, Reply
from functions.shared.http.request import Request
from functions.shared.http.response import NotFound
from functions.shared.http.routes import Route
from functions.shared.reading.documents.column_tensors import list_inputs
from functions.shared.reading.documents.open_inference import OF_DTYPE
from recipes.errors import EndpointFailed, InvalidInput, Malformed
from recipes.recipe import Recipe

NAME, VERSION = "inferstack", "0.1.0"
PLATFORM = "onnx_onnxv1"  # by Triton's list


def answer(route: Route, invocation: Invocation, service: Service) -> Reply:
    """Return what the protocol answers to a request.

    Args:    service: of the recipe that the request's path names; of the default one where it names none.
    Raises:  InvalidInput, NotFound, EndpointError: of the kind that fits.
    """
    request, recipe = invocation.request, service.recipe
    if route is V2_SERVER:
        return Reply({"name": NAME, "version": VERSION, "extensions": []})
    if route is V2_LIVE:
        return Reply({"live": True})
    if route is V2_READY:
        service.check_health()
        return Reply({"ready": True})
    if route in (V2_INFER, V2_VERSION_INFER):
        return _infer(invocation, service)
    manifest = service.describe_model(remaining_s=invocation.remaining_s)
    _check_version(request, manifest.get("version"))
    if route in (V2_MODEL, V2_VERSION):
        return Reply(describe_model(manifest, recipe))
    return Reply({"name": recipe.name, "ready": True})


def _check_version(request: Request, running: object) -> None:
    """Raise NotFound where the path names another version than the one that runs."""
    wanted = unquote(request.parameters.get("version", str(running)))
    if wanted != str(running):
        raise NotFound(f"there is no version {wanted[:80]!r}; {running} runs", advice="Ask for that one, or leave the version out.")


def describe_model(manifest: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """Return the metadata of the running model, by its manifest."""
    takes = manifest.get("input") or {}
    tensor = {"name": takes.get("name", "input"), "datatype": OF_DTYPE[recipe.dtype], "shape": [-1, *recipe.instance_shape]}
    inputs = list_inputs(recipe) if recipe.categories else [tensor]
    outputs = build_outputs([], recipe, has_trust="trust" in (manifest.get("output") or {}))
    described = [{"name": each["name"], "datatype": each["datatype"], "shape": [-1, *each["shape"][1:]]} for each in outputs]
    return {"name": recipe.name, "versions": [str(manifest.get("version"))], "platform": PLATFORM, "inputs": inputs, "outputs": described}


def build_outputs(predictions: Sequence[Mapping[str, Any]], recipe: Recipe, *, has_trust: bool) -> list[dict[str, Any]]:
    """Return the output tensors of an answer.

    Args:    has_trust: whether the model says how far each answer can be trusted.
    """
    if recipe.kind == "regression":
        return [_build_tensor("value", "FP32", predictions)]
    labels = "INT64" if all(isinstance(label, int) for label in recipe.labels) else "BYTES"
    probabilities = _build_tensor("probabilities", "FP32", predictions)
    if not all(isinstance(row, list) for row in probabilities["data"]):
        raise EndpointFailed("the endpoint's response does not hold probabilities for each instance", advice=IN_THE_LOGS)
    flat = [value for row in probabilities["data"] for value in row]
    classes = {**probabilities, "shape": [len(predictions), len(recipe.labels)], "data": flat}
    trust = [_build_tensor("trust", "FP32", predictions), _build_tensor("verdict", "BYTES", predictions)] if has_trust else []
    return [_build_tensor("label", labels, predictions), classes, *trust]


def _infer(invocation: Invocation, service: Service) -> Reply:
    request = invocation.request
    check_encoding(request.headers.get("content-encoding", ""))
    content = unwrap(request.body(MAX_BODY_BYTES))
    document, body = read_request(content, request.headers.get("inference-header-content-length", ""), service.recipe)
    result = service.predict(
        Body(body),
        remaining_s=invocation.remaining_s,
        variant=None,
        shown="",
        every_digit=False,
        request_id=request.id,
        owner=request.owner,
    )
    _check_version(request, result["model"].get("version"))  # not before: a rollout has two versions, and one of them answers
    predictions = result["predictions"]
    invocation.log.add(bytes_in=len(content), instances=len(predictions), model=result["model"].get("version"), **tell_likeness(result))
    outputs = build_outputs(predictions, service.recipe, has_trust="trust" in predictions[0])
    about = {"model_name": service.recipe.name, "model_version": str(result["model"].get("version"))}
    identity = {"id": document["id"]} if "id" in document else {}
    notes = {"notes": result["notes"]} if "notes" in result else {}
    return Reply(
        {
            **about,
            **identity,
            "parameters": {"prediction_id": result["id"], **notes},
            "outputs": _select(outputs, document.get("outputs", [])),
        }
    )


def _select(outputs: list[dict[str, Any]], wanted: object) -> list[dict[str, Any]]:
    """Return the outputs that a request names, in its order; all of them where it names none."""
    if not isinstance(wanted, list) or not all(isinstance(each, dict) for each in wanted):
        raise Malformed(
            f"outputs is {str(wanted)[:40]!r}; expected a list", advice='Send {"outputs": [{"name": "label"}]}, or leave it out.'
        )
    by_name = {output["name"]: output for output in outputs}
    names = [str(each.get("name"))[:80] for each in wanted]
    if unknown := [name for name in names if name not in by_name]:
        raise InvalidInput(f"the model has no output {unknown[0]!r}; it has {', '.join(by_name)}")
    return [by_name[name] for name in names] or outputs


def _build_tensor(name: str, datatype: str, predictions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [len(predictions)], "data": [each.get(name) for each in predictions]}
