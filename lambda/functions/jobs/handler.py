"""The HTTP side of the jobs function: invocation in, reply out."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from functions.jobs.config import Config
from functions.jobs.presign import Presigner
from functions.jobs.routes import CREATE, GET, LIST, ROUTES
from functions.jobs.service import JobRequest, Service
from functions.shared.aws.s3 import API_WAIT_S, open_s3
from functions.shared.environment import read_environment
from functions.shared.http.application import Application
from functions.shared.http.invocation import Invocation, Reply
from functions.shared.http.response import NotFound
from functions.shared.jobs import FORBIDDEN_IN_NAME, ID, LONGEST_NAME, LONGEST_PAGE
from functions.shared.json_body import parse_json
from functions.shared.keys import KEYS, parse_keys
from functions.shared.object_store import Store
from recipes.errors import InvalidInput, Malformed, TooLarge
from recipes.media_types import OCTET_STREAM

MAX_BODY_BYTES = 10_000
# With parameters, as browsers and tools write them; "$" is left out, because S3 puts a file's name for ${filename} in a form.
CONTENT_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}( *;[ -#%-~]{0,100})?", re.ASCII)
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
PAGE = 20
FIELDS = ("name", "content_type", "size_bytes", "csv", KEYS, "recipe")


class Handler(Application):
    """Handles the routes with one service.

    Args:    config: the limit on an upload.
             service: the use cases.
    """

    def __init__(self, config: Config, service: Service) -> None:
        self._config, self._service = config, service
        super().__init__(ROUTES, {CREATE: self._create, LIST: self._list, GET: self._get})

    def _create(self, invocation: Invocation) -> Reply:
        request = invocation.request
        key = request.headers.get("idempotency-key")
        if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
            raise InvalidInput("the Idempotency-Key is not 1 to 255 visible ASCII characters", advice="A UUID will do.")
        job_request = parse_job_request(request.body(MAX_BODY_BYTES), self._config.max_upload_bytes, self._config.recipes)
        job, is_replay = self._service.create(request.owner, job_request, key)
        invocation.log.add(job=job["id"], replayed=is_replay)
        headers = {"location": job["status_url"], **({"idempotency-replayed": "true"} if is_replay else {})}
        return Reply({**job, "request_id": request.id}, status=201, headers=headers)

    def _get(self, invocation: Invocation) -> Reply:
        request = invocation.request
        job = self._service.get(request.owner, request.parameters["id"])
        if job is None:
            raise NotFound("there is no such job", advice="Somebody else's job cannot be seen, and old ones are removed.")
        invocation.log.add(job=job["id"], state=job["state"])
        return Reply({**job, "request_id": request.id})

    def _list(self, invocation: Invocation) -> Reply:
        request = invocation.request
        limit, cursor = parse_limit(request.query.get("limit", str(PAGE))), request.query.get("cursor")
        if cursor is not None and not ID.fullmatch(cursor):
            raise InvalidInput("the cursor is not one that this API returned", advice='Use "next" of the page before, or leave it out.')
        jobs, after = self._service.list(request.owner, limit=limit, after=cursor)
        invocation.log.add(jobs=len(jobs))
        return Reply({"jobs": jobs, "next": after, "request_id": request.id})


def parse_limit(text: str) -> int:
    """Return how many jobs a page may hold; raise InvalidInput if it is not a number from 1 to LONGEST_PAGE."""
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= LONGEST_PAGE:
        raise InvalidInput(f"limit is {text[:20]!r}; expected 1 to {LONGEST_PAGE}")
    return int(text)


def parse_job_request(body: bytes, max_upload_bytes: int, recipes: Sequence[str]) -> JobRequest:
    """Return the job that a body asks for.

    Args:    max_upload_bytes: the most its upload may hold.
             recipes: which the upload may be of, the default first.
    Raises:  InvalidInput: a field is wrong; the message names it.
    """
    document = parse_json(body) if body else None
    if not isinstance(document, dict):
        raise Malformed('the body is not a JSON object; expected one like {"name": "scan.png"}')
    if unknown := [field for field in document if field not in FIELDS]:
        raise InvalidInput(f"there is no field {unknown[0][:40]!r}; expected {', '.join(FIELDS)}", advice="Correct it, or leave it out.")
    name, content_type = document.get("name"), document.get("content_type", OCTET_STREAM)
    csv = document.get("csv", False)
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME or FORBIDDEN_IN_NAME.search(name):
        raise InvalidInput(f"name is not a file name; expected 1 to {LONGEST_NAME} characters without slashes and control characters")
    if not isinstance(content_type, str) or not CONTENT_TYPE.fullmatch(content_type):
        raise InvalidInput("content_type is not a media type; expected one like image/png")
    if not isinstance(csv, bool):
        raise InvalidInput("csv is neither true nor false")
    keys = parse_keys(document[KEYS]) if KEYS in document else ()
    size_bytes = parse_size(document["size_bytes"], max_upload_bytes) if "size_bytes" in document else None
    return JobRequest(name, content_type, size_bytes, csv, parse_recipe(document, recipes), keys)


def parse_recipe(document: Mapping[str, Any], recipes: Sequence[str]) -> str:
    """Return the recipe that an upload is of: the default where a body names none; empty where a deployment has one.

    Raises:  InvalidInput: it is not one of the deployment's, or the deployment has one and a body names any.
    """
    if len(recipes) == 1:
        if "recipe" in document:
            raise InvalidInput("recipe is named, and this deployment has one recipe only", advice="Leave recipe out.")
        return ""
    recipe = document.get("recipe", recipes[0])
    if recipe not in recipes:
        raise InvalidInput(f"recipe is {str(recipe)[:40]!r}; expected {' or '.join(recipes)}", advice="GET /models lists them.")
    return str(recipe)


def parse_size(size_bytes: Any, max_upload_bytes: int) -> int:
    """Return a size that a body holds: 7.0 is JSON's 7 too.

    Raises:  InvalidInput: not a whole number of 1 or more. TooLarge: over the limit.
    """
    if isinstance(size_bytes, bool) or not isinstance(size_bytes, int | float) or size_bytes < 1 or size_bytes % 1:
        raise InvalidInput("size_bytes is not a whole number of 1 or more", advice="Leave it out if the size is not known.")
    if size_bytes > max_upload_bytes:
        raise TooLarge(f"the file has {int(size_bytes):,} bytes; an upload takes at most {max_upload_bytes:,}", advice="Split it up.")
    return int(size_bytes)


def build(environment: Mapping[str, str]) -> Handler:
    """Return a deployment's handler; the client is created once, while the function starts."""
    config = read_environment(Config, environment)
    client = open_s3(environment, config.uploads_bucket, config.results_bucket, wait_s=API_WAIT_S)
    presigner = Presigner(client, config.uploads_bucket, config.results_bucket)
    service = Service(
        Store(client, config.results_bucket), presigner, max_upload_bytes=config.max_upload_bytes, upload_days=config.upload_days
    )
    return Handler(config, service)
