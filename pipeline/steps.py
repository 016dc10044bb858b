"""The steps of a recipe's pipeline, each as SageMaker's JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deployment.settings import Settings
from pipeline.resources import Resources
from pipeline.values import (
    EXECUTION,
    INPUT,
    Json,
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
from recipes.errors import InvalidSettings
from recipes.media_types import CSV, JSON, NPY
from recipes.models.model_files import MANIFEST_DIGEST
from recipes.recipe import Candidate, Recipe

CHANNELS, CHECKPOINTS = "/opt/ml/input/data", "/opt/ml/checkpoints"
TRAINING_SPLITS, EVALUATED_SPLITS, SPLITS = ("train", "validation"), ("validation", "test"), ("train", "validation", "test")
# The parameters that decide what an execution comes to: its report shows them, and the command that runs it again.
REPORTED = ("Candidates", "Threshold", "MinimumImprovement", "MinimumRowImprovement", "Seed", "Limit")
READY_MARKER = "_READY"  # written last, under raw/<recipe>/: the raw data is complete
# A parameter of a pipeline that its data starts: an event may come twice, and people may train the same data as often as they like.
STARTED_BY, BY_HAND, BY_EVENT = "StartedBy", "hand", "event"
VOLUME_GB = 30
MOST_INPUTS = 10  # of a processing job
# Only for errors of the service; a job that fails is not repeated.
RETRY_POLICIES = [
    {"ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"], "IntervalSeconds": 10, "BackoffRate": 2.0, "MaxAttempts": 3},
    {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "IntervalSeconds": 60, "BackoffRate": 2.0, "ExpireAfterMin": 60},
]


def choose_approval_status(settings: Settings) -> str:
    """Return the status that a model is registered with: approved at once only where the settings say so."""
    return "Approved" if settings.approval == "automatic" else "PendingManualApproval"


def name_train_step(candidate: Candidate) -> str:
    """Return the name of the step that trains a candidate."""
    return f"Train-{candidate.name.replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one recipe's pipeline.

    Args:    settings: of the stage.
             resources: of the deployment.
    """

    recipe: Recipe
    settings: Settings
    resources: Resources

    def prepare(self) -> Json:
        """Return the job that divides the raw data."""
        raw = {"Std:Join": {"On": "/", "Values": [f"s3://{self.resources.bucket}", get_parameter("DataPrefix")]}}
        told = ("--limit", get_parameter("Limit"), "--candidates", get_parameter("Candidates"))
        share = ("--test-share", get_parameter("TestShare")) if self.recipe.test_share else ()
        return self._process(
            "Prepare",
            role=self.resources.prepare_role,
            arguments=[
                "prepare",
                "--recipe",
                self.recipe.name,
                *told,
                *share,
                *(self._tell_delivery() if self.settings.start_on_data else ()),
            ],
            inputs=[write_input("raw", raw)],
            outputs=[*(write_output(name, self._url("datasets", name)) for name in SPLITS), write_output("about", self._url("datasets"))],
        )

    def _tell_delivery(self) -> Sequence[Any]:
        """Return what the job needs to train a delivery of raw data once."""
        marker = join_url(self.resources.bucket, get_parameter("DataPrefix"), READY_MARKER)
        deliveries = join_url(self.resources.bucket, "datasets", self.recipe.name, "deliveries")
        started = ("--started-by", get_parameter(STARTED_BY), "--execution", EXECUTION)
        return (*started, "--marker", marker, "--deliveries", deliveries)

    def train(self, candidate: Candidate) -> Json:
        """Return a training job. It gets the wanted candidates, and ends at once if its own is none of them: a step cannot be left out."""
        settings, resources = self.settings, self.resources
        gpu = bool(settings.training_gpu_instance_type) and candidate.gpu
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
                "recipe": self.recipe.name,
                "candidate": candidate.name,
                "trainer": candidate.trainer,
                "candidates": get_parameter("Candidates"),
                "seed": get_parameter("Seed"),
                **({"test_share": get_parameter("TestShare")} if self.recipe.test_share else {}),
                **{key: json.dumps(value) for key, value in candidate.hyperparameters.items()},
            },
            "InputDataConfig": [
                write_channel("code", resources.code_url),
                *(write_channel(split, locate_split(split)) for split in TRAINING_SPLITS),
            ],
            "OutputDataConfig": {
                "S3OutputPath": self._url("models", "candidates"),
                **resources.output_key,
            },
            "ResourceConfig": {
                "InstanceType": get_parameter("GpuInstanceType" if gpu else "TrainingInstanceType"),
                "InstanceCount": 1,
                "VolumeSizeInGB": VOLUME_GB,
                **resources.volume_key(settings.training_gpu_instance_type if gpu else settings.training_instance_type),
            },
            "RoleArn": resources.train_role,
            "StoppingCondition": {"MaxRuntimeInSeconds": settings.training_timeout_s},
            "CheckpointConfig": {
                "S3Uri": self._url("checkpoints", candidate.name),
                "LocalPath": CHECKPOINTS,
            },
        }
        if settings.vpc:
            arguments["VpcConfig"] = self._vpc()
        if settings.tags:
            arguments["Tags"] = settings.key_values
        if settings.training_spot:
            arguments["EnableManagedSpotTraining"] = True
            arguments["StoppingCondition"]["MaxWaitTimeInSeconds"] = 2 * settings.training_timeout_s
        return {"Name": name_train_step(candidate), "Type": "Training", "Arguments": arguments, "RetryPolicies": RETRY_POLICIES}

    def evaluate(self, call: str) -> Json:
        """Return the job that measures all candidates and chooses the best.

        Args:    call: the one that runs the pipeline, for the report; the job adds the parameters of its execution.
        Raises:  InvalidSettings: there are more than a job of SageMaker's has inputs for.
        """
        artifacts = [
            write_input(
                f"candidate-{candidate.name}".replace("_", "-"),
                {"Get": f"Steps.{name_train_step(candidate)}.ModelArtifacts.S3ModelArtifacts"},
                f"{INPUT}/candidates/{candidate.name}",
            )
            for candidate in self.recipe.candidates
        ]
        own = 1 + len(EVALUATED_SPLITS)  # the code and the splits
        if len(artifacts) > MOST_INPUTS - own:
            raise InvalidSettings(
                f"{self.recipe.name} has {len(artifacts)} candidates, and the job that compares them takes {MOST_INPUTS - own}",
                advice="leave some of the recipe's candidates out",
            )
        reported = (*REPORTED, "TestShare") if self.recipe.test_share else REPORTED
        step = self._process(
            "Evaluate",
            role=self.resources.evaluate_role,
            arguments=[
                *("evaluate", "--recipe", self.recipe.name, "--champion-endpoint", get_parameter("ChampionEndpoint")),
                # No output of the job: SageMaker would replace what is there.
                *("--archive-url", self._archive_url()),
                *("--call", call),
                *(word for name in reported for word in ("--parameter", join_values("", f"{name}=", get_parameter(name)))),
            ],
            inputs=[*(write_input(split, locate_split(split)) for split in EVALUATED_SPLITS), *artifacts],
            outputs=[write_output("evaluation", self._url("models", "evaluation"))],
        )
        # Never cached: which model is the champion is not an input of the job.
        return {
            **step,
            "CacheConfig": {"Enabled": False},
            "PropertyFiles": [{"PropertyFileName": "Evaluation", "OutputName": "evaluation", "FilePath": "evaluation.json"}],
        }

    def decide(self) -> Json:
        """Return the step that registers the best or fails: one with all conditions, since SageMaker does not nest condition steps."""
        too_low = ["the best candidate's", self.recipe.metric, "on the validation split is below the threshold", get_parameter("Threshold")]
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
                "IfSteps": [self._register()],
                "ElseSteps": [
                    {"Name": "NotGoodEnough", "Type": "Fail", "Arguments": {"ErrorMessage": join_values(" ", *too_low, *worse, *weaker)}}
                ],
            },
        }

    def _register(self) -> Json:
        statistics = self._url("models", "evaluation", "statistics.json")
        return {
            "Name": "Register",
            "Type": "RegisterModel",
            "Arguments": {
                "ModelPackageGroupName": self.resources.model_group,
                "ModelPackageDescription": join_values(" ", f"{self.recipe.title}, by pipeline execution", EXECUTION),
                "ModelApprovalStatus": choose_approval_status(self.settings),
                "InferenceSpecification": {
                    "Containers": [
                        {
                            "Image": self.resources.serving_image,
                            "ModelDataUrl": self._archive_url(),
                            # The server refuses an archive that is no longer the one which was measured.
                            "Environment": {
                                "INFERSTACK_LOG_LEVEL": self.settings.log_level,
                                MANIFEST_DIGEST: read_figure("best.manifest_sha256"),
                            },
                        }
                    ],
                    "SupportedContentTypes": [NPY, JSON, CSV],
                    "SupportedResponseMIMETypes": [JSON, CSV, NPY],
                    "SupportedRealtimeInferenceInstanceTypes": [self.settings.endpoint_instance_type or self.settings.batch_instance_type],
                    "SupportedTransformInstanceTypes": [self.settings.batch_instance_type],
                },
                "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": JSON, "S3Uri": statistics}}},
                "CustomerMetadataProperties": {"recipe": self.recipe.name, "execution": EXECUTION},
            },
            "RetryPolicies": RETRY_POLICIES[:1],
        }

    def _process(self, name: str, *, role: str, arguments: Sequence[Any], inputs: Sequence[Json], outputs: Sequence[Json]) -> Json:
        settings, resources = self.settings, self.resources
        return {
            "Name": name,
            "Type": "Processing",
            "Arguments": {
                "ProcessingResources": {
                    "ClusterConfig": {
                        "InstanceType": get_parameter("ProcessingInstanceType"),
                        "InstanceCount": 1,
                        "VolumeSizeInGB": VOLUME_GB,
                        **resources.volume_key(settings.training_instance_type),
                    }
                },
                "AppSpecification": {
                    "ImageUri": resources.image,
                    "ContainerEntrypoint": ["python3", f"{INPUT}/code/{resources.code_file}"],
                    "ContainerArguments": arguments,
                },
                # SageMaker documents no variable for the region; the job's clients need one, to ask what the endpoint serves.
                "Environment": {"AWS_REGION": resources.region},
                **({"NetworkConfig": {"VpcConfig": self._vpc()}} if settings.vpc else {}),
                **({"Tags": settings.key_values} if settings.tags else {}),
                "RoleArn": role,
                "ProcessingInputs": [write_input("code", resources.code_url), *inputs],
                "ProcessingOutputConfig": {"Outputs": outputs, **resources.output_key},
                "StoppingCondition": {"MaxRuntimeInSeconds": settings.training_timeout_s},
            },
            "RetryPolicies": RETRY_POLICIES,
        }

    def _url(self, area: str, *parts: Any) -> Json:
        """Return where an execution of the recipe keeps something in an area of the bucket."""
        return join_url(self.resources.bucket, area, self.recipe.name, EXECUTION, *parts)

    def _archive_url(self) -> Json:
        return self._url("models", "best", "model.tar.gz")

    def _vpc(self) -> Json:
        return {"Subnets": self.settings.subnets, "SecurityGroupIds": self.settings.security_groups}
