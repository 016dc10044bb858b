"""What make gives the programs that it runs."""

import os
import subprocess

import pytest

from deployment.paths import ROOT


def read_environment(**set_already: str) -> dict[str, str]:
    """Return the environment of what make runs, on a machine with a store of certificates."""
    command = ["make", "--silent", "--eval=print-environment: ; @env", "print-environment", "STORE=/etc/any.crt"]
    environment = {"PATH": os.environ["PATH"], **set_already}
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout
    return dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)


def test_lets_programs_trust_the_systems_store() -> None:
    assert read_environment().items() >= {"UV_SYSTEM_CERTS": "true", "NODE_USE_SYSTEM_CA": "1"}.items()


@pytest.mark.parametrize("name", ["UV_SYSTEM_CERTS", "NODE_USE_SYSTEM_CA"])
def test_leaves_what_somebody_set(name: str) -> None:
    assert read_environment(**{name: "0"})[name] == "0"
