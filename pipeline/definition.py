"""The SageMaker pipeline of a recipe as the JSON that SageMaker takes: prepare ▸ candidates in parallel ▸ evaluate ▸ condition ▸ register.

A pure function of the recipe, the settings and the place; nothing here knows CDK or the SageMaker SDK. AWS runs it, and so does the laptop.
What changes here changes in tests/sdk/generate.py too, which says the same in the SDK's words.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deployment.settings import Settings
from recipes.recipe import Candidate, Recipe

Json = dict[str, Any]
VERSION = "2020-12-01"
INPUT, OUTPUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
CHANNELS, CHECKPOINTS = "/opt/ml/input/data", "/opt/ml/checkpoints"
TRAINED_ON, SPLITS = ("train", "validation"), ("train", "validation", "test")
EXECUTION: Json = {"Get": "Execution.PipelineExecutionId"}
VOLUME_GB = 30
# What ends by itself; a job that fails by its own fault is not tried again.
RETRIED = [
    {"ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"], "IntervalSeconds": 10, "BackoffRate": 2.0, "MaxAttempts": 3},
    {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "IntervalSeconds": 60, "BackoffRate": 2.0, "ExpireAfterMin": 60},
]


@dataclass(frozen=True, slots=True)
class Place:
    """What only a deployment knows; at synth, tokens.

    Args:    bucket: the dump bucket's name.
             code_url: s3:// of the zip that every job runs.
             code_file: the zip's name where it is mounted.
             image, gpu_image: the prebuilt images jobs run in.
             prepare_role, train_role, evaluate_role: ARNs, one a kind of job.
             serving_image: the image a registered model is served by.
             model_group: the model package group.
    """

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


def definition(recipe: Recipe, settings: Settings, place: Place) -> Json:
    """Return the pipeline's definition, for json.dumps or a CDK stack's to_json_string."""
    trained = [_train(recipe, candidate, settings, place) for candidate in recipe.candidates]
    return {
        "Version": VERSION,
        "Metadata": {},
        "Parameters": list(_parameters(recipe, settings)),
        "Steps": [
            _prepare(recipe, settings, place),
            *trained,
            _evaluate(recipe, settings, place),
            _good_enough(recipe, settings, place),
        ],
    }


def _parameters(recipe: Recipe, settings: Settings) -> Iterator[Json]:
    """Give what a start may change; Studio shows them as a form."""
    yield _parameter("DataPrefix", f"raw/{recipe.name}")
    yield _parameter("Candidates", ",".join(candidate.name for candidate in recipe.candidates))
    yield {"Name": "Threshold", "Type": "Float", "DefaultValue": recipe.threshold}
    yield {"Name": "MinimumImprovement", "Type": "Float", "DefaultValue": 0.0}
    yield _parameter("ChampionEndpoint", settings.endpoint_name)
    yield _parameter("Seed", "0")
    yield _parameter("Limit", "0")
    yield _parameter("ProcessingInstanceType", settings.training_instance_type)
    yield _parameter("TrainingInstanceType", settings.training_instance_type)
    if settings.training_gpu_instance_type:
        yield _parameter("GpuInstanceType", settings.training_gpu_instance_type)


def _prepare(recipe: Recipe, settings: Settings, place: Place) -> Json:
    raw = {"Std:Join": {"On": "/", "Values": [f"s3://{place.bucket}", _get("DataPrefix")]}}
    kept = _url(place.bucket, "datasets", recipe.name, EXECUTION)
    return _processing(
        "Prepare",
        settings,
        place,
        role=place.prepare_role,
        arguments=["prepare", "--recipe", recipe.name, "--limit", _get("Limit"), "--candidates", _get("Candidates")],
        inputs=[_input("raw", raw)],
        outputs=[_output(name, _url(place.bucket, "datasets", recipe.name, EXECUTION, name)) for name in SPLITS] + [_output("about", kept)],
    )


def _train(recipe: Recipe, candidate: Candidate, settings: Settings, place: Place) -> Json:
    """Return a training job. It is told which candidates are wanted, and ends at once if it is none of them: a step cannot be left out."""
    gpu = bool(settings.training_gpu_instance_type) and candidate.gpu
    name = train_step(candidate)
    arguments: Json = {
        "AlgorithmSpecification": {
            "TrainingImage": place.gpu_image if gpu else place.image,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", f"{CHANNELS}/code/{place.code_file}"],
            "ContainerArguments": ["train"],
            # A metric that is defined is kept as a time series too.
            "MetricDefinitions": [{"Name": "train:loss", "Regex": "loss ([0-9.]+)"}],
        },
        "HyperParameters": {
            "recipe": recipe.name,
            "candidate": candidate.name,
            "trainer": candidate.trainer,
            "candidates": _get("Candidates"),
            "seed": _get("Seed"),
            **{key: json.dumps(value) for key, value in candidate.hyperparameters.items()},
        },
        "InputDataConfig": [
            _channel("code", place.code_url),
            *(_channel(split, {"Get": f"Steps.Prepare.ProcessingOutputConfig.Outputs['{split}'].S3Output.S3Uri"}) for split in TRAINED_ON),
        ],
        "OutputDataConfig": {"S3OutputPath": _url(place.bucket, "models", recipe.name, EXECUTION, "candidates")},
        "ResourceConfig": {
            "InstanceType": _get("GpuInstanceType" if gpu else "TrainingInstanceType"),
            "InstanceCount": 1,
            "VolumeSizeInGB": VOLUME_GB,
        },
        "RoleArn": place.train_role,
        "StoppingCondition": {"MaxRuntimeInSeconds": settings.training_timeout_s},
        "CheckpointConfig": {
            "S3Uri": _url(place.bucket, "checkpoints", recipe.name, EXECUTION, candidate.name),
            "LocalPath": CHECKPOINTS,
        },
    }
    if settings.training_spot:
        arguments["EnableManagedSpotTraining"] = True
        arguments["StoppingCondition"]["MaxWaitTimeInSeconds"] = 2 * settings.training_timeout_s
    return {"Name": name, "Type": "Training", "Arguments": arguments, "RetryPolicies": RETRIED}


def _evaluate(recipe: Recipe, settings: Settings, place: Place) -> Json:
    artifacts = [
        _input(f"candidate-{candidate.name}".replace("_", "-"), {"Get": f"Steps.{train_step(candidate)}.ModelArtifacts.S3ModelArtifacts"},
               f"{INPUT}/candidates/{candidate.name}")
        for candidate in recipe.candidates
    ]  # fmt: skip
    step = _processing(
        "Evaluate",
        settings,
        place,
        role=place.evaluate_role,
        arguments=["evaluate", "--recipe", recipe.name, "--champion-endpoint", _get("ChampionEndpoint")],
        inputs=[_input("test", {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['test'].S3Output.S3Uri"}), *artifacts],
        outputs=[
            _output("evaluation", _url(place.bucket, "models", recipe.name, EXECUTION, "evaluation")),
            _output("model", _url(place.bucket, "models", recipe.name, EXECUTION, "best")),
        ],
    )
    # Never taken from an earlier execution: which model is the champion is no input of the job's.
    return {
        **step,
        "CacheConfig": {"Enabled": False},
        "PropertyFiles": [{"PropertyFileName": "Evaluation", "OutputName": "evaluation", "FilePath": "evaluation.json"}],
    }


def _good_enough(recipe: Recipe, settings: Settings, place: Place) -> Json:
    """Return the step that registers the best or fails: one with two conditions, since SageMaker takes no condition step in another."""
    too_low = ["the best candidate's", recipe.metric, "is below the threshold", _get("Threshold")]
    worse = ["or not above the champion's by at least", _get("MinimumImprovement")]
    return {
        "Name": "IsGoodEnough",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [_at_least("best.score", "Threshold"), _at_least("improvement", "MinimumImprovement")],
            "IfSteps": [_register(recipe, settings, place)],
            "ElseSteps": [{"Name": "NotGoodEnough", "Type": "Fail", "Arguments": {"ErrorMessage": _join(" ", *too_low, *worse)}}],
        },
    }


def _register(recipe: Recipe, settings: Settings, place: Place) -> Json:
    best = ("models", recipe.name, EXECUTION)
    return {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": place.model_group,
            "ModelPackageDescription": _join(" ", f"{recipe.title}, by pipeline execution", EXECUTION),
            "ModelApprovalStatus": "Approved" if settings.approval == "automatic" else "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [
                    {
                        "Image": place.serving_image,
                        "ModelDataUrl": _url(place.bucket, *best, "best", "model.tar.gz"),
                        "Environment": {"INFERSTACK_LOG_LEVEL": settings.log_level},
                    }
                ],
                "SupportedContentTypes": ["application/x-npy", "application/json", "text/csv"],
                "SupportedResponseMIMETypes": ["application/json", "text/csv", "application/x-npy"],
                "SupportedRealtimeInferenceInstanceTypes": [settings.endpoint_instance_type or settings.batch_instance_type],
                "SupportedTransformInstanceTypes": [settings.batch_instance_type],
            },
            "ModelMetrics": {
                "ModelQuality": {
                    "Statistics": {"ContentType": "application/json", "S3Uri": _url(place.bucket, *best, "evaluation", "statistics.json")}
                }
            },
            "CustomerMetadataProperties": {"recipe": recipe.name, "execution": EXECUTION},
        },
        "RetryPolicies": RETRIED[:1],
    }


def _processing(
    name: str, settings: Settings, place: Place, *, role: str, arguments: list[Any], inputs: list[Json], outputs: list[Json]
) -> Json:
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": _get("ProcessingInstanceType"), "InstanceCount": 1, "VolumeSizeInGB": VOLUME_GB}
            },
            "AppSpecification": {
                "ImageUri": place.image,
                "ContainerEntrypoint": ["python3", f"{INPUT}/code/{place.code_file}"],
                "ContainerArguments": arguments,
            },
            "RoleArn": role,
            "ProcessingInputs": [_input("code", place.code_url), *inputs],
            "ProcessingOutputConfig": {"Outputs": outputs},
            "StoppingCondition": {"MaxRuntimeInSeconds": settings.training_timeout_s},
        },
        "RetryPolicies": RETRIED,
    }


def train_step(candidate: Candidate) -> str:
    """Return the name of the step that trains a candidate."""
    return f"Train-{candidate.name.replace('_', '-')}"


def _at_least(figure: str, parameter: str) -> Json:
    """Return the condition that a figure of evaluation.json reaches a parameter."""
    found = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"}, "Path": figure}}
    return {"Type": "GreaterThanOrEqualTo", "LeftValue": found, "RightValue": _get(parameter)}


def _input(name: str, url: Any, path: str = "") -> Json:
    source = {
        "S3Uri": url,
        "LocalPath": path or f"{INPUT}/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    return {"InputName": name, "S3Input": source}


def _output(name: str, url: Any) -> Json:
    target = {"S3Uri": url, "LocalPath": f"{OUTPUT}/{name}", "S3UploadMode": "EndOfJob"}
    return {"OutputName": name, "S3Output": target}


def _channel(name: str, url: Any) -> Json:
    source = {"S3DataType": "S3Prefix", "S3Uri": url, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def _url(bucket: str, *parts: Any) -> Json:
    return _join("/", f"s3://{bucket}", *parts)


def _join(on: str, *values: Any) -> Json:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def _get(parameter: str) -> Json:
    return {"Get": f"Parameters.{parameter}"}


def _parameter(name: str, default: str) -> Json:
    return {"Name": name, "Type": "String", "DefaultValue": default}
