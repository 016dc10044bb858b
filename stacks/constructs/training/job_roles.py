"""What the jobs of the training pipeline may do: a role for each kind of job, which reads and writes its own prefixes only."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from deployment import model_archive
from deployment.settings import Settings
from pipeline.steps import EVALUATED_SPLITS, TRAINING_SPLITS
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.conditions import UNLESS_IT_IS_THERE, under
from stacks.constructs.encryption import allow_job_key
from stacks.constructs.network import allow_network
from stacks.constructs.sagemaker import CONFIG, MODEL, allow, allow_telemetry, create_sagemaker_role, generated_arn, sagemaker_arn
from stacks.constructs.training.images import TrainingImages

LOG_GROUPS = {"Prepare": "ProcessingJobs", "Train": "TrainingJobs", "Evaluate": "ProcessingJobs"}


class JobRoles:
    """The roles, as children of the given scope.

    prepare, train, evaluate
    """

    prepare: iam.Role
    train: iam.Role
    evaluate: iam.Role

    def __init__(
        self, scope: Construct, settings: Settings, *, dump_bucket: s3.IBucket, images: TrainingImages, code: assets.Asset
    ) -> None:
        self._scope, self._settings, self._bucket = scope, settings, dump_bucket
        self.prepare, self.train, self.evaluate = (self._create_role(kind, images, code) for kind in LOG_GROUPS)
        self._grant_prepare()
        self._grant_train()
        self._grant_evaluate()

    def all(self) -> list[iam.Role]:
        """Return the three roles."""
        return [self.prepare, self.train, self.evaluate]

    def _create_role(self, kind: str, images: TrainingImages, code: assets.Asset) -> iam.Role:
        """Return a role that may pull the images, read the code and write its log and its metrics."""
        role = create_sagemaker_role(self._scope, f"{kind}Role", f"The {kind.lower()} jobs of {self._settings.pipeline_name}")
        group = Stack.of(self._scope).format_arn(
            service="logs",
            resource="log-group",
            resource_name=f"/aws/sagemaker/{LOG_GROUPS[kind]}*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        allow_telemetry(role, group, {"StringLike": f"/aws/sagemaker/{LOG_GROUPS[kind]}*"})
        allow(role, ["s3:GetObject"], [code.bucket.arn_for_objects(code.s3_object_key)])
        allow(role, ["s3:ListBucket"], [code.bucket.bucket_arn], under(code.s3_object_key))
        images.grant_pull(role)
        allow_job_key(role)
        allow_network(role, self._settings)
        acknowledge(
            role,
            {
                "IAM5[Resource::*]": "metrics and registry tokens take no resource; a namespace narrows the first",
                "IAM5": "the names of what a job reads and writes contain the execution's id",
            },
        )
        return role

    def _grant_prepare(self) -> None:
        recipe = self._settings.recipe
        allow(self.prepare, ["s3:GetObject"], self._objects(f"raw/{recipe}/*"))
        allow(self.prepare, ["s3:PutObject"], self._objects(f"datasets/{recipe}/*"))
        if self._settings.start_on_data:  # who trains a delivery that was told of twice
            allow(self.prepare, ["s3:GetObject"], self._objects(f"datasets/{recipe}/deliveries/*"))
        self._grant_list(self.prepare, f"raw/{recipe}", f"raw/{recipe}/*")

    def _grant_train(self) -> None:
        recipe = self._settings.recipe
        splits = (f"datasets/{recipe}/*/{split}/*" for split in TRAINING_SPLITS)  # never the split that it is measured on
        allow(self.train, ["s3:GetObject"], self._objects(*splits, f"checkpoints/{recipe}/*"))
        allow(self.train, ["s3:PutObject"], self._objects(f"models/{recipe}/*/candidates/*", f"checkpoints/{recipe}/*"))
        self._grant_list(self.train, f"datasets/{recipe}/*", f"checkpoints/{recipe}/*")

    def _grant_evaluate(self) -> None:
        settings, recipe, role = self._settings, self._settings.recipe, self.evaluate
        splits = (f"datasets/{recipe}/*/{split}/*" for split in EVALUATED_SPLITS)
        allow(role, ["s3:GetObject"], self._objects(*splits, "models/*"))
        allow(role, ["s3:PutObject"], self._objects(f"models/{recipe}/*/evaluation/*"))
        # Never again: what was approved stays what was measured.
        allow(role, ["s3:PutObject"], self._objects(f"models/{recipe}/*/best/model.tar.gz"), UNLESS_IT_IS_THERE)
        self._grant_list(role, f"datasets/{recipe}/*", f"models/{recipe}/*")
        # The champion: the model that the endpoint serves, which is the shipped archive after a first deployment.
        archive = assets.Asset(self._scope, "ShippedArchive", path=str(model_archive.build(recipe, settings.model_dir)))
        allow(role, ["s3:GetObject"], [archive.bucket.arn_for_objects(archive.s3_object_key)])
        allow(role, ["sagemaker:DescribeEndpoint"], [sagemaker_arn(self._scope, "endpoint", settings.endpoint_name)])
        # CloudFormation makes the names of configurations and models.
        allow(role, ["sagemaker:DescribeEndpointConfig"], [generated_arn(self._scope, settings, CONFIG)])
        allow(role, ["sagemaker:DescribeModel"], [generated_arn(self._scope, settings, MODEL)])
        allow(role, ["sagemaker:DescribeModelPackage"], [sagemaker_arn(self._scope, "model-package", f"{settings.model_group}/*")])

    def _grant_list(self, role: iam.Role, *prefixes: str) -> None:
        allow(role, ["s3:ListBucket"], [self._bucket.bucket_arn], under(*prefixes))

    def _objects(self, *patterns: str) -> list[str]:
        return [self._bucket.arn_for_objects(pattern) for pattern in patterns]
