"""Every difference between stages, as one frozen value. `deployment.stages.settings_for` makes and checks it."""

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from deployment.paths import ROOT
from deployment.sizing import CPU_INSTANCES, choose_cpu_instance, choose_serverless_mb, measure_model
from recipes.models.model_files import MODEL_FILE

EndpointKind = Literal["serverless", "cpu", "gpu"]
Authentication = Literal["none", "jwt", "iam"]
Approval = Literal["manual", "automatic"]
Architecture = Literal["x86_64", "arm64"]
Scheme = Literal["http", "https"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

DEFAULT_INSTANCE = {"cpu": CPU_INSTANCES[0][0], "gpu": "ml.g4dn.xlarge"}
BATCH_INSTANCE = "ml.m5.large"  # for each kind: the drivers of Batch Transform's GPU machines are too old for the server's CUDA

# Where SageMaker pulls an image from: it takes no other registry's.
ECR_ADDRESS = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.(com|com\.cn|eu)/(?P<repository>[^\s:@]+)([:@]\S+)?"
)

UPLOAD_REQUESTS = 2  # of one function to the endpoint at once
LEAST_UPLOAD_FUNCTIONS = 2  # the least that a queue's event source takes
AT_ONCE_PER_INSTANCE = 8
GUESSES_FROM_PER_S = 100


# Their volumes are disks of the machine, which encrypts them itself: SageMaker takes no key for them.
LOCAL_STORAGE = re.compile(r"ml\.(g[4-9]\w*|p3dn|p[4-9][\w-]*|[cmr]\d\w*d\w*|trn\w*)\.")


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


