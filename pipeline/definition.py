"""The SageMaker pipeline of a recipe as the JSON that SageMaker takes: prepare ▸ candidates in parallel ▸ evaluate ▸ condition ▸ register.

A pure function of the recipe, the settings and the resources, without CDK and the SageMaker SDK. AWS and pipeline/runner execute it.
A change here needs the same change in tests/sdk/generate.py, which builds the definition with the SDK.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from deployment.settings import Settings, takes_volume_key
from pipeline.values import (
    INPUT,
    Json,
    declare_parameter,
    get_parameter,
    join_url,
    join_values,
    locate_split,
    read_figure,
    require_at_least,
    write_channel,
    write_input,
    write_output,
)
from recipes.media_types import CSV, JSON, NPY
from recipes.model_files import MANIFEST_DIGEST
from recipes.recipe import Candidate, Recipe

VERSION = "2020-12-01"
CHANNELS, CHECKPOINTS = "/opt/ml/input/data", "/opt/ml/checkpoints"
READY_MARKER = "_READY"  # written last, under raw/<recipe>/: the raw data is complete
TRAINING_SPLITS, EVALUATED_SPLITS, SPLITS = ("train", "validation"), ("validation", "test"), ("train", "validation", "test")
REPORTED = ("Candidates", "Threshold", "MinimumImprovement", "MinimumRowImprovement", "Seed", "Limit")
EXECUTION: Json = {"Get": "Execution.PipelineExecutionId"}
VOLUME_GB = 30
# Only for errors of the service; a job that fails is not repeated.
RETRY_POLICIES = [
    {"ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"], "IntervalSeconds": 10, "BackoffRate": 2.0, "MaxAttempts": 3},
    {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "IntervalSeconds": 60, "BackoffRate": 2.0, "ExpireAfterMin": 60},
]


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


def build_definition(recipe: Recipe, settings: Settings, resources: Resources, *, options: Sequence[str] = ()) -> Json:
    """Return the pipeline's definition, for json.dumps or a CDK stack's to_json_string.

    Args:    options: what `inferstack pipeline run` needs to run it, but for the stage; the report shows the call.
    """
    training = [_train(recipe, candidate, settings, resources) for candidate in recipe.candidates]
    return {
        "Version": VERSION,
        "Metadata": {},
        "Parameters": list(_parameters(recipe, settings)),
        "Steps": [
            _prepare(recipe, settings, resources),
            *training,
            _evaluate(recipe, settings, resources, _build_call(recipe, settings, options)),
            _good_enough(recipe, settings, resources),
        ],
    }


def _parameters(recipe: Recipe, settings: Settings) -> Iterator[Json]:
    """Yield what a start of the pipeline may change; Studio shows them as a form."""
    yield declare_parameter("DataPrefix", f"raw/{recipe.name}")
    yield declare_parameter("Candidates", ",".join(candidate.name for candidate in recipe.candidates))
    yield {"Name": "Threshold", "Type": "Float", "DefaultValue": recipe.threshold}
    yield {"Name": "MinimumImprovement", "Type": "Float", "DefaultValue": 0.0}
    yield {"Name": "MinimumRowImprovement", "Type": "Float", "DefaultValue": 0.0}
    yield declare_parameter("ChampionEndpoint", settings.endpoint_name)
    yield declare_parameter("Seed", "0")
    yield declare_parameter("Limit", "0")
    if recipe.test_share:
        yield declare_parameter("TestShare", str(recipe.test_share))
    yield declare_parameter("ProcessingInstanceType", settings.training_instance_type)
    yield declare_parameter("TrainingInstanceType", settings.training_instance_type)
    if settings.training_gpu_instance_type:
        yield declare_parameter("GpuInstanceType", settings.training_gpu_instance_type)


def _list_reported(recipe: Recipe) -> tuple[str, ...]:
    """Return the parameters that decide what an execution comes to: its report shows them, and the command that runs it again."""
    return (*REPORTED, "TestShare") if recipe.test_share else REPORTED


def _prepare(recipe: Recipe, settings: Settings, resources: Resources) -> Json:
    raw = {"Std:Join": {"On": "/", "Values": [f"s3://{resources.bucket}", get_parameter("DataPrefix")]}}
    folder = join_url(resources.bucket, "datasets", recipe.name, EXECUTION)
    return _processing(
        "Prepare",
        settings,
        resources,
        role=resources.prepare_role,
        arguments=[
            *(
                "prepare",
                "--recipe",
                recipe.name,
                "--limit",
                get_parameter("Limit"),
                "--candidates",
                get_parameter("Candidates"),
            ),
            *(("--test-share", get_parameter("TestShare")) if recipe.test_share else ()),
        ],
        inputs=[write_input("raw", raw)],
        outputs=[write_output(name, join_url(resources.bucket, "datasets", recipe.name, EXECUTION, name)) for name in SPLITS]
        + [write_output("about", folder)],
    )


def _train(recipe: Recipe, candidate: Candidate, settings: Settings, resources: Resources) -> Json:
    """Return a training job. It gets the wanted candidates and ends at once if its own is not one of them: a step cannot be left out."""
    gpu = bool(settings.training_gpu_instance_type) and candidate.gpu
    name = name_train_step(candidate)
    arguments: Json = {
        "AlgorithmSpecification": {
            "TrainingImage": resources.gpu_image if gpu else resources.image,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", f"{CHANNELS}/code/{resources.code_file}"],
            "ContainerArguments": ["train"],
            # SageMaker keeps each metric that is defined here as a time series.
            "MetricDefinitions": [{"Name": "train:loss", "Regex": "loss ([0-9.]+)"}],
        },
        "HyperParameters": {
            "recipe": recipe.name,
            "candidate": candidate.name,
            "trainer": candidate.trainer,
            "candidates": get_parameter("Candidates"),
            "seed": get_parameter("Seed"),
            **({"test_share": get_parameter("TestShare")} if recipe.test_share else {}),
            **{key: json.dumps(value) for key, value in candidate.hyperparameters.items()},
        },
        "InputDataConfig": [
            write_channel("code", resources.code_url),
            *(write_channel(split, locate_split(split)) for split in TRAINING_SPLITS),
        ],
        "OutputDataConfig": {
            "S3OutputPath": join_url(resources.bucket, "models", recipe.name, EXECUTION, "candidates"),
            **_output_key(resources),
        },
        "ResourceConfig": {
            "InstanceType": get_parameter("GpuInstanceType" if gpu else "TrainingInstanceType"),
            "InstanceCount": 1,
            "VolumeSizeInGB": VOLUME_GB,
            **_volume_key(resources, settings.training_gpu_instance_type if gpu else settings.training_instance_type),
        },
        "RoleArn": resources.train_role,
        "StoppingCondition": {"MaxRuntimeInSeconds": settings.training_timeout_s},
        "CheckpointConfig": {
            "S3Uri": join_url(resources.bucket, "checkpoints", recipe.name, EXECUTION, candidate.name),
            "LocalPath": CHECKPOINTS,
        },
    }
    if settings.vpc:
        arguments["VpcConfig"] = _vpc(settings)
    if settings.training_spot:
        arguments["EnableManagedSpotTraining"] = True
        arguments["StoppingCondition"]["MaxWaitTimeInSeconds"] = 2 * settings.training_timeout_s
    return {"Name": name, "Type": "Training", "Arguments": arguments, "RetryPolicies": RETRY_POLICIES}


def _build_call(recipe: Recipe, settings: Settings, options: Sequence[str]) -> str:
    """Return the call that runs it; the report's job adds the parameters of its execution."""
    stage = () if settings.stage == "local" else ("--stage", settings.stage)
    return shlex.join(["inferstack", "pipeline", "run", recipe.name, *stage, *options])


