"""The page: a private bucket behind CloudFront, with a policy that lets the page run nothing but its own files."""

from typing import Any

from aws_cdk import Aws, CfnOutput, Duration, RemovalPolicy, Stack, SymlinkFollowMode
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from deployment.api_contract import CONTRACT, write_contract
from deployment.api_viewer import build_viewer
from deployment.page_policy import build_page_policy
from deployment.paths import ROOT
from deployment.settings import Settings
from stacks.constructs.acknowledge import ACCESS_LOG, FIREWALL, VERSIONS, acknowledge
from stacks.constructs.deployment_helpers import acknowledge_bucket_deployment
from stacks.constructs.log_group import create_log_group
from stacks.constructs.storage.bucket import create_private_bucket

HSTS_AGE = Duration.days(730)


class Page(Construct):
    """The page's distribution. `publish` adds its files once the addresses they need are known.

    Args:    web_acl: the ARN of the firewall before it; empty for none.

    url  where it is, without a slash at the end
    """

    url: str

    def __init__(self, scope: Construct, name: str, *, settings: Settings, web_acl: str) -> None:
        super().__init__(scope, name)
        self._settings = settings
        # It holds a copy of web/, so nothing is lost with it.
        self._bucket = create_private_bucket(self, "Files", removal_policy=RemovalPolicy.DESTROY, with_key=False)
        # Names of CloudFront's own are global in an account, so they hold the region.
        access = cloudfront.S3OriginAccessControl(self, "Access", origin_access_control_name=f"inferstack-{settings.stage}-{Aws.REGION}")
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Inferstack {settings.stage}",
            default_root_object="index.html",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(self._bucket, origin_access_control=access),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
                cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                response_headers_policy=self._headers(),
                compress=True,
            ),
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            web_acl_id=web_acl or None,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
        )
        acknowledge(
            self._bucket,
            {
                ACCESS_LOG: "public files that only CloudFront can read; the API logs its own requests",
                VERSIONS: "a copy of web/, which each deployment writes anew",
            },
        )
        acknowledge(
            distribution,
            {
                "CFR1": "the page is for users in any country",
                ("AwsSolutions-CFR3", "CKV_AWS_86"): "static files; the API logs each request",
                (
                    "AwsSolutions-CFR4",
                    "CKV_AWS_174",
                ): "without a custom domain CloudFront fixes the policy; browsers negotiate TLS 1.2 or 1.3",
            },
        )
        if not web_acl:
            acknowledge(distribution, {FIREWALL: "static files; the API behind the page is throttled and authenticated on its own"})
        self.url = f"{settings.scheme}://{distribution.distribution_domain_name}"
        CfnOutput(Stack.of(self), "PageUrl", value=self.url)

    def publish(self, config: dict[str, Any]) -> None:
        """Put web/ there, the config as config.json, and the API's documentation.

        Browsers ask for each file every time, so that a deployment shows at once.

        Args:    config: what the page must know; `apiUrl` is where the API answers.
        """
        deployment.BucketDeployment(
            self,
            "Deployment",
            destination_bucket=self._bucket,
            sources=[
                # web/client is a link to clients/js/src, which the page is built on.
                deployment.Source.asset(str(ROOT / "web"), follow_symlinks=SymlinkFollowMode.ALWAYS),
                deployment.Source.asset(str(build_viewer())),
                deployment.Source.json_data("config.json", config),
                deployment.Source.data(CONTRACT.name, write_contract(self._settings, config["apiUrl"])),
            ],
            cache_control=[deployment.CacheControl.from_string("no-cache")],
            retain_on_delete=False,
            log_group=create_log_group(self, "DeploymentLogs", self._settings),
        )
        acknowledge_bucket_deployment(Stack.of(self))

    def _headers(self) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            response_headers_policy_name=f"inferstack-{self._settings.stage}-{Aws.REGION}",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=build_security_policy(self._settings), override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(frame_option=cloudfront.HeadersFrameOption.DENY, override=True),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=HSTS_AGE, include_subdomains=True, override=True
                ),
            ),
        )


def build_security_policy(settings: Settings) -> str:
    """Return the page's policy, with the API, the sign-in, the uploads and the events to talk to.

    The API and the sign-in are named by their region, not exactly: the API lets in the page's address and the sign-in returns to it, so
    the page's distribution cannot wait for theirs.
    """
    talks_to = [
        f"https://*.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
        f"https://*.s3.{Aws.REGION}.{Aws.URL_SUFFIX}",
        f"wss://*.appsync-realtime-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
    ]
    if settings.auth == "jwt":
        talks_to.append(settings.sign_in_url or f"https://*.auth.{Aws.REGION}.amazoncognito.com")
    return build_page_policy([*talks_to, *settings.page_connect_sources])
