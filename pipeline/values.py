"""Values of the pipeline's JSON that are known only when it runs, and where its jobs read and write, as SageMaker spells them."""

from typing import Any

Json = dict[str, Any]
INPUT, OUTPUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
EXECUTION: Json = {"Get": "Execution.PipelineExecutionId"}


def require_at_least(figure: str, parameter: str) -> Json:
    """Return the condition that a figure of evaluation.json reaches a parameter."""
    return {"Type": "GreaterThanOrEqualTo", "LeftValue": read_figure(figure), "RightValue": get_parameter(parameter)}


def read_figure(path: str) -> Json:
    """Return what evaluation.json holds at a path."""
    return {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"}, "Path": path}}


def write_input(name: str, url: Any, path: str = "") -> Json:
    """Return an input of a processing job: what lies below a URL is copied to a folder before it starts."""
    source = {
        "S3Uri": url,
        "LocalPath": path or f"{INPUT}/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    return {"InputName": name, "S3Input": source}


def write_output(name: str, url: Any) -> Json:
    """Return an output of a processing job: what it leaves in a folder is copied below a URL when it ends."""
    target = {"S3Uri": url, "LocalPath": f"{OUTPUT}/{name}", "S3UploadMode": "EndOfJob"}
    return {"OutputName": name, "S3Output": target}


def write_channel(name: str, url: Any) -> Json:
    """Return a channel of a training job."""
    source = {"S3DataType": "S3Prefix", "S3Uri": url, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def locate_split(split: str) -> Json:
    """Return where the Prepare step puts a split."""
    return {"Get": f"Steps.Prepare.ProcessingOutputConfig.Outputs['{split}'].S3Output.S3Uri"}


def join_url(bucket: str, *parts: Any) -> Json:
    """Return the s3:// URL of parts that may be known only when it runs."""
    return join_values("/", f"s3://{bucket}", *parts)


def join_values(on: str, *values: Any) -> Json:
    """Return the text of values that may be known only when it runs."""
    return {"Std:Join": {"On": on, "Values": list(values)}}


def get_parameter(parameter: str) -> Json:
    """Return what a parameter is when it runs."""
    return {"Get": f"Parameters.{parameter}"}


def declare_parameter(name: str, default: str) -> Json:
    """Return a parameter that is a text."""
    return {"Name": name, "Type": "String", "DefaultValue": default}
