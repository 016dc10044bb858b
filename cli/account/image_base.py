"""Whether the image that the server's image is built from can be pulled (the Registry API of Docker, without credentials), and where one is
that need not be built.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.finding import Finding
from deployment.settings import ECR_ADDRESS

if TYPE_CHECKING:
    import httpx

DOCKER_HUB = "registry-1.docker.io"
BASE = re.compile(r"^ARG\s+BASE=(?P<image>\S+)", re.MULTILINE)
CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
MANIFESTS = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")


@dataclass(frozen=True, slots=True)
class ImageAddress:
    """Where an image is: its registry, its repository there, and its digest or tag."""

    registry: str
    repository: str
    reference: str


def find_base(dockerfile: str) -> str:
    """Return the image that a Dockerfile starts from by itself."""
    match = BASE.search(dockerfile)
    if match is None:
        raise ValueError("the Dockerfile has no ARG BASE")
    return match["image"]


def parse_image(image: str) -> ImageAddress:
    """Return where an image is, as Docker reads its name."""
    name, _, digest = image.partition("@")
    first, slash, rest = name.partition("/")
    has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, path = (first, rest) if has_registry else (DOCKER_HUB, name)
    repository, _, tag = path.partition(":")
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    return ImageAddress(registry, repository, digest or tag or "latest")


def judge_place(image: str, region: str) -> Finding:
    """Return whether an image that is there already is in the region: SageMaker takes no other's."""
    address = ECR_ADDRESS.fullmatch(image)
    place = address["region"] if address else ""
    return Finding(
        "image", place == region, f"{image} is in {place}", f"copy it to ECR of {region}: SageMaker takes no image of another region"
    )


def check_base(image: str, http: "httpx.Client") -> Finding:
    """Return whether an image can be pulled from here by anybody, and how to name it for good where its name is a tag, which moves."""
    import httpx  # noqa: PLC0415 - 100 ms that `--help` need not pay

    address = parse_image(image)
    fix = "CodeBuild pulls it while deploying: check the address in serving/Dockerfile, or name an image with -c serving_image=…"
    try:
        answer = _ask(address, http)
    except (httpx.HTTPError, ValueError) as error:
        return Finding("image base", False, f"{image}: {error}", f"{fix}; from behind a proxy only this look fails")
    if answer.is_success:
        return Finding("image base", True, _describe(image, answer.headers.get("docker-content-digest", "")))
    reason = "it allows no more pulls at the moment" if answer.status_code == 429 else f"{address.registry} answers {answer.status_code}"
    return Finding("image base", False, f"{image}: {reason}", fix)


def _describe(image: str, digest: str) -> str:
    if "@" in image:
        return image
    name = image.rpartition(":")[0] if ":" in image.rpartition("/")[2] else image
    fixed = (
        f"-c image_base={name}@{digest}"
        if digest
        else f"-c image_base={name}@sha256:…, with the digest that `docker buildx imagetools inspect {image}` prints"
    )
    return f"{image} is a tag, which moves. To build each time from what it names today: {fixed}"


def _ask(address: ImageAddress, http: "httpx.Client") -> "httpx.Response":
    """Ask for the manifest, with the token for everybody that the registry's first answer sends us to."""
    url = f"https://{address.registry}/v2/{address.repository}/manifests/{address.reference}"
    headers = {"accept": ", ".join(MANIFESTS)}
    answer = http.head(url, headers=headers)
    if answer.status_code != 401:
        return answer
    challenge = dict(CHALLENGE.findall(answer.headers.get("www-authenticate", "")))
    realm = challenge.pop("realm", "")
    if not realm:
        return answer
    granted = http.get(realm, params=challenge).raise_for_status().json()
    token = granted.get("token") or granted.get("access_token", "")
    return http.head(url, headers={**headers, "authorization": f"Bearer {token}"})