def _evaluate(recipe: Recipe, settings: Settings, resources: Resources, call: str) -> Json:
    artifacts = [
        write_input(
            f"candidate-{candidate.name}".replace("_", "-"),
            {"Get": f"Steps.{name_train_step(candidate)}.ModelArtifacts.S3ModelArtifacts"},
            f"{INPUT}/candidates/{candidate.name}",
        )
        for candidate in recipe.candidates
    ]
    step = _processing(
        "Evaluate",
        settings,
        resources,
        role=resources.evaluate_role,
        arguments=[
            *("evaluate", "--recipe", recipe.name, "--champion-endpoint", get_parameter("ChampionEndpoint")),
            # No output of the job: SageMaker would replace what is there.
            *("--archive-url", _archive_url(recipe, resources)),
            *("--call", call),
            *(word for name in _list_reported(recipe) for word in ("--parameter", join_values("", f"{name}=", get_parameter(name)))),
        ],
        inputs=[*(write_input(split, locate_split(split)) for split in EVALUATED_SPLITS), *artifacts],
        outputs=[write_output("evaluation", join_url(resources.bucket, "models", recipe.name, EXECUTION, "evaluation"))],
    )
    # Never cached: which model is the champion is not an input of the job.
    return {
        **step,
        "CacheConfig": {"Enabled": False},
        "PropertyFiles": [{"PropertyFileName": "Evaluation", "OutputName": "evaluation", "FilePath": "evaluation.json"}],
    }


