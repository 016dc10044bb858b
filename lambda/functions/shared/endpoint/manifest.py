"""The running model's manifest: what the endpoint's container answers if it is asked for that type, whatever the body holds."""

from collections.abc import Callable
from typing import Any

from functions.shared.endpoint.interface import EndpointResponse
from functions.shared.endpoint.response import parse_object
from recipes import npy
from recipes.media_types import MANIFEST, NPY
from recipes.recipe import Recipe


def ask_manifest(
    invoke: Callable[..., EndpointResponse], recipe: Recipe, *, remaining_s: float, variant: str | None = None
) -> dict[str, Any]:
    """Return the manifest, and under `variant` the production variant that sent it.

    Args:    invoke: an EndpointClient's. It gets an array of no instances, which every runtime takes.
             variant: the production variant to ask; None for any.
    Raises:  EndpointError: no response, or one that is no object. InvalidInput: the endpoint has no such variant.
    """
    empty = npy.write(b"", (0, *recipe.instance_shape), recipe.dtype)
    response = invoke(empty, content_type=NPY, accept=MANIFEST, remaining_s=remaining_s, variant=variant)
    return {**parse_object(response.body), "variant": response.variant}
