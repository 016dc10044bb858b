"""Feedback end to end: a prediction's own id, over HTTP, into the results bucket."""

import json

from functions.shared.predictions import outcomes_of, parse_outcome
from local.run_state import RunState
from tests.local.conftest import Client
from tests.local.test_stack import GOLDEN, ask

JSON = "application/json"


def test_counts_what_people_say_once_and_lets_the_first_word_stay(stack: RunState, client: Client) -> None:
    _, _, answer = ask(f"{stack.api_url}/predictions", (GOLDEN / "7.png").read_bytes(), content_type="image/png")
    url = f"{stack.api_url}/predictions/{answer['id']}/feedback"
    s3 = client("s3")
    before = {each["Key"] for each in s3.list_objects_v2(Bucket=stack.results_bucket, Prefix=outcomes_of("digits")).get("Contents", [])}
    for _ in range(2):
        status, _, said = ask(url, json.dumps({"label": 7}).encode(), content_type=JSON)
        assert (status, said["right"], said["wrong"]) == (200, 1, 0)
    status, _, problem = ask(url, json.dumps({"label": 1}).encode(), content_type=JSON)
    assert (status, problem["type"]) == (409, "urn:inferstack:problem:conflict")
    listed = s3.list_objects_v2(Bucket=stack.results_bucket, Prefix=outcomes_of("digits"))["Contents"]
    (added,) = [each for each in listed if each["Key"] not in before]
    found = parse_outcome(added["Key"])
    assert (found.variant, found.version, found.right, added["Size"]) == ("AllTraffic", answer["model"]["version"], True, 0)
