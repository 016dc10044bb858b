"""Which of an upload's numbers are unlike any that the model was trained on. The model is asked for its ranges once a version."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from functions.process_upload.lines import Line
from functions.shared.endpoint.interface import EndpointClient
from functions.shared.endpoint.manifest import ask_manifest
from functions.shared.reading.ranges import OUTSIDE, Features, find_outside
from recipes.errors import EndpointError
from recipes.recipe import Recipe

ASK_S = 5.0  # rows do not wait longer for what is said of them
ANY = ""


class Ranges:
    """The ranges of a table's features, as the running model's manifest has them.

    Args:    endpoint: says its manifest.
             recipe: of pictures nothing is asked.
    """

    def __init__(self, endpoint: EndpointClient, recipe: Recipe) -> None:
        self._endpoint, self._recipe = endpoint, recipe
        self._known: dict[str, Features] = {}

    def find(self, version: str) -> Features:
        """Return the features of a version, or of ANY that answers; none where it does not say in time."""
        if not self._recipe.features:
            return ()
        if version not in self._known:
            with suppress(EndpointError):
                manifest = ask_manifest(self._endpoint.invoke, self._recipe, remaining_s=ASK_S)
                features = (manifest.get("input") or {}).get("features") or ()
                if version == ANY:
                    return features
                self._known = {**self._known, version: features if manifest.get("version") == version else ()}
        return self._known.get(version, ())


def mark_outside(lines: Sequence[Line], instances: Sequence[bytes], features: Features) -> list[Line]:
    """Return the lines, each with the features whose numbers lie outside.

    Args:    instances: float32, of each line.
             features: of the model's manifest; none for none.
    """
    outside = find_outside(features, b"".join(instances)) if features else {}
    return [replace(line, about={**line.about, OUTSIDE: outside[at]}) if at in outside else line for at, line in enumerate(lines)]
