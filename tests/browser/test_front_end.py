"""docs/front-end.md: its pages as they are printed, in a real browser, and its other lines against the types of what they call."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import NODE, ROOT
from tests.browser.servers import TYPES, FakePage, Reply, Request, serve
from tests.browser.upload_servers import FakeCloud

PAGE = (ROOT / "docs/front-end.md").read_text()
CLIENT, TOOLS = ROOT / "clients/js", ROOT / "node_modules/.bin"
ENVIRONMENT = {**os.environ, "PATH": f"{NODE.parent}:{os.environ['PATH']}"}
SUMMARY = {"rows": 2, "succeeded": 2, "failed": 0, "predictions": [{"row": 1, "label": 4}, {"row": 2, "label": 2}]}
WHAT_A_READER_HAS = """
import type { Client } from "inferstack-client";
declare global {
  const apiUrl: string, eventsUrl: string, region: string, apiKey: string;
  const userPoolId: string, userPoolClientId: string, username: string, password: string;
  const file: File, job: { channel: string }, client: Client, show: (value: unknown) => void;
}
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def run(*command: object, cwd: Path) -> None:
    done = subprocess.run([*map(str, command)], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def install(folder: Path) -> None:
    """Do what npm does: a link to each package, and to the client's folder."""
    modules = folder / "node_modules"
    modules.mkdir()
    for package in (ROOT / "node_modules").iterdir():
        (modules / package.name).symlink_to(package)
    (modules / "inferstack-client").symlink_to(CLIENT)


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Serve a folder as a dev server does, on a port, and so an origin, of its own."""

    def reply(request: Request) -> Reply:
        file = folder / (request.path.lstrip("/") or "index.html")
        return Reply(200, file.read_bytes(), {"content-type": TYPES[file.suffix]}) if file.is_file() else Reply(404, b"")

    with serve(reply) as url:
        yield url


def write_plain(folder: Path) -> None:
    (html,) = blocks("html")
    assert len(html.splitlines()) <= 25
    (folder / "index.html").write_text(html)
    (folder / "client").symlink_to(CLIENT / "src")


def write_react(folder: Path) -> None:
    (jsx,) = blocks("jsx")
    install(folder)
    (folder / "app.jsx").write_text(jsx)
    run(TOOLS / "esbuild", "app.jsx", "--bundle", "--format=esm", "--jsx=automatic", "--outfile=app.js", "--log-level=warning", cwd=folder)
    (folder / "index.html").write_text('<!doctype html><title>Any</title><div id="root"></div><script type="module" src="app.js"></script>')


@pytest.mark.parametrize("write", [write_plain, write_react])
def test_its_page_uploads_a_photo_and_is_told(
    browser: Browser, cloud: FakeCloud, site: FakePage, tmp_path: Path, write: Callable[[Path], None]
) -> None:
    write(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(site.config))
    with serve_folder(tmp_path) as url:
        page = browser.new_page()
        page.goto(url)
        page.get_by_label("A photo of digits").set_input_files(ROOT / "docs/digits-photo.jpg")
        job = cloud.next()
        assert job.body == (ROOT / "docs/digits-photo.jpg").read_bytes()
        cloud.events.wait_for(job.channel)
        asked = len(cloud.gets)
        cloud.finish(job, SUMMARY)
        expect(page.get_by_role("status")).to_have_text("4 2")
        assert len(cloud.gets) <= asked + 2  # pushed, not polled: once when the channel opened, once at the end
        cloud.refusals = [Reply(403, b"<Error><Message>Access Denied</Message></Error>")]
        page.get_by_label("A photo of digits").set_input_files(ROOT / "docs/seven.png")
        expect(page.get_by_role("status")).to_have_text("Upload refused: Access Denied Upload it again.")
        page.close()


def test_its_other_lines_hold_against_the_types(tmp_path: Path) -> None:
    install(tmp_path)
    (tmp_path / "reader.d.ts").write_text(WHAT_A_READER_HAS)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    lines = blocks("js")
    assert len(lines) >= 3
    for i, block in enumerate(lines):
        (tmp_path / f"block{i}.js").write_text(f"{block}\nexport {{}};\n")
    options = {"noEmit": True, "allowJs": True, "checkJs": True, "strict": True, "noImplicitAny": False, "skipLibCheck": True}
    target = {"target": "es2023", "module": "esnext", "moduleResolution": "bundler", "types": []}
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options | target, "include": ["*.js", "reader.d.ts"]}))
    run(TOOLS / "tsc", "--project", tmp_path, cwd=tmp_path)
