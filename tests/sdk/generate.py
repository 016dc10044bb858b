"""What SageMaker's SDK says, as JSON: the training images of every region, and the pipeline it makes of the same recipe.

Run by the SDK's own environment, which shares nothing with the tests'. Standard input is {"recipe", "settings", "place"}; what those do
not say is written here a second time, so that neither definition follows the other.
"""

import contextlib
import json
import sys
from typing import Any

import boto3
from sagemaker.core import image_uris
from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
from sagemaker.core.processing import Processor
from sagemaker.core.shapes import MetricDefinition, ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterFloat, ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.pipeline_definition_config import PipelineDefinitionConfig
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train.configs import CheckpointConfig, Compute, InputData, OutputDataConfig, S3DataSource, StoppingCondition
from sagemaker.train.model_trainer import ModelTrainer

REGION, BUCKET = "us-east-1", "not-used"
FRAMEWORK, VERSION = "pytorch-amzn2023", "2.13"
EXECUTION = ExecutionVariables.PIPELINE_EXECUTION_ID
REPORTED = ("Candidates", "Threshold", "MinimumImprovement", "MinimumRowImprovement", "Seed", "Limit")
PROCESSING = "/opt/ml/processing"
SERVICE = StepRetryPolicy([StepExceptionTypeEnum.SERVICE_FAULT, StepExceptionTypeEnum.THROTTLING], 2.0, 10, max_attempts=3)
CAPACITY = SageMakerJobStepRetryPolicy([SageMakerJobExceptionTypeEnum.CAPACITY_ERROR], None, 2.0, 60, expire_after_mins=60)


def images() -> dict[str, dict[str, str]]:
    """Return the image of every region the SDK knows one in, for a processor and for a GPU."""
    regions = image_uris.config_for_framework(FRAMEWORK)["training"]["versions"][VERSION]["registries"]
    return {
        device: {
            region: image_uris.retrieve(FRAMEWORK, region, version=VERSION, image_scope="training", instance_type=instance)
            for region in regions
        }
        for device, instance in {"cpu": "ml.m5.xlarge", "gpu": "ml.g5.xlarge"}.items()
    }


