"""The training pipeline: its definition, the code its jobs run, its roles, and the event that starts it."""

from collections.abc import Sequence

from aws_cdk import Aws, CfnOutput, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from deployment import jobs_zip
from deployment.settings import Settings
from pipeline.definition import build_definition
from pipeline.resources import Resources
from pipeline.steps import BY_EVENT, READY_MARKER, STARTED_BY, choose_approval_status
from recipes.recipe import load
from stacks.constructs.acknowledge import INLINE_POLICY, acknowledge
from stacks.constructs.encryption import find_key_arn, use_statements
from stacks.constructs.inference.serving_image import ImageReference
from stacks.constructs.sagemaker import AS_PART_OF_CREATION, allow, create_sagemaker_role, sagemaker_arn
from stacks.constructs.training.images import TrainingImages
from stacks.constructs.training.job_roles import JobRoles


class TrainingPipeline(Construct):
    """The pipeline of the settings' recipe, in the dump bucket: raw/ ▸ datasets/ ▸ models/ ▸ the model package group.

    Args:    image: the one that serves what is registered. Its source stands in the template, so that a change of it reaches the pipeline.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: Settings,
        dump_bucket: s3.IBucket,
        image: ImageReference,
    ) -> None:
        super().__init__(scope, name)
        self._settings, self._bucket = settings, dump_bucket
        images = TrainingImages(self, "Images")
        code = assets.Asset(self, "Code", path=str(jobs_zip.build()))
        roles = JobRoles(self, settings, dump_bucket=dump_bucket, images=images, code=code)
        resources = Resources(
            region=Aws.REGION,
            bucket=dump_bucket.bucket_name,
            code_url=code.s3_object_url,
            code_file=code.s3_object_key.rpartition("/")[2],
            image=images.uri(gpu=False),
            gpu_image=images.uri(gpu=True),
            prepare_role=roles.prepare.role_arn,
            train_role=roles.train.role_arn,
            evaluate_role=roles.evaluate.role_arn,
            serving_image=image.uri,
            model_group=settings.model_group,
            encryption_key=find_key_arn(self) or "",
        )
        body = Stack.of(self).to_json_string(build_definition(load(settings.recipe), settings, resources))
        role = self._create_role(roles.all(), image.repository_arn)
        pipeline = sagemaker.CfnPipeline(
            self,
            "Pipeline",
            pipeline_name=settings.pipeline_name,
            pipeline_display_name=settings.pipeline_name,
            pipeline_description=f"Trains {settings.recipe}, and registers the best candidate with the server {image.source}",
            pipeline_definition={"PipelineDefinitionBody": body},
            role_arn=role.role_arn,
            parallelism_configuration={"MaxParallelExecutionSteps": 8},
        )
        pipeline.node.add_dependency(role)
        if settings.start_on_data:
            self._add_start_rule()
        CfnOutput(Stack.of(self), "PipelineName", value=settings.pipeline_name)

    def _create_role(self, job_roles: Sequence[iam.Role], image_repository: str) -> iam.Role:
        """Return the role of the pipeline itself: it starts jobs with the jobs' roles, reads their metrics and registers the best model."""
        settings = self._settings
        role = create_sagemaker_role(self, "ExecutionsRole", f"The executions of {settings.pipeline_name}")
        for job in ("Processing", "Training"):
            # SageMaker begins the names of a pipeline's jobs with this.
            allow(
                role,
                [f"sagemaker:{verb}{job}Job" for verb in ("Create", "Describe", "Stop")],
                [sagemaker_arn(self, f"{job.lower()}-job", "pipelines-*")],
            )
        group = sagemaker_arn(self, "model-package-group", settings.model_group)
        packages = sagemaker_arn(self, "model-package", f"{settings.model_group}/*")
        # Pipelines creates the group at every registration, and goes on where there is one, but not where it may not ask.
        allow(role, ["sagemaker:CreateModelPackageGroup"], [group])
        # Where a person approves, a pipeline cannot.
        status = {"StringEquals": {"sagemaker:ModelApprovalStatus": choose_approval_status(settings)}}
        allow(role, ["sagemaker:CreateModelPackage"], [packages], status)
        allow(role, ["sagemaker:DescribeModelPackage"], [packages])
        jobs = [sagemaker_arn(self, f"{job}-job", "pipelines-*") for job in ("processing", "training")]
        allow(role, ["sagemaker:AddTags"], [*jobs, group, packages], AS_PART_OF_CREATION)
        if image_repository:  # a package is registered with its image's digest, which SageMaker looks up as the caller
            allow(role, ["ecr:BatchGetImage", "ecr:DescribeImages"], [image_repository])
        allow(role, ["s3:GetObject"], [self._bucket.arn_for_objects(f"models/{settings.recipe}/*")])
        for statement in use_statements(self, ["s3:GetObject"]):
            role.add_to_policy(statement)
        to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        allow(role, ["iam:PassRole"], [job_role.role_arn for job_role in job_roles], to_sagemaker)
        acknowledge(role, {"IAM5": "jobs and packages are named at run time"})
        return role

    def _add_start_rule(self) -> None:
        """Start an execution when the marker is written: the bucket sends its events to EventBridge, which can start pipelines."""
        this_account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        principal = iam.ServicePrincipal("events.amazonaws.com", conditions=this_account)
        role = iam.Role(self, "StartRole", assumed_by=principal, description="Starts the pipeline")
        arn = sagemaker_arn(self, "pipeline", self._settings.pipeline_name)
        allow(role, ["sagemaker:StartPipelineExecution"], [arn])
        acknowledge(role, {INLINE_POLICY: "the policy is for this role alone, and goes with it"})
        rule = events.CfnRule(
            self,
            "OnData",
            description=f"Trains when raw/{self._settings.recipe}/{READY_MARKER} is written",
            event_pattern={
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {
                    "bucket": {"name": [self._bucket.bucket_name]},
                    "object": {"key": [f"raw/{self._settings.recipe}/{READY_MARKER}"]},
                },
            },
            targets=[
                events.CfnRule.TargetProperty(
                    arn=arn,
                    id="Pipeline",
                    role_arn=role.role_arn,
                    sage_maker_pipeline_parameters=events.CfnRule.SageMakerPipelineParametersProperty(
                        pipeline_parameter_list=[
                            events.CfnRule.SageMakerPipelineParameterProperty(name=name, value=value)
                            for name, value in {"DataPrefix": f"raw/{self._settings.recipe}", STARTED_BY: BY_EVENT}.items()
                        ]
                    ),
                )
            ],
        )
        acknowledge(
            rule, {"Serverless-EventBusDLQ": "EventBridge tries for a day; the data stays, and writing the marker again starts anew"}
        )
