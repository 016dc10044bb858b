"""InvokeEndpoint over real sockets: what is sent, connections that are kept, dropped, lost and late, and each error of SageMaker's API."""

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from botocore.loaders import create_loader

from functions.shared.aws import trust
from functions.shared.endpoint.interface import EndpointResponse
from functions.shared.endpoint.runtime import MAX_RESPONSE_BYTES, Refusal, Runtime, open_runtime
from recipes.errors import EndpointFailed, InvalidSettings

KEYS = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
}
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nx-Amzn-Invoked-Production-Variant: main\r\n\r\nanswer"
ANSWER = EndpointResponse(b"answer", "main")
ERRORS = create_loader().load_service_model("sagemaker-runtime", "service-2")
Connect = Callable[..., Runtime]
Script = list[bytes | None]  # of one connection: what each request is answered with; None hangs. Then the connection is closed.


class Scripted:
    """A host whose connections each follow a script; what it was sent is in `requests`."""

    def __init__(self, scripts: list[Script], tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.served = threading.Semaphore(0)  # a script that has ended
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._end, self._tls = threading.Event(), tls
        self._thread = threading.Thread(target=self._serve, args=[scripts], daemon=True)

    def _serve(self, scripts: list[Script]) -> None:
        for script in scripts:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._follow, args=[connection, script], daemon=True).start()

    def _follow(self, connection: socket.socket, script: Script) -> None:
        try:
            with self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as open_:
                for answer in script:
                    self.requests.append(read_request(open_))
                    if answer is None:
                        self._end.wait(10)
                    else:
                        open_.sendall(answer)
        except OSError:
            pass
        finally:
            self.served.release()

    def __enter__(self) -> "Scripted":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._listener.close()


Serve = Callable[[list[Script]], Scripted]


