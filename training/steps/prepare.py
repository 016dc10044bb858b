"""Raw data in, validated splits out, with the digest of what they hold."""

import argparse
import hashlib
import json

from recipes import recipe as recipes
from recipes.dataset import Dataset, Split, describe_left_out, load
from training.steps import layout
from training.steps.delivery import claim_delivery

BY_EVENT = "event"
AT_ONCE = 256  # instances whose bytes are read at a time


def main(arguments: list[str]) -> None:
    """Read the input `raw`; write the outputs `train`, `validation`, `test` and `about`."""
    parser = argparse.ArgumentParser(prog="prepare")
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--limit", type=int, default=0, help="instances of each split, for a trial run; 0 for all")
    parser.add_argument("--candidates", default="", help="candidates to train; an unknown one is refused before any is trained")
    parser.add_argument("--test-share", type=float, help="of a table's rows, which the model is measured on; by default the recipe's")
    parser.add_argument("--started-by", default="", help=f"{BY_EVENT}: the delivery is trained once, which the next three are for")
    parser.add_argument("--marker", default="", help="the s3:// URL of the object that says that the raw data is complete")
    parser.add_argument("--deliveries", default="", help="the s3:// URL below which it is written down who trains a delivery")
    parser.add_argument("--execution", default="", help="the id of this execution of the pipeline")
    options = parser.parse_args(arguments)
    if options.started_by == BY_EVENT:
        claim_delivery(options.marker, options.deliveries, options.execution)
    recipe = recipes.load(options.recipe)
    for name in recipes.parse_names(options.candidates):
        recipe.find_candidate(name)
    data = load(options.recipe, layout.find_input("raw"), test_share=options.test_share).head(options.limit or None)
    for name, split in name_splits(data).items():
        layout.write_split(recipe, split, layout.make_output(name))
    about = describe(options.recipe, data)
    (layout.make_output("about") / "dataset.json").write_text(json.dumps(about, indent=2) + "\n")
    if data.left_out:
        print(describe_left_out(data.left_out), flush=True)  # noqa: T201
    print(f"prepared {about['instances']}, sha256 {about['sha256']}", flush=True)  # noqa: T201 - a job's output is its log


def name_splits(data: Dataset) -> dict[str, Split]:
    """Return the splits by name."""
    return {"train": data.train, "validation": data.validation, "test": data.test}


def describe(recipe: str, data: Dataset) -> dict[str, object]:
    """Return what dataset.json holds: how much there is, a digest of it, and the digests of the raw files."""
    digest = hashlib.sha256()
    for name, split in name_splits(data).items():
        for array in (split.inputs, split.targets):
            digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
            for at in range(0, len(array), AT_ONCE):
                digest.update(array[at : at + AT_ONCE].tobytes())
    counts = {name: len(split) for name, split in name_splits(data).items()}
    return {"recipe": recipe, "sha256": digest.hexdigest(), "instances": counts, "raw_sha256": data.sha256, "left_out": dict(data.left_out)}
