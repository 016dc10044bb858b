"""clients/js by itself: its logic under node, its types, its size, and that it is all a stranger needs to install."""

import gzip
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from deployment.paths import NODE, ROOT

CLIENT = ROOT / "clients/js"
CONTRACT = ROOT / "docs/openapi.yaml"
TOOLS = ROOT / "node_modules/.bin"
MODULES = sorted(Path(__file__).parent.glob("*.test.mjs"))
MOST_BYTES = {"index.js": 5_000, "all": 6_100}  # the client; with its list of uploads


def run(*command: object, cwd: Path = ROOT) -> str:
    environment = {**os.environ, "PATH": f"{NODE.parent}:{os.environ['PATH']}"}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name.removesuffix(".test.mjs"))
def test_passes_under_node(module: Path) -> None:
    said = run(NODE, "--test", "--test-reporter=tap", module)
    assert "# fail 0" in said
    assert "# pass 0" not in said


def test_its_types_hold_and_its_declarations_are_those_of_its_code(tmp_path: Path) -> None:
    """`tsc -p clients/js` writes them anew."""
    run(TOOLS / "tsc", "--project", CLIENT, "--outDir", tmp_path)
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert {path.name: path.read_text() for path in (CLIENT / "types").iterdir()} == written


@pytest.mark.parametrize("entry", MOST_BYTES)
def test_is_small(tmp_path: Path, entry: str) -> None:
    bundle = tmp_path / "client.js"
    (tmp_path / "all.js").write_text(f'export * from "{CLIENT}/src/index.js";\nexport * from "{CLIENT}/src/uploads.js";\n')
    source = CLIENT / "src" / entry if entry == "index.js" else tmp_path / "all.js"
    run(TOOLS / "esbuild", source, "--bundle", "--minify", "--format=esm", f"--outfile={bundle}", "--log-level=warning")
    assert len(gzip.compress(bundle.read_bytes(), 9)) <= MOST_BYTES[entry]


def test_needs_nothing_else() -> None:
    package = json.loads((CLIENT / "package.json").read_text())
    assert {"dependencies", "peerDependencies"} & package.keys() == set()
    outside = [
        line
        for file in (CLIENT / "src").glob("*.js")
        for line in file.read_text().splitlines()
        if 'from "' in line and 'from "./' not in line
    ]
    assert outside == []


def test_its_types_are_the_contract_s(tmp_path: Path) -> None:
    """Every field, in both directions."""
    run(TOOLS / "openapi-typescript", CONTRACT, "--output", tmp_path / "api.d.ts")
    for file in (CLIENT / "types/types.d.ts", Path(__file__).with_name("contract.ts")):
        (tmp_path / file.name).write_text(file.read_text())
    run(TOOLS / "tsc", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "contract.ts", cwd=tmp_path)


def test_its_codes_are_the_contract_s() -> None:
    contract, types = CONTRACT.read_text(), (CLIENT / "src/types.js").read_text()
    codes = {
        name: set(re.findall(r'"([a-z-]+)"', re.search(rf"@typedef {{(.*)}} {name}\b", types)[1])) for name in ("ServiceCode", "JobCode")
    }  # type: ignore[index]
    assert codes["ServiceCode"] == set(re.findall(r"urn:inferstack:problem:([a-z][a-z-]*)", contract))
    (about,) = re.findall(r"JobError:\n\s+description: (.*)", contract)
    assert {code for code in codes["JobCode"] if code not in about} == set()
