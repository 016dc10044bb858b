"""Feedback end to end: a prediction's own id, over HTTP, into the results bucket."""

import json
from concurrent.futures import ThreadPoolExecutor

from functions.shared import areas
from functions.shared.owner import ANYONE
from functions.shared.predictions import Prediction, outcomes_of, parse_outcome
from local.run_state import RunState
from recipes.instances import MAX_INSTANCES
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


def test_takes_no_id_that_the_stack_did_not_sign(stack: RunState, client: Client) -> None:
    _, _, answer = ask(f"{stack.api_url}/predictions", (GOLDEN / "7.png").read_bytes(), content_type="image/png")
    prediction = Prediction.from_id(answer["id"], ANYONE, read_keys(client))
    assert prediction
    assert prediction.predicted == (7,)
    many = prediction._replace(request_id="x", predicted=tuple(number % 10 for number in range(MAX_INSTANCES)))
    for invented in (many.to_id(ANYONE, "any key"), many._replace(request_id="y").to_id("somebody", read_keys(client)[0])):
        status, _, problem = ask(f"{stack.api_url}/predictions/{invented}/feedback", b'{"labels": [1]}', content_type=JSON)
        assert (status, problem["type"]) == (404, "urn:inferstack:problem:not-found")


def test_bounds_what_one_caller_says_in_an_hour(stack: RunState, client: Client) -> None:
    _, _, answer = ask(f"{stack.api_url}/predictions", (GOLDEN / "7.png").read_bytes(), content_type="image/png")
    url, body = f"{stack.api_url}/predictions/{answer['id']}/feedback", b'{"label": 7}'
    assert ask(url, body, content_type=JSON)[0] == 200
    s3, bucket = client("s3"), stack.results_bucket
    *_, last = s3.list_objects_v2(Bucket=bucket, Prefix=f"{areas.ALLOWANCES}/{ANYONE}/")["Contents"]
    given = json.loads(s3.get_object(Bucket=bucket, Key=last["Key"])["Body"].read())
    with ThreadPoolExecutor(4) as pool:
        assert {status for status, *_ in pool.map(lambda _: ask(url, body, content_type=JSON), range(4))} == {200}
    counted = json.loads(s3.get_object(Bucket=bucket, Key=last["Key"])["Body"].read())
    assert counted["labels"] - given["labels"] == 4
    s3.put_object(Bucket=bucket, Key=last["Key"], Body=b'{"labels": 2000}')
    status, headers, problem = ask(url, body, content_type=JSON)
    s3.put_object(Bucket=bucket, Key=last["Key"], Body=json.dumps(counted).encode())
    assert (status, problem["type"]) == (429, "urn:inferstack:problem:too-many-requests")
    assert 0 < int(headers["retry-after"]) <= 3600


def test_signs_with_a_key_of_the_characters_that_the_template_allows(client: Client) -> None:
    """A comma in it would make two keys of it, neither of which has signed anything."""
    (key,) = read_keys(client)
    assert (len(key), key.isalnum()) == (43, True)


def read_keys(client: Client) -> list[str]:
    """Return the keys that the feedback function was deployed with."""
    functions = client("lambda").list_functions()["Functions"]
    (name,) = [each["FunctionName"] for each in functions if "Feedback" in each["FunctionName"]]
    variables = client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return str(variables["ID_KEYS"]).split(",")
