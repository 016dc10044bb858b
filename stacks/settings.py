"""Every difference between stages, as one frozen value; a combination that cannot work is refused here and names the fix."""

import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from recipes.errors import InvalidSettings

STAGES = ("local", "dev", "prod")
API_TIMEOUT_S = 30  # an HTTP API gives up on an integration here, and no quota raises it

HERE_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
HERE_ARCHITECTURE = "arm64" if platform.machine().lower() in {"aarch64", "arm64"} else "x86_64"

# The emulator runs functions in this machine's own interpreter, starts the server itself instead of a container, and serves from
# addresses of this machine: all of what "local" means is in its column.
#                                   local                                          dev           prod
_BY_STAGE: Mapping[str, tuple[Any, Any, Any]] = {
    "auth":                        ("none",                                       "jwt",        "jwt"),
    "cors_origins":                (("*",),                                       (),           ()),
    "page_connect_sources":        (("http://localhost:*", "http://*.localhost:*"), (),         ()),
    "serving_image":               ("inferstack/serving",                         "codebuild",  "codebuild"),
    "serverless_concurrency":      (5,                                            5,            20),
    "instances_min":               (1,                                            1,            2),
    "instances_max":               (1,                                            2,            6),
    "function_python":             (HERE_PYTHON,                                  "3.13",       "3.13"),
    "function_architecture":       (HERE_ARCHITECTURE,                            "arm64",      "arm64"),
    "throttle_rate_per_s":         (10_000,                                       50,           500),
    "throttle_burst":              (5_000,                                        100,          1_000),
    "log_retention_days":          (1,                                            14,           90),
    "retain_data":                 (False,                                        False,        True),
}  # fmt: skip

SERVERLESS_MEMORY_MB = (1024, 2048, 3072, 4096, 5120, 6144)
LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
DEFAULT_INSTANCE = {"cpu": "ml.c7i.large", "gpu": "ml.g4dn.xlarge"}
GPU_INSTANCE = re.compile(r"ml\.(p\d|g\d)\w*\.")


