"""The real command: no account, no network, no Docker."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from deployment.bundle import find_bundle, list_functions
from deployment.bundle.build import build_bundle
from deployment.stages import settings_for
from local.app import list_bundles
from local.assembly import STORE
from local.assembly_key import SOURCES, counts, find_key, merge_context
from tests.infra.conftest import CONTEXT

ROOT = Path(__file__).resolve().parents[2]


def build_environment(folder: Path) -> dict[str, str]:
    nowhere = "http://127.0.0.1:9"
    return {
        "CDK_OF_THIS_TEST": str(folder),  # nothing is kept for it
        "PATH": f"{ROOT / '.venv' / 'bin'}:/usr/bin:/bin",
        "HOME": str(folder),
        "CDK_HOME": str(folder / ".cdk"),
        "HTTPS_PROXY": nowhere,
        "HTTP_PROXY": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
        **{name: os.environ[name] for name in ("TMPDIR", "JSII_RUNTIME_PACKAGE_CACHE_ROOT") if name in os.environ},
    }


def cdk_synth(folder: Path, *context: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "node_modules" / ".bin" / "cdk"), "synth", "--quiet", "--no-notices", "--output", str(folder / "out")]
    for pair in context:
        command += ["-c", pair]
    return subprocess.run(command, cwd=ROOT, env=build_environment(folder), capture_output=True, text=True, timeout=240, check=False)


def test_synthesizes_with_the_cli_from_a_bare_environment(tmp_path: Path, synthesize: Any) -> None:
    expected = synthesize("prod")
    done = cdk_synth(tmp_path, "stage=prod")
    assert done.returncode == 0, done.stderr
    for stack, template in expected.templates.items():
        written = json.loads((tmp_path / "out" / f"Inferstack-prod-{stack}.template.json").read_text())
        assert set(written["Resources"]) == set(template["Resources"])
    context = merge_context({"stage": "prod"}, tmp_path)
    kept = STORE / find_key(context, build_environment(tmp_path) | {"CDK_DEFAULT_REGION": "us-east-1"}, list_bundles(context))
    assert (kept / "manifest.json").read_text() == (tmp_path / "out/manifest.json").read_text()  # where the command finds it too
    shutil.rmtree(kept)


def test_gives_all_that_has_tags_those_of_the_settings_and_hands_them_on_to_jobs(synthesize: Any) -> None:
    tagged, plain = synthesize("dev", tags="cost-center=ml,team=a b"), synthesize("dev")
    count = 0
    for stack, name, resource in plain.all():
        if own := read_tags(resource):
            count += 1
            assert read_tags(tagged.templates[stack]["Resources"].get(name, resource)) == own | {"cost-center": "ml", "team": "a b"}, name
    assert count > 40
    (function,) = [each for each in tagged.properties("AWS::Lambda::Function") if "process_upload" in each["Handler"]]
    assert function["Environment"]["Variables"]["TRANSFORM_TAGS"] == "cost-center=ml,team=a b"
    assert json.dumps(tagged.one("AWS::SageMaker::Pipeline")).count("cost-center") >= 4  # its own, and those of each job


def read_tags(resource: dict[str, Any]) -> dict[str, str]:
    """Return a resource's tags, which some types have as a list and others as an object."""
    properties = resource.get("Properties", {})
    tags: Any = next((properties[name] for name in ("Tags", "UserPoolTags") if name in properties), [])
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def test_says_what_is_wrong_and_what_to_do() -> None:
    import aws_cdk as cdk

    from app import main

    with pytest.raises(SystemExit, match="no setting memory; there are recipe"):
        main(cdk.App(context={**CONTEXT, "stage": "dev", "memory": "1"}))
    with pytest.raises(SystemExit, match=r"has no manifest\.json and no model\.onnx\nTrain one"):
        main(cdk.App(context={**CONTEXT, "stage": "dev", "model_dir": "nowhere"}))