def _good_enough(recipe: Recipe, settings: Settings, resources: Resources) -> Json:
    """Return the step that registers the best or fails: one with all conditions, since SageMaker does not nest condition steps."""
    too_low = ["the best candidate's", recipe.metric, "on the validation split is below the threshold", get_parameter("Threshold")]
    worse = ["or not above the champion's by", get_parameter("MinimumImprovement"), "even with what chance explains,"]
    weaker = [
        "or on a row of the robustness table, or on what is no digit, not by",
        get_parameter("MinimumRowImprovement"),
        "(lowest_row and no_digit in evaluation.json)",
    ]
    return {
        "Name": "IsGoodEnough",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [
                require_at_least("best.score", "Threshold"),
                require_at_least("most_improvement", "MinimumImprovement"),
                require_at_least("row_margin", "MinimumRowImprovement"),
            ],
            "IfSteps": [_register(recipe, settings, resources)],
            "ElseSteps": [
                {"Name": "NotGoodEnough", "Type": "Fail", "Arguments": {"ErrorMessage": join_values(" ", *too_low, *worse, *weaker)}}
            ],
        },
    }


def _register(recipe: Recipe, settings: Settings, resources: Resources) -> Json:
    statistics = join_url(resources.bucket, "models", recipe.name, EXECUTION, "evaluation", "statistics.json")
    return {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": resources.model_group,
            "ModelPackageDescription": join_values(" ", f"{recipe.title}, by pipeline execution", EXECUTION),
            "ModelApprovalStatus": choose_approval_status(settings),
            "InferenceSpecification": {
                "Containers": [
                    {
                        "Image": resources.serving_image,
                        "ModelDataUrl": _archive_url(recipe, resources),
                        # The server refuses an archive that is no longer the one which was measured.
                        "Environment": {"INFERSTACK_LOG_LEVEL": settings.log_level, MANIFEST_DIGEST: read_figure("best.manifest_sha256")},
                    }
                ],
                "SupportedContentTypes": [NPY, JSON, CSV],
                "SupportedResponseMIMETypes": [JSON, CSV, NPY],
                "SupportedRealtimeInferenceInstanceTypes": [settings.endpoint_instance_type or settings.batch_instance_type],
                "SupportedTransformInstanceTypes": [settings.batch_instance_type],
            },
            "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": JSON, "S3Uri": statistics}}},
            "CustomerMetadataProperties": {"recipe": recipe.name, "execution": EXECUTION},
        },
        "RetryPolicies": RETRY_POLICIES[:1],
    }


def _archive_url(recipe: Recipe, resources: Resources) -> Json:
    return join_url(resources.bucket, "models", recipe.name, EXECUTION, "best", "model.tar.gz")


def choose_approval_status(settings: Settings) -> str:
    """Return the status that a model is registered with: approved at once only where the settings say so."""
    return "Approved" if settings.approval == "automatic" else "PendingManualApproval"


def _processing(
    name: str, settings: Settings, resources: Resources, *, role: str, arguments: list[Any], inputs: list[Json], outputs: list[Json]
) -> Json:
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": get_parameter("ProcessingInstanceType"),
                    "InstanceCount": 1,
                    "VolumeSizeInGB": VOLUME_GB,
                    **_volume_key(resources, settings.training_instance_type),
                }
            },
            "AppSpecification": {
                "ImageUri": resources.image,
                "ContainerEntrypoint": ["python3", f"{INPUT}/code/{resources.code_file}"],
                "ContainerArguments": arguments,
            },
            # SageMaker documents no variable for the region; the job's clients need one, to ask what the endpoint serves.
            "Environment": {"AWS_REGION": resources.region},
            **({"NetworkConfig": {"VpcConfig": _vpc(settings)}} if settings.vpc else {}),
            "RoleArn": role,
            "ProcessingInputs": [write_input("code", resources.code_url), *inputs],
            "ProcessingOutputConfig": {"Outputs": outputs, **_output_key(resources)},
            "StoppingCondition": {"MaxRuntimeInSeconds": settings.training_timeout_s},
        },
        "RetryPolicies": RETRY_POLICIES,
    }


def _vpc(settings: Settings) -> Json:
    return {"Subnets": settings.subnets, "SecurityGroupIds": settings.security_groups}


def _output_key(resources: Resources) -> Json:
    return {"KmsKeyId": resources.encryption_key} if resources.encryption_key else {}


def _volume_key(resources: Resources, instance_type: str) -> Json:
    return {"VolumeKmsKeyId": resources.encryption_key} if resources.encryption_key and takes_volume_key(instance_type) else {}


def name_train_step(candidate: Candidate) -> str:
    """Return the name of the step that trains a candidate."""
    return f"Train-{candidate.name.replace('_', '-')}"
