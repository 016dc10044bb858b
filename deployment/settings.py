"""Every difference between stages, as one frozen value; a combination that cannot work is refused here and names the fix."""

import platform
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, get_origin

from deployment.rules import BATCH_INSTANCE, DEFAULT_INSTANCE, problems
from recipes.errors import InvalidSettings

STAGES = ("local", "dev", "prod")
HERE_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
HERE_ARCHITECTURE = "arm64" if platform.machine().lower() in {"aarch64", "arm64"} else "x86_64"

UPLOAD_REQUESTS = 2  # of one function to the endpoint at once
LEAST_UPLOAD_FUNCTIONS = 2  # what a queue's event source takes
AT_ONCE_PER_INSTANCE = 8

_THIS_MACHINE = ("http://127.0.0.1:*", "http://localhost:*", "http://*.localhost:*", "ws://127.0.0.1:*")

# The emulator runs functions in this machine's own interpreter, starts the server itself instead of a container, and serves from
# addresses of this machine: all of what "local" means is in its column.
_BY_STAGE: Mapping[str, tuple[Any, Any, Any]] = {
    # field                      local               dev           prod
    "auth":                     ("none",             "jwt",        "jwt"),
    "cors_origins":             (("*",),             (),           ()),
    "page_connect_sources":     (_THIS_MACHINE,      (),           ()),
    "serving_image":            ("inferstack/serving", "codebuild", "codebuild"),
    "serverless_concurrency":   (5,                  5,            20),
    "instances_min":            (1,                  1,            2),
    "instances_max":            (1,                  2,            6),
    "function_python":          (HERE_PYTHON,        "3.13",       "3.13"),
    "function_architecture":    (HERE_ARCHITECTURE,  "arm64",      "arm64"),
    "throttle_rate_per_s":      (10_000,             50,           500),
    "throttle_burst":           (5_000,              100,          1_000),
    "log_retention_days":       (1,                  14,           90),
    "upload_timeout_s":         (120,                300,          300),
    "events_scheme":            ("",                 "s",          "s"),
    "bake_s":                   (4,                  300,          300),
    "rollout_poll_s":           (2,                  60,           60),
    "retain_data":              (False,              False,        True),
}  # fmt: skip


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
    serverless_memory_mb: int = 0  # 0: 2048
    serverless_concurrency: int
    instances_min: int
    instances_max: int
    invocations_per_instance_per_min: int = 6_000  # autoscaling holds this
    variants: tuple[Variant, ...] = (Variant("AllTraffic"),)
    shadow: tuple[Variant, ...] = ()  # one at most: gets copies of a share of the requests, its weight, and nobody gets its answers
    model_dir: str = ""  # a folder with model.onnx and manifest.json; empty: the model the recipe ships
    capture_percent: int = 0  # share of requests and answers kept in the dump bucket, under capture/
    log_level: str = "INFO"

    # Models after the first: a version that is approved is rolled out.
    bake_s: int  # how long a canary, and then the whole new fleet, must stay without an alarm
    rollout_poll_s: int  # between two looks at a rollout under way

    # The predict function.
    function_python: str
    function_architecture: str
    function_memory_mb: int = 1024
    function_timeout_s: int = 29

    # Uploads: photos and batches, answered by way of a queue.
    upload_timeout_s: int  # of the function; the queue waits six times as long before it gives a message to another
    upload_memory_mb: int = 1769  # one whole CPU
    upload_attempts: int = 5  # then the message waits in the dead-letter queue
    max_upload_mb: int = 1024
    transform_over_mb: int = 100  # larger uploads go to Batch Transform; 128,000 digits have 100 MB
    transform_instance_type: str = ""  # empty: one like the endpoint's kind
    upload_days: int = 7  # what was uploaded is kept
    result_days: int = 90  # what was answered is kept
    events_scheme: str  # what stands between http or ws and ://, where the Event API is called

    # Training: a SageMaker pipeline, and what becomes of what it registers.
    training_instance_type: str = "ml.m5.xlarge"
    training_gpu_instance_type: str = ""  # for candidates that profit from one; empty: they train on the CPU
    training_spot: bool = True  # capacity that may be taken away, at about a third of the price; checkpoints go on where it was
    training_timeout_s: int = 7200  # of a job
    start_on_data: bool = False  # whether raw/<recipe>/_READY starts an execution
    approval: str = "manual"  # or automatic: whatever passes the conditions is deployed
    notebook: bool = False  # whether there is a notebook instance, which bills while it runs
    notebook_instance_type: str = "ml.t3.medium"

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

    @classmethod
    def for_stage(cls, stage: str, **overrides: object) -> "Settings":
        """Return the stage's settings.

        Args:    stage: local, dev or prod.
                 overrides: fields by name; text is read by the field's type (`"a,b"` is a tuple); anything else must be of it.
        Raises:  InvalidSettings: no such stage or field, a value that is not of the field's type, or a combination that cannot work.
        """
        if stage not in STAGES:
            raise InvalidSettings(f"stage is {stage!r}, not one of {', '.join(STAGES)}", advice="pass -c stage=local, dev or prod")
        known = {field.name: field.type for field in fields(cls) if field.name != "stage"}
        if unknown := sorted(overrides.keys() - known.keys()):
            raise InvalidSettings(f"no setting {', '.join(unknown)}; there are {', '.join(known)}", advice="correct the name after -c")
        values: dict[str, Any] = {name: by_stage[STAGES.index(stage)] for name, by_stage in _BY_STAGE.items()}
        values |= {name: _parse(name, value, known[name]) for name, value in overrides.items()}
        return cls(stage=stage, **values)

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        for said, fix in problems(self):
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
    def model_group(self) -> str:
        """The model package group, whose newest approved package the endpoint serves."""
        return self.endpoint_name

    @property
    def pipeline_name(self) -> str:
        """The training pipeline's name."""
        return self.endpoint_name

    @property
    def notebook_name(self) -> str:
        """The notebook instance's name, if there is one."""
        return self.endpoint_name

    @property
    def endpoint_memory_mb(self) -> int:
        """The serverless endpoint's memory; 0 for instances."""
        return self.serverless_memory_mb or 2048 if self.serverless else 0

    @property
    def upload_chunk_bytes(self) -> int:
        """The most a request of the upload path holds: well below the endpoint's limit, so that others get their turn between two."""
        return 1_000_000

    @property
    def upload_functions(self) -> int:
        """Functions of the upload path at once: half of what the endpoint answers at once is left to those who wait for an answer."""
        at_once = self.serverless_concurrency if self.serverless else AT_ONCE_PER_INSTANCE * self.instances_min
        return max(LEAST_UPLOAD_FUNCTIONS, at_once // (2 * UPLOAD_REQUESTS))

    @property
    def batch_instance_type(self) -> str:
        """The instances of Batch Transform."""
        return self.transform_instance_type or BATCH_INSTANCE["gpu" if self.endpoint_kind == "gpu" else "cpu"]

    @property
    def endpoint_instance_type(self) -> str:
        """The instances' type; empty for a serverless endpoint."""
        return "" if self.serverless else self.instance_type or DEFAULT_INSTANCE[self.endpoint_kind]


def _list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


# How `-c name=text` is read, by the field's type: what it should have looked like, and the reader.
_READERS: dict[Any, tuple[str, Callable[[str], object]]] = {
    str: ("text", str),
    int: ("a whole number", int),
    bool: ("true or false", lambda text: {"true": True, "false": False}[text.lower()]),
    tuple[str, ...]: ("a list like a,b", lambda text: tuple(_list(text))),
    tuple[Variant, ...]: ("a list like champion:0.9,challenger:0.1:models/new.tar.gz", lambda text: tuple(map(Variant.parse, _list(text)))),
}


def _parse(name: str, value: object, kind: Any) -> object:
    """Return the value, read by the field's type where it is text, or raise InvalidSettings."""
    wanted, read = _READERS[kind]
    if not isinstance(value, str):
        if type(value) is (get_origin(kind) or kind):  # bool is no int here
            return value
    else:
        with suppress(KeyError, ValueError):
            return read(value)
    raise InvalidSettings(f"{name} is {value!r}, not {wanted}", advice=f"write {wanted}")
