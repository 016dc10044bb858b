"""The image of the model server: its address, and the permission to pull it."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk.aws_ecr_assets import Platform
from cdklabs.deploy_time_build import ContainerImageBuild
from constructs import Construct

from deployment import image_context
from deployment.settings import ECR_ADDRESS, Settings
from stacks.constructs.deployment_helpers import acknowledge_image_build
from stacks.constructs.sagemaker import allow_pull


@dataclass(frozen=True, slots=True)
class ImageReference:
    """The image, for stacks that use what another one builds.

    Args:    uri: its address, known only while deploying.
             repository_arn: of its repository; empty for an image that is not in ECR.
             source: what it is made from. A stack that uses the image has it in its template, because cdk skips a stack whose template is
                 as before.
    """

    uri: str
    repository_arn: str
    source: str

    def grant_pull(self, role: iam.Role) -> None:
        """Let a role pull this image, and no other."""
        if self.repository_arn:  # an image that is not in ECR needs no permission
            allow_pull(role, self.repository_arn)


class ServingImage(Construct):
    """serving/Dockerfile built by CodeBuild while deploying, so that nobody needs Docker; or an image that is there already.

    Args:    repository: the name of the one that it is built to, if it is.

    uri     the address SageMaker pulls
    source  what the image is made from, as text that is known before it is built: it changes whenever the image does
    repository_arn  of its repository; empty for an image that is not in ECR
    """

    uri: str
    source: str
    repository_arn: str

    def __init__(self, scope: Construct, name: str, *, settings: Settings, repository: str) -> None:
        super().__init__(scope, name)
        self.repository_arn = ""
        if not settings.is_image_built:
            self.uri = self.source = settings.serving_image
            if address := ECR_ADDRESS.match(self.uri):
                self.repository_arn = Stack.of(self).format_arn(
                    service="ecr",
                    account=address["account"],
                    region=address["region"],
                    resource="repository",
                    resource_name=address["repository"],
                )
            return
        context = image_context.build()
        arguments = ({"BASE": settings.image_base} if settings.image_base else {}) | (
            {"DEVICE": "cuda"} if settings.endpoint_kind == "gpu" else {}
        )
        self.source = " ".join(
            [f"{context.name} for {settings.endpoint_kind}", *([f"on {settings.image_base}"] if settings.image_base else [])]
        )
        image = ContainerImageBuild(
            self,
            "Build",
            # By its name, because its address takes other stacks' ARNs apart, which CloudFormation cannot check.
            repository=ecr.Repository.from_repository_name(self, "Repository", repository),
            directory=str(context),
            file="serving/Dockerfile",
            platform=Platform.LINUX_AMD64,  # serverless endpoints, and every instance type named in settings.py, are x86
            build_args=arguments or None,
        )
        acknowledge_image_build(Stack.of(self))
        for construct in Stack.of(self).node.find_all():
            if isinstance(construct, logs.CfnLogGroup):
                construct.apply_removal_policy(RemovalPolicy.DESTROY)  # the builder's own, which it would leave behind
                construct.retention_in_days = settings.log_retention_days
                image.node.add_dependency(construct)  # there before the builder first logs, and until it has logged for the last time
        self.uri = image.image_uri
        self.repository_arn = image.repository.repository_arn

    @property
    def reference(self) -> ImageReference:
        """The image, for the stack that it is built in."""
        return ImageReference(self.uri, self.repository_arn, self.source)
