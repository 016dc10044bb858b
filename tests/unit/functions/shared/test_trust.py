"""Whose certificates are trusted."""

import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest

from functions.shared.aws import trust
from functions.shared.aws.address import Address
from functions.shared.aws.connections import Connections

AUTHORITIES = (Path(botocore.__file__).parent / "cacert.pem").read_text()
HOSTS = ["runtime.sagemaker.eu-west-1.amazonaws.com", "a-bucket.s3.us-east-1.amazonaws.com", "sqs.eu-west-1.api.aws"]
OTHERS = ["localhost", "runtime.sagemaker.cn-north-1.amazonaws.com.cn", "amazonaws.com.example.test", "notamazonaws.com"]


@pytest.fixture(autouse=True)
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the system's file of authorities."""
    forget()
    path = tmp_path / "system.pem"
    path.write_text(AUTHORITIES)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    yield path
    forget()


def forget() -> None:
    trust._find_amazon.cache_clear()
    trust._load.cache_clear()


def name_owners(context: ssl.SSLContext) -> set[str]:
    subjects: list[Any] = [authority["subject"] for authority in context.get_ca_certs()]
    return {dict(each for (each,) in subject).get("organizationName", "") for subject in subjects}


@pytest.mark.parametrize("host", HOSTS)
def test_of_aws_hosts_are_amazons(host: str) -> None:
    assert name_owners(trust.find_first(host, "")) == {"Amazon"}


@pytest.mark.parametrize("host", OTHERS)
def test_of_other_hosts_are_all_of_the_system(host: str) -> None:
    first = trust.find_first(host, "")
    assert first is trust.find_whole("")
    assert len(name_owners(first)) > 20


def test_are_all_where_the_system_has_none_of_amazon(system: Path) -> None:
    amazon = trust.list_amazon(AUTHORITIES)
    assert len(amazon) >= 4
    text = AUTHORITIES
    for each in amazon:
        text = text.replace(each, "")
    system.write_text(text)
    first = trust.find_first(HOSTS[0], "")
    assert first is trust.find_whole("")
    assert "Amazon" not in name_owners(first)


def test_are_only_those_of_a_file_that_the_environment_names(system: Path) -> None:
    assert trust.find_first(HOSTS[0], str(system)) is trust.find_whole(str(system))


@pytest.mark.parametrize("content", ["", "abc", b64encode(trust.AMAZON).decode()])
def test_are_all_where_the_systems_file_cannot_be_read(system: Path, content: str) -> None:
    system.write_text(f"{trust.BEGIN}\n{content}\n{trust.END}\n" if content else "no certificates")
    assert trust._find_amazon() is None


class BehindProxy(Connections):
    """A host whose certificate is of none of Amazon's authorities; while it is opened first, another thread opens it too."""

    def __init__(self) -> None:
        super().__init__(Address(is_secure=True, host=HOSTS[0], port=None), 1)
        self.ours, self.host = socket.socketpair()
        self.is_first = True

    def _open(self, tls: ssl.SSLContext | None) -> socket.socket:
        if self.is_first:
            self.is_first = False
            self._connect()
        if tls is not trust.find_whole(""):
            raise ssl.SSLCertVerificationError("unable to get local issuer certificate")
        return self.ours


def test_are_all_for_each_thread_that_met_a_proxy_before_the_others_knew_of_it() -> None:
    proxied = BehindProxy()
    assert proxied._connect() is proxied.ours
    proxied.ours.close()
    proxied.host.close()
