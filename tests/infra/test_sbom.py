"""The software bills of materials: whole, and the same each time."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deployment.inventory import list_deployables, read_locks
from deployment.inventory.sbom import NODE_TOOLS
from deployment.paths import PYTHON, ROOT

PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE | re.IGNORECASE)


def write(folder: Path) -> dict[str, str]:
    subprocess.run([PYTHON, "-m", "deployment.inventory.sbom", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return {path.name.removesuffix(".cdx.json"): path.read_text() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return write(tmp_path_factory.mktemp("sbom"))


def list_packages(bill: str) -> set[tuple[str, str]]:
    components: list[dict[str, Any]] = json.loads(bill)["components"]
    return {(each["name"], each["version"]) for each in components}


def test_a_bill_holds_every_package_of_its_locks_and_no_other(bills: dict[str, str]) -> None:
    for name, locks in list_deployables().items():
        assert list_packages(bills[name]) == set(PIN.findall(read_locks(locks))), name
    assert ("torch", "2.13.0") in list_packages(bills["training"])


def test_the_node_tools_bill_holds_what_npm_locks(bills: dict[str, str]) -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = {(path.rpartition("node_modules/")[2], each["version"]) for path, each in locked.items() if path and not each.get("dev")}
    assert list_packages(bills[NODE_TOOLS]) == wanted


def test_bills_are_cyclonedx_and_name_no_moment_and_no_machine(bills: dict[str, str]) -> None:
    for name, text in bills.items():
        bill = json.loads(text)
        assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", f"inferstack-{name}")
        assert "serialNumber" not in bill
        assert "timestamp" not in bill["metadata"]
        assert str(ROOT) not in text
