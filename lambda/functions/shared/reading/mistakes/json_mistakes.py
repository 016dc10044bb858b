"""What programs do to JSON that cannot be read, and what to do about it. Imported only when something cannot be read."""

import json
import re
from typing import Any

from functions.shared.pictures import ADDRESS, FILE_NAME, SEND_FILE
from functions.shared.reading.documents.json_instance import is_record
from functions.shared.reading.mistakes.mistake import BODY, Mistake
from recipes.errors import InvalidInput
from recipes.instances import format_shape
from recipes.recipe import Recipe

_PYTHON = re.compile(r"True|False|None|nan|inf|array\(|tensor\(|dtype")
_BARE_NAME = re.compile(r"[A-Za-z_]\w*\s*:")
_BARE_TEXT = re.compile(r"[A-Za-z0-9+/_-]{40}")  # base64, as nothing else is as long
_TYPOGRAPHIC = tuple("“”„‟«»‘’‚")
# Where a picture may be: the last word of a field's name, as of image_url and gcsUri. An address elsewhere, as in an id, says nothing.
_PLACES = {"image", "images", "instances", "inputs", "data", "b64", "url", "uri", "imageurl", "file", "path", "ref", "prefix"}
_BETWEEN_WORDS = r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])"
NO_JSON = " is not JSON"  # as `parse_json` says it
DEEPEST = 4  # where a file's address is looked for
_SEND_BODY = 'Send what its "body" holds, decoded if "isBase64Encoded" is true.'
_SEND_INSTANCES = 'Send {"instances": […]} or a picture to POST /predictions; a function is tested with an event of the API around it.'
# What only an event has: of an HTTP API, of a REST API, of queues and buckets, and of Lambda's console; and only another API's request.
_OTHERS = (
    ({"requestContext", "rawPath"}, "the event that an HTTP API sends to its function", _SEND_BODY),
    ({"requestContext", "httpMethod"}, "the event that a REST API sends to its function", _SEND_BODY),
    ({"requestContext", "headers"}, "the event that an API sends to its function", _SEND_BODY),
    ({"isBase64Encoded", "body"}, "the event that an API sends to its function", _SEND_BODY),
    ({"body"}, "an event around what is to be predicted", _SEND_BODY),
    ({"Records"}, "the event that a queue or a bucket sends to a function", _SEND_INSTANCES),
    ({"key1", "key2", "key3"}, "the test event of Lambda's console", _SEND_INSTANCES),
    (
        {"captureData"},
        "a line of SageMaker's Data Capture",
        'Send what "data" in its "endpointInput" holds, decoded if its "encoding" is BASE64.',
    ),
    ({"requests"}, "a request of Google's Vision API", 'Send {"image": "<base64>"} with what its "content" holds.'),
)


def find_json_mistake(body: bytes, recipe: Recipe, refusal: InvalidInput) -> Mistake | None:
    """Return what was done wrong in a body of JSON, or of what was to be JSON; None if it is nothing that is known.

    Args:    refusal: what its reader said.
    """
    text = body.decode("utf-8-sig", "replace").lstrip()
    if mistake := _find_no_document(text):
        return mistake
    if text[:1] not in {"{", "["}:
        return None
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        # Where a line of JSON Lines is wrong, it is no JSON as a whole, and yet that is not what is wrong.
        is_document = NO_JSON in refusal.detail[:40] and not refusal.detail.startswith("line ")
        return _explain_json(text, error, recipe) if is_document else _find_wrapper_of_line(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, dict) and NO_JSON in refusal.detail and (found := _explain_text(document, recipe)):
        return found
    is_told = " of a file" in refusal.detail  # with its place
    return (None if is_told else _find_file(document, recipe)) or (_find_wrapper(document) if isinstance(document, dict) else None)


def _find_no_document(text: str) -> Mistake | None:
    """Find what a program or a shell writes in place of a document."""
    if text[:2] in {"'{", "'["}:
        return Mistake(
            "the body is JSON in single quotes",
            "A shell of Windows keeps them: put double quotes around it, or send a file: --data-binary @FILE.",
        )
    if re.match("b(['\"]).", text) and text.rstrip()[-1:] == text[1]:
        return Mistake("the body is bytes as Python prints them, b'…'", "Send the bytes themselves, not str(…) of them.")
    if re.match(r"\{\{\s*[\w.$-]+\s*\}\}", text):
        return Mistake("the body is the name of a variable that was not replaced by its value", "Define it in the tool that sends it.")
    if re.match(r"\[(object |\[?[BCDFIJS]@[0-9a-f])", text) or text.strip() in {"undefined", "null", "None"}:
        is_file = re.match(r"\[object (\w*Buffer|Uint8\w*|Blob|File|FormData)\]", text)
        advice = "Send it as it is, in a form as new Blob([bytes])." if is_file else "Use JSON.stringify(…) or json.dumps(…)."
        return Mistake(f"the body is {text.strip()[:20]!r}, as programs write what is not JSON", advice)
    return None


