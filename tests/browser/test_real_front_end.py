"""What a newcomer copies, on a real stack: the programs of the page, and the page of docs/front-end.md with its command."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from local.run_state import RunState
from tests.browser.conftest import ROOT
from tests.browser.test_code import LANGUAGES, choose, run
from tests.browser.test_front_end import blocks, serve_folder, write_plain


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_of_the_page_gets_the_right_answer(stack: RunState, browser: Browser, tmp_path: Path, language: str) -> None:
    page = browser.new_page()
    page.goto(stack.page_url)
    expect(page.locator("#code-panel code")).not_to_be_empty()
    assert re.search(r"label\W+7\b", run(language, choose(page, language), tmp_path))
    page.close()


def test_the_page_of_the_documentation_reads_a_photo(stack: RunState, stack_dir: Path, browser: Browser, tmp_path: Path) -> None:
    (script,) = blocks("bash")
    environment = {**os.environ, "INFERSTACK_STATE_DIR": str(stack_dir)}
    command = ["bash", "-euo", "pipefail", "-c", script.replace("/tmp/config.json", str(tmp_path / "config.json"))]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    write_plain(tmp_path)
    with serve_folder(tmp_path) as url:
        page = browser.new_page()
        page.goto(url)
        page.get_by_label("A photo of digits").set_input_files(ROOT / "docs/digits-photo.jpg")
        expect(page.get_by_role("status")).to_have_text(re.compile(r"^\d( \d){14}$"), timeout=30_000)
        page.close()
