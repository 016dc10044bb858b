"""Every rule that settings must follow: each problem, and how to fix it."""

import re
from collections.abc import Iterator

from deployment.settings import BATCH_INSTANCE, DEFAULT_INSTANCE, ECR_ADDRESS, Settings
from deployment.sizing import SERVERLESS_MEMORY_MB, estimate_process_mb
from recipes.instances import MAX_INSTANCES
from recipes.recipe import list_names

Problem = tuple[str, str]

API_TIMEOUT_S = 30  # an HTTP API waits no longer for a function, and no quota raises it
LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
KMS_KEY = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})")
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")  # that Lambda has and this code runs in
TAG = re.compile(r"[\w .:/+\-@]{1,128}=[\w .:/+\-@]{0,256}")
RESERVED_TAGS = ("aws:", "inferstack:", "sagemaker:")
MOST_TAGS = 20  # of the 50 that a resource has: AWS and this stack give some of their own
MOST_TAG_BYTES = 1500
MOST_BAKE_S = 1500  # made twice in the hour that a deployment may take, and its machines must start in what is left
MOST_RECIPES = 5  # the status function's role names each alarm, and a role's policy takes 10,240 characters
WEB_ACL = re.compile(r"arn:[\w-]+:wafv2:us-east-1:\d{12}:global/webacl/[\w-]+/[\w-]+")  # CloudFront takes no other region's
GPU_INSTANCE = re.compile(r"ml\.[gp]\d[\w-]*\.")
# Machines for which the server's image is not built: cores of ARM's kind, and accelerators that ONNX Runtime does not use.
ARM_INSTANCE = re.compile(r"ml\.([a-z]+\d+g[dn]?|p\d+e-gb\d+)\.")
ACCELERATED_INSTANCE = re.compile(r"ml\.(dl|inf|trn)\d\w*\.")
MACHINES = ("instance_type", "transform_instance_type", "training_instance_type", "training_gpu_instance_type")


