"""What the arguments of a job say of its inputs and outputs, without running it."""

from typing import Any

Json = dict[str, Any]
ARCHIVE = "model.tar.gz"


def list_input_urls(kind: str, arguments: Json) -> list[str]:
    """Return the s3:// URL of each input of a Processing or Training job."""
    if kind == "Processing":
        return [input_["S3Input"]["S3Uri"] for input_ in arguments.get("ProcessingInputs", [])]
    return [channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in arguments.get("InputDataConfig", [])]


def list_outputs(arguments: Json) -> list[Json]:
    """Return the outputs of a processing job."""
    outputs: list[Json] = arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])
    return outputs


def output_urls(kind: str, name: str, arguments: Json) -> dict[str, str]:
    """Return the s3:// URL of each output of a job, by the output's name."""
    if kind == "Training":
        return {"model": f"{arguments['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{name}/output"}
    return {output["OutputName"]: output["S3Output"]["S3Uri"] for output in list_outputs(arguments)}


def describe_job(kind: str, name: str, arguments: Json) -> Json:
    """Return what later steps may refer to, in the shape of DescribeTrainingJob and DescribeProcessingJob, outputs by name."""
    if kind == "Training":
        url = f"{output_urls(kind, name, arguments)['model']}/{ARCHIVE}"
        return {"TrainingJobName": name, "TrainingJobStatus": "Completed", "ModelArtifacts": {"S3ModelArtifacts": url}}
    outputs = {output["OutputName"]: output for output in list_outputs(arguments)}
    return {"ProcessingJobName": name, "ProcessingJobStatus": "Completed", "ProcessingOutputConfig": {"Outputs": outputs}}
