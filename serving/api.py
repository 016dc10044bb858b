"""The container's contract: /ping, /invocations and /execution-parameters; errors as small JSON, never a traceback."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import orjson

from recipes import recipe
from recipes.errors import (
    EndpointBusy,
    EndpointStarting,
    InferstackError,
    InvalidInput,
    Malformed,
    TooLarge,
    UnsupportedType,
)
from recipes.media_types import MANIFEST, PICTURES, read_media_type
from recipes.models.artifact import Manifest
from serving.bodies.answers import Encoder, build_encoders, negotiate
from serving.bodies.codecs import Instances, choose_decoder
from serving.http.exchange import Exchange
from serving.http.front import RETRY_AFTER
from serving.inference.job import Job
from serving.inference.scheduler import Scheduler

log = logging.getLogger(__name__)
# The first class that fits gives the status.
STATUSES: tuple[tuple[type[InferstackError], int], ...] = (
    (Malformed, 400),
    (TooLarge, 413),
    (UnsupportedType, 415),
    (InvalidInput, 422),
    (EndpointBusy, 503),
    (EndpointStarting, 503),
)
METHODS = {b"/ping": (b"GET", b"HEAD"), b"/invocations": (b"POST",), b"/execution-parameters": (b"GET", b"HEAD")}
REMEMBERED_TYPES = 256
MOST_EARLY = 256  # invocations that wait for the model
T = TypeVar("T")
Decoder = Callable[[bytes], Instances]


def encode_error(code: str, message: str, advice: str = "") -> bytes:
    """Return an error as the contract writes it."""
    return orjson.dumps({"error": {"code": code, "message": message, "advice": advice}})


class Api:
    """Answers exchanges.

    Args:    workers: how many processes answer side by side, for /execution-parameters.
             max_body_bytes: the largest body, for /execution-parameters.
    """

    def __init__(self, *, workers: int, max_body_bytes: int) -> None:
        self._scheduler: Scheduler | None = None
        self._draining = False
        self._early: list[Exchange] = []
        self._execution_parameters = orjson.dumps(
            {"MaxConcurrentTransforms": workers, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": max(1, max_body_bytes >> 20)}
        )

    def open(self, manifest: Manifest, scheduler: Scheduler) -> None:
        """Answer invocations from now on: the model is loaded and warm."""
        self._manifest = manifest
        self._types = _Types(manifest)
        self._scheduler = scheduler
        early, self._early = self._early, []
        for exchange in early:
            if not exchange.gone:
                self._invoke(exchange)

    def _hold(self, exchange: Exchange) -> None:
        """Keep an invocation until the model is loaded: another worker may be ready already, and has said so on /ping."""
        if len(self._early) < MOST_EARLY:
            self._early.append(exchange)
        else:
            _reply_error(exchange, EndpointStarting("the model is not loaded yet", advice="Send it again in a second."))

    def drain(self) -> None:
        """Tell health checks to send no more; requests that still arrive are answered."""
        self._draining = True

    def handle(self, exchange: Exchange) -> None:
        """Answer the exchange, now or when its job is done."""
        path = exchange.target.partition(b"?")[0]
        methods = METHODS.get(path)
        if methods is None:
            exchange.reply(404, encode_error("not-found", "there is no such path", "Use /ping, /invocations or /execution-parameters."))
        elif exchange.method not in methods:
            allowed = b", ".join(methods)
            exchange.reply(405, encode_error("method-not-allowed", f"use {allowed.decode()}"), headers=b"allow: %b\r\n" % allowed)
        elif path == b"/invocations":
            self._invoke(exchange)
        elif path == b"/ping":
            self._ping(exchange)
        else:
            exchange.reply(200, self._execution_parameters)

    def _ping(self, exchange: Exchange) -> None:
        if self._draining:
            exchange.reply(503, encode_error("endpoint-busy", "the server is shutting down"), headers=RETRY_AFTER)
        elif self._scheduler is None:
            _reply_error(exchange, EndpointStarting("the model is not loaded yet"))
        else:
            exchange.reply(200, b"{}")

    def _invoke(self, exchange: Exchange) -> None:
        if self._scheduler is None:
            self._hold(exchange)
            return
        try:
            accepted, encode = self._types.find_encoder(exchange.accept)
        except UnsupportedType as error:
            exchange.reply(406, encode_error(error.code, error.detail, error.advice))
            return
        if encode is None:
            exchange.reply(200, self._manifest.text, accepted)
            return
        try:
            decode, slow = self._types.find_decoder(exchange.content_type)
        except UnsupportedType as error:
            _reply_error(exchange, error)
            return
        job = Job(exchange.body, decode, encode, partial(_finish, exchange, accepted), slow)
        exchange.on_gone = job.abandon
        self._scheduler.submit(job)


class _Types:
    """The encoders and decoders that headers select; each spelling is resolved once."""

    def __init__(self, manifest: Manifest) -> None:
        self._shape, self._dtype = manifest.input_shape, manifest.input_dtype
        self._encoders = build_encoders(manifest)
        self._from_image: Callable[[bytes], bytes] | None = None
        try:
            loaded = recipe.load(manifest.recipe)
            self._from_image = loaded.from_image if loaded.takes_pictures else None
        except (KeyError, ImportError) as error:
            log.warning("pictures are refused: the recipe %r cannot be loaded: %s", manifest.recipe, error)
        self._accepts: dict[bytes, tuple[bytes, Encoder | None]] = {}
        self._content_types: dict[bytes, tuple[Decoder, bool]] = {}

    def find_encoder(self, header: bytes) -> tuple[bytes, Encoder | None]:
        """Return the answer's type and what writes it, None for the manifest itself."""
        known = self._accepts.get(header)
        if known is None:
            kind = negotiate(header.decode("latin1"))
            known = kind.encode(), None if kind == MANIFEST else self._encoders[kind]
            _remember(self._accepts, header, known)
        return known

    def find_decoder(self, header: bytes) -> tuple[Decoder, bool]:
        """Return what reads the body, and whether that takes long."""
        known = self._content_types.get(header)
        if known is None:
            text = header.decode("latin1")
            known = choose_decoder(text, self._shape, self._from_image, self._dtype), read_media_type(text) in PICTURES
            _remember(self._content_types, header, known)
        return known


def _remember(known: dict[bytes, T], header: bytes, value: T) -> None:
    if len(known) >= REMEMBERED_TYPES:
        known.clear()
    known[header] = value


def _finish(exchange: Exchange, content_type: bytes, answer: bytes | Exception) -> None:
    if isinstance(answer, bytes):
        exchange.reply(200, answer, content_type)
    elif isinstance(answer, InferstackError):
        _reply_error(exchange, answer)
    else:
        log.error("inference failed", exc_info=answer)
        exchange.reply(500, encode_error("internal", "inference failed", "The server's log says why."))


def _reply_error(exchange: Exchange, error: InferstackError) -> None:
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    exchange.reply(status, encode_error(error.code, error.detail, error.advice), headers=RETRY_AFTER if status == 503 else b"")
