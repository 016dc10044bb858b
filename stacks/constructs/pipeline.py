"""The training pipeline: its definition, the code its jobs run, a role a kind of job, and what may start it."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Aws, CfnOutput, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from deployment import jobs_zip, model_archive
from deployment.settings import Settings
from pipeline.definition import TRAINING_SPLITS, Resources, build_definition
from recipes.recipe import load
from stacks.constructs.acknowledged import acknowledge
from stacks.constructs.training_images import TrainingImages

MARKER = "_READY"  # written last, under raw/<recipe>/, it says that the data is complete
LOG_GROUPS = {"Prepare": "ProcessingJobs", "Train": "TrainingJobs", "Evaluate": "ProcessingJobs"}


class Pipeline(Construct):
    """The pipeline of the settings' recipe, in the dump bucket: raw/ ▸ datasets/ ▸ models/ ▸ the model package group."""

    def __init__(self, scope: Construct, name: str, *, settings: Settings, dump_bucket: s3.IBucket, serving_image: str) -> None:
        super().__init__(scope, name)
        self._settings, self._bucket = settings, dump_bucket
        self._images = TrainingImages(self, "Images")
        self._code = assets.Asset(self, "Code", path=str(jobs_zip.build()))
        roles = {each: self._job_role(each) for each in LOG_GROUPS}
        self._let_prepare(roles["Prepare"])
        self._let_train(roles["Train"])
        self._let_evaluate(roles["Evaluate"])
        place = Resources(
            bucket=dump_bucket.bucket_name,
            code_url=self._code.s3_object_url,
            code_file=self._code.s3_object_key.rpartition("/")[2],
            image=self._images.uri(gpu=False),
            gpu_image=self._images.uri(gpu=True),
            prepare_role=roles["Prepare"].role_arn,
            train_role=roles["Train"].role_arn,
            evaluate_role=roles["Evaluate"].role_arn,
            serving_image=serving_image,
            model_group=settings.model_group,
        )
        body = Stack.of(self).to_json_string(build_definition(load(settings.recipe), settings, place))
        role = self._pipeline_role(list(roles.values()))
        self.pipeline = sagemaker.CfnPipeline(
            self,
            "Pipeline",
            pipeline_name=settings.pipeline_name,
            pipeline_display_name=settings.pipeline_name,
            pipeline_description=f"Trains {settings.recipe}, and registers the best candidate",
            pipeline_definition={"PipelineDefinitionBody": body},
            role_arn=role.role_arn,
            parallelism_configuration={"MaxParallelExecutionSteps": 8},
        )
        self.pipeline.node.add_dependency(role)
        if settings.start_on_data:
            self._start_on_data()
        CfnOutput(self, "PipelineName", value=settings.pipeline_name).override_logical_id("PipelineName")

    def _objects(self, *patterns: str) -> list[str]:
        return [self._bucket.arn_for_objects(pattern) for pattern in patterns]

    def _let_prepare(self, role: iam.Role) -> None:
        recipe = self._settings.recipe
        _allow(role, ["s3:GetObject"], self._objects(f"raw/{recipe}/*"))
        _allow(role, ["s3:PutObject"], self._objects(f"datasets/{recipe}/*"))
        self._let_list(role, f"raw/{recipe}", f"raw/{recipe}/*")

    def _let_train(self, role: iam.Role) -> None:
        recipe = self._settings.recipe
        seen = (f"datasets/{recipe}/*/{split}/*" for split in TRAINING_SPLITS)  # and never what it is measured on
        _allow(role, ["s3:GetObject"], self._objects(*seen, f"checkpoints/{recipe}/*"))
        _allow(role, ["s3:PutObject"], self._objects(f"models/{recipe}/*/candidates/*", f"checkpoints/{recipe}/*"))
        self._let_list(role, f"datasets/{recipe}/*", f"checkpoints/{recipe}/*")

    def _let_evaluate(self, role: iam.Role) -> None:
        settings, recipe = self._settings, self._settings.recipe
        _allow(role, ["s3:GetObject"], self._objects(f"datasets/{recipe}/*/test/*", "models/*"))
        _allow(role, ["s3:PutObject"], self._objects(f"models/{recipe}/*/evaluation/*", f"models/{recipe}/*/best/*"))
        self._let_list(role, f"datasets/{recipe}/*", f"models/{recipe}/*")
        # The champion: whatever the endpoint serves, or the archive a first deploy brought.
        archive = assets.Asset(self, "ShippedArchive", path=str(model_archive.build(recipe, settings.model_dir)))
        _allow(role, ["s3:GetObject"], [archive.bucket.arn_for_objects(archive.s3_object_key)])
        _allow(role, ["sagemaker:DescribeEndpoint"], [self._arn("endpoint", settings.endpoint_name)])
        _allow(role, ["sagemaker:DescribeEndpointConfig"], [self._arn("endpoint-config", "*")])  # both are named by CloudFormation
        _allow(role, ["sagemaker:DescribeModel"], [self._arn("model", "*")])
        _allow(role, ["sagemaker:DescribeModelPackage"], [self._arn("model-package", f"{settings.model_group}/*")])

    def _job_role(self, kind: str) -> iam.Role:
        """Return a role that may pull the image, read the code and write its log; what else it may do is added by its kind."""
        role = self._role(kind, f"The {kind.lower()} jobs of {self._settings.pipeline_name}")
        group = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=f"/aws/sagemaker/{LOG_GROUPS[kind]}*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        _allow(role, ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [group])
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],  # takes no resource; the namespace is what narrows it
                conditions={"StringLike": {"cloudwatch:namespace": f"/aws/sagemaker/{LOG_GROUPS[kind]}*"}},
            )
        )
        _allow(role, ["s3:GetObject"], [self._code.bucket.arn_for_objects(self._code.s3_object_key)])
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[self._code.bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": self._code.s3_object_key}},
            )
        )
        self._images.grant_pull(role)
        acknowledge(
            role,
            {
                "IAM5[Resource::*]": "metrics and registry tokens take no resource; a namespace narrows the first",
                "IAM5": "what a job reads and writes is named after executions to come",
            },
        )
        return role

    def _pipeline_role(self, jobs: Sequence[iam.Role]) -> iam.Role:
        """Return the role of the pipeline itself: it starts jobs as the jobs' roles, reads their figures and registers the best model."""
        settings = self._settings
        role = self._role("Executions", f"The executions of {settings.pipeline_name}")
        for job in ("Processing", "Training"):
            # SageMaker names the jobs of pipelines so.
            _allow(
                role,
                [f"sagemaker:{verb}{job}Job" for verb in ("Create", "Describe", "Stop")] + ["sagemaker:AddTags"],
                [self._arn(f"{job.lower()}-job", "pipelines-*")],
            )
        packages = [self._arn("model-package-group", settings.model_group), self._arn("model-package", f"{settings.model_group}/*")]
        _allow(role, ["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:AddTags"], packages)
        _allow(role, ["s3:GetObject"], self._objects(f"models/{settings.recipe}/*"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[job_role.role_arn for job_role in jobs],
                conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
            )
        )
        acknowledge(role, {"IAM5": "jobs and packages are named while running"})
        return role

    def _start_on_data(self) -> None:
        """Start an execution when the marker is written: the bucket's events go to EventBridge, which knows pipelines."""
        role = iam.Role(self, "StartRole", assumed_by=iam.ServicePrincipal("events.amazonaws.com"), description="Starts the pipeline")
        arn = self._arn("pipeline", self._settings.pipeline_name)
        _allow(role, ["sagemaker:StartPipelineExecution"], [arn])
        events.CfnRule(
            self,
            "OnData",
            description=f"Trains when raw/{self._settings.recipe}/{MARKER} is written",
            event_pattern={
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {
                    "bucket": {"name": [self._bucket.bucket_name]},
                    "object": {"key": [f"raw/{self._settings.recipe}/{MARKER}"]},
                },
            },
            targets=[
                events.CfnRule.TargetProperty(
                    arn=arn,
                    id="Pipeline",
                    role_arn=role.role_arn,
                    sage_maker_pipeline_parameters=events.CfnRule.SageMakerPipelineParametersProperty(
                        pipeline_parameter_list=[
                            events.CfnRule.SageMakerPipelineParameterProperty(name="DataPrefix", value=f"raw/{self._settings.recipe}")
                        ]
                    ),
                )
            ],
        )

    def _role(self, name: str, description: str) -> iam.Role:
        ours = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        principal = iam.ServicePrincipal("sagemaker.amazonaws.com", conditions=ours)
        return iam.Role(self, f"{name}Role", assumed_by=principal, description=description)

    def _let_list(self, role: iam.Role, *prefixes: str) -> None:
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[self._bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": list(prefixes)}},
            )
        )

    def _arn(self, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(service="sagemaker", resource=resource, resource_name=name)


def _allow(role: iam.Role, actions: list[str], resources: list[str]) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
