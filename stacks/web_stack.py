"""The public part: the page, the sign-in, the API, the uploads and the functions behind them."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from functions.feedback.config import Config as FeedbackConfig
from functions.feedback.routes import ROUTES as FEEDBACK_ROUTES
from functions.jobs.config import Config as JobsConfig
from functions.jobs.routes import ROUTES as JOBS_ROUTES
from functions.predict.config import Config as PredictConfig
from functions.predict.routes import ROUTES as PREDICT_ROUTES
from functions.predict.routes import SEVERAL
from functions.shared import areas
from recipes.recipe import Recipe, load
from stacks.constructs.alarms import notify
from stacks.constructs.conditions import UNLESS_IT_CHANGED, UNLESS_IT_IS_THERE, under
from stacks.constructs.encryption import use_key
from stacks.constructs.function import Function
from stacks.constructs.operators.budget import create_budget
from stacks.constructs.operators.dashboard import create_dashboard
from stacks.constructs.operators.status import add_status
from stacks.constructs.sagemaker import sagemaker_arn
from stacks.constructs.uploads.uploads import Uploads
from stacks.constructs.web.api import Api
from stacks.constructs.web.auth import create_auth
from stacks.constructs.web.events import Events
from stacks.constructs.web.id_keys import IdKeys
from stacks.constructs.web.page import Page

JOB_AREAS = (areas.JOBS, areas.IDEMPOTENCY)
FEEDBACK_READS, FEEDBACK_WRITES = (areas.LABELS, areas.ALLOWANCES), (areas.FEEDBACK, areas.ALLOWANCES)
MB = 1_000_000
JOB_WRITES = (f"{areas.JOBS}/*/job.json", f"{areas.IDEMPOTENCY}/*")


class WebStack(Stack):
    """One stack, because the page, the sign-in and the API refer to each other.

    In this order there is no cycle: distribution → sign-in's callback → authorizer → events → uploads → API, which allows the page's
    origin → the page's files.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: Settings,
        results_bucket: s3.IBucket,
        users: cognito.IUserPool | None,
        web_acl: str,
        other_alarms: Sequence[str],
        encryption_key: str,
        **stack: Any,
    ) -> None:
        super().__init__(scope, name, **stack)
        use_key(self, encryption_key)
        page = Page(self, "Page", settings=settings, web_acl=web_acl)
        auth = create_auth(self, settings, users=users, page_url=page.url)
        events = Events(self, "Events", settings=settings, auth=auth)
        recipes = [load(each.recipe) for each in settings.split()]
        endpoint_arns = [sagemaker_arn(self, "endpoint", each.endpoint_name) for each in settings.split()]
        uploads = Uploads(self, "Uploads", settings=settings, endpoint_arns=endpoint_arns, results=results_bucket, events_api=events)
        api = Api(self, "Api", settings=settings, auth=auth, page_url=page.url)
        id_keys = IdKeys(self, "IdKeys", settings=settings)
        predict = self._create_predict(settings, endpoint_arns, id_keys)
        jobs = self._create_jobs(settings, uploads, results_bucket)
        feedback = self._create_feedback(settings, results_bucket, id_keys)
        predict.function.node.add_dependency(feedback.function)  # a new key is known where it is asked for before it signs anything
        api.add_function(predict, (*PREDICT_ROUTES, *SEVERAL) if settings.recipes else PREDICT_ROUTES)
        api.add_function(jobs, JOBS_ROUTES)
        api.add_function(feedback, FEEDBACK_ROUTES)
        add_status(self, settings, api=api, uploads=uploads, results=results_bucket, other_alarms=other_alarms)
        config = {"apiUrl": api.url, "auth": auth.page_config, "events": events.page_config}
        several = {"Recipes": ",".join(settings.recipes)} if settings.recipes else {}
        for output, value in {"Auth": settings.auth, "Recipe": settings.recipe, **several}.items():
            CfnOutput(self, output, value=value)  # what a client must know to ask, and what to ask
        known = {**_describe(recipes[0]), **({"recipes": list(map(_describe_choice, recipes))} if settings.recipes else {})}
        limits = {"maxUploadBytes": settings.max_upload_mb * MB, "live": settings.has_room_for_guesses}
        page.publish({**config, **known, **limits, "stage": settings.stage})
        create_dashboard(self, settings, api=api, uploads=uploads)
        topic = notify(self, settings, [*api.list_alarms(), *uploads.alarms])
        if settings.monthly_budget_usd:
            create_budget(self, settings, topic)

    def _create_predict(self, settings: Settings, endpoint_arns: Sequence[str], id_keys: IdKeys) -> Function:
        """Return the function that predicts what a request holds."""
        return Function(
            self,
            "Predict",
            settings=settings,
            function="predict",
            config=PredictConfig(
                endpoint_names=tuple(each.endpoint_name for each in settings.split()),
                endpoint_kind=settings.endpoint_kind,
                recipes=tuple(each.recipe for each in settings.split()),
                id_key=id_keys.current,
            ),
            reserved=settings.reserved_concurrency,
            allow=[iam.PolicyStatement(actions=["sagemaker:InvokeEndpoint"], resources=endpoint_arns)],
        )

    def _create_jobs(self, settings: Settings, uploads: Uploads, results: s3.IBucket) -> Function:
        """Return the function that makes jobs and signs their uploads."""
        return Function(
            self,
            "Jobs",
            settings=settings,
            function="jobs",
            config=JobsConfig(
                uploads_bucket=uploads.bucket.bucket_name,
                results_bucket=results.bucket_name,
                max_upload_bytes=settings.max_upload_mb * MB,
                upload_days=settings.upload_days,
                recipes=tuple(each.recipe for each in settings.split()),
            ),
            allow=[
                # A signed form allows no more than its signer may do.
                iam.PolicyStatement(actions=["s3:PutObject"], resources=[uploads.bucket.arn_for_objects(f"{areas.UPLOADS}/*")]),
                iam.PolicyStatement(actions=["s3:ListBucket"], resources=[results.bucket_arn], conditions=under(f"{areas.JOBS}/*")),
                iam.PolicyStatement(actions=["s3:GetObject"], resources=[results.arn_for_objects(f"{area}/*") for area in JOB_AREAS]),
                iam.PolicyStatement(
                    actions=["s3:PutObject"],
                    resources=[results.arn_for_objects(name) for name in JOB_WRITES],
                    conditions=UNLESS_IT_IS_THERE,
                ),
            ],
        )

    def _create_feedback(self, settings: Settings, results: s3.IBucket, id_keys: IdKeys) -> Function:
        """Return the function that keeps what people say of predictions."""
        return Function(
            self,
            "Feedback",
            settings=settings,
            function="feedback",
            config=FeedbackConfig(
                recipes=tuple(each.recipe for each in settings.split()),
                results_bucket=results.bucket_name,
                id_keys=id_keys.valid,
                labels_per_hour=settings.feedback_labels_per_hour,
            ),
            allow=[
                iam.PolicyStatement(
                    actions=["s3:PutObject"],
                    resources=[results.arn_for_objects(f"{area}/*") for area in FEEDBACK_WRITES],
                    conditions=UNLESS_IT_IS_THERE,
                ),
                iam.PolicyStatement(
                    actions=["s3:PutObject"],
                    resources=[results.arn_for_objects(f"{areas.ALLOWANCES}/*")],
                    conditions=UNLESS_IT_CHANGED,
                ),
                # Earlier feedback, to tell a repeated one from a contradicting one; and what a caller has given in this hour.
                iam.PolicyStatement(actions=["s3:GetObject"], resources=[results.arn_for_objects(f"{area}/*") for area in FEEDBACK_READS]),
            ],
        )


def _describe(recipe: Recipe) -> dict[str, Any]:
    """Return what the page must know of a recipe before its model has answered."""
    takes = ("pictures" if recipe.is_drawn else "photos") if recipe.takes_pictures else "numbers"  # what is drawn is drawn on the page
    return {"recipe": recipe.name, "input": takes, "limits": list(recipe.limits)}


def _describe_choice(recipe: Recipe) -> dict[str, Any]:
    return {**_describe(recipe), "title": recipe.title}
