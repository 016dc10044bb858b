"""What people reach: the page, the sign-in, the API, the uploads and the functions behind them."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from functions.feedback.config import Config as FeedbackConfig
from functions.feedback.routes import ROUTES as FEEDBACK_ROUTES
from functions.jobs.config import Config as JobsConfig
from functions.jobs.routes import ROUTES as JOBS_ROUTES
from functions.predict.config import Config
from functions.predict.routes import ROUTES as PREDICT_ROUTES
from stacks.constructs.alarms import api_alarms, notify, upload_alarms
from stacks.constructs.api import Api
from stacks.constructs.auth import auth
from stacks.constructs.dashboard import dashboard
from stacks.constructs.events import Events
from stacks.constructs.function import Function
from stacks.constructs.page import Page
from stacks.constructs.uploads import Uploads

JOB_AREAS = ("jobs", "idempotency")
JOB_WRITES = ("jobs/*/job.json", "idempotency/*")


class WebStack(Stack):
    """One stack, so that no export ties the page, the sign-in and the API, which all name each other.

    In this order there is no cycle: distribution → sign-in's way back → authorizer → events → uploads → API, open to the page's origin →
    the page's files.
    """

    def __init__(self, scope: Construct, name: str, *, settings: Settings, results_bucket: s3.IBucket, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        page = Page(self, "Page", settings=settings)
        checked = auth(self, settings, page_url=page.url)
        predict = Function(
            self,
            "Predict",
            settings=settings,
            function="predict",
            config=Config(endpoint_name=settings.endpoint_name, recipe=settings.recipe),
            allow=[iam.PolicyStatement(actions=["sagemaker:InvokeEndpoint"], resources=[self._endpoint_arn(settings)])],
        ).function
        events = Events(self, "Events", settings=settings, auth=checked)
        uploads = Uploads(
            self, "Uploads", settings=settings, endpoint_arn=self._endpoint_arn(settings), results=results_bucket, events_api=events
        )
        jobs = Function(
            self,
            "Jobs",
            settings=settings,
            function="jobs",
            config=JobsConfig(
                uploads_bucket=uploads.bucket.bucket_name,
                results_bucket=results_bucket.bucket_name,
                max_upload_bytes=settings.max_upload_mb * 1_000_000,
            ),
            allow=[
                # What it signs for others is bounded by what it may do itself.
                iam.PolicyStatement(actions=["s3:PutObject"], resources=[uploads.bucket.arn_for_objects("uploads/*")]),
                iam.PolicyStatement(actions=["s3:ListBucket"], resources=[results_bucket.bucket_arn]),
                iam.PolicyStatement(
                    actions=["s3:GetObject"], resources=[results_bucket.arn_for_objects(f"{area}/*") for area in JOB_AREAS]
                ),
                iam.PolicyStatement(actions=["s3:PutObject"], resources=[results_bucket.arn_for_objects(f"{name}") for name in JOB_WRITES]),
            ],
        ).function
        feedback = Function(
            self,
            "Feedback",
            settings=settings,
            function="feedback",
            config=FeedbackConfig(recipe=settings.recipe, results_bucket=results_bucket.bucket_name),
            allow=[
                iam.PolicyStatement(actions=["s3:PutObject"], resources=[results_bucket.arn_for_objects("feedback/*")]),
                # What was said before, to tell a repeat from a contradiction.
                iam.PolicyStatement(actions=["s3:GetObject"], resources=[results_bucket.arn_for_objects("feedback/given/*")]),
            ],
        ).function
        functions = {"predict": predict, "jobs": jobs, "feedback": feedback}
        api = Api(self, "Api", settings=settings, auth=checked, page_url=page.url)
        api.add_function("predict", predict, PREDICT_ROUTES)
        api.add_function("jobs", jobs, JOBS_ROUTES)
        api.add_function("feedback", feedback, FEEDBACK_ROUTES)
        config = {"apiUrl": api.url, "auth": checked.page_config, "events": events.page_config}
        page.publish({**config, "recipe": settings.recipe, "stage": settings.stage})
        dashboard(self, settings, api=api.api, functions={**functions, "process_upload": uploads.function}, uploads=uploads)
        notify(self, settings, [*api_alarms(self, settings, api=api.api, functions=functions), *upload_alarms(self, settings, uploads)])

    def _endpoint_arn(self, settings: Settings) -> str:
        """Return the ARN of the one endpoint: SageMaker writes names in it in lower case."""
        return self.format_arn(service="sagemaker", resource="endpoint", resource_name=settings.endpoint_name.lower())
