import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "serving/Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()


def copied() -> list[str]:
    return [source for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE) for source in line.split()[:-1]]


def test_copies_what_there_is_and_what_the_context_holds() -> None:
    assert copied() == ["requirements/serving.txt", "requirements/serving-gpu.txt", "recipes", "serving"]
    for source in copied():
        assert (ROOT / source).exists()
        assert f"!{source}" in IGNORED


def test_sends_nothing_else_to_the_builder() -> None:
    assert IGNORED[1] == "*"
    assert [line.removeprefix("!") for line in IGNORED if line.startswith("!")] == sorted(
        copied(), key=lambda source: IGNORED.index(f"!{source}")
    )


def test_installs_only_what_is_locked_by_hash_and_builds_nothing() -> None:
    """A package that is built runs code of its own, with tools that no lock names."""
    assert re.findall(r"pip install (.*?) \\", DOCKERFILE) == [
        "--no-cache-dir --no-compile --only-binary :all: --require-hashes -r /opt/inferstack/requirements/$lock.txt"
    ]
    for lock in ("serving", "serving-gpu"):
        text = (ROOT / f"requirements/{lock}.txt").read_text()
        assert text.count("==") == len(re.findall(r"==.*\\\n +--hash=sha256:", text))


def test_swaps_only_the_runtime_for_the_gpu() -> None:
    def packages(lock: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / f"requirements/{lock}.txt").read_text(), re.MULTILINE))

    cpu, gpu = packages("serving"), packages("serving-gpu")
    assert {name.split("==")[0] for name in cpu - gpu} == {"onnxruntime"}
    assert all(name.startswith(("onnxruntime-gpu", "nvidia-")) for name in gpu - cpu)
    (version,) = [name.split("==")[1] for name in cpu - gpu]
    assert f"onnxruntime-gpu=={version}" in gpu


def test_runs_as_root_with_the_command_that_sagemaker_gives() -> None:
    assert not re.search(r"^USER ", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.splitlines()[-2:] == ['ENTRYPOINT ["python", "-m", "serving"]', 'CMD ["serve"]']


def test_lets_the_container_see_the_gpu_and_its_driver() -> None:
    assert "NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility" in DOCKERFILE


def test_pulls_its_base_from_a_registry_that_does_not_limit_codebuilds_addresses() -> None:
    (base,) = re.findall(r"^ARG BASE=(\S+)\nFROM \$\{BASE\}$", DOCKERFILE, re.MULTILINE)
    assert base.startswith("public.ecr.aws/docker/library/python:3.13-slim")


def test_compiles_bytecode_for_all_it_copies() -> None:
    assert DOCKERFILE.count("python -m compileall -q --invalidation-mode unchecked-hash") == 2
