"""Whether the page is there, safe, and led to this API."""

from cli.verify.check import Check, require
from cli.verify.deployment import Deployment

HEADERS = {"content-security-policy": "default-src 'none'", "x-content-type-options": "nosniff", "x-frame-options": "DENY"}


def list_checks() -> list[Check]:
    """Return the checks."""
    return [Check("page", "there, safe and led to this API", check_page, "deploy the Web stack again, and look at its distribution")]


def check_page(deployment: Deployment) -> str:
    """Read the page, its headers and its configuration."""
    url, outputs = deployment.outputs["PageUrl"], deployment.outputs
    page = deployment.http.get(f"{url}/", timeout=30)
    require(page.is_success and "<script" in page.text, f"{url} answers {page.status_code}")
    for name, expected in HEADERS.items():
        got = page.headers.get(name, "")
        require(expected in got, f"the page's {name} is {got!r}, expected {expected}")
    config = deployment.http.get(f"{url}/config.json", timeout=30).raise_for_status().json()
    wanted = {"apiUrl": outputs["ApiUrl"], "recipe": deployment.recipe.name, "stage": deployment.stage}
    for name, expected in wanted.items():
        require(config.get(name) == expected, f"the page's {name} is {config.get(name)!r}, expected {expected!r}")
    if deployment.others:
        listed, names = [str(each["recipe"]) for each in config.get("recipes", [])], [each.recipe.name for each in deployment.split()]
        require(listed == names, f"the page has a choice of {', '.join(listed) or 'nothing'}, expected {', '.join(names)}")
    require(config["auth"]["kind"] == deployment.auth, f"the page signs in by {config['auth']['kind']}, the API by {deployment.auth}")
    return url