DEFAULT_VARIANT = Variant("AllTraffic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a stage is made of. Fields without a default differ by stage: the table in deployment/stages.py has them."""

    stage: str
    recipe: str = "digits"
    recipes: tuple[str, ...] = ()  # of a stage with several: `recipe` is the first of them, which answers where none is named
    account: str = ""  # empty: the account of the credentials
    region: str = ""  # empty: the region of the credentials
    tags: tuple[str, ...] = ()  # like cost-center=ml: of all that is deployed, and of the jobs that it starts

    # The endpoint. serverless scales to zero; cpu and gpu are instances that always run.
    endpoint_kind: EndpointKind = "serverless"
    instance_type: str = ""  # empty: the smallest of the kind that holds the model
    serving_image: str  # "codebuild" builds serving/Dockerfile while deploying; anything else is the image's address in ECR
    image_base: str = ""  # what serving/Dockerfile starts from, by its digest; empty: its own, by a tag that moves
    serverless_memory_mb: int = 0  # 0: as the model's size needs, 2048 for a small one
    serverless_concurrency: int
    serverless_provisioned: int = 0  # of them kept ready, so that nobody waits for a start; they bill all the time
    instances_min: int
    instances_max: int
    invocations_per_instance_per_min: int = 6_000  # autoscaling holds this
    concurrent_requests_per_instance: int = 0  # and this, which it looks at every 10 seconds in place of minutes; 0: not at all
    keep_instances: bool = True  # a deployment keeps the instances that autoscaling made; false starts again with instances_min
    variants: tuple[Variant, ...] = (DEFAULT_VARIANT,)
    shadow: tuple[Variant, ...] = ()  # one at most; its weight is the share of requests copied to it, and its answers are dropped
    model_dir: str = ""  # a folder with model.onnx and manifest.json; empty: the model the recipe ships
    capture_percent: int = 0  # share of requests and answers kept in the dump bucket, under capture/
    log_level: LogLevel = "INFO"

    # Models after the first: a version that is approved is rolled out.
    bake_s: int  # how long a canary, and then the whole new fleet, must stay without an alarm
    rollout_poll_s: int  # between two checks of a running rollout

    # The predict function.
    function_python: str
    function_architecture: Architecture
    function_memory_mb: int = 1024
    function_timeout_s: int = 29
    # Predict functions at once that the account keeps free for predictions; it then keeps those of uploads free, too. 0: none, because an
    # account must have 100 more than all its functions reserve, and a new one has 10 in all. Uploads are limited without it, as well.
    reserved_concurrency: int = 0

    # Uploads: photos and batches, processed from a queue.
    upload_timeout_s: int  # of the function; the queue waits six times as long before it gives a message to another
    upload_memory_mb: int = 1769  # one whole CPU; with twice as much the pictures of a zip are read on two
    upload_attempts: int = 5  # then its job is ended, and the message waits in the dead-letter queue
    max_upload_mb: int = 1024
    transform_over_mb: int = 100  # larger uploads go to Batch Transform; 128,000 digits have 100 MB
    transform_instance_type: str = ""  # without a GPU; empty: a small one
    upload_days: int = 7  # uploads are kept
    result_days: int = 90  # results are kept

    # Training: a SageMaker pipeline, and whether the models it registers are approved.
    training_instance_type: str = "ml.m5.xlarge"
    training_gpu_instance_type: str = ""  # for candidates that train faster on one; empty: they train on the CPU
    training_spot: bool = True  # capacity that AWS may take back, at about a third of the price; training continues from its checkpoint
    training_timeout_s: int = 7200  # of a job
    start_on_data: bool = False  # whether the pipeline starts by itself when its raw data is complete
    approval: Approval = "manual"  # automatic: every model that passes the conditions is deployed
    notebook: bool = False  # whether there is a notebook instance, which bills while it runs
    notebook_instance_type: str = "ml.t3.medium"

    # The API and the page.
    auth: Authentication
    sign_in_url: str = ""  # where the sign-in's pages are, for a domain of your own; empty: the user pool's domain
    token_minutes: int = 5  # until an access token ends, the least that Cognito takes: nothing revokes one earlier
    session_hours: int = 8  # until somebody signs in again: the page renews its token so long, unless it was signed out
    scheme: Scheme  # of the page's and the Event API's addresses
    cors_origins: tuple[str, ...]  # in addition to the page's own
    page_connect_sources: tuple[str, ...]  # what the page may connect to, beside the API and the sign-in
    throttle_rate_per_s: int
    throttle_burst: int
    id_key: int = 1  # the number of the key that ids of predictions are signed with; the key before it still counts
    feedback_labels_per_hour: int = 2_000  # of one caller: a user, or an IAM role

    # What is kept, for how long, and who gets the alarms.
    retain_data: bool
    log_retention_days: int
    tracing: bool  # of functions, by X-Ray: the first request of a second and 5 % of the others
    training_data_ia_days: int = 30
    training_data_glacier_days: int = 90
    noncurrent_days: int = 90
    capture_days: int = 30
    alarm_email: str = ""
    encryption_key: str = ""  # a KMS key's ARN, or create; empty: each service has one of its own
    vpc: tuple[str, ...] = ()  # subnets and security groups, by their ids, for functions and SageMaker's machines; empty: in no VPC
    monthly_budget_usd: int = 0  # of the whole account; 0: no budget
    web_acl: str = ""  # WAF before the page: create, for a stack in us-east-1, or a web ACL's ARN; empty: none

    @property
    def is_deployed(self) -> bool:
        """Whether it runs in an AWS account, where others can reach it."""
        return self.stage != "local"

    @property
    def key_values(self) -> list[dict[str, str]]:
        """The tags as SageMaker takes them."""
        return [{"Key": key, "Value": value} for key, _, value in (tag.partition("=") for tag in self.tags)]

    @property
    def has_room_for_guesses(self) -> bool:
        """Whether the page may guess while somebody draws: some three requests a second of each visitor, beside everybody else's."""
        return self.throttle_rate_per_s >= GUESSES_FROM_PER_S

    @property
    def is_image_built(self) -> bool:
        """Whether the server's image is built while deploying."""
        return self.serving_image == "codebuild"

    @property
    def is_serverless(self) -> bool:
        """Whether the endpoint scales to zero instead of running on instances."""
        return self.endpoint_kind == "serverless"

    @property
    def subnets(self) -> list[str]:
        """The VPC's subnets."""
        return [each for each in self.vpc if each.startswith("subnet-")]

    @property
    def security_groups(self) -> list[str]:
        """The VPC's security groups."""
        return [each for each in self.vpc if each.startswith("sg-")]

    @property
    def is_volume_encrypted(self) -> bool:
        """Whether the endpoint's volumes take a key: a serverless endpoint has none, and some machines encrypt their own disks."""
        return not self.is_serverless and takes_volume_key(self.endpoint_instance_type)

    def split(self) -> "tuple[Settings, ...]":
        """Return the settings of each recipe: the same for all, but that the first has what a stage has once."""
        return (self, *(replace(self, recipe=recipe, recipes=(), notebook=False) for recipe in self.recipes[1:]))

    @property
    def name(self) -> str:
        """What is named after the stage and its recipe, whatever the other settings are."""
        return f"inferstack-{self.stage}-{self.recipe.replace('_', '-')}"

    @property
    def endpoint_name(self) -> str:
        """The endpoint's name: known before it exists, so that nothing needs another stack's export for it.

        What SageMaker cannot update is part of it, so that CloudFormation replaces the endpoint when one of these changes: from instances
        to serverless or back, the instances' type under autoscaling, and the names of the variants.
        """
        fixed = (self.endpoint_kind, self.endpoint_instance_type, *(variant.name for variant in self.variants))
        if fixed == ("serverless", "", DEFAULT_VARIANT.name):
            return self.name
        return f"{self.name}-{self.endpoint_kind}-{sha256(' '.join(fixed).encode()).hexdigest()[:6]}"

    @property
    def model_group(self) -> str:
        """The model package group, whose newest approved package the endpoint serves."""
        return self.name

    @property
    def pipeline_name(self) -> str:
        """The training pipeline's name."""
        return self.name

    @property
    def notebook_name(self) -> str:
        """The notebook instance's name, if there is one. What SageMaker cannot change of one is part of it: its key and its network."""
        fixed = " ".join((self.encryption_key, *self.vpc)).strip()
        return f"{self.name}-{sha256(fixed.encode()).hexdigest()[:6]}" if fixed else self.name

    @property
    def transform_prefix(self) -> str:
        """What the names of the upload path's transform jobs begin with, before a hyphen: their events and permissions are found by it."""
        return f"inferstack-{self.stage}"

    @property
    def endpoint_memory_mb(self) -> int:
        """The serverless endpoint's memory; 0 for instances."""
        return self.serverless_memory_mb or choose_serverless_mb(self.model_bytes) if self.is_serverless else 0

    @property
    def model_bytes(self) -> int:
        """The size of the model that is deployed first; 0 where there is none yet."""
        return measure_model(ROOT / (self.model_dir or f"recipes/{self.recipe}/pretrained") / MODEL_FILE)

    @property
    def upload_functions(self) -> int:
        """Functions of the upload path at once: they use half of what the endpoint answers at once, the API uses the rest."""
        return max(LEAST_UPLOAD_FUNCTIONS, self.requests_at_once // (2 * UPLOAD_REQUESTS))

    @property
    def requests_at_once(self) -> int:
        """Requests that the endpoint answers at once, and so the predict functions that are useful at once."""
        return self.serverless_concurrency if self.is_serverless else AT_ONCE_PER_INSTANCE * self.instances_min

    @property
    def batch_instance_type(self) -> str:
        """The instances of Batch Transform."""
        return self.transform_instance_type or BATCH_INSTANCE

    @property
    def endpoint_instance_type(self) -> str:
        """The instances' type; empty for a serverless endpoint."""
        if self.is_serverless or self.instance_type:
            return self.instance_type
        return choose_cpu_instance(self.model_bytes) if self.endpoint_kind == "cpu" else DEFAULT_INSTANCE[self.endpoint_kind]


def takes_volume_key(instance_type: str) -> bool:
    """Return whether SageMaker encrypts the volume of such a machine with a key that it is given."""
    return not LOCAL_STORAGE.match(instance_type)
