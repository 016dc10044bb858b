"""What a pipeline's definition names of the deployment that it runs in."""

from dataclasses import dataclass

from deployment.settings import takes_volume_key
from pipeline.values import Json


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources of a deployment that the definition names; tokens while CDK synthesizes.

    Args:    region: where the jobs run.
             bucket: the dump bucket's name.
             code_url: s3:// URL of the zip that every job runs.
             code_file: the zip's name where it is mounted.
             image, gpu_image: the prebuilt images that jobs run in.
             prepare_role, train_role, evaluate_role: ARNs, one for each kind of job.
             serving_image: the image that serves a registered model.
             model_group: the model package group.
             encryption_key: the ARN of the key for what jobs write and for their volumes; empty for SageMaker's own.
    """

    region: str
    bucket: str
    code_url: str
    code_file: str
    image: str
    gpu_image: str
    prepare_role: str
    train_role: str
    evaluate_role: str
    serving_image: str
    model_group: str
    encryption_key: str = ""

    @property
    def output_key(self) -> Json:
        """The field that says what a job's output is encrypted with; none for SageMaker's own key."""
        return {"KmsKeyId": self.encryption_key} if self.encryption_key else {}

    def volume_key(self, instance_type: str) -> Json:
        """Return the field that says what the volume of such a machine is encrypted with; none where it takes no key."""
        return {"VolumeKmsKeyId": self.encryption_key} if self.encryption_key and takes_volume_key(instance_type) else {}
