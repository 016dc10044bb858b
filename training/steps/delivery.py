"""A delivery of raw data is trained once: its event may come twice, and the pipeline starts for each."""

from recipes.errors import InvalidSettings
from training.aws_client import create_client
from training.steps.write_once import write_once


def claim_delivery(marker_url: str, claims_url: str, execution: str) -> None:
    """Write down that an execution trains a delivery, which the version of its marker tells from any other.

    Args:    marker_url: the s3:// URL of the object that is written when the data is complete, in a versioned bucket.
             claims_url: where it is written down.
             execution: the execution's id; the same may claim again, as a job does that SageMaker repeats.
    Raises:  InvalidSettings: another execution trains it.
    """
    bucket, _, key = marker_url.removeprefix("s3://").partition("/")
    version = create_client("s3").head_object(Bucket=bucket, Key=key)["VersionId"]
    try:
        write_once(f"{claims_url}/{version}", execution.encode())
    except FileExistsError as error:
        raise InvalidSettings(
            f"another execution trains this delivery of raw data: AWS told of it twice ({claims_url}/{version} names the other one)",
            advice="write the marker again to train it anew, or start an execution yourself",
        ) from error
