"""A notebook instance beside the pipeline, to explore the data in the account. It bills for as long as it runs."""

from aws_cdk import ArnFormat, CfnOutput, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.acknowledge import Rules, acknowledge
from stacks.constructs.encryption import allow_job_key, find_key_arn
from stacks.constructs.network import allow_network
from stacks.constructs.sagemaker import allow, create_sagemaker_role

PLATFORM = "notebook-al2023-v1"
VOLUME_GB = 20  # the checkout, its packages and a stack of its own; the default of 5 is too small for torch
LOG_GROUP = "/aws/sagemaker/NotebookInstances"  # SageMaker's name for it: every instance of the account has streams in it
VOLUME_KEY = ("AwsSolutions-SM2", "NIST.800.53.R5-SageMakerNotebookInstanceKMSKeyConfigured", "CKV_AWS_187")
NO_INTERNET = ("AwsSolutions-SM3", "NIST.800.53.R5-SageMakerNotebookNoDirectInternetAccess")
# Only the pipeline writes models/ and datasets/: an endpoint serves the first, and versions are compared on the second.
WRITABLE = ("raw/*", "notebooks/*")


class Notebook(Construct):
    """The instance, whose role reads the dump bucket and writes below `raw/` and `notebooks/` of it."""

    def __init__(self, scope: Construct, name: str, *, settings: Settings, dump_bucket: s3.IBucket) -> None:
        super().__init__(scope, name)
        role = self._create_role(settings.notebook_name, dump_bucket)
        instance = sagemaker.CfnNotebookInstance(
            self,
            "Instance",
            notebook_instance_name=settings.notebook_name,
            instance_type=settings.notebook_instance_type,
            platform_identifier=PLATFORM,
            role_arn=role.role_arn,
            volume_size_in_gb=VOLUME_GB,
            kms_key_id=find_key_arn(self),
            root_access="Disabled",
            subnet_id=settings.subnets[0] if settings.vpc else None,
            security_group_ids=settings.security_groups or None,
            direct_internet_access="Disabled" if settings.vpc else "Enabled",
            instance_metadata_service_configuration=sagemaker.CfnNotebookInstance.InstanceMetadataServiceConfigurationProperty(
                minimum_instance_metadata_service_version="2"
            ),
        )
        instance.node.add_dependency(role)  # with its policy: an instance that starts without it writes no log
        if settings.vpc:
            allow_network(role, settings)
        else:
            reasons: dict[Rules, str] = {
                "SM1": "there is no VPC here, and one that reaches the internet bills for its NAT gateway by the hour",
                NO_INTERNET: "the checkout and its packages come from the internet; the role limits what the instance may do",
            }
            acknowledge(instance, reasons)
        if instance.kms_key_id is None:
            acknowledge(instance, {VOLUME_KEY: "SageMaker encrypts the volume by itself; an own key would cost more and protect no better"})
        CfnOutput(Stack.of(self), "NotebookName", value=settings.notebook_name)

    def _create_role(self, instance: str, bucket: s3.IBucket) -> iam.Role:
        role = create_sagemaker_role(self, "Role", f"The notebook instance {instance}")
        for actions, resources in (
            (["s3:ListBucket"], [bucket.bucket_arn]),
            (["s3:GetObject"], [bucket.arn_for_objects("*")]),
            (["s3:PutObject"], [bucket.arn_for_objects(prefix) for prefix in WRITABLE]),
            (["logs:CreateLogGroup", "logs:DescribeLogStreams"], [self._log_group_arn("*")]),
            (["logs:CreateLogStream", "logs:PutLogEvents"], [self._log_group_arn(f":log-stream:{instance}/*")]),
        ):
            allow(role, actions, resources)
        allow_job_key(role)
        acknowledge(role, {"IAM5": "it reads one whole bucket, writes below two prefixes of it, and its log streams are named at run time"})
        return role

    def _log_group_arn(self, rest: str) -> str:
        return Stack.of(self).format_arn(
            service="logs", resource="log-group", resource_name=f"{LOG_GROUP}{rest}", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
