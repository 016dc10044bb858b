"""The prebuilt images that jobs run in, found by the region that a template is deployed in."""

from aws_cdk import Aws, CfnMapping, Stack, Token
from aws_cdk import aws_iam as iam
from constructs import Construct

from deployment.training_regions import ACCOUNTS, CPU_TAG, GPU_TAG, REPOSITORY
from recipes.errors import InvalidSettings
from stacks.constructs.sagemaker import allow_pull

ACCOUNT = "account"


class TrainingImages(Construct):
    """AWS's PyTorch training images: one for the CPU and one for the GPU, in the region's own registry.

    Raises:  InvalidSettings: the stack is for one region, and AWS keeps no images there.
    """

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        region = Stack.of(self).region
        if not Token.is_unresolved(region) and region not in ACCOUNTS:
            raise InvalidSettings(f"AWS keeps no training images in {region}", advice=f"deploy to one of {', '.join(sorted(ACCOUNTS))}")
        mapping = {region: {ACCOUNT: account} for region, account in sorted(ACCOUNTS.items())}
        # Looked up while deploying even if the region is known before, so that every template has the whole table.
        self._account = CfnMapping(self, "Accounts", mapping=mapping).find_in_map(Aws.REGION, ACCOUNT)

    def uri(self, *, gpu: bool) -> str:
        """Return the image's address."""
        return f"{self._account}.dkr.ecr.{Aws.REGION}.{Aws.URL_SUFFIX}/{REPOSITORY}:{GPU_TAG if gpu else CPU_TAG}"

    def grant_pull(self, role: iam.Role) -> None:
        """Let the role pull these images, and no others."""
        repository = Stack.of(self).format_arn(service="ecr", account=self._account, resource="repository", resource_name=REPOSITORY)
        allow_pull(role, repository)
