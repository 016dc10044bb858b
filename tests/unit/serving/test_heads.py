import pytest

from serving.http.exchange import Exchange
from serving.http.heads import LONGEST, MOST, Heads

LENGTH = b"content-length: 4\r\n"
HEAD = b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n"


def settle() -> None:
    """Nothing is written here."""


def build() -> Exchange:
    exchange = Exchange(settle)
    exchange.keep_alive = True
    exchange.method, exchange.target, exchange.content_type, exchange.accept, exchange.body = b"POST", b"/p", b"text/csv", b"*/*", b"body"
    return exchange


def remember(data: bytes) -> Heads:
    heads = Heads(each=1)
    heads.remember(data, LENGTH, build())
    return heads


def test_finds_the_request_with_the_body_of_today() -> None:
    found = remember(HEAD + b"body").find(HEAD + b"more", settle)
    assert found is not None
    assert (found.method, found.target, found.content_type, found.accept) == (b"POST", b"/p", b"text/csv", b"*/*")
    assert found.body == b"more"
    assert found.keep_alive
    assert not found.http10


@pytest.mark.parametrize(
    "data", [b"", b"P", HEAD, HEAD + b"bod", HEAD + b"bodyG", HEAD.replace(b"/p", b"/q") + b"body", b"\r\n" + HEAD + b"body"]
)
def test_leaves_to_the_parser_what_is_not_one_request_with_a_known_head(data: bytes) -> None:
    assert remember(HEAD + b"body").find(data, settle) is None


@pytest.mark.parametrize(
    "data",
    [
        *(b"", HEAD[9:] + b"bod", HEAD + b"bodyGET / HTTP/1.1\r\nHost: h\r\n\r\n", b"\r\n\r\n" + HEAD + b"body"),
        HEAD.replace(b"Host", b"Expect: 100-continue\r\nHost") + b"body",
        HEAD.replace(b"Host", b"X: %b\r\nHost" % (b"x" * LONGEST)) + b"body",
    ],
)
def test_keeps_no_head_of_anything_else(data: bytes) -> None:
    assert remember(data).find(data, settle) is None


def test_keeps_no_more_than_its_most() -> None:
    heads = Heads(each=1)
    heads_bytes = [HEAD.replace(b"/p", b"/%d" % number) for number in range(MOST + 1)]
    for head in heads_bytes:
        heads.remember(head + b"body", LENGTH, build())
    assert [heads.find(head + b"body", settle) is not None for head in heads_bytes] == [False] * MOST + [True]


def test_remembers_one_request_in_so_many() -> None:
    heads, found = Heads(each=3), []
    for _ in range(4):
        heads.remember(HEAD + b"body", LENGTH, build())
        found.append(heads.find(HEAD + b"body", settle) is not None)
    assert found == [False, False, True, True]
