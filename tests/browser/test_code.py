"""From your own code: each program on the page runs as it stands, for each kind of sign-in and of input."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from playwright.sync_api import Page, expect

from tests.browser.conftest import NODE, ROOT, ask, screenshot
from tests.browser.files import photo_summary
from tests.browser.servers import FakeApi, FakePage, Reply, Request, answer
from tests.browser.upload_servers import FakeCloud

RECORD = {"Type": "Vehicle search", "Object": 'a "sharp" driver\'s \\ café', "Latitude": 52.5, "Gender": None}
JWT = {"kind": "jwt", "region": "eu-west-1", "userPoolId": "any", "clientId": "any", "domain": "any"}
IAM = {"kind": "iam", "region": "eu-west-1"}
KEYS = ("AKIDEXAMPLE", "any/secret+key", "any-session")
LANGUAGES = ("curl", "Python", "JavaScript")
SALARY = {
    "name": "linear",
    "version": "1",
    "input": {"features": [{"name": "experience", "unit": "years"}]},
    "output": {"name": "values", "target": "salary", "unit": "USD"},
}


def run(language: str, program: str, folder: Path) -> str:
    """Run a program as somebody would who has its text and the keys it names; return what it prints."""
    environment = {
        **os.environ,
        "TOKEN": "any-token",
        "AWS_ACCESS_KEY_ID": KEYS[0],
        "AWS_SECRET_ACCESS_KEY": KEYS[1],
        "AWS_SESSION_TOKEN": KEYS[2],
    }
    script = folder / {"curl": "ask.sh", "Python": "ask.py", "JavaScript": "ask.mjs"}[language]
    script.write_text(program)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")  # what `npm install` would bring
    runner = {"curl": ["bash", "-eu"], "Python": [sys.executable], "JavaScript": [NODE]}[language]
    done = subprocess.run([*runner, script], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_program(*arguments: object) -> str:
    """Return the program that the page would show, where it cannot ask itself."""
    module = f"import('{ROOT}/web/snippet.js').then((m) => process.stdout.write(m.writeSnippet(...JSON.parse(process.argv[1]))))"
    return subprocess.run([NODE, "-e", module, json.dumps(arguments)], capture_output=True, text=True, check=True).stdout


def is_signed(request: Request, url: str) -> bool:
    """Return whether a request has the signature of its own content by the keys."""
    authorization = request.headers["authorization"]
    names = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
    signed = AWSRequest(request.method, url + request.path, {name: request.headers[name] for name in names}, request.body)
    signed.context["timestamp"] = request.headers["x-amz-date"]
    signer = SigV4Auth(Credentials(*KEYS), "execute-api", "eu-west-1")
    signature = signer.signature(signer.string_to_sign(signed, signer.canonical_request(signed)), signed)
    return f"Signature={signature}" in authorization and request.headers["x-amz-security-token"] == KEYS[2]


def check_sign_in(asked: Request, auth: dict[str, str], api: FakeApi) -> None:
    """Assert that the request says who asks as this kind of sign-in has it."""
    match auth["kind"]:
        case "jwt":
            assert asked.headers["authorization"] == "Bearer any-token"
        case "iam":
            assert is_signed(asked, api.url)
        case _:
            assert "authorization" not in asked.headers


def choose(page: Page, language: str) -> str:
    page.get_by_role("tab", name=language, exact=True).click()
    return page.locator("#code-panel").inner_text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("auth", [{"kind": "none"}, JWT, IAM], ids=lambda auth: auth["kind"])
def test_asks_about_the_sample(
    open_page: Callable[..., Page], api: FakeApi, site: FakePage, tmp_path: Path, *, language: str, auth: dict[str, str]
) -> None:
    site.config = {**site.config, "auth": auth}
    program = choose(open_page(), language)
    api.requests.clear()
    assert "0.998" in run(language, program, tmp_path)
    (asked,) = api.predictions  # what the page asks of its own may come as late as this
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", "/predictions", "image/png")
    assert asked.body == (ROOT / "docs/seven.png").read_bytes()
    check_sign_in(asked, auth, api)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("auth", [{"kind": "none"}, IAM], ids=lambda auth: auth["kind"])
def test_asks_about_each_digit_where_the_page_read_several(
    open_page: Callable[..., Page], api: FakeApi, site: FakePage, tmp_path: Path, *, language: str, auth: dict[str, str]
) -> None:
    one = answer().body
    several = {
        **one,
        "predictions": [one["predictions"][0] | {"box": [9, 9, 20, 30]}] * 2,
        "pictures": [{"width": 99, "height": 99, "unread": []}],
    }
    api.replies = [Reply(body={**one, "predictions": [one["predictions"][0] | {"digits_found": 2}]}), Reply(body=several)]
    page = open_page()
    ask(page)
    expect(page.locator("#code-panel")).to_contain_text("/predictions?digits=all")
    expect(page.get_by_role("link", name="Sample: example-photo.jpg")).to_be_visible()
    program = choose(page, language)
    if auth["kind"] == "iam":
        program = write_program(language, {"apiUrl": api.url, "auth": auth}, site.url, {"digits": "all"})
    api.requests.clear()
    assert "0.998" in run(language, program, tmp_path)
    (asked,) = api.predictions  # what the page asks of its own may come as late as this
    assert (asked.path, asked.headers["content-type"]) == ("/predictions?digits=all", "image/jpeg")
    assert asked.body == (ROOT / "web/example-photo.jpg").read_bytes()
    assert auth["kind"] == "none" or is_signed(asked, api.url)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("auth", [{"kind": "none"}, IAM], ids=lambda auth: auth["kind"])
def test_asks_about_numbers(
    open_page: Callable[..., Page], api: FakeApi, site: FakePage, tmp_path: Path, *, language: str, auth: dict[str, str]
) -> None:
    """Where the page can ask, about those in its form."""
    site.config = {**site.config, "recipe": "salary"}
    api.model, api.replies = Reply(body=SALARY), [Reply(body={"predictions": [{"value": 53521.3}], "model": {}, "id": "any"})]
    page = open_page()
    page.get_by_label("Experience years").fill("3.1")
    with page.expect_response("**/predictions"):  # else the page's own request may come after the program's
        page.get_by_role("button", name="Predict").click()
    expect(page.locator("#code-panel")).to_contain_text("3.1")
    program = choose(page, language)
    if auth["kind"] == "iam":
        program = write_program(language, {"apiUrl": api.url, "auth": auth}, site.url, {"instance": [3.1]})
    api.requests.clear()
    assert "53521.3" in run(language, program, tmp_path)
    (asked,) = api.predictions  # what the page asks of its own may come as late as this
    assert (json.loads(asked.body), asked.headers["content-type"]) == ({"instances": [[3.1]]}, "application/json")
    assert auth["kind"] == "none" or is_signed(asked, api.url)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("auth", "instance"),
    [({"kind": "none"}, None), ({"kind": "none"}, [3.1]), ({"kind": "none"}, RECORD), (JWT, None), (IAM, None)],
    ids=["none", "rows", "record", "jwt", "iam"],
)
def test_uploads_and_waits(
    api: FakeApi, site: FakePage, cloud: FakeCloud, tmp_path: Path, *, language: str, auth: dict[str, str], instance: Any
) -> None:
    program = write_program(language, {"apiUrl": api.url, "auth": auth}, site.url, {"instance": instance, "isUpload": True})
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(run, language, program, tmp_path)
        job = cloud.next()
        cloud.finish(job, photo_summary())
        assert "0.9" in ran.result()
    asked = (job.asked["name"], job.asked["content_type"])
    if instance is RECORD:
        assert (asked, json.loads(job.body)) == (("rows.jsonl", "application/jsonl"), RECORD)
    else:
        assert asked == (("rows.csv", "text/csv") if instance else ("example-photo.jpg", "image/jpeg"))
        assert job.body.strip() == (b"3.1" if instance else (ROOT / "web/example-photo.jpg").read_bytes().strip())
    for asked in api.requests:
        check_sign_in(asked, auth, api)


def test_shows_the_program_of_what_the_page_did(open_page: Callable[..., Page], api: FakeApi, cloud: FakeCloud) -> None:
    page = open_page()
    expect(page.locator("#code-panel")).to_contain_text("/predictions")
    page.get_by_role("button", name="Try a batch").click()
    expect(page.locator("#code-panel")).to_contain_text("/jobs")
    expect(page.get_by_role("button", name="Upload a file")).to_have_attribute("aria-pressed", "true")
    ask(page)
    expect(page.locator("#code-panel")).to_contain_text("/predictions")
    page.get_by_role("button", name="Upload a file").click()
    expect(page.locator("#code-panel")).to_contain_text("form-string")


def test_offers_the_picture_that_was_asked_about(page: Page, api: FakeApi) -> None:
    expect(page.get_by_role("link", name="Save your picture")).to_be_hidden()
    ask(page)
    expect(page.locator("#digit")).to_have_text("7")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save your picture").click()
    assert download.value.suggested_filename == "mine.png"
    assert download.value.path().read_bytes() == api.predictions[0].body


def test_goes_through_the_languages_by_keyboard(page: Page) -> None:
    tab = page.get_by_role("tab", name="curl")
    expect(tab).to_have_attribute("aria-selected", "true")
    tab.focus()
    for key, language in (
        ("ArrowLeft", "JavaScript"),
        ("ArrowRight", "curl"),
        ("End", "JavaScript"),
        ("Home", "curl"),
        ("ArrowRight", "Python"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("tab", name=language, exact=True)).to_be_focused()
        expect(page.get_by_role("tab", selected=True)).to_have_text(language)
    expect(page.get_by_role("tabpanel", name="Python program")).to_contain_text("import json")
    page.keyboard.press("Tab")
    expect(page.get_by_role("tabpanel")).to_be_focused()


def test_copies_by_one_click(open_page: Callable[..., Page], api: FakeApi) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator("#code-panel")).to_contain_text(f"{api.url}/predictions")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#code-panel code").text_content()
    expect(page.get_by_role("button", name="Copy a token")).to_be_hidden()


def test_has_the_sample_to_download(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Sample: digit.png").click()
    assert download.value.suggested_filename == "digit.png"
    assert download.value.path().read_bytes() == (ROOT / "docs/seven.png").read_bytes()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_is_wide_enough_to_touch(open_page: Callable[..., Page], width: int, scheme: str) -> None:
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    expect(page.locator("#code-panel code")).not_to_be_empty()
    sizes = page.evaluate(
        "[...document.querySelectorAll('#code button, #code a')].filter((e) => e.offsetParent).map((e) => e.getBoundingClientRect().height)"
    )
    assert len(sizes) == 7
    assert min(sizes) >= 44
    choose(page, "Python")
    screenshot(page, f"code-{width}-{scheme}")