def read_request(connection: socket.socket) -> bytes:
    """Return one request as it was sent."""
    sent = b""
    while b"\r\n\r\n" not in sent:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError
        sent += part
    head, _, body = sent.partition(b"\r\n\r\n")
    length = int(dict(parse_headers(head))["content-length"])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def parse_headers(head: bytes) -> list[tuple[str, str]]:
    lines = head.decode().split("\r\n")[1:]
    return [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Return what opens the runtime at a host."""
    opened: list[Runtime] = []

    def open_(host: Scripted, **environment: str) -> Runtime:
        opened.append(open_runtime({**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{host.port}", **environment}))
        return opened[-1]

    yield open_
    for runtime in opened:
        runtime.close()


def ask(runtime: Runtime, body: bytes = b"body", *, variant: str | None = None, wait_s: float = 10) -> EndpointResponse:
    return runtime.invoke("digits", body, content_type="a/b", accept="c/d", variant=variant, wait_s=wait_s)


def refuse(status: int, code: str = "", body: bytes = b"{}") -> bytes:
    header = f"x-amzn-ErrorType: {code}\r\n" if code else ""
    return f"HTTP/1.1 {status} No\r\ncontent-length: {len(body)}\r\n{header}\r\n".encode() + body


def test_sends_what_botocore_would_sign(connect: Connect) -> None:
    with Scripted([[OK]]) as host:
        assert ask(connect(host), variant="canary-2") == ANSWER
    head, _, body = host.requests[0].partition(b"\r\n\r\n")
    headers = dict(parse_headers(head))
    assert head.startswith(b"POST /endpoints/digits/invocations HTTP/1.1\r\n")
    assert (body, headers["content-type"], headers["accept"]) == (b"body", "a/b", "c/d")
    assert (headers["x-amzn-sagemaker-target-variant"], headers["x-amz-security-token"]) == ("canary-2", "token")
    signed = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "content-type", "accept", "x-amz-date", "x-amz-security-token", "x-amzn-sagemaker-target-variant"} == set(signed)
    theirs = AWSRequest("POST", f"http://127.0.0.1:{host.port}/endpoints/digits/invocations", data=body)
    for name in signed:
        theirs.headers[name] = headers[name]
    theirs.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(TheirCredentials("AKIDEXAMPLE", "secret", "token"), "sagemaker", "eu-west-1")
    text = signer.string_to_sign(theirs, signer.canonical_request(theirs))
    assert headers["authorization"].endswith(f"Signature={signer.signature(text, theirs)}")


def test_names_lambdas_trace_unsigned(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    with Scripted([[OK]]) as host:
        ask(connect(host))
    headers = dict(parse_headers(host.requests[0].partition(b"\r\n\r\n")[0]))
    assert headers["x-amzn-trace-id"] == "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    assert "x-amzn-trace-id" not in headers["authorization"]


def test_keeps_a_connection(connect: Connect) -> None:
    with Scripted([[OK] * 5]) as host:
        runtime = connect(host)
        assert [ask(runtime) for _ in range(5)] == [ANSWER] * 5
    assert len(host.requests) == 5


def test_opens_another_where_the_host_closed_the_one_that_was_kept(connect: Connect) -> None:
    with Scripted([[OK], [OK]]) as host:
        runtime = connect(host)
        ask(runtime)
        host.served.acquire(timeout=10)
        assert ask(runtime) == ANSWER
    assert len(host.requests) == 2


def test_gives_each_thread_a_connection_of_its_own(connect: Connect) -> None:
    with Scripted([[OK] * 50 for _ in range(8)]) as host:
        runtime = connect(host)
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda _: ask(runtime), range(50))) == [ANSWER] * 50


@pytest.mark.parametrize(
    "script",
    [
        [b""],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\nansw"],
        [b"nonsense\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nans"],
    ],
    ids=["closes", "breaks off", "speaks otherwise", "breaks off in a chunk"],
)
def test_says_that_the_connection_was_lost_when_the_host(connect: Connect, script: Script) -> None:
    with Scripted([script, [OK]]) as host:
        runtime = connect(host)
        with pytest.raises(ConnectionError):
            ask(runtime)
        assert ask(runtime) == ANSWER  # nothing of the first is left


def test_says_that_nobody_listens(connect: Connect) -> None:
    with Scripted([]) as host:
        pass
    with pytest.raises(ConnectionError, match="no connection to "):
        ask(connect(host))


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nans"], ids=["nothing", "half"])
def test_waits_no_longer_than_it_may_for_a_host_that_sends(connect: Connect, beginning: bytes) -> None:
    with Scripted([[beginning, None]]) as host, pytest.raises(TimeoutError):
        ask(connect(host), wait_s=0.05)


def test_reads_a_response_in_chunks(connect: Connect) -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nansw\r\n2\r\ner\r\n0\r\n\r\n"
    with Scripted([[chunked, OK]]) as host:
        runtime = connect(host)
        assert [ask(runtime).body, ask(runtime).body] == [b"answer", b"answer"]


@pytest.mark.parametrize("size", [MAX_RESPONSE_BYTES, MAX_RESPONSE_BYTES + 1, MAX_RESPONSE_BYTES + 100])
def test_reads_no_more_than_it_can_pass_on(connect: Connect, size: int) -> None:
    large = f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n".encode() + b"x" * size
    with Scripted([[large, OK], [OK]]) as host:
        runtime = connect(host)
        if size <= MAX_RESPONSE_BYTES:
            assert len(ask(runtime).body) == size
        else:
            with pytest.raises(EndpointFailed, match="more than 5,000,000 bytes"):
                ask(runtime)
        assert ask(runtime) == ANSWER  # and not the rest of the first


def test_reads_every_error_of_the_api(connect: Connect) -> None:
    names = [each["shape"] for each in ERRORS["operations"]["InvokeEndpoint"]["errors"]]
    shapes = {name: ERRORS["shapes"][name]["error"]["httpStatusCode"] for name in names}
    assert {"ModelError", "InternalFailure", "ServiceUnavailable", "ValidationError", "ModelNotReadyException"} <= shapes.keys()
    said: dict[str, Any] = {"Message": "no", "OriginalStatusCode": 422, "OriginalMessage": '{"error":{}}', "LogStreamArn": "arn"}
    for name, status in shapes.items():
        with Scripted([[refuse(status, name, json.dumps(said).encode())]]) as host, pytest.raises(Refusal) as caught:
            ask(connect(host))
        refusal = caught.value
        assert (refusal.code, refusal.message, refusal.status) == (name, "no", status)
        assert (refusal.original_status, refusal.original_message) == (422, '{"error":{}}')


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    {
        "with an address behind it": (refuse(400, "ValidationError:http://internal.amazon.com/"), "ValidationError", ""),
        "with a namespace before it": (
            refuse(400, "", b'{"__type":"com.amazonaws#ThrottlingException","message":"slow"}'),
            "ThrottlingException",
            "slow",
        ),
        "in the body": (refuse(403, "", b'{"code":"AccessDeniedException"}'), "AccessDeniedException", ""),
        "of a gateway": (refuse(502, "", b"<html>Bad gateway</html>"), "502", ""),
        "of nothing": (refuse(503, "", b""), "503", ""),
        "of another document": (refuse(500, "", b"[1]"), "500", ""),
        "of a deep document": (refuse(500, "", b"[" * 100_000), "500", ""),
        "of a wrong type": (refuse(424, "ModelError", b'{"OriginalStatusCode":"x","OriginalMessage":3,"message":{}}'), "ModelError", ""),
    }.values(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_reads_a_code(connect: Connect, answer: bytes, code: str, message: str) -> None:
    with Scripted([[answer]]) as host, pytest.raises(Refusal) as caught:
        ask(connect(host))
    assert (caught.value.code, caught.value.message) == (code, message)


def test_signs_with_what_snapstarts_address_gives() -> None:
    said = {"AccessKeyId": "AKIDRESTORED", "SecretAccessKey": "secret", "Token": "restored", "Expiration": "2099-01-01T00:00:00Z"}
    given = refuse(200, body=json.dumps(said).encode()).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with Scripted([[given]]) as address, Scripted([[OK, OK]]) as host:
        url = f"http://127.0.0.1:{address.port}/2021-04-23/credentials"
        runtime = open_runtime(
            {
                **{"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{host.port}"},
                **{"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a-token"},
            }
        )
        assert address.requests == []  # a function that is only started has none that a snapshot would hold
        assert [ask(runtime), ask(runtime)] == [ANSWER] * 2
        runtime.close()
    (asked,) = address.requests
    assert asked.startswith(b"GET /2021-04-23/credentials HTTP/1.1\r\n")
    assert dict(parse_headers(asked.partition(b"\r\n\r\n")[0]))["authorization"] == "a-token"
    for request in host.requests:
        headers = dict(parse_headers(request.partition(b"\r\n\r\n")[0]))
        assert headers["x-amz-security-token"] == "restored"
        assert "Credential=AKIDRESTORED/" in headers["authorization"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def secure(certificate: Path) -> Serve:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    return lambda scripts: Scripted(scripts, tls)


def test_speaks_tls_with_a_host_whose_certificate_it_trusts(connect: Connect, secure: Serve, certificate: Path) -> None:
    with secure([[OK] * 3]) as host:
        url = f"https://localhost:{host.port}"
        runtime = connect(host, AWS_ENDPOINT_URL=url, AWS_CA_BUNDLE=str(certificate))
        assert [ask(runtime) for _ in range(3)] == [ANSWER] * 3


def test_trusts_all_that_the_system_does_where_a_certificate_is_of_none_of_amazons_authorities(
    connect: Connect, secure: Serve, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    amazon = trust.list_amazon((Path(botocore.__file__).parent / "cacert.pem").read_text())
    system = tmp_path / "system.pem"
    system.write_text("\n".join([*amazon, certificate.read_text().partition("-----END PRIVATE KEY-----")[2]]))
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    monkeypatch.setattr(trust, "AWS_HOSTS", ("localhost",))
    for cached in (trust._find_amazon, trust._load):
        cached.cache_clear()
    with secure([[], [OK], [OK]]) as host:  # of the first connection the certificate is refused
        runtime = connect(host, AWS_ENDPOINT_URL=f"https://localhost:{host.port}")
        assert ask(runtime) == ANSWER
        runtime.close()
        assert ask(runtime) == ANSWER
    for cached in (trust._find_amazon, trust._load):
        cached.cache_clear()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_sends_nothing_to_a_host_that_it_does_not_trust(connect: Connect, secure: Serve, certificate: Path, name: str) -> None:
    trust = {"AWS_CA_BUNDLE": str(certificate)} if name == "127.0.0.1" else {}  # which the certificate does not name
    with secure([[OK]]) as host, pytest.raises(ConnectionError, match="SSLCertVerificationError"):
        ask(connect(host, AWS_ENDPOINT_URL=f"https://{name}:{host.port}", **trust))
    assert host.requests == []


@pytest.mark.parametrize(
    "answer",
    {
        "no response": b"\r\n\r\n",
        "no status": b"HTTP/1.1 abc OK\r\n\r\n",
        "a length with a sign": b"HTTP/1.1 200 OK\r\ncontent-length: +6\r\n\r\nanswer",
        "a length that is none": b"HTTP/1.1 200 OK\r\ncontent-length: six\r\n\r\nanswer",
        "a chunk with a sign": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-6\r\nanswer\r\n0\r\n\r\n",
        "headers without end": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200,
        "a line without end": b"HTTP/1.1 200 OK\r\na: " + b"b" * (1 << 17),
    }.values(),
    ids=lambda answer: repr(answer[:24]),
)
def test_takes_nothing_for_a_response_that_is_none(connect: Connect, answer: bytes) -> None:
    with Scripted([[answer], [OK]]) as host:
        runtime = connect(host)
        with pytest.raises(ConnectionError):
            ask(runtime)
        assert ask(runtime) == ANSWER


@pytest.mark.parametrize(
    ("first", "connections"),
    {
        "says something before": (b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + OK, 1),
        "closes afterwards": (OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), 2),
        "speaks HTTP/1.0": (OK.replace(b"HTTP/1.1", b"HTTP/1.0"), 2),
        "ends the body by closing": (OK.replace(b"content-length: 6\r\n", b""), 2),
    }.values(),
    ids=["says something before", "closes afterwards", "speaks HTTP/1.0", "ends the body by closing"],
)
def test_reads_a_response_whose_host(connect: Connect, first: bytes, connections: int) -> None:
    with Scripted([[first, OK] if connections == 1 else [first], [OK]]) as host:
        runtime = connect(host)
        assert [ask(runtime), ask(runtime)] == [ANSWER] * 2


def test_refuses_a_system_that_trusts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    with pytest.raises(InvalidSettings, match="set AWS_CA_BUNDLE"):
        open_runtime(KEYS)