def find_problems(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with the settings, each with its fix."""
    yield from _check_place(settings)
    yield from _check_tags(settings)
    if settings.recipes:
        yield from _check_recipes(settings)
    yield from _check_endpoint(settings)
    yield from _check_machines(settings)
    if settings.endpoint_kind == "serverless":
        yield from _check_serverless(settings)
    else:
        yield from _check_instances(settings)
    yield from _check_variants(settings)
    yield from _check_shadow(settings)
    yield from _check_rollouts(settings)
    yield from _check_function(settings)
    yield from _check_api(settings)
    yield from _check_uploads(settings)
    yield from _check_training(settings)
    yield from _check_retention(settings)
    yield from _check_security(settings)


def _check_place(s: Settings) -> Iterator[Problem]:
    for name in dict.fromkeys((s.recipe, *s.recipes)):
        # SageMaker's names have at most 63 characters, and no hyphen at their end.
        if not re.fullmatch(r"[a-z]([a-z0-9_]{0,26}[a-z0-9])?", name):
            yield f"recipe is {name!r}", "name a folder of recipes/: at most 28 small letters, digits, and underscores between them"
    if s.account and not re.fullmatch(r"\d{12}", s.account):
        yield f"account is {s.account!r}", "write its 12 digits, or leave it out"
    if s.region and not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", s.region):
        yield f"region is {s.region!r}", "write it like eu-west-1"
    if bool(s.account) != bool(s.region):
        yield "only one of account and region is set", "set both, or neither"


def _check_tags(s: Settings) -> Iterator[Problem]:
    keys = [each["Key"] for each in s.key_values]
    if wrong := [tag for tag in s.tags if not TAG.fullmatch(tag)]:
        yield (
            f"tags has {wrong[0]!r}",
            "write KEY=VALUE, like cost-center=ml, in letters, digits, spaces and _.:/+-@: a key of 1 to 128, a value of at most 256",
        )
    if reserved := [key for key in keys if key.lower().startswith(RESERVED_TAGS)]:
        yield f"tags has {reserved[0]}, which is not yours to set", f"use a key that begins with none of {', '.join(RESERVED_TAGS)}"
    if len({key.lower() for key in keys}) < len(keys):  # of a role's tags IAM takes A and a for one key
        yield f"tags are {', '.join(s.tags)}", "name each key once, in capitals or not"
    if len(keys) > MOST_TAGS:
        yield f"there are {len(keys)} tags", f"name at most {MOST_TAGS}"
    if (size := len(",".join(s.tags).encode())) > MOST_TAG_BYTES:
        yield f"the tags have {size:,} bytes", f"use at most {MOST_TAG_BYTES:,}: a function's environment holds them, and it takes 4 kB"


def _check_recipes(s: Settings) -> Iterator[Problem]:
    known, named = list_names(), ", ".join(s.recipes)
    if unknown := [name for name in s.recipes if name not in known]:
        yield f"recipes are {named}, and there is no {unknown[0]!r}", f"use some of {', '.join(known)}"
    if len(set(s.recipes)) < len(s.recipes):
        yield f"recipes are {named}", "name each once"
    if len(s.recipes) > MOST_RECIPES:
        yield f"there are {len(s.recipes)} recipes", f"name at most {MOST_RECIPES}, or deploy another stage"
    if s.model_dir:
        yield "model_dir is one recipe's model, and there are several recipes", "leave it out, and approve that model in the registry"
    if any(variant.archive for variant in (*s.variants, *s.shadow)):
        yield "a variant's archive is one recipe's model, and there are several recipes", "leave archives out, or deploy one recipe"
    elif len(s.variants) > 1:  # without an archive each but the first serves what ships; and the status function names each one's alarms
        yield f"there are {len(s.variants)} variants, and several recipes", "leave variants out, or deploy one recipe"


def _check_endpoint(s: Settings) -> Iterator[Problem]:
    if s.is_deployed and not s.is_image_built:
        yield from _check_serving_image(s)
    if not s.is_deployed and s.serving_image == "codebuild":
        yield "the emulator has no CodeBuild", "leave serving_image out"
    if s.image_base and not s.is_image_built:
        yield "image_base is set, and no image is built", "leave image_base or serving_image out"
    if s.image_base and not re.fullmatch(r"[^\s@]+@sha256:[0-9a-f]{64}", s.image_base):
        yield f"image_base is {s.image_base!r}", "name its digest, like python@sha256:…: `inferstack doctor` prints it"
    if not 0 <= s.capture_percent <= 100:
        yield f"capture_percent is {s.capture_percent}", "use 0 to 100"


def _check_serving_image(s: Settings) -> Iterator[Problem]:
    address, like = ECR_ADDRESS.fullmatch(s.serving_image), f"111122223333.dkr.ecr.{s.region or 'eu-west-1'}.amazonaws.com/server:1"
    if not address:
        yield f"serving_image is {s.serving_image!r}, and SageMaker takes images of ECR only", f"use codebuild, or an address like {like}"
    elif s.region and address["region"] != s.region:
        yield (
            f"serving_image is of {address['region']}, and SageMaker takes images of its own region, {s.region}, only",
            f"copy it there, to an address like {like}",
        )


def _check_machines(s: Settings) -> Iterator[Problem]:
    for field in MACHINES:
        machine = getattr(s, field)
        if ARM_INSTANCE.match(machine):
            yield f"{field} is {machine}, which has ARM's cores, and the images are built for x86", "use one like ml.c7i.large"
        elif ACCELERATED_INSTANCE.match(machine):
            yield f"{field} is {machine}, whose accelerator nothing here uses", "use one like ml.c7i.large, or ml.g5.xlarge for a GPU"


def _check_serverless(s: Settings) -> Iterator[Problem]:
    if GPU_INSTANCE.match(s.instance_type):
        yield "a serverless endpoint has no GPU", "set endpoint_kind=gpu"
    elif s.instance_type:
        yield "a serverless endpoint has no instance type", "set endpoint_kind=cpu, or leave instance_type out"
    if s.serverless_memory_mb not in (0, *SERVERLESS_MEMORY_MB):
        yield f"serverless_memory_mb is {s.serverless_memory_mb}", f"use one of {', '.join(map(str, SERVERLESS_MEMORY_MB))}"
    if s.is_serverless and not s.endpoint_memory_mb:
        needed = estimate_process_mb(s.model_bytes)
        yield (
            f"the model has {s.model_bytes / 1e6:,.0f} MB, so each process takes about {needed:,} MB, and no serverless endpoint has that",
            f"set endpoint_kind=cpu or gpu, or serverless_memory_mb={SERVERLESS_MEMORY_MB[-1]} to try it",
        )
    if not 1 <= s.serverless_concurrency <= 200:
        yield f"serverless_concurrency is {s.serverless_concurrency}", "use 1 to 200"
    if not 0 <= s.serverless_provisioned <= s.serverless_concurrency:
        yield (
            f"serverless_provisioned is {s.serverless_provisioned} of serverless_concurrency {s.serverless_concurrency}",
            "use 0 to serverless_concurrency",
        )
    if s.concurrent_requests_per_instance:
        yield "a serverless endpoint has no instances", "set endpoint_kind=cpu, or leave concurrent_requests_per_instance out"
    if s.capture_percent:
        yield "a serverless endpoint cannot capture data", "set endpoint_kind=cpu, or capture_percent=0"
    if len(s.variants) > 1:
        yield f"a serverless endpoint has one variant, not {len(s.variants)}", "set endpoint_kind=cpu, or name one variant"


def _check_instances(s: Settings) -> Iterator[Problem]:
    example = DEFAULT_INSTANCE[s.endpoint_kind]
    if s.serverless_memory_mb:
        yield f"a {s.endpoint_kind} endpoint has no serverless_memory_mb", "leave it out, or set endpoint_kind=serverless"
    if s.serverless_provisioned:
        yield f"a {s.endpoint_kind} endpoint has no serverless_provisioned", "leave it out, or set endpoint_kind=serverless"
    if s.instance_type and not s.instance_type.startswith("ml."):
        yield f"instance_type is {s.instance_type!r}", f"write it like {example}"
    elif s.instance_type and bool(GPU_INSTANCE.match(s.instance_type)) != (s.endpoint_kind == "gpu"):
        yield (
            f"{s.instance_type} is not a {s.endpoint_kind} instance",
            f"choose the other endpoint_kind, or an instance_type like {example}",
        )
    if not 1 <= s.instances_min <= s.instances_max:
        yield f"instances are {s.instances_min} to {s.instances_max}", "use 1 <= instances_min <= instances_max"
    if s.invocations_per_instance_per_min < 1:
        yield "invocations_per_instance_per_min is below 1", "use how many requests one instance answers in a minute"
    if s.concurrent_requests_per_instance < 0:
        yield (
            "concurrent_requests_per_instance is below 0",
            "use how many requests may wait in one instance at once, or 0 for no such limit",
        )


def _check_variants(s: Settings) -> Iterator[Problem]:
    names, weights = [v.name for v in s.variants], [v.weight for v in s.variants]
    if not 1 <= len(names) <= 5:  # each has two alarms, and a deployment takes ten
        yield f"there are {len(names)} variants", "name 1 to 5"
    if len(set(names)) < len(names):
        yield "two variants have the same name", "give each its own name"
    if not all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", name) for name in (*names, *(v.name for v in s.shadow))):
        yield f"variants are {', '.join(map(repr, names))}", "name them with letters, digits and hyphens between them, at most 63"
    if any(weight < 0 for weight in weights) or not sum(weights) > 0:
        yield f"variants' weights are {', '.join(map(str, weights))}", "use weights >= 0, at least one above 0"
    if any(v.archive and not re.fullmatch(r"models/[\w./-]+\.tar\.gz", v.archive) for v in (*s.variants, *s.shadow)):
        yield "a variant's archive is not a .tar.gz under models/ in the dump bucket", "put it there and give its key"


def _check_shadow(s: Settings) -> Iterator[Problem]:
    if not s.shadow:
        return
    if len(s.shadow) > 1:
        yield f"there are {len(s.shadow)} shadows", "name one: an endpoint takes one shadow"
    if s.endpoint_kind == "serverless":
        yield "a serverless endpoint cannot have a shadow", "set endpoint_kind=cpu, or leave shadow out"
    if len(s.variants) != 1:
        yield f"a shadow follows one variant, not {len(s.variants)}", "name one in variants, or leave shadow out"
    if {v.name for v in s.shadow} & {v.name for v in s.variants}:
        yield "the shadow has the same name as the variant", "give it another name"
    if not all(0 < v.weight <= 1 for v in s.shadow):
        yield "the shadow's weight is not a share of the requests", "use one above 0 and up to 1, like shadow=challenger:0.5"


def _check_rollouts(s: Settings) -> Iterator[Problem]:
    if not 0 <= s.bake_s <= MOST_BAKE_S:
        yield f"bake_s is {s.bake_s}", f"use 0 to {MOST_BAKE_S}"
    if not 1 <= s.rollout_poll_s <= 900:
        yield f"rollout_poll_s is {s.rollout_poll_s}", "use 1 to 900"


def _check_function(s: Settings) -> Iterator[Problem]:
    if s.function_timeout_s >= API_TIMEOUT_S:
        yield (
            f"function_timeout_s is {s.function_timeout_s}, but the API stops waiting after {API_TIMEOUT_S}",
            f"use at most {API_TIMEOUT_S - 1}",
        )
    if s.function_timeout_s < 1:
        yield f"function_timeout_s is {s.function_timeout_s}", "use at least 1"
    if not 128 <= s.function_memory_mb <= 10_240:
        yield f"function_memory_mb is {s.function_memory_mb}", "use 128 to 10240"
    if s.reserved_concurrency and s.reserved_concurrency < s.requests_at_once:
        yield (
            f"reserved_concurrency is {s.reserved_concurrency}, and the endpoint answers {s.requests_at_once} requests at once",
            f"use at least {s.requests_at_once}, because what is reserved is also the most; or 0",
        )
    if s.function_python not in PYTHONS and (s.is_deployed or not re.fullmatch(r"3\.1[1-9]", s.function_python)):
        yield f"function_python is {s.function_python!r}", f"use one of {', '.join(PYTHONS)}"


def _check_uploads(s: Settings) -> Iterator[Problem]:
    if not 60 <= s.upload_timeout_s <= 900:
        yield f"upload_timeout_s is {s.upload_timeout_s}", "use 60 to 900"
    if not 512 <= s.upload_memory_mb <= 10_240:
        yield f"upload_memory_mb is {s.upload_memory_mb}", "use 512 to 10240: the function decodes photos of up to 50 megapixels"
    if not 2 <= s.upload_attempts <= 20:
        yield f"upload_attempts is {s.upload_attempts}", "use 2 to 20"
    if not 25 <= s.max_upload_mb <= 5_120:
        yield f"max_upload_mb is {s.max_upload_mb}", "use 25 to 5120: one photo must fit, and S3 takes 5 GB in one upload"
    if not 1 <= s.transform_over_mb <= 5_120:
        yield f"transform_over_mb is {s.transform_over_mb}", "use 1 to 5120"
    if s.transform_instance_type and not s.transform_instance_type.startswith("ml."):
        yield f"transform_instance_type is {s.transform_instance_type!r}", f"write it like {BATCH_INSTANCE}"
    elif GPU_INSTANCE.match(s.transform_instance_type):
        yield (
            f"transform_instance_type is {s.transform_instance_type}, and Batch Transform's GPU drivers are too old for the server's CUDA",
            f"use one without a GPU, like {BATCH_INSTANCE}",
        )
    if s.upload_days < 1 or s.result_days < 1:
        yield "upload_days or result_days is below 1", "use at least 1"


def _check_training(s: Settings) -> Iterator[Problem]:
    if not s.training_instance_type.startswith("ml.") or GPU_INSTANCE.match(s.training_instance_type):
        yield f"training_instance_type is {s.training_instance_type!r}", "name an instance type without a GPU, like ml.m5.xlarge"
    if s.training_gpu_instance_type and not GPU_INSTANCE.match(s.training_gpu_instance_type):
        yield (
            f"training_gpu_instance_type is {s.training_gpu_instance_type!r}",
            "name an instance type with a GPU, like ml.g4dn.xlarge, or leave it out",
        )
    if not 600 <= s.training_timeout_s <= 432_000:
        yield f"training_timeout_s is {s.training_timeout_s}", "use 600 to 432000"
    if s.notebook and not s.is_deployed:
        yield "the emulator has no notebook instances", "leave notebook out, and open those of notebooks/ with your own Jupyter"
    if not s.notebook_instance_type.startswith("ml."):
        yield f"notebook_instance_type is {s.notebook_instance_type!r}", "write it like ml.t3.medium"


def _check_api(s: Settings) -> Iterator[Problem]:
    if s.is_deployed and s.auth == "none":
        yield f"auth is none, so {s.stage} would answer anybody", "set auth=jwt or auth=iam"
    if s.is_deployed and "*" in s.cors_origins:
        yield "cors_origins is *, so any web page could call the API as a signed-in user", "name the origins, like https://app.example.com"
    if not all(origin == "*" or re.fullmatch(r"https?://[^/*\s]+", origin) for origin in s.cors_origins):
        yield f"cors_origins are {', '.join(s.cors_origins)}", "write origins without a path, like https://app.example.com"
    if s.sign_in_url and not re.fullmatch(rf"{s.scheme}://[^/\s;,'\"]+", s.sign_in_url):
        yield f"sign_in_url is {s.sign_in_url!r}", f"write it without a path, like {s.scheme}://login.example.com"
    if not all(re.fullmatch(r"(https?|wss?)://[^\s;,'\"]+", source) for source in s.page_connect_sources):
        yield f"page_connect_sources are {', '.join(s.page_connect_sources)}", "write them like https://api.example.com"
    if s.is_deployed and s.scheme != "https":
        yield f"scheme is {s.scheme}, so tokens would travel without TLS", "leave it out"
    if s.throttle_rate_per_s < 1 or s.throttle_burst < 1:
        yield "throttle_rate_per_s or throttle_burst is below 1", "use at least 1"
    if not 5 <= s.token_minutes <= 60:
        yield f"token_minutes is {s.token_minutes}", "use 5 to 60"
    if not 1 <= s.session_hours <= 720:
        yield f"session_hours is {s.session_hours}", "use 1 to 720"
    if s.id_key < 1:
        yield f"id_key is {s.id_key}", "use 1, and one more to replace the key"
    if s.feedback_labels_per_hour < MAX_INSTANCES:
        yield f"feedback_labels_per_hour is {s.feedback_labels_per_hour}", f"use at least {MAX_INSTANCES}: one answer may have as many"


def _check_retention(s: Settings) -> Iterator[Problem]:
    if s.log_retention_days not in LOG_RETENTION_DAYS:
        yield f"log_retention_days is {s.log_retention_days}", f"use one of {', '.join(map(str, LOG_RETENTION_DAYS))}"
    if s.training_data_ia_days < 30:
        yield f"training_data_ia_days is {s.training_data_ia_days}", "use at least 30: S3 refuses less"
    if s.training_data_glacier_days < s.training_data_ia_days + 30:
        yield f"training_data_glacier_days is {s.training_data_glacier_days}", "use at least training_data_ia_days + 30"
    if s.noncurrent_days < 1 or s.capture_days < 1:
        yield "noncurrent_days or capture_days is below 1", "use at least 1"
    if s.alarm_email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", s.alarm_email):
        yield f"alarm_email is {s.alarm_email!r}", "write an address"


def _check_security(s: Settings) -> Iterator[Problem]:
    if not s.is_deployed and (
        extra := [name for name in ("tracing", "encryption_key", "vpc", "monthly_budget_usd", "web_acl") if getattr(s, name)]
    ):
        yield f"the emulator has nothing for {', '.join(extra)}", "leave it out"
    if s.encryption_key not in ("", "create") and not KMS_KEY.fullmatch(s.encryption_key):
        yield f"encryption_key is {s.encryption_key!r}", "use create, or a key's ARN, like arn:aws:kms:eu-west-1:ACCOUNT:key/ID"
    elif s.region and s.encryption_key not in ("", "create") and s.encryption_key.split(":")[3] != s.region:
        yield f"encryption_key is of another region than {s.region}", f"use create, or a key of {s.region}"
    if not all(re.fullmatch(r"(subnet|sg)-[0-9a-f]{8,17}", each) for each in s.vpc):
        yield f"vpc is {','.join(s.vpc)}", "write ids, like vpc=subnet-0a1b2c3d,subnet-4e5f6a7b,sg-8c9d0e1f"
    elif s.vpc and not (2 <= len(s.subnets) <= 16 and 1 <= len(s.security_groups) <= 5):
        yield (
            f"vpc has {len(s.subnets)} subnets and {len(s.security_groups)} security groups",
            "name 2 to 16 subnets, in different zones, and 1 to 5 security groups",
        )
    if s.monthly_budget_usd < 0:
        yield f"monthly_budget_usd is {s.monthly_budget_usd}", "use 1 or more, or 0 for none"
    if s.web_acl not in ("", "create") and not WEB_ACL.fullmatch(s.web_acl):
        yield (
            f"web_acl is {s.web_acl!r}",
            "use create, or the ARN of one with the scope CLOUDFRONT, like arn:aws:wafv2:us-east-1:ACCOUNT:global/webacl/NAME/ID",
        )
