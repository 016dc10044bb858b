"""Whether people can say what was right: of answers that they got, once each, and no second opinion."""

import json

from cli.api.answers import FEEDBACK, PREDICTIONS
from cli.verify.check import Check, CheckSkipped, require
from cli.verify.deployment import Deployment
from cli.verify.samples import build_samples
from recipes.media_types import JSON


def list_checks() -> list[Check]:
    """Return the checks."""
    return [
        Check(
            "feedback",
            "once, and kept",
            check_feedback,
            "look at the feedback function's log, and at its rights on feedback/ in the results bucket",
        )
    ]


def check_feedback(deployment: Deployment) -> str:
    """Say that a prediction was right, say it again, then contradict it, and then invent one."""
    labels = deployment.recipe.labels
    if not labels:
        raise CheckSkipped(f"{deployment.recipe.title} answers numbers; feedback is about labels")
    sample = build_samples(deployment.recipe)[0]
    headers = {"content-type": sample.content_type}
    answer = deployment.api.call("POST", f"{deployment.path}/predictions", PREDICTIONS, body=sample.body, headers=headers)
    path, label = f"/predictions/{answer['id']}/feedback", answer["predictions"][0]["label"]
    for _ in range(2):
        said = deployment.api.call("POST", path, FEEDBACK, body=json.dumps({"label": label}).encode(), headers={"content-type": JSON})
        require((said["right"], said["wrong"]) == (1, 0), f"the label {label} counts as {said}, expected one right")
    other = next(each for each in labels if each != label)
    refused = deployment.api.send("POST", path, body=json.dumps({"label": other}).encode(), headers={"content-type": JSON})
    require(refused.status_code == 409, f"another label for the same prediction answers {refused.status_code}, expected 409")
    forged = deployment.api.send("POST", f"/predictions/x{answer['id']}/feedback", body=b"{}", headers={"content-type": JSON})
    require(forged.status_code == 404, f"an invented prediction's id answers {forged.status_code}, expected 404")
    return "kept once; a contradiction is refused with 409, an invented id with 404"