def test_ends_where_a_template_breaks_cdks_own_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import aws_cdk as cdk

    import app

    def build(scope: cdk.App, _: object) -> None:
        cdk.CfnResource(cdk.Stack(scope, "Broken"), "Queue", type="AWS::SQS::Queue", properties={"NoSuchProperty": "1"})

    monkeypatch.setattr(app, "build", build)
    with pytest.raises(RuntimeError, match="NoSuchProperty"):
        app.main(cdk.App(outdir=str(tmp_path), context=CONTEXT))


def test_leaves_out_only_rules_of_a_service_that_no_stage_uses(every_option: Any) -> None:
    """A later CDK may add rules beside these, which app.py would leave out too."""
    folders = Path(os.environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"]).glob(f"aws-cdk-lib/{version('aws-cdk-lib')}/*/core/lib/validation/rules")
    assert {path.name for folder in folders for path in folder.iterdir()} == {"gamelift-fleet.rego"}
    assert not [kind for kind in (resource["Type"] for _, _, resource in every_option.all()) if "GameLift" in kind]


def test_needs_nothing_that_make_up_does_not_install(tmp_path: Path) -> None:
    """The environment of the tests holds every group; `make up` has only this one, so the others' packages are hidden here."""
    script = """
import re, runpy, sys
from importlib.metadata import packages_distributions
normal = lambda name: re.sub('[-_.]+', '-', name).lower()
kept = {normal(name) for name in re.findall(r'^([A-Za-z0-9_.-]+)==', open('requirements/deploy.txt').read(), re.MULTILINE)} | {'inferstack'}
hidden = {top for top, made_by in packages_distributions().items() if not kept & {normal(each) for each in made_by}}
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in hidden:
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)
sys.meta_path.insert(0, Hidden())
assert {'numpy', 'torch', 'pytest'} <= hidden
import boto3, httpx, cli.main  # the command imports its clients when it uses them
import atexit, os, pathlib
read = set()
get = os._Environ.__getitem__
def get_and_note(environment, name):
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith('<frozen'):
        frame = frame.f_back
    if '.venv' not in frame.f_code.co_filename and frame.f_code.co_filename.startswith(os.getcwd()):
        read.add(f'${name}')
    return get(environment, name)
os._Environ.__getitem__ = get_and_note
sys.addaudithook(lambda event, arguments: read.add(str(arguments[0])) if event == 'open' else None)
atexit.register(lambda: pathlib.Path(os.environ['CDK_OUTDIR'], 'read.txt').write_text('\\n'.join(read)))
for stage in ('local', 'prod'):
    os.environ['STAGE'] = stage
    runpy.run_path('app.py', run_name='__main__')
"""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": ".",
        "JSII_NODE": str(ROOT / ".venv/bin/node"),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": os.environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"],
        "CDK_OUTDIR": str(tmp_path),
        "CDK_CONTEXT_JSON": json.dumps(CONTEXT),
    }
    for stage, name in product(("local", "prod"), list_functions()):
        build_bundle(find_bundle(settings_for(stage), name))
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(list(tmp_path.glob("*Training.template.json"))) == 2
    read = (tmp_path / "read.txt").read_text().splitlines()
    assert list_unknown([each for each in read if not each.startswith("$")]) == []
    names = {each.removeprefix("$") for each in read if each.startswith("$")}
    assert {name for name in names if not counts(name)} == {"STAGE"}  # which becomes a setting


def list_unknown(read: list[str]) -> list[str]:
    """Return what a synthesis read of the checkout that does not count where it is asked whether anything has changed since."""
    built = [".venv", ".build", "node_modules/swagger-ui-dist"]  # what is installed is asked by its version
    names = {path.relative_to(ROOT) for path in map(ROOT.joinpath, read) if path.is_relative_to(ROOT) and path.is_file()}
    return sorted(str(name) for name in names if not any(name.is_relative_to(each) for each in [*SOURCES, *built]))
