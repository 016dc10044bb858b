"""What no stage can be: every rule that settings are held to, as what is wrong and the fix."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deployment.settings import Settings

Problem = tuple[str, str]

API_TIMEOUT_S = 30  # an HTTP API gives up on a function here, and no quota raises it
SERVERLESS_MEMORY_MB = (1024, 2048, 3072, 4096, 5120, 6144)
LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
DEFAULT_INSTANCE = {"cpu": "ml.c7i.large", "gpu": "ml.g4dn.xlarge"}
BATCH_INSTANCE = {"cpu": "ml.m5.large", "gpu": "ml.g4dn.xlarge"}
GPU_INSTANCE = re.compile(r"ml\.(p\d|g\d)\w*\.")


def problems(settings: "Settings") -> Iterator[Problem]:
    """Give each thing that is wrong with the settings, and its fix."""
    yield from _place(settings)
    yield from _endpoint(settings)
    if settings.endpoint_kind == "serverless":
        yield from _serverless(settings)
    else:
        yield from _instances(settings)
    yield from _variants(settings)
    yield from _shadow(settings)
    yield from _rollouts(settings)
    yield from _function(settings)
    yield from _api(settings)
    yield from _uploads(settings)
    yield from _training(settings)
    yield from _kept(settings)


def _place(s: "Settings") -> Iterator[Problem]:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", s.recipe):
        yield f"recipe is {s.recipe!r}", "name a folder of recipes/"
    if s.account and not re.fullmatch(r"\d{12}", s.account):
        yield f"account is {s.account!r}", "write its 12 digits, or leave it out"
    if s.region and not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", s.region):
        yield f"region is {s.region!r}", "write it like eu-west-1"
    if bool(s.account) != bool(s.region):
        yield "account and region go together", "set both, or neither"


def _endpoint(s: "Settings") -> Iterator[Problem]:
    if s.endpoint_kind not in ("serverless", "cpu", "gpu"):
        yield f"endpoint_kind is {s.endpoint_kind!r}", "use serverless, cpu or gpu"
    if s.deployed and s.serving_image != "codebuild" and "/" not in s.serving_image:
        yield f"serving_image is {s.serving_image!r}", "use codebuild, or the image's whole address"
    if not s.deployed and s.serving_image == "codebuild":
        yield "CodeBuild is not emulated", "leave serving_image out"
    if not 0 <= s.capture_percent <= 100:
        yield f"capture_percent is {s.capture_percent}", "use 0 to 100"
    if s.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        yield f"log_level is {s.log_level!r}", "use DEBUG, INFO, WARNING or ERROR"


def _serverless(s: "Settings") -> Iterator[Problem]:
    if GPU_INSTANCE.match(s.instance_type):
        yield "a serverless endpoint has no GPU", "set endpoint_kind=gpu"
    elif s.instance_type:
        yield "a serverless endpoint has no instance type", "set endpoint_kind=cpu, or leave instance_type out"
    if s.serverless_memory_mb not in (0, *SERVERLESS_MEMORY_MB):
        yield f"serverless_memory_mb is {s.serverless_memory_mb}", f"use one of {', '.join(map(str, SERVERLESS_MEMORY_MB))}"
    if not 1 <= s.serverless_concurrency <= 200:
        yield f"serverless_concurrency is {s.serverless_concurrency}", "use 1 to 200"
    if s.capture_percent:
        yield "a serverless endpoint captures no data", "set endpoint_kind=cpu, or capture_percent=0"
    if len(s.variants) > 1:
        yield f"a serverless endpoint has one variant, not {len(s.variants)}", "set endpoint_kind=cpu, or name one variant"


def _instances(s: "Settings") -> Iterator[Problem]:
    wanted = DEFAULT_INSTANCE.get(s.endpoint_kind, "")
    if s.serverless_memory_mb:
        yield f"a {s.endpoint_kind} endpoint has no serverless_memory_mb", "leave it out, or set endpoint_kind=serverless"
    if s.instance_type and not s.instance_type.startswith("ml."):
        yield f"instance_type is {s.instance_type!r}", f"write it like {wanted}"
    elif s.instance_type and bool(GPU_INSTANCE.match(s.instance_type)) != (s.endpoint_kind == "gpu"):
        yield f"{s.instance_type} is no {s.endpoint_kind} instance", f"choose the other endpoint_kind, or an instance_type like {wanted}"
    if not 1 <= s.instances_min <= s.instances_max:
        yield f"instances are {s.instances_min} to {s.instances_max}", "have 1 <= instances_min <= instances_max"
    if s.invocations_per_instance_per_min < 1:
        yield "invocations_per_instance_per_min is below 1", "use what one instance answers in a minute"


def _variants(s: "Settings") -> Iterator[Problem]:
    names, weights = [v.name for v in s.variants], [v.weight for v in s.variants]
    if not 1 <= len(names) <= 5:  # each has two alarms, and a deployment takes ten
        yield f"there are {len(names)} variants", "name 1 to 5"
    if len(set(names)) < len(names):
        yield "two variants have one name", "give each its own"
    if not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}", name) for name in (*names, *(v.name for v in s.shadow))):
        yield f"variants are {', '.join(map(repr, names))}", "name them with letters, digits and hyphens"
    if any(weight < 0 for weight in weights) or not sum(weights) > 0:
        yield f"variants' weights are {', '.join(map(str, weights))}", "use weights >= 0, at least one above 0"
    if any(v.archive and not re.fullmatch(r"models/[\w./-]+\.tar\.gz", v.archive) for v in (*s.variants, *s.shadow)):
        yield "a variant's archive is no .tar.gz under models/ in the dump bucket", "put it there and give its key"


def _shadow(s: "Settings") -> Iterator[Problem]:
    if not s.shadow:
        return
    if len(s.shadow) > 1:
        yield f"there are {len(s.shadow)} shadows", "name one: an endpoint has no more"
    if s.endpoint_kind == "serverless":
        yield "a serverless endpoint has no shadow", "set endpoint_kind=cpu, or leave shadow out"
    if len(s.variants) != 1:
        yield f"a shadow follows one variant, not {len(s.variants)}", "name one in variants, or leave shadow out"
    if {v.name for v in s.shadow} & {v.name for v in s.variants}:
        yield "the shadow has its variant's name", "give it one of its own"
    if not all(0 < v.weight <= 1 for v in s.shadow):
        yield "the shadow's weight is not a share of the requests", "use one above 0 and up to 1, like shadow=challenger:0.5"


def _rollouts(s: "Settings") -> Iterator[Problem]:
    if not 0 <= s.bake_s <= 1800:  # it is waited twice, in the hour that a deployment may take
        yield f"bake_s is {s.bake_s}", "use 0 to 1800"
    if not 1 <= s.rollout_poll_s <= 900:
        yield f"rollout_poll_s is {s.rollout_poll_s}", "use 1 to 900"


def _function(s: "Settings") -> Iterator[Problem]:
    if s.function_timeout_s >= API_TIMEOUT_S:
        yield f"function_timeout_s is {s.function_timeout_s}, and the API gives up after {API_TIMEOUT_S}", "use at most 29"
    if s.function_timeout_s < 1:
        yield f"function_timeout_s is {s.function_timeout_s}", "use at least 1"
    if not 128 <= s.function_memory_mb <= 10_240:
        yield f"function_memory_mb is {s.function_memory_mb}", "use 128 to 10240"
    if s.function_architecture not in ("x86_64", "arm64"):
        yield f"function_architecture is {s.function_architecture!r}", "use x86_64 or arm64"
    if not re.fullmatch(r"3\.1[1-9]", s.function_python):
        yield f"function_python is {s.function_python!r}", "use a version from 3.11 on, like 3.13"


def _uploads(s: "Settings") -> Iterator[Problem]:
    if not 60 <= s.upload_timeout_s <= 900:
        yield f"upload_timeout_s is {s.upload_timeout_s}", "use 60 to 900"
    if not 512 <= s.upload_memory_mb <= 10_240:
        yield f"upload_memory_mb is {s.upload_memory_mb}", "use 512 to 10240: a photo of 50 megapixels is decoded in it"
    if not 2 <= s.upload_attempts <= 20:
        yield f"upload_attempts is {s.upload_attempts}", "use 2 to 20"
    if not 25 <= s.max_upload_mb <= 5_120:
        yield f"max_upload_mb is {s.max_upload_mb}", "use 25 to 5120: what S3 takes in one upload, and at least one photo"
    if not 1 <= s.transform_over_mb <= 5_120:
        yield f"transform_over_mb is {s.transform_over_mb}", "use 1 to 5120"
    if s.transform_instance_type and not s.transform_instance_type.startswith("ml."):
        yield f"transform_instance_type is {s.transform_instance_type!r}", "write it like ml.m5.large"
    elif s.transform_instance_type and bool(GPU_INSTANCE.match(s.transform_instance_type)) != (s.endpoint_kind == "gpu"):
        yield (
            f"{s.transform_instance_type} does not fit the image of a {s.endpoint_kind} endpoint",
            f"use one like {BATCH_INSTANCE['gpu' if s.endpoint_kind == 'gpu' else 'cpu']}",
        )
    if s.upload_days < 1 or s.result_days < 1:
        yield "upload_days and result_days are at least 1", "keep uploads and results for a day or more"


def _training(s: "Settings") -> Iterator[Problem]:
    if not s.training_instance_type.startswith("ml.") or GPU_INSTANCE.match(s.training_instance_type):
        yield f"training_instance_type is {s.training_instance_type!r}", "name one without a GPU, like ml.m5.xlarge"
    if s.training_gpu_instance_type and not GPU_INSTANCE.match(s.training_gpu_instance_type):
        yield f"training_gpu_instance_type is {s.training_gpu_instance_type!r}", "name one with a GPU, like ml.g4dn.xlarge, or leave it out"
    if not 600 <= s.training_timeout_s <= 432_000:
        yield f"training_timeout_s is {s.training_timeout_s}", "use 600 to 432000"
    if s.approval not in ("manual", "automatic"):
        yield f"approval is {s.approval!r}", "use manual or automatic"
    if s.notebook and not s.deployed:
        yield "the emulator has no notebook instance", "leave notebook out, and open notebooks/digits.ipynb with the Jupyter you have"
    if not s.notebook_instance_type.startswith("ml."):
        yield f"notebook_instance_type is {s.notebook_instance_type!r}", "write it like ml.t3.medium"


def _api(s: "Settings") -> Iterator[Problem]:
    if s.auth not in ("none", "jwt", "iam"):
        yield f"auth is {s.auth!r}", "use jwt or iam (none only for local)"
    if s.deployed and s.auth == "none":
        yield f"{s.stage} would answer strangers", "set auth=jwt or auth=iam"
    if s.deployed and "*" in s.cors_origins:
        yield "any page could use a signed-in visitor's API", "name the origins in cors_origins, like https://app.example.com"
    if not all(origin == "*" or re.fullmatch(r"https?://[^/*\s]+", origin) for origin in s.cors_origins):
        yield f"cors_origins are {', '.join(s.cors_origins)}", "write origins without a path, like https://app.example.com"
    if not all(re.fullmatch(r"(https?|wss?)://[^\s;,'\"]+", source) for source in s.page_connect_sources):
        yield f"page_connect_sources are {', '.join(s.page_connect_sources)}", "write them like https://api.example.com"
    if s.throttle_rate_per_s < 1 or s.throttle_burst < 1:
        yield "throttling lets nothing through", "use throttle_rate_per_s and throttle_burst from 1 on"


def _kept(s: "Settings") -> Iterator[Problem]:
    if s.log_retention_days not in LOG_RETENTION_DAYS:
        yield f"log_retention_days is {s.log_retention_days}", f"use one of {', '.join(map(str, LOG_RETENTION_DAYS))}"
    if s.training_data_ia_days < 30:
        yield f"training_data_ia_days is {s.training_data_ia_days}", "use at least 30: S3 refuses less"
    if s.training_data_glacier_days < s.training_data_ia_days + 30:
        yield f"training_data_glacier_days is {s.training_data_glacier_days}", "have it at least 30 after training_data_ia_days"
    if s.noncurrent_days < 1 or s.capture_days < 1:
        yield "noncurrent_days or capture_days is below 1", "use at least 1"
    if s.alarm_email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", s.alarm_email):
        yield f"alarm_email is {s.alarm_email!r}", "write an address"