def find_framed_json(body: bytes, _: Recipe, __: InvalidInput) -> Mistake | None:
    """Find JSON with something before it: a Markdown fence, a line of code or of an event stream, a comment, a prefix against scripts."""
    text = body.decode("utf-8-sig", "replace")
    begin = re.match(r"[^\[{]{1,200}(?=[\[{])", text)
    if not begin or not begin[0].strip():
        return None
    try:
        _, end = json.JSONDecoder().raw_decode(text, begin.end())
    except (ValueError, RecursionError):
        return None
    if text[end:].strip(" \t\r\n;)`*/"):
        return None
    return Mistake(f"the body is JSON with {begin[0].strip()[:40]!r} before it", "Send the JSON alone, from its first bracket to its last.")


def _find_wrapper_of_line(text: str) -> Mistake | None:
    """Find what is around what is to be predicted in the first line of JSON Lines."""
    try:
        document = json.loads(text.partition("\n")[0])
    except (ValueError, RecursionError):
        return None
    return _find_wrapper(document) if isinstance(document, dict) else None


def _find_wrapper(document: dict[str, Any]) -> Mistake | None:
    """Find what is around what is to be predicted: an event, or another API's request."""
    return next(
        (Mistake(f"the body is {name}, not what is to be predicted", advice) for keys, name, advice in _OTHERS if keys <= document.keys()),
        None,
    )


def _find_file(value: Any, recipe: Recipe, depth: int = 0) -> Mistake | None:
    """Find a file's name and its address, where its bytes are expected: a row of a table may have a link beside its columns."""
    if isinstance(value, str):
        if re.match(ADDRESS, value, re.IGNORECASE):
            return Mistake("the body has the address of a file; nothing is fetched here", f"Download it. {SEND_FILE}")
        is_name = re.fullmatch(FILE_NAME, value[:300], re.IGNORECASE)
        return Mistake("the body has the name of a file, not the file", SEND_FILE) if is_name else None
    if not isinstance(value, list | dict) or not value or depth > DEEPEST or is_record(value, recipe):
        return None
    if isinstance(value, dict):
        held = [each for name, each in value.items() if re.split(_BETWEEN_WORDS, name)[-1].lower() in _PLACES]
        return next((found for each in held if (found := _find_file(each, recipe, depth + 1))), None)
    return _find_file(value[0], recipe, depth + 1)


def _explain_text(document: dict[str, Any], recipe: Recipe) -> Mistake | None:
    """Return what is wrong with JSON that a text in a document is to be."""
    for name, text in document.items():
        try:
            if isinstance(text, str) and text.lstrip()[:1] in {"{", "["}:
                json.loads(text)
        except json.JSONDecodeError as error:
            found = _explain_json(text, error, recipe)
            return found and found._replace(detail=found.detail.replace(BODY, f"the text in {name[:40]!r}".replace("'", '"'), 1))
        except (ValueError, RecursionError):
            return None
    return None


def _explain_json(text: str, error: json.JSONDecodeError, recipe: Recipe) -> Mistake | None:
    """Return what is wrong where a JSON parser stopped, if it is one of the usual things."""
    at, rest, before = f"line {error.lineno}, column {error.colno}", text[error.pos :].lstrip(), text[: error.pos].rstrip()
    dump = f"Write it with json.dumps(array.tolist()), of shape [N, {format_shape(recipe.instance_shape)}]."
    found: tuple[tuple[bool, str, str], ...] = (
        (rest.startswith("'"), "single quotes", "JSON takes double quotes: write it with json.dumps(…) or JSON.stringify(…)."),
        (rest.startswith(("//", "/*", "#")), "a comment, which JSON does not have", "Leave the comment out."),
        (rest[:1] in _TYPOGRAPHIC, "typographic quotes, as text processors and web pages have them", 'Write plain double quotes: ".'),
        (_PYTHON.match(rest) is not None, "a value of Python", dump),
        (rest.startswith(("...", "…")), "dots that stand for values", f"{dump} Leave no value out."),
        (before.endswith(",") and rest.startswith(("]", "}")), "a comma before a closing bracket", "Take the comma out."),
        (
            _BARE_NAME.match(rest) is not None,
            "a name without quotes",
            'Put names in double quotes: {"instances": […]}. In a shell put single quotes around all of it.',
        ),
        (
            error.msg.startswith("Expecting value") and _BARE_TEXT.match(rest) is not None,
            "a text without quotes",
            "Put base64 in double quotes.",
        ),
        (rest.startswith(",") and "Extra" in error.msg, "a comma after a document", "Take the commas out, or put one list around all."),
        (rest.startswith("{") and "Extra" in error.msg, "another document", "Put a line break between them, or one list around all."),
        (not rest, "its end, before what it begins is complete", "Send all of it."),
        ((before[-1:] + rest[:1]).isdigit() or before[-1:] + rest[:1] == "][", "two values without a comma", dump),
    )
    return next((Mistake(f"the body is not JSON: at {at} is {what}", advice) for is_it, what, advice in found if is_it), None)