@dataclass(frozen=True, slots=True)
class Variant:
    """One model behind the endpoint and its share of the traffic.

    Args:    name: the production variant's name.
             weight: its share, relative to the others' weights.
             archive: the key of its model.tar.gz in the dump bucket; empty for the model the recipe ships.
    """

    name: str
    weight: float = 1.0
    archive: str = ""

    @classmethod
    def parse(cls, text: str) -> "Variant":
        """Return the variant that `name`, `name:weight` or `name:weight:archive` describes."""
        name, _, rest = text.partition(":")
        weight, _, archive = rest.partition(":")
        return cls(name, float(weight or 1), archive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a stage is made of. Fields without a default differ by stage; `for_stage` fills them in from the table above.

    Raises:  InvalidSettings: a combination that cannot be deployed, with the fix.
    """

    stage: str
    recipe: str = "digits"
    account: str = ""  # empty: whichever account the credentials are of
    region: str = ""  # empty: whichever region the credentials name

    # The endpoint. serverless scales to zero; cpu and gpu are instances that always run.
    endpoint_kind: str = "serverless"
    instance_type: str = ""  # empty: a small one of the kind
    serving_image: str  # "codebuild" builds serving/Dockerfile while deploying; anything else is the image's address
    serverless_memory_mb: int = 2048
    serverless_concurrency: int
    instances_min: int
    instances_max: int
    invocations_per_instance_per_min: int = 6_000  # autoscaling holds this
    variants: tuple[Variant, ...] = (Variant("AllTraffic"),)
    model_dir: str = ""  # a folder with model.onnx and manifest.json; empty: the model the recipe ships
    capture_percent: int = 0  # share of requests and answers kept in the dump bucket, under capture/
    log_level: str = "INFO"

    # The predict function.
    function_python: str
    function_architecture: str
    function_memory_mb: int = 1024
    function_timeout_s: int = 29

    # The API and the page.
    auth: str
    cors_origins: tuple[str, ...]  # beside the page's own
    page_connect_sources: tuple[str, ...]  # what the page may talk to, beside the API and the sign-in
    throttle_rate_per_s: int
    throttle_burst: int

    # What is kept, for how long, and who is told.
    retain_data: bool
    log_retention_days: int
    training_data_ia_days: int = 30
    training_data_glacier_days: int = 90
    noncurrent_days: int = 90
    capture_days: int = 30
    alarm_email: str = ""
    monthly_budget_usd: int = 0

    @classmethod
    def for_stage(cls, stage: str, **overrides: object) -> "Settings":
        """Return the stage's settings.

        Args:    stage: local, dev or prod.
                 overrides: fields by name; text is read by the field's type (`"a,b"` is a tuple), anything else is taken as it is.
        Raises:  InvalidSettings: no such stage or field, a value that is not of the field's type, or a combination that cannot work.
        """
        if stage not in STAGES:
            raise InvalidSettings(f"stage is {stage!r}, not one of {', '.join(STAGES)}", advice="pass -c stage=local, dev or prod")
        known = {field.name: field.type for field in fields(cls) if field.name != "stage"}
        if unknown := sorted(overrides.keys() - known.keys()):
            raise InvalidSettings(f"no setting {', '.join(unknown)}; there are {', '.join(known)}", advice="correct the name after -c")
        values: dict[str, Any] = {name: by_stage[STAGES.index(stage)] for name, by_stage in _BY_STAGE.items()}
        values |= {name: _parse(name, value, known[name]) if isinstance(value, str) else value for name, value in overrides.items()}
        return cls(stage=stage, **values)

    def __post_init__(self) -> None:
        for broken, said, fix in _problems(self):
            if broken:
                raise InvalidSettings(f"{said}: {fix}", advice=fix)

    @property
    def deployed(self) -> bool:
        """Whether strangers can reach it."""
        return self.stage != "local"

    @property
    def serverless(self) -> bool:
        """Whether the endpoint scales to zero instead of running on instances."""
        return self.endpoint_kind == "serverless"

    @property
    def endpoint_name(self) -> str:
        """The endpoint's name: known before it exists, so that nothing needs another stack's export for it."""
        return f"inferstack-{self.stage}-{self.recipe.replace('_', '-')}"

    @property
    def endpoint_instance_type(self) -> str:
        """The instances' type; empty for a serverless endpoint."""
        return "" if self.serverless else self.instance_type or DEFAULT_INSTANCE[self.endpoint_kind]


def _parse(name: str, text: str, kind: object) -> object:
    """Return the text as the field's type, or raise InvalidSettings."""
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        if kind is int:
            return int(text)
        items = tuple(item.strip() for item in text.split(",") if item.strip())
        if kind == tuple[str, ...]:
            return items
        return tuple(Variant.parse(item) for item in items) if kind == tuple[Variant, ...] else text
    except (KeyError, ValueError):
        wanted = getattr(kind, "__name__", kind) if isinstance(kind, type) else kind
        raise InvalidSettings(f"{name} is {text!r}, not {wanted}", advice=f"write it as {wanted}") from None


def _problems(s: Settings) -> list[tuple[bool, str, str]]:
    """Return (is it broken, what is wrong, the fix) for every rule."""
    image = s.serving_image
    return [
        (s.stage not in STAGES, f"stage is {s.stage!r}", f"use one of {', '.join(STAGES)}"),
        (not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", s.recipe), f"recipe is {s.recipe!r}", "name a folder of recipes/"),
        (bool(s.account) and not re.fullmatch(r"\d{12}", s.account), f"account is {s.account!r}", "write its 12 digits, or leave it out"),
        (bool(s.region) and not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", s.region), f"region is {s.region!r}", "write it like eu-west-1"),
        (bool(s.account) != bool(s.region), "account and region go together", "set both, or neither"),
        # The endpoint.
        (s.endpoint_kind not in ("serverless", "cpu", "gpu"), f"endpoint_kind is {s.endpoint_kind!r}", "use serverless, cpu or gpu"),
        (s.serverless and bool(GPU_INSTANCE.match(s.instance_type)), "a serverless endpoint has no GPU", "set endpoint_kind=gpu"),
        (s.serverless and bool(s.instance_type), "a serverless endpoint has no instance type", "set endpoint_kind=cpu or gpu, or drop instance_type"),
        (
            bool(s.instance_type) and not s.serverless and bool(GPU_INSTANCE.match(s.instance_type)) != (s.endpoint_kind == "gpu"),
            f"{s.instance_type} is no {s.endpoint_kind} instance",
            f"choose another endpoint_kind, or an instance_type like {DEFAULT_INSTANCE.get(s.endpoint_kind)}",
        ),
        (bool(s.instance_type) and not s.instance_type.startswith("ml."), f"instance_type is {s.instance_type!r}", "write it like ml.c7i.large"),
        (
            s.serverless and s.serverless_memory_mb not in SERVERLESS_MEMORY_MB,
            f"serverless_memory_mb is {s.serverless_memory_mb}",
            f"use one of {', '.join(map(str, SERVERLESS_MEMORY_MB))}",
        ),
        (not 1 <= s.serverless_concurrency <= 200, f"serverless_concurrency is {s.serverless_concurrency}", "use 1 to 200"),
        (not 1 <= s.instances_min <= s.instances_max, f"instances are {s.instances_min} to {s.instances_max}", "have 1 <= instances_min <= instances_max"),
        (s.invocations_per_instance_per_min < 1, "invocations_per_instance_per_min is below 1", "use what one instance answers in a minute"),
        (not 0 <= s.capture_percent <= 100, f"capture_percent is {s.capture_percent}", "use 0 to 100"),
        (s.serverless and s.capture_percent > 0, "a serverless endpoint captures no data", "set endpoint_kind=cpu, or capture_percent=0"),
        (s.serverless and len(s.variants) != 1, f"a serverless endpoint has one variant, not {len(s.variants)}", "set endpoint_kind=cpu, or name one"),
        (not 1 <= len(s.variants) <= 10, f"there are {len(s.variants)} variants", "name 1 to 10"),
        (len({v.name for v in s.variants}) < len(s.variants), "two variants have one name", "give each its own"),
        (
            not all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,62})", v.name) for v in s.variants),
            "a variant's name is none",
            "use letters, digits and hyphens",
        ),
        (any(v.weight < 0 for v in s.variants) or not sum(v.weight for v in s.variants) > 0, "variants share no traffic", "use weights >= 0, one above"),
        (any(v.archive and not v.archive.startswith("models/") for v in s.variants), "a variant's archive is outside models/", "put it there"),
        (s.deployed and image != "codebuild" and "/" not in image, f"serving_image is {image!r}", "use codebuild, or the image's whole address"),
        (not s.deployed and image == "codebuild", "CodeBuild is not emulated", "leave serving_image out"),
        # The function.
        (
            s.function_timeout_s >= API_TIMEOUT_S,
            f"function_timeout_s is {s.function_timeout_s}, and the API gives up after {API_TIMEOUT_S}",
            "use at most 29",
        ),
        (s.function_timeout_s < 1, f"function_timeout_s is {s.function_timeout_s}", "use at least 1"),
        (not 128 <= s.function_memory_mb <= 10_240, f"function_memory_mb is {s.function_memory_mb}", "use 128 to 10240"),
        (s.function_architecture not in ("x86_64", "arm64"), f"function_architecture is {s.function_architecture!r}", "use x86_64 or arm64"),
        (not re.fullmatch(r"3\.1[1-9]", s.function_python), f"function_python is {s.function_python!r}", "use a version from 3.11 on, like 3.13"),
        # The API.
        (s.auth not in ("none", "jwt", "iam"), f"auth is {s.auth!r}", "use jwt or iam (none only for local)"),
        (s.deployed and s.auth == "none", f"{s.stage} would answer strangers", "set auth=jwt or auth=iam"),
        (s.deployed and "*" in s.cors_origins, "any page could use a signed-in visitor's API", "name the origins, like https://app.example.com"),
        (
            not all(origin == "*" or re.fullmatch(r"https?://[^/*\s]+", origin) for origin in s.cors_origins),
            f"cors_origins are {', '.join(s.cors_origins)}",
            "write origins without a path, like https://app.example.com",
        ),
        (s.throttle_rate_per_s < 1 or s.throttle_burst < 1, "throttling lets nothing through", "use rates from 1 on"),
        # What is kept.
        (s.log_retention_days not in LOG_RETENTION_DAYS, f"log_retention_days is {s.log_retention_days}", f"use one of {LOG_RETENTION_DAYS}"),
        (s.training_data_ia_days < 30, f"training_data_ia_days is {s.training_data_ia_days}", "use at least 30: S3 refuses less"),
        (
            s.training_data_glacier_days < s.training_data_ia_days + 30,
            f"training data would leave infrequent access after {s.training_data_glacier_days - s.training_data_ia_days} days",
            "have training_data_glacier_days at least 30 after training_data_ia_days",
        ),
        (s.noncurrent_days < 1 or s.capture_days < 1, "days of keeping are below 1", "use at least 1"),
        (s.monthly_budget_usd < 0, f"monthly_budget_usd is {s.monthly_budget_usd}", "use 0 for none"),
        (s.monthly_budget_usd > 0 and not s.alarm_email, "nobody would hear of the budget", "set alarm_email"),
        (bool(s.alarm_email) and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", s.alarm_email), f"alarm_email is {s.alarm_email!r}", "write an address"),
    ]  # fmt: skip
