"""A shipped model behind the endpoint's interface."""

from pathlib import Path

from functions.shared.endpoint.interface import EndpointResponse
from recipes.media_types import MANIFEST
from recipes.models.artifact import load as load_artifact
from serving.bodies.answers import build_encoders
from serving.bodies.codecs import choose_decoder
from serving.inference.engine import Engine

ROOT = Path(__file__).resolve().parents[1]


class RealModel:
    """The endpoint without its sockets: the server's decoder, engine and answers, with the model that ships.

    Args:    recipe: whose model.
    """

    def __init__(self, recipe: str) -> None:
        artifact = load_artifact(ROOT / "recipes" / recipe / "pretrained")
        self.manifest, self.engine = artifact.manifest, Engine(artifact, "cpu")

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        """Answer as the endpoint does."""
        if accept == MANIFEST:
            return EndpointResponse(self.manifest.text, "main")
        instances = choose_decoder(content_type, self.manifest.input_shape, None, self.manifest.input_dtype)(body)
        return EndpointResponse(build_encoders(self.manifest)[accept]([self.engine.predict(instances)]), "main")