class Described:
    """The pipeline of a recipe, in the SDK's words."""

    def __init__(self, recipe: dict[str, Any], settings: dict[str, Any], place: dict[str, str]) -> None:
        self.recipe, self.settings, self.place = recipe, settings, place
        credentials = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
        opted_out = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}
        boto = boto3.Session(**credentials, region_name=REGION)
        self.session = PipelineSession(boto_session=boto, default_bucket=BUCKET, sagemaker_config=opted_out)
        self.session._default_bucket = BUCKET  # or it would ask S3
        self.parameters = {
            parameter.name: parameter
            for parameter in (
                ParameterString("DataPrefix", f"raw/{recipe['name']}"),
                ParameterString("Candidates", ",".join(each["name"] for each in recipe["candidates"])),
                ParameterFloat("Threshold", recipe["threshold"]),
                ParameterFloat("MinimumImprovement", 0.0),
                ParameterFloat("MinimumRowImprovement", 0.0),
                ParameterString("ChampionEndpoint", settings["endpoint_name"]),
                ParameterString("Seed", "0"),
                ParameterString("Limit", "0"),
                *([ParameterString("TestShare", str(recipe["test_share"]))] if recipe["test_share"] else []),
                ParameterString("ProcessingInstanceType", settings["training_instance_type"]),
                ParameterString("TrainingInstanceType", settings["training_instance_type"]),
                ParameterString("GpuInstanceType", settings["training_gpu_instance_type"]),
            )
        }

    def definition(self) -> dict[str, Any]:
        """Return the definition that the SDK would send."""
        prepared = self.prepare()
        trained = {each["name"]: self.train(each, prepared) for each in self.recipe["candidates"]}
        figures = PropertyFile("Evaluation", "evaluation", "evaluation.json")
        evaluated = self.evaluate(prepared, trained, figures)
        pipeline = Pipeline(
            name="any",
            parameters=list(self.parameters.values()),
            steps=[prepared, *trained.values(), evaluated, self.conditions(evaluated, figures)],
            sagemaker_session=self.session,
            pipeline_experiment_config=None,
            pipeline_definition_config=PipelineDefinitionConfig(use_custom_job_prefix=False),
        )
        return dict(json.loads(pipeline.definition()))

    def prepare(self) -> ProcessingStep:
        raw = Join(on="/", values=[f"s3://{self.place['bucket']}", self.parameters["DataPrefix"]])
        kept = ("datasets", self.recipe["name"], EXECUTION)
        ran = self.processor("prepare_role").run(
            inputs=[self.code(), given("raw", raw)],
            outputs=[*(made(name, self.url(*kept, name)) for name in ("train", "validation", "test")), made("about", self.url(*kept))],
            arguments=[
                *("prepare", "--recipe", self.recipe["name"], "--limit", self.parameters["Limit"]),
                *("--candidates", self.parameters["Candidates"]),
                *(("--test-share", self.parameters["TestShare"]) if self.recipe["test_share"] else ()),
            ],
        )
        return ProcessingStep("Prepare", step_args=ran, retry_policies=[SERVICE, CAPACITY])

    def train(self, candidate: dict[str, Any], prepared: ProcessingStep) -> TrainingStep:
        gpu = candidate["gpu"]
        longest = self.settings["training_timeout_s"]
        outputs = prepared.properties.ProcessingOutputConfig.Outputs
        channels = {"code": self.place["code_url"], **{each: outputs[each].S3Output.S3Uri for each in ("train", "validation")}}
        trainer = ModelTrainer(
            training_image=self.place["gpu_image" if gpu else "image"],
            role=self.place["train_role"],
            sagemaker_session=self.session,
            base_job_name="any",
            compute=Compute(
                instance_type=self.parameters["GpuInstanceType" if gpu else "TrainingInstanceType"],
                instance_count=1,
                volume_size_in_gb=30,
                enable_managed_spot_training=True,
            ),
            stopping_condition=StoppingCondition(max_runtime_in_seconds=longest, max_wait_time_in_seconds=2 * longest),
            output_data_config=OutputDataConfig(s3_output_path=self.url("models", self.recipe["name"], EXECUTION, "candidates")),
            hyperparameters={
                "recipe": self.recipe["name"],
                "candidate": candidate["name"],
                "trainer": candidate["trainer"],
                "candidates": self.parameters["Candidates"],
                "seed": self.parameters["Seed"],
                **({"test_share": self.parameters["TestShare"]} if self.recipe["test_share"] else {}),
                **candidate["hyperparameters"],
            },
            input_data_config=[InputData(channel_name=name, data_source=source(url)) for name, url in channels.items()],
        )
        trainer.with_metric_definitions([MetricDefinition(name="train:loss", regex="loss ([0-9.]+)")])
        trainer.with_checkpoint_config(
            CheckpointConfig(
                s3_uri=self.url("checkpoints", self.recipe["name"], EXECUTION, candidate["name"]), local_path="/opt/ml/checkpoints"
            )
        )
        name = f"Train-{candidate['name'].replace('_', '-')}"
        return TrainingStep(name, step_args=trainer.train(), retry_policies=[SERVICE, CAPACITY])

    def evaluate(self, prepared: ProcessingStep, trained: dict[str, TrainingStep], figures: PropertyFile) -> ProcessingStep:
        models = ("models", self.recipe["name"], EXECUTION)
        candidates = [
            given(
                f"candidate-{name.replace('_', '-')}",
                step.properties.ModelArtifacts.S3ModelArtifacts,
                f"{PROCESSING}/input/candidates/{name}",
            )
            for name, step in trained.items()
        ]
        ran = self.processor("evaluate_role").run(
            inputs=[
                self.code(),
                *(
                    given(split, prepared.properties.ProcessingOutputConfig.Outputs[split].S3Output.S3Uri)
                    for split in ("validation", "test")
                ),
                *candidates,
            ],
            outputs=[made("evaluation", self.url(*models, "evaluation"))],
            arguments=[
                *("evaluate", "--recipe", self.recipe["name"], "--champion-endpoint", self.parameters["ChampionEndpoint"]),
                *("--archive-url", self.url(*models, "best", "model.tar.gz")),
                *("--call", f"inferstack pipeline run {self.recipe['name']} --stage {self.settings['stage']}"),
                *(
                    word
                    for name in (*REPORTED, *(["TestShare"] if self.recipe["test_share"] else []))
                    for word in ("--parameter", Join(on="", values=[f"{name}=", self.parameters[name]]))
                ),
            ],
        )
        return ProcessingStep(
            "Evaluate",
            step_args=ran,
            property_files=[figures],
            cache_config=CacheConfig(enable_caching=False),
            retry_policies=[SERVICE, CAPACITY],
        )

    def conditions(self, evaluated: ProcessingStep, figures: PropertyFile) -> ConditionStep:
        def at_least(figure: str, parameter: str) -> ConditionGreaterThanOrEqualTo:
            found = JsonGet(step_name=evaluated.name, property_file=figures, json_path=figure)
            return ConditionGreaterThanOrEqualTo(left=found, right=self.parameters[parameter])

        least = self.parameters
        too_low = ("the best candidate's", self.recipe["metric"], "on the validation split is below the threshold", least["Threshold"])
        worse = ("or not above the champion's by", least["MinimumImprovement"], "even with what chance explains,")
        row = least["MinimumRowImprovement"]
        found = "(lowest_row and no_digit in evaluation.json)"
        weaker = ("or on a row of the robustness table, or on what is no digit, not by", row, found)
        return ConditionStep(
            "IsGoodEnough",
            conditions=[
                at_least("best.score", "Threshold"),
                at_least("most_improvement", "MinimumImprovement"),
                at_least("row_margin", "MinimumRowImprovement"),
            ],
            if_steps=[self.register(JsonGet(step_name=evaluated.name, property_file=figures, json_path="best.manifest_sha256"))],
            else_steps=[FailStep("NotGoodEnough", error_message=words(*too_low, *worse, *weaker))],
        )

    def register(self, digest: JsonGet) -> ModelStep:
        models = ("models", self.recipe["name"], EXECUTION)
        builder = ModelBuilder(
            s3_model_data_url=self.url(*models, "best", "model.tar.gz"),
            image_uri=self.place["serving_image"],
            sagemaker_session=self.session,
            role_arn=self.place["train_role"],
            env_vars={"INFERSTACK_LOG_LEVEL": self.settings["log_level"], "INFERSTACK_MANIFEST_SHA256": digest},
        )
        arguments = builder.register(
            content_types=["application/x-npy", "application/json", "text/csv"],
            response_types=["application/json", "text/csv", "application/x-npy"],
            inference_instances=[self.settings["endpoint_instance_type"] or self.settings["batch_instance_type"]],
            transform_instances=[self.settings["batch_instance_type"]],
            model_package_group_name=self.place["model_group"],
            model_metrics=ModelMetrics(
                model_statistics=MetricsSource(content_type="application/json", s3_uri=self.url(*models, "evaluation", "statistics.json"))
            ),
            approval_status="PendingManualApproval",
            description=words(f"{self.recipe['title']}, by pipeline execution", EXECUTION),
            customer_metadata_properties={"recipe": self.recipe["name"], "execution": EXECUTION},
        )
        return ModelStep("Register", step_args=arguments, retry_policies=[SERVICE])

    def processor(self, role: str) -> Processor:
        return Processor(
            role=self.place[role],
            image_uri=self.place["image"],
            instance_count=1,
            instance_type=self.parameters["ProcessingInstanceType"],
            entrypoint=["python3", f"{PROCESSING}/input/code/{self.place['code_file']}"],
            volume_size_in_gb=30,
            max_runtime_in_seconds=self.settings["training_timeout_s"],
            env={"AWS_REGION": self.place["region"]},
            sagemaker_session=self.session,
        )

    def code(self) -> ProcessingInput:
        return given("code", self.place["code_url"])

    def url(self, *parts: Any) -> Join:
        return Join(on="/", values=[f"s3://{self.place['bucket']}", *parts])


def given(name: str, url: Any, path: str = "") -> ProcessingInput:
    """Return an input under the folder of its name."""
    at = path or f"{PROCESSING}/input/{name}"
    s3 = ProcessingS3Input(s3_uri=url, local_path=at, s3_data_type="S3Prefix", s3_input_mode="File")
    return ProcessingInput(input_name=name, s3_input=s3)


def made(name: str, url: Any) -> ProcessingOutput:
    """Return an output under the folder of its name."""
    s3 = ProcessingS3Output(s3_uri=url, local_path=f"{PROCESSING}/output/{name}", s3_upload_mode="EndOfJob")
    return ProcessingOutput(output_name=name, s3_output=s3)


def source(url: Any) -> S3DataSource:
    return S3DataSource(s3_data_type="S3Prefix", s3_uri=url, s3_data_distribution_type="FullyReplicated")


def words(*parts: Any) -> Join:
    return Join(on=" ", values=list(parts))


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):  # the SDK prints
        answer = {"images": images(), "definition": Described(**asked).definition()}
    json.dump(answer, sys.stdout)
